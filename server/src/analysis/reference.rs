//! The estimators against R, number by number: closed forms to 1e-12, iterations, quantiles and p-values to 1e-9, counts exactly.
//!
//! Each test prints how many numbers of its file it met and the largest relative difference: `cargo test reference -- --nocapture`.

use serde_json::Value;

use super::life_table::Observation;
use super::survival::Scale;

mod curves;
mod models;
mod rates;

const CLOSED_FORM: f64 = 1e-12;
const ITERATED: f64 = 1e-9;

fn fixture(name: &str) -> Value {
    let path = format!("{}/../fixtures/survival/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of an array (of arrays), NaN for null; a number alone is an array of one.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap_or(f64::NAN)],
    }
}

fn counts(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn scale(name: &str) -> Scale {
    match name {
        "log-log" => Scale::LogLog,
        "log" => Scale::Log,
        "plain" => Scale::Plain,
        other => panic!("no scale {other}"),
    }
}

/// The observations of each group of a case.
fn observations(case: &Value, groups: &Value) -> Vec<Vec<Observation>> {
    let groups = counts(groups);
    let mut out = vec![Vec::new(); usize::try_from(*groups.iter().max().unwrap()).unwrap()];
    for ((time, status), group) in numbers(&case["time"]).iter().zip(counts(&case["status"])).zip(groups) {
        let observation = Observation::new(*time, usize::try_from(status).unwrap());
        out[usize::try_from(group - 1).unwrap()].push(observation);
    }
    out
}

/// Counts what was met of one file.
struct Tally {
    file: &'static str,
    passed: u64,
    of: u64,
    worst: f64,
    missed: Vec<String>,
}

impl Tally {
    fn of(file: &'static str) -> Self {
        Self { file, passed: 0, of: 0, worst: 0.0, missed: Vec::new() }
    }

    /// NaN must meet NaN, and zero must be met to 1e-15 where the tolerance is 1e-12.
    fn near(&mut self, what: &str, got: &[f64], want: &Value, tolerance: f64) {
        let want = numbers(want);
        assert_eq!(got.len(), want.len(), "{} {what}: lengths", self.file);
        for (i, (&got, want)) in got.iter().zip(want).enumerate() {
            self.of += 1;
            let difference = match (got.is_nan(), want.is_nan()) {
                (true, true) => 0.0,
                (false, false) if want.abs() < 1e-15 => 1e3 * got.abs(),
                (false, false) => (got - want).abs() / want.abs(),
                _ => f64::INFINITY,
            };
            if difference <= tolerance {
                self.passed += 1;
                self.worst = self.worst.max(difference);
            } else {
                self.missed.push(format!("{what}[{i}]: {got:e} for {want:e}, off by {difference:e}"));
            }
        }
    }

    /// Whole numbers must be those.
    fn equal(&mut self, what: &str, got: &[u64], want: &Value) {
        let want = numbers(want);
        assert_eq!(got.len(), want.len(), "{} {what}: lengths", self.file);
        for (i, (&got, want)) in got.iter().zip(want).enumerate() {
            self.of += 1;
            if super::life_table::float(got).total_cmp(&want).is_eq() {
                self.passed += 1;
            } else {
                self.missed.push(format!("{what}[{i}]: {got} for {want}"));
            }
        }
    }

    fn finish(self, at_least: u64) {
        println!(
            "{}: {} passed of {}, largest relative difference {:.1e}",
            self.file, self.passed, self.of, self.worst
        );
        assert!(self.missed.is_empty(), "{}: {:#?}", self.file, &self.missed[..self.missed.len().min(10)]);
        assert!(self.of >= at_least, "{}: {} numbers only", self.file, self.of);
    }
}
