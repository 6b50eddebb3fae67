//! Curves: `survfit`, `survmean`, `quantile`, and `cuminc`.

use super::*;
use crate::analysis::competing::{Incidence, Variance, aalen_johansen, event_free};
use crate::analysis::life_table::LifeTable;
use crate::analysis::logrank::log_rank_in_strata;
use crate::analysis::survival::{Confidence, Curve, kaplan_meier, nelson_aalen};

#[test]
fn kaplan_meier_is_that_of_r() {
    let mut tally = Tally::of("km.json");
    for (case, data) in fixture("km.json").as_object().unwrap() {
        let groups = observations(data, &data["group"]);
        let until = groups.iter().flatten().map(|row| row.time).fold(0.0, f64::max);
        for (name, expected) in data["expected"].as_object().unwrap() {
            for (group, want) in groups.iter().zip(expected.as_array().unwrap()) {
                let what = format!("{case} {name} {}", want["group"]);
                let table = LifeTable::from_observations(group, 1);
                let curve = kaplan_meier(&table, 1, scale(name).into());
                tally.equal(&format!("{what} n"), &[table.n], &want["n"]);
                same_curve(&mut tally, &what, &curve, &want["curve"]);
                tally.equal(&format!("{what} n_event"), &curve.n_event, &want["curve"]["n_event"]);
                tally.equal(&format!("{what} n_censor"), &curve.n_censor, &want["curve"]["n_censor"]);
                let se_log: Vec<f64> = curve.se.iter().zip(&curve.surv).map(|(se, surv)| se / surv).collect();
                tally.near(&format!("{what} se_log"), &se_log, &want["curve"]["se_log"], CLOSED_FORM);
                let hazard = nelson_aalen(&table, 1);
                tally.near(&format!("{what} cumhaz"), &hazard.est, &want["curve"]["cumhaz"], CLOSED_FORM);
                tally.near(&format!("{what} se_cumhaz"), &hazard.se, &want["curve"]["se_cumhaz"], CLOSED_FORM);
                let at = curve.at(&numbers(&want["at"]["time"]));
                same_curve(&mut tally, &format!("{what} at"), &at, &want["at"]);
                tally.near(&format!("{what} at se"), &at.se, &want["at"]["se"], CLOSED_FORM);
                summaries(&mut tally, &what, &curve, want, until);
            }
        }
    }
    tally.finish(8_000);
}

fn same_curve(tally: &mut Tally, what: &str, got: &Curve, want: &Value) {
    tally.equal(&format!("{what} n_risk"), &got.n_risk, &want["n_risk"]);
    for (name, column) in [("time", &got.time), ("surv", &got.surv), ("lower", &got.lower), ("upper", &got.upper)] {
        tally.near(&format!("{what} {name}"), column, &want[name], CLOSED_FORM);
    }
}

/// Quartiles with their intervals, and the mean until the last time of any group.
fn summaries(tally: &mut Tally, what: &str, curve: &Curve, want: &Value, until: f64) {
    let quantiles = curve.quantiles(&numbers(&want["quantile"]["p"]));
    for (name, column) in [("q", &quantiles.q), ("lower", &quantiles.lower), ("upper", &quantiles.upper)] {
        tally.near(&format!("{what} quantile {name}"), column, &want["quantile"][name], CLOSED_FORM);
    }
    let (table, mean) = (&want["rmean_table"], curve.restricted_mean(until));
    for (name, value) in [
        ("rmean", mean.mean),
        ("se(rmean)", mean.se),
        ("median", quantiles.q[1]),
        ("0.95LCL", quantiles.lower[1]),
        ("0.95UCL", quantiles.upper[1]),
    ] {
        tally.near(&format!("{what} {name}"), &[value], &table[name], CLOSED_FORM);
    }
    for name in ["records", "n.max", "n.start"] {
        tally.equal(&format!("{what} {name}"), &curve.n_risk[..1], &table[name]);
    }
    tally.equal(&format!("{what} events"), &[curve.n_event.iter().sum()], &table["events"]);
}

#[test]
fn aalen_johansen_with_the_jackknife_is_that_of_r() {
    let data = fixture("incidence.json");
    let table = table_of(&data);
    let mut tally = Tally::of("incidence.json (jackknife)");
    for (name, want) in data["ij"].as_object().unwrap() {
        let confidence: Confidence = scale(name).into();
        let states = [
            ("(s0)", event_free(&table, Variance::Ij, confidence)),
            ("pcm", aalen_johansen(&table, 1, Variance::Ij, confidence)),
            ("death", aalen_johansen(&table, 2, Variance::Ij, confidence)),
        ];
        tally.near(name, &table.time, &want["time"], 0.0);
        tally.equal(name, &table.n_risk, &want["n_risk"]);
        tally.equal(name, &table.n_censor, &want["n_censor"]);
        tally.equal(name, &table.events[0], &want["n_event"]["pcm"]);
        tally.equal(name, &table.events[1], &want["n_event"]["death"]);
        for (state, got) in &states {
            same_incidence(&mut tally, &format!("{name} {state}"), got, want, state);
            let at = &want["at"];
            let times = numbers(&at["time"]);
            // Before the first time nothing has happened, which for those free of events is not zero: the file asks later.
            same_incidence(&mut tally, &format!("{name} {state} at"), &got.at(&times), at, state);
        }
        let at_risk: Vec<u64> = numbers(&want["at"]["time"]).iter().map(|&time| table.at_risk(time)).collect();
        tally.equal(name, &at_risk, &want["at"]["n_risk"]);
    }
    tally.finish(9_000);
}

fn same_incidence(tally: &mut Tally, what: &str, got: &Incidence, want: &Value, state: &str) {
    for (column, field) in [(&got.est, "pstate"), (&got.se, "se"), (&got.lower, "lower"), (&got.upper, "upper")] {
        tally.near(&format!("{what} {field}"), column, &want[field][state], CLOSED_FORM);
    }
}

#[test]
fn aalens_variance_is_that_of_cmprsk() {
    let data = fixture("incidence.json");
    let table = table_of(&data);
    let mut tally = Tally::of("incidence.json (Aalen)");
    for (cause, name) in [(1, "1 1"), (2, "1 2")] {
        let got = aalen_johansen(&table, cause, Variance::Aalen, Scale::Plain.into());
        let square = |se: &[f64]| se.iter().map(|se| se * se).collect::<Vec<f64>>();
        let expected = &data["aalen"]["at"];
        let at = got.at(&numbers(&expected["time"]));
        tally.near(&format!("{name} at est"), &at.est, &expected["est"][name], CLOSED_FORM);
        tally.near(&format!("{name} at var"), &square(&at.se), &expected["var"][name], CLOSED_FORM);
        // cmprsk draws a step function: each time twice, the value before the step and the value after it.
        let curve = &data["aalen"]["curves"][name];
        let times = numbers(&curve["time"]);
        let at = got.at(&times);
        let drawn = |after: &[f64]| -> Vec<f64> {
            let before = |i: usize| i % 2 == 1 && i + 1 < times.len();
            (0..times.len())
                .map(|i| {
                    if i == 0 {
                        0.0
                    } else if before(i) {
                        after[i - 1]
                    } else {
                        after[i]
                    }
                })
                .collect()
        };
        tally.near(&format!("{name} est"), &drawn(&at.est), &curve["est"], CLOSED_FORM);
        tally.near(&format!("{name} var"), &drawn(&square(&at.se)), &curve["var"], CLOSED_FORM);
    }
    tally.finish(1_100);
}

fn table_of(data: &Value) -> LifeTable {
    let rows = numbers(&data["time"]).into_iter().zip(counts(&data["status"]));
    let observations: Vec<_> =
        rows.map(|(time, status)| Observation::new(time, usize::try_from(status).unwrap())).collect();
    LifeTable::from_observations(&observations, 2)
}

#[test]
fn log_rank_is_that_of_r() {
    let mut tally = Tally::of("logrank.json");
    for (case, data) in fixture("logrank.json").as_object().unwrap() {
        let want = &data["expected"];
        let strata: Vec<_> = (1..=*counts(&data["strata"]).iter().max().unwrap())
            .map(|stratum| {
                let mut groups = observations(data, &data["group"]);
                let inside: Vec<Vec<bool>> = members(data, stratum, groups.len());
                for (rows, inside) in groups.iter_mut().zip(inside) {
                    let mut inside = inside.into_iter();
                    rows.retain(|_| inside.next().unwrap());
                }
                groups
            })
            .collect();
        let got = log_rank_in_strata(&strata, want["rho"].as_f64().unwrap());
        tally.equal(&format!("{case} n"), &got.n, &want["n"]);
        tally.near(&format!("{case} obs"), &got.obs, &want["obs"], CLOSED_FORM);
        tally.near(&format!("{case} exp"), &got.exp, &want["exp"], CLOSED_FORM);
        let var: Vec<f64> = (0..got.n.len()).flat_map(|i| got.var.row(i).to_vec()).collect();
        tally.near(&format!("{case} var"), &var, &want["var"], CLOSED_FORM);
        tally.near(&format!("{case} chisq"), &[got.chisq], &want["chisq"], CLOSED_FORM);
        tally.equal(&format!("{case} df"), &[u64::from(got.df)], &want["df"]);
        tally.near(
            &format!("{case} p"),
            &[got.p, got.p.ln()],
            &serde_json::json!([want["p"], want["log_p"]]),
            ITERATED,
        );
    }
    tally.finish(70);
}

/// Of each group's rows, which belong to the stratum.
fn members(data: &Value, stratum: u64, groups: usize) -> Vec<Vec<bool>> {
    let mut out = vec![Vec::new(); groups];
    for (group, of) in counts(&data["group"]).into_iter().zip(counts(&data["strata"])) {
        out[usize::try_from(group - 1).unwrap()].push(of == stratum);
    }
    out
}

#[test]
fn late_entry_is_that_of_r() {
    let late = &fixture("more.json")["late"];
    let mut tally = Tally::of("more.json (delayed entry)");
    // Age in months as the time scale: m$age and m$etime of mgus2.csv.
    let rows: Vec<Observation> = super::models::table("mgus2.csv", &["age", "etime", "event"])
        .into_iter()
        .map(|row| Observation {
            entry: 12.0 * row[0],
            time: 12.0 * row[0] + row[1],
            cause: usize::from(row[2] > 0.5) + usize::from(row[2] > 1.5),
        })
        .filter(|row| row.entry < row.time)
        .collect();
    let table = LifeTable::from_observations(&rows, 2);
    tally.near("time", &table.time, &late["time"], 0.0);
    tally.equal("n_risk", &table.n_risk, &late["n_risk"]);
    let states = [1, 2].map(|cause| aalen_johansen(&table, cause, Variance::Ij, Scale::LogLog.into()));
    let beside = |of: fn(&Incidence) -> &Vec<f64>| -> Vec<f64> {
        of(&states[0]).iter().zip(of(&states[1])).flat_map(|(a, b)| [*a, *b]).collect()
    };
    tally.near("est", &beside(|state| &state.est), &late["est"], CLOSED_FORM);
    tally.near("se", &beside(|state| &state.se), &late["se"], CLOSED_FORM);
    tally.near("lower", &beside(|state| &state.lower), &late["lower"], CLOSED_FORM);
    tally.near("upper", &beside(|state| &state.upper), &late["upper"], CLOSED_FORM);
    let all: Vec<_> = rows.iter().map(|row| Observation { cause: row.cause.min(1), ..*row }).collect();
    let curve = kaplan_meier(&LifeTable::from_observations(&all, 1), 1, Scale::LogLog.into());
    tally.near("surv", &curve.surv, &late["surv"], CLOSED_FORM);
    tally.near("lower", &curve.lower, &late["km_lower"], CLOSED_FORM);
    tally.near("upper", &curve.upper, &late["km_upper"], CLOSED_FORM);
    tally.finish(4_000);
}
