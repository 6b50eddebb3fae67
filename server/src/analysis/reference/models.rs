//! Models and tests: `coxph`, `cox.zph`, `crr`, `finegray`, Gray's test, and a CUSUM.

use serde_json::json;

use super::*;
use crate::analysis::cox::concordance::concordance;
use crate::analysis::cox::proportional::{self, Transform};
use crate::analysis::cox::{Design, Fit, Subject, Ties, baseline, fit, newton, robust};
use crate::analysis::cusum::RiskAdjusted;
use crate::analysis::finegray::{self, Convention};
use crate::analysis::gray::{self, gray_test};
use crate::analysis::logrank::log_rank_in_strata;
use crate::analysis::matrix::Symmetric;

/// Columns of a CSV file as numbers: empty is NaN, a sex is 1 for M.
pub(super) fn table(name: &str, columns: &[&str]) -> Vec<Vec<f64>> {
    let path = format!("{}/../fixtures/survival/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let places: Vec<_> = columns.iter().map(|name| header.iter().position(|h| h == *name).unwrap()).collect();
    let number = |text: &str| match text {
        "M" => 1.0,
        "F" => 0.0,
        text => text.parse().unwrap_or(f64::NAN),
    };
    reader.records().map(|row| places.iter().map(|&at| number(&row.as_ref().unwrap()[at])).collect()).collect()
}

fn cells(matrix: &Symmetric) -> Vec<f64> {
    (0..matrix.size()).flat_map(|row| matrix.row(row).to_vec()).collect()
}

/// Covariates that came column by column, row by row.
fn rows_of(columns: &[Vec<f64>]) -> Vec<f64> {
    (0..columns[0].len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}

#[test]
fn cox_is_that_of_r() {
    let mut tally = Tally::of("cox.json");
    for (case, data) in fixture("cox.json").as_object().unwrap() {
        let want = &data["expected"];
        let ties = if data["ties"] == "breslow" { Ties::Breslow } else { Ties::Efron };
        let columns: Vec<Vec<f64>> = data["x"].as_array().unwrap().iter().map(numbers).collect();
        let rows = numbers(&data["time"]).into_iter().zip(counts(&data["status"]));
        let subjects = rows.map(|(time, status)| Subject::new(time, status == 1)).collect();
        let design = Design::new(texts(&want["names"]), subjects, rows_of(&columns));
        let got = fit(&design, ties);
        same_fit(&mut tally, case, &got, want);
        tally.near(&format!("{case} naive_se"), &got.naive_se, &want["naive_se"], ITERATED);
        tally.near(&format!("{case} hr"), &got.hr, &want["hr"], ITERATED);
        tally.near(&format!("{case} hr_lower"), &got.lower, &want["hr_lower"], ITERATED);
        tally.near(&format!("{case} hr_upper"), &got.upper, &want["hr_upper"], ITERATED);
        tally.near(&format!("{case} p"), &got.p, &want["p"], ITERATED);
        tally.near(&format!("{case} var"), &cells(&got.var), &want["var"], ITERATED);
        for (name, test) in [("lrt", got.lrt), ("score", got.score), ("wald", got.wald)] {
            // R's summary rounds the Wald statistic to two digits.
            let chisq = if name == "wald" { (test.chisq * 100.0).round() / 100.0 } else { test.chisq };
            tally.near(&format!("{case} {name}"), &[chisq], &want[name]["test"], ITERATED);
            tally.equal(&format!("{case} {name} df"), &[u64::from(test.df)], &want[name]["df"]);
            tally.near(&format!("{case} {name} p"), &[test.p], &want[name]["pvalue"], ITERATED);
        }
        let ranked = concordance(&design, &got.beta());
        let both = json!([want["concordance"]["C"], want["concordance"]["se(C)"]]);
        tally.near(&format!("{case} concordance"), &[ranked.c, ranked.se], &both, ITERATED);
        let test = proportional::test(&design, &got, ties, Transform::Km);
        let all: Vec<_> = test.each.iter().chain([&test.global]).collect();
        let zph = &want["zph_km"];
        tally.near(&format!("{case} zph"), &all.iter().map(|t| t.chisq).collect::<Vec<_>>(), &zph["chisq"], ITERATED);
        tally.equal(&format!("{case} zph df"), &all.iter().map(|t| u64::from(t.df)).collect::<Vec<_>>(), &zph["df"]);
        tally.near(&format!("{case} zph p"), &all.iter().map(|t| t.p).collect::<Vec<_>>(), &zph["p"], ITERATED);
        let base = &baseline::baseline(&design, &got, ties)[0];
        tally.near(&format!("{case} base time"), &base.time, &want["basehaz_uncentered"]["time"], 0.0);
        tally.near(&format!("{case} base"), &base.hazard, &want["basehaz_uncentered"]["hazard"], ITERATED);
    }
    tally.finish(1_000);
}

fn same_fit(tally: &mut Tally, what: &str, got: &Fit, want: &Value) {
    assert!(got.converged, "{what}");
    tally.near(&format!("{what} coef"), &got.coef, &want["coef"], ITERATED);
    tally.near(&format!("{what} se"), &got.se, &want["se"], ITERATED);
    tally.near(&format!("{what} loglik"), &got.loglik, &want["loglik"], ITERATED);
    tally.equal(&format!("{what} nevent"), &[got.nevent], &want["nevent"]);
}

#[test]
fn counting_process_clusters_and_strata_are_those_of_r() {
    let heart = &fixture("more.json")["heart"];
    let mut tally = Tally::of("more.json (heart)");
    let columns = ["age", "year", "surgery", "transplant"].map(|name| numbers(&heart[name]));
    let (entry, time) = (numbers(&heart["entry"]), numbers(&heart["time"]));
    let (event, id) = (counts(&heart["event"]), counts(&heart["id"]));
    let subjects = |cluster: bool, strata: bool| -> Vec<Subject> {
        (0..time.len())
            .map(|row| Subject {
                entry: entry[row],
                time: time[row],
                event: event[row] == 1,
                stratum: usize::from(strata && columns[2][row] > 0.5),
                cluster: cluster.then(|| usize::try_from(id[row]).unwrap()),
            })
            .collect()
    };
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    for (case, cluster, strata, used) in
        [("plain", false, false, 4), ("robust", true, false, 4), ("strata", false, true, 2)]
    {
        let design = Design::new(names(used), subjects(cluster, strata), rows_of(&columns[..used]));
        let got = fit(&design, Ties::Efron);
        same_fit(&mut tally, case, &got, &heart[case]);
        tally.equal(case, &[got.n], &heart[case]["n"]);
        let ranked = concordance(&design, &got.beta());
        tally.near(&format!("{case} concordance"), &[ranked.c, ranked.se], &heart[case]["concordance"], ITERATED);
        if case == "plain" {
            let test = proportional::test(&design, &got, Ties::Efron, Transform::Km);
            let rows: Vec<f64> =
                test.each.iter().chain([&test.global]).flat_map(|t| [t.chisq, f64::from(t.df), t.p]).collect();
            tally.near("zph", &rows, &heart["zph"], ITERATED);
            let residuals = robust::score_residuals(&design, &got.beta(), Ties::Efron);
            let moved: Vec<f64> = residuals.iter().flat_map(|u| got.var.times(u)).collect();
            tally.near("dfbeta", &moved, &heart["dfbeta"], 1e-8);
        }
    }
    tally.finish(700);
}

#[test]
fn exact_ties_and_peto_weights_are_those_of_r() {
    let more = fixture("more.json");
    let mut tally = Tally::of("more.json (lung)");
    let rows = table("lung.csv", &["time", "status", "age", "sex"]);
    let subjects = rows.iter().map(|row| Subject::new((row[0] / 30.5).ceil(), row[1] > 0.5)).collect();
    let x = rows.iter().flat_map(|row| [row[2], row[3]]).collect();
    let design = Design::new(texts(&more["exact"]["names"]), subjects, x);
    same_fit(&mut tally, "exact", &fit(&design, Ties::Exact), &more["exact"]);
    let mut groups = vec![Vec::new(), Vec::new()];
    for row in &rows {
        groups[usize::from(row[3] > 1.5)].push(Observation::new(row[0], usize::from(row[1] > 0.5)));
    }
    let got = log_rank_in_strata(&[groups], 1.0);
    tally.near("peto obs", &got.obs, &more["peto"]["obs"], CLOSED_FORM);
    tally.near("peto exp", &got.exp, &more["peto"]["exp"], CLOSED_FORM);
    tally.near("peto", &[got.chisq], &more["peto"]["chisq"], CLOSED_FORM);
    tally.near("peto p", &[got.p], &more["peto"]["p"], ITERATED);
    tally.finish(13);
}

#[test]
fn competing_risks_are_those_of_r() {
    let more = fixture("more.json");
    let mut tally = Tally::of("more.json (mgus2)");
    let rows = table("mgus2.csv", &["etime", "event", "sex", "age", "hgb"]);
    let cause = |row: &[f64]| usize::from(row[1] > 0.5) + usize::from(row[1] > 1.5);
    for (name, strata) in [("gray", false), ("gray_strata", true)] {
        let outcomes: Vec<_> = (rows.iter())
            .map(|row| gray::Outcome {
                time: row[0],
                cause: cause(row),
                group: usize::from(row[2] > 0.5),
                stratum: usize::from(strata && row[3] > 70.0),
            })
            .collect();
        for number in [1, 2] {
            let got = gray_test(&outcomes, 2, number, 0.0);
            let values = [got.chisq, got.p, f64::from(got.df)];
            tally.near(&format!("{name} {number}"), &values, &more[name][number - 1], ITERATED);
        }
    }
    let used: Vec<_> = rows.iter().filter(|row| !row[4].is_nan()).collect();
    let outcomes: Vec<_> = used.iter().map(|row| finegray::Outcome { time: row[0], cause: cause(row) }).collect();
    let x: Vec<f64> = used.iter().flat_map(|row| [row[3], row[2], row[4]]).collect();
    let names: Vec<String> = ["age", "sexM", "hgb"].map(str::to_owned).to_vec();
    for (case, convention) in [("crr", Convention::Crr), ("finegray", Convention::Finegray)] {
        let got = finegray::fit(names.clone(), &outcomes, x.clone(), 1, convention);
        tally.near(&format!("{case} coef"), &got.coef, &more[case]["coef"], ITERATED);
        tally.near(&format!("{case} se"), &got.se, &more[case]["se"], ITERATED);
        tally.near(&format!("{case} loglik"), &got.loglik, &more[case]["loglik"], ITERATED);
    }
    tally.finish(28);
}

#[test]
fn the_score_residuals_sum_to_the_score_which_is_zero() {
    let rows = table("lung.csv", &["time", "status", "age", "sex"]);
    for ties in [Ties::Efron, Ties::Breslow] {
        let subjects = rows.iter().map(|row| Subject::new((row[0] / 60.0).ceil(), row[1] > 0.5)).collect();
        let x = rows.iter().flat_map(|row| [row[2], row[3]]).collect();
        let design = Design::new(vec!["age".to_owned(), "sex".to_owned()], subjects, x);
        let maximum = newton::maximise(&design, ties);
        let residuals = robust::score_residuals(&design, &maximum.beta, ties);
        for k in 0..2 {
            assert!(residuals.iter().map(|u| u[k]).sum::<f64>().abs() < 1e-9);
        }
    }
}

#[test]
fn cusum_is_that_of_the_reference() {
    let data = fixture("cusum.json");
    let mut tally = Tally::of("cusum.json");
    let chart = RiskAdjusted { odds_ratio: data["OR"].as_f64().unwrap(), limit: None };
    let failed = counts(&data["y"]).into_iter().map(|y| y == 1);
    let got = chart.chart(failed.zip(numbers(&data["p0"])));
    tally.near("w", &got.w, &data["w"], CLOSED_FORM);
    tally.near("cusum", &got.cusum, &data["cusum"], CLOSED_FORM);
    tally.finish(800);
}
