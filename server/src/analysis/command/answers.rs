//! The answer of each estimator as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use super::AnalyseError;
use super::options::CurveOptions;
use super::table::{Data, covariates};
use crate::analysis::competing::{Variance, aalen_johansen};
use crate::analysis::cox::proportional::Transform;
use crate::analysis::cox::{self, Design, Subject, Ties, baseline, concordance, proportional};
use crate::analysis::cusum::RiskAdjusted;
use crate::analysis::finegray::{self, Convention};
use crate::analysis::funnel::{Limits, Overdispersion, Unit};
use crate::analysis::gray::{self, gray_test};
use crate::analysis::life_table::{LifeTable, Observation, float};
use crate::analysis::logrank::log_rank_in_strata;
use crate::analysis::rates::Rate;
use crate::analysis::survival::{Confidence, kaplan_meier};

pub(super) fn per_group(data: &Data, one: impl Fn(&[Observation]) -> Value) -> Value {
    let mut out = Vec::new();
    for (name, rows) in data.groups.iter().zip(data.observations()) {
        let mut value = json!({ "group": name, "n": rows.len() });
        if let (Value::Object(whole), Value::Object(part)) = (&mut value, one(&rows)) {
            whole.extend(part);
        }
        out.push(value);
    }
    json!({ "groups": out })
}

pub(super) fn km(rows: &[Observation], options: &CurveOptions, quantiles: &[f64], rmean: Option<f64>) -> Value {
    let curve = kaplan_meier(&LifeTable::from_observations(rows, 1), 1, options.conf.into());
    let mut out = json!({ "curve": columns(&curve) });
    if !options.times.is_empty() {
        out["at"] = columns(&curve.at(&ascending(&options.times)));
    }
    if !quantiles.is_empty() {
        out["quantiles"] = columns(&curve.quantiles(quantiles));
    }
    if let Some(until) = rmean {
        out["rmean"] = columns(&curve.restricted_mean(until));
    }
    out
}

pub(super) fn aj(rows: &[Observation], causes: usize, options: &CurveOptions, variance: Variance) -> Value {
    let table = LifeTable::from_observations(rows, causes);
    let (mut states, mut at) = (json!({}), json!({}));
    for cause in 1..=causes {
        let incidence = aalen_johansen(&table, cause, variance, Confidence::from(options.conf));
        let times = ascending(&options.times);
        at[cause.to_string()] = columns(&match variance {
            Variance::Ij => incidence.at(&times),
            Variance::Aalen => incidence.at_within(&times),
        });
        states[cause.to_string()] = columns(&incidence);
    }
    let mut out = json!({ "states": states });
    if !options.times.is_empty() {
        out["at"] = at;
    }
    out
}

/// Rows may be single devices (0 or 1 event each) or sums of many: the column is added up.
pub(super) fn rate(rows: &[Observation]) -> Value {
    columns(&Rate::per_hundred(events(rows), rows.iter().map(observed).sum(), 0.95))
}

fn events(rows: &[Observation]) -> u64 {
    rows.iter().map(|row| u64::try_from(row.cause).unwrap_or(u64::MAX)).fold(0, u64::saturating_add)
}

fn observed(row: &Observation) -> f64 {
    row.time - if row.entry.is_finite() { row.entry } else { 0.0 }
}

pub(super) fn log_rank(data: &Data, rho: f64, trend: bool) -> Result<Value, AnalyseError> {
    several(data)?;
    let mut strata = vec![vec![Vec::new(); data.groups.len()]; data.strata];
    for row in &data.rows {
        strata[row.stratum][row.group].push(row.observation());
    }
    let test = log_rank_in_strata(&strata, rho);
    let mut out = columns(&test);
    if trend {
        let scores: Vec<f64> = (1..=data.groups.len() as u64).map(float).collect();
        out["trend"] = columns(&test.trend(&scores));
    }
    Ok(out)
}

pub(super) fn gray(data: &Data, rho: f64) -> Result<Value, AnalyseError> {
    several(data)?;
    from_the_start(data, "Gray's test")?;
    let outcomes: Vec<gray::Outcome> = (data.rows.iter())
        .map(|row| gray::Outcome { time: row.time, cause: row.cause, group: row.group, stratum: row.stratum })
        .collect();
    let mut causes = json!({});
    for cause in 1..=data.causes {
        causes[cause.to_string()] = columns(&gray_test(&outcomes, data.groups.len(), cause, rho));
    }
    let n: Vec<usize> = (0..data.groups.len()).map(|g| data.rows.iter().filter(|row| row.group == g).count()).collect();
    Ok(json!({ "groups": data.groups, "n": n, "causes": causes }))
}

pub(super) struct CoxOptions<'a> {
    pub names: &'a [String],
    pub ties: Ties,
    pub zph: Option<Transform>,
    pub baseline: bool,
}

pub(super) fn cox(data: &Data, options: &CoxOptions) -> Result<Value, AnalyseError> {
    let (names, x) = covariates(data, options.names)?;
    let subject = |row: &super::table::Row| Subject {
        entry: row.entry,
        time: row.time,
        event: row.cause > 0,
        stratum: row.stratum,
        cluster: row.cluster,
    };
    let design = Design::new(names, data.rows.iter().map(subject).collect(), x);
    let fit = cox::fit(&design, options.ties);
    let mut out = columns(&fit);
    out["concordance"] = columns(&concordance::concordance(&design, &fit.beta()));
    if let Some(transform) = options.zph {
        let test = proportional::test(&design, &fit, options.ties, transform);
        let of = |get: &dyn Fn(&crate::analysis::chance::ChiSquareTest) -> Value| -> Vec<Value> {
            test.each.iter().chain([&test.global]).map(get).collect()
        };
        let names: Vec<&str> = fit.names.iter().map(String::as_str).chain(["GLOBAL"]).collect();
        out["zph"] = json!({
            "names": names, "chisq": of(&|t| json!(t.chisq)), "df": of(&|t| json!(t.df)), "p": of(&|t| json!(t.p)),
        });
    }
    if options.baseline {
        out["baseline"] = columns(&baseline::baseline(&design, &fit, options.ties));
    }
    Ok(out)
}

pub(super) fn fine_gray(data: &Data, names: &[String], cause: usize, ties: Ties) -> Result<Value, AnalyseError> {
    from_the_start(data, "Fine & Gray's model")?;
    let convention = match ties {
        Ties::Breslow => Convention::Crr,
        Ties::Efron => Convention::Finegray,
        Ties::Exact => return Err(AnalyseError::NoExactTies),
    };
    if cause == 0 || cause > data.causes {
        return Err(AnalyseError::NoSuchCause { cause, highest: data.causes });
    }
    let (names, x) = covariates(data, names)?;
    let outcomes: Vec<finegray::Outcome> =
        data.rows.iter().map(|row| finegray::Outcome { time: row.time, cause: row.cause }).collect();
    Ok(columns(&finegray::fit(names, &outcomes, x, cause, convention)))
}

/// The expected count of each row is given, or is its time at the rate of its stratum.
pub(super) fn funnel(data: &Data, given: bool) -> Value {
    let mut rates = vec![(0_u64, 0.0); data.strata];
    for row in &data.rows {
        rates[row.stratum].0 += row.cause as u64;
        rates[row.stratum].1 += observed(&row.observation());
    }
    let due = |row: &super::table::Row| {
        let (events, time) = rates[row.stratum];
        if given { row.number } else { observed(&row.observation()) * float(events) / time }
    };
    let units: Vec<Unit> = (0..data.groups.len())
        .map(|group| {
            let rows = || data.rows.iter().filter(move |row| row.group == group);
            Unit { observed: rows().map(|row| row.cause as u64).sum(), expected: rows().map(due).sum() }
        })
        .collect();
    let spread = Overdispersion::among(&units);
    let groups: Vec<Value> = (data.groups.iter().zip(&units).enumerate())
        .map(|(group, (name, unit))| {
            let mut out = columns(&unit.ratio());
            out["group"] = json!(name);
            out["n"] = json!(data.rows.iter().filter(|row| row.group == group).count());
            out["limits"] = columns(&Limits::exact(unit.expected));
            if spread.present {
                out["wider_limits"] = columns(&Limits::additive(unit.expected, spread.tau_squared));
            }
            out
        })
        .collect();
    json!({ "groups": groups, "overdispersion": columns(&spread) })
}

pub(super) fn cusum(data: &Data, risks_given: bool, chart: RiskAdjusted, false_alarms: Option<f64>) -> Value {
    const RUNS: u32 = 10_000;
    let groups: Vec<Value> = (data.groups.iter().enumerate())
        .map(|(group, name)| {
            let mut rows: Vec<_> = data.rows.iter().filter(|row| row.group == group).collect();
            rows.sort_by(|a, b| a.time.total_cmp(&b.time));
            let all = float(rows.len() as u64);
            let share = float(rows.iter().filter(|row| row.cause > 0).count() as u64) / all;
            let risks: Vec<f64> = rows.iter().map(|row| if risks_given { row.number } else { share }).collect();
            let limit = chart.limit.or_else(|| false_alarms.map(|share| chart.threshold(&risks, share, RUNS, 1)));
            let events = rows.iter().map(|row| row.cause > 0);
            let mut out = columns(&RiskAdjusted { limit, ..chart }.chart(events.zip(risks.iter().copied())));
            out["group"] = json!(name);
            out["n"] = json!(rows.len());
            out["time"] = json!(rows.iter().map(|row| row.time).collect::<Vec<_>>());
            out["risk"] = json!(risks);
            out["limit"] = json!(limit);
            out
        })
        .collect();
    json!({ "groups": groups, "odds_ratio": chart.odds_ratio })
}

fn several(data: &Data) -> Result<(), AnalyseError> {
    if data.groups.len() < 2 { Err(AnalyseError::OneGroup(data.groups.len())) } else { Ok(()) }
}

fn from_the_start(data: &Data, what: &'static str) -> Result<(), AnalyseError> {
    if data.rows.iter().any(|row| row.entry > f64::NEG_INFINITY) {
        return Err(AnalyseError::NoLateEntry(what));
    }
    Ok(())
}

fn columns(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("a struct of numbers and arrays is always JSON")
}

fn ascending(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times
}
