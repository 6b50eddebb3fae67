//! The estimators against R: every closed form to 1e-12, quantile functions to 1e-9.

use serde_json::Value;

use super::competing::{Variance, aalen_johansen};
use super::life_table::{LifeTable, Observation};
use super::logrank::log_rank;
use super::rates::{Rate, binomial_interval, funnel_proportion, funnel_ratio};
use super::survival::{Curve, Scale, kaplan_meier};

const CLOSED_FORM: f64 = 1e-12;
const QUANTILE: f64 = 1e-9;

fn fixture(name: &str) -> Value {
    let path = format!("{}/../fixtures/survival/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of an array, NaN for null.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect()
}

/// The largest relative difference. NaN must meet NaN, and zero must be met to 1e-15 where the tolerance is 1e-12.
fn worst(what: &str, got: &[f64], want: &[f64], tolerance: f64) -> f64 {
    assert_eq!(got.len(), want.len(), "{what}: lengths");
    let mut worst = 0.0_f64;
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        assert_eq!(g.is_nan(), w.is_nan(), "{what}[{i}]: {g} for {w}");
        if !w.is_nan() {
            let difference = if w.abs() < 1e-15 { 1e3 * g.abs() } else { (g - w).abs() / w.abs() };
            assert!(difference <= tolerance, "{what}[{i}]: {g} for {w}, off by {difference:e}");
            worst = worst.max(difference);
        }
    }
    worst
}

fn observations(case: &Value) -> Vec<Vec<Observation>> {
    let groups = counts(&case["group"]);
    let mut out = vec![Vec::new(); usize::try_from(*groups.iter().max().unwrap()).unwrap()];
    for ((time, status), group) in numbers(&case["time"]).iter().zip(counts(&case["status"])).zip(groups) {
        let observation = Observation::new(*time, usize::try_from(status).unwrap());
        out[usize::try_from(group - 1).unwrap()].push(observation);
    }
    out
}

fn scale(name: &str) -> Scale {
    match name {
        "log-log" => Scale::LogLog,
        "log" => Scale::Log,
        "plain" => Scale::Plain,
        other => panic!("no scale {other}"),
    }
}

fn same_curve(what: &str, got: &Curve, want: &Value, mut largest: f64) -> f64 {
    assert_eq!(got.n_risk, counts(&want["n_risk"]), "{what}: n_risk");
    for (name, column) in [("time", &got.time), ("surv", &got.surv), ("lower", &got.lower), ("upper", &got.upper)] {
        largest = largest.max(worst(&format!("{what} {name}"), column, &numbers(&want[name]), CLOSED_FORM));
    }
    largest
}

#[test]
fn kaplan_meier_is_that_of_r() {
    let all = fixture("km.json");
    let (mut curves, mut largest) = (0, 0.0_f64);
    for (case, data) in all.as_object().unwrap() {
        let groups = observations(data);
        for (name, expected) in data["expected"].as_object().unwrap() {
            for (group, want) in groups.iter().zip(expected.as_array().unwrap()) {
                let what = format!("{case} {name} {}", want["group"]);
                let table = LifeTable::from_observations(group, 1);
                assert_eq!(table.n, want["n"].as_u64().unwrap(), "{what}: n");
                let curve = kaplan_meier(&table, 1, scale(name).into());
                largest = same_curve(&what, &curve, &want["curve"], largest);
                assert_eq!(curve.n_event, counts(&want["curve"]["n_event"]), "{what}: n_event");
                assert_eq!(curve.n_censor, counts(&want["curve"]["n_censor"]), "{what}: n_censor");
                let se_log: Vec<f64> = curve.se.iter().zip(&curve.surv).map(|(se, surv)| se / surv).collect();
                largest = largest.max(worst(&what, &se_log, &numbers(&want["curve"]["se_log"]), CLOSED_FORM));
                let at = curve.at(&numbers(&want["at"]["time"]));
                largest = same_curve(&what, &at, &want["at"], largest);
                largest = largest.max(worst(&what, &at.se, &numbers(&want["at"]["se"]), CLOSED_FORM));
                curves += 1;
            }
        }
    }
    println!("{curves} curves, largest relative difference {largest:e}");
    assert_eq!(curves, 21);
}

#[test]
fn aalen_johansen_with_the_jackknife_is_that_of_r() {
    let data = fixture("incidence.json");
    let table = table_of(&data);
    let mut largest = 0.0_f64;
    for (name, want) in data["ij"].as_object().unwrap() {
        for (cause, state) in [(1, "pcm"), (2, "death")] {
            let got = aalen_johansen(&table, cause, Variance::Ij, scale(name).into()).unwrap();
            assert_eq!(got.time, numbers(&want["time"]));
            for (column, field) in [(&got.est, "pstate"), (&got.se, "se"), (&got.lower, "lower"), (&got.upper, "upper")]
            {
                let what = format!("{name} {state} {field}");
                largest = largest.max(worst(&what, column, &numbers(&want[field][state]), CLOSED_FORM));
            }
        }
    }
    println!("largest relative difference {largest:e}");
}

#[test]
fn aalens_variance_is_that_of_cmprsk() {
    let data = fixture("incidence.json");
    let table = table_of(&data);
    for (cause, name) in [(1, "1 1"), (2, "1 2")] {
        let got = aalen_johansen(&table, cause, Variance::Aalen, Scale::Plain.into()).unwrap();
        let square = |se: &[f64]| se.iter().map(|se| se * se).collect::<Vec<f64>>();
        let at = got.at(&numbers(&data["aalen"]["at"]["time"]));
        worst("est", &at.est, &numbers(&data["aalen"]["at"]["est"][name]), CLOSED_FORM);
        worst("var", &square(&at.se), &numbers(&data["aalen"]["at"]["var"][name]), CLOSED_FORM);
        // cmprsk draws a step function: each time twice, the second of which holds the new value.
        let curve = &data["aalen"]["curves"][name];
        let (times, est, var) = (numbers(&curve["time"]), numbers(&curve["est"]), numbers(&curve["var"]));
        let steps: Vec<usize> = (2..times.len()).step_by(2).collect();
        let chosen = |column: &[f64]| steps.iter().map(|&i| column[i]).collect::<Vec<f64>>();
        let at = got.at(&chosen(&times));
        worst("est", &at.est, &chosen(&est), CLOSED_FORM);
        let largest = worst("var", &square(&at.se), &chosen(&var), CLOSED_FORM);
        println!("cause {cause}: {} steps, largest relative difference of the variance {largest:e}", steps.len());
    }
}

fn table_of(data: &Value) -> LifeTable {
    let statuses = counts(&data["status"]);
    let rows = numbers(&data["time"]).into_iter().zip(statuses);
    let observations: Vec<_> =
        rows.map(|(time, status)| Observation::new(time, usize::try_from(status).unwrap())).collect();
    LifeTable::from_observations(&observations, 2)
}

#[test]
fn log_rank_is_that_of_r() {
    let all = fixture("logrank.json");
    for (case, data) in all.as_object().unwrap() {
        let (got, want) = (log_rank(&observations(data)), &data["expected"]);
        assert_eq!(got.n, counts(&want["n"]), "{case}");
        worst(case, &got.obs, &numbers(&want["obs"]), CLOSED_FORM);
        worst(case, &got.exp, &numbers(&want["exp"]), CLOSED_FORM);
        worst(case, &[got.chisq], &[want["chisq"].as_f64().unwrap()], CLOSED_FORM);
        assert_eq!(u64::from(got.df), want["df"].as_u64().unwrap(), "{case}");
        worst(case, &[got.p], &[want["p"].as_f64().unwrap()], QUANTILE);
    }
}

#[test]
fn exact_rates_are_those_of_r() {
    let all = fixture("rates_funnel.json");
    let mut largest = 0.0_f64;
    let mut compare = |what: &str, got: f64, want: &Value| {
        largest = largest.max(worst(what, &[got], &[want.as_f64().unwrap()], QUANTILE));
    };
    let poisson = &all["poisson_per100"];
    for (i, events) in counts(&poisson["x"]).into_iter().enumerate() {
        let time = poisson["T"][i].as_f64().unwrap();
        for (level, lower, upper) in [(0.95, "lower950", "upper950"), (0.998, "lower998", "upper998")] {
            let rate = Rate::per_hundred(events, time, level);
            compare(&format!("{events} in {time}, {lower}"), rate.lower, &poisson[lower][i]);
            compare(&format!("{events} in {time}, {upper}"), rate.upper, &poisson[upper][i]);
            compare("rate", rate.rate, &poisson["rate100"][i]);
        }
    }
    let binomial = &all["clopper_pearson"];
    for (i, events) in counts(&binomial["x"]).into_iter().enumerate() {
        let n = binomial["n"][i].as_u64().unwrap();
        let (lower, upper) = binomial_interval(events, n, 0.95);
        compare(&format!("{events} of {n}, lower"), lower, &binomial["cp_lower"][i]);
        compare(&format!("{events} of {n}, upper"), upper, &binomial["cp_upper"][i]);
    }
    for (name, p) in [("p0.001", 0.001), ("p0.025", 0.025), ("p0.975", 0.975), ("p0.999", 0.999)] {
        let funnel = &all["funnel_poisson"];
        for (i, expected) in numbers(&funnel["E"]).into_iter().enumerate() {
            compare(&format!("ratio, E {expected}, {name}"), funnel_ratio(expected, p), &funnel[name][i]);
        }
        let funnel = &all["funnel_binomial"];
        for (i, theta) in numbers(&funnel["theta"]).into_iter().enumerate() {
            let n = funnel["n"][i].as_u64().unwrap();
            compare(&format!("proportion, {theta} of {n}, {name}"), funnel_proportion(n, theta, p), &funnel[name][i]);
        }
    }
    println!("largest relative difference {largest:e}");
}
