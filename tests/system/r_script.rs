//! "Run this in R": the extract and the script of a cohort, taken from a running server, give R the numbers that the server gives.
//!
//! Where R or its package survival is not installed the test says so and passes.

use std::process::Command;

use serde_json::Value;
use tessera_tests::{Actor, Engine, Server};

/// R writes what it found, a number a line, under a name.
const TELL: &str = r#"
tell <- function(name, values) for (v in values) cat("=", name, format(v, digits = 17), "\n")
tell("at_risk", net$at_risk); tell("net", net$percent); tell("net_lower", net$lower); tell("net_upper", net$upper)
if (!is.null(crude)) { tell("crude", crude$percent); tell("crude_lower", crude$lower); tell("crude_upper", crude$upper) }
tell("rate", rate)
if (!is.null(model)) { tell("coef", coef(model)); tell("se", sqrt(diag(vcov(model)))) }
"#;

#[test]
fn r_gives_the_numbers_that_the_server_gives() {
    let here = Command::new("Rscript").args(["-e", "library(survival)"]).output();
    if !here.is_ok_and(|ran| ran.status.success()) {
        eprintln!("R with its package survival is not installed: the script was not run.");
        return;
    }
    let mut server = Server::start(Engine::Sqlite);
    server.anonymous().get("/readyz").expect(200);
    assert!(server.terminate());
    let key = server.database().folder().join("identity.key");
    let key = key.to_str().expect("temporary folders have plain names");
    server.run(&["import", "synthetic"], &["--device-uses", "6000", "--seed", "11", "--key-file", key], "");
    server.restart();
    let (safety, analyst) = (server.signed_in("safety"), server.signed_in("analyst"));
    for filter in ["category:hip sex:female", "side:left age:60..75 until:2020-06-30"] {
        compare(&server, &safety, filter, None);
    }
    // Rows that few are like lose what they do not share; what an analyst is told follows from them all the same.
    compare(&server, &analyst, "category:hip", None);
    let hips = safety.get("/api/v1/cohorts/league?by=device&filter=category:hip").expect(200).json();
    let mut used: Vec<(u64, String)> = hips["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| Some((row["revised"].as_u64()?, row["key"].as_str()?.to_owned())))
        .collect();
    used.sort();
    let mut most: Vec<String> = used.into_iter().rev().take(3).map(|(_, id)| id).collect();
    most.sort();
    compare(&server, &safety, &format!("device:{}", most.join(",")), Some(&most.join(",")));
}

fn compare(server: &Server, who: &Actor, filter: &str, devices: Option<&str>) {
    let asked =
        |path: &str| who.get(&format!("/api/v1/cohorts/{path}?filter={}", filter.replace(' ', "%20"))).expect(200);
    let answer = asked("answer").json();
    let folder = server.database().folder().join("r");
    std::fs::create_dir_all(&folder).expect("the test's folder is writable");
    std::fs::write(folder.join("cohort.csv"), asked("extract").bytes).expect("the test's folder is writable");
    let script = asked("script").text() + TELL;
    std::fs::write(folder.join("cohort.R"), script).expect("the test's folder is writable");
    let ran = Command::new("Rscript").arg("cohort.R").current_dir(&folder).output().expect("Rscript runs");
    let (told, failed) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{filter}: {failed}");
    let r = |name: &str| -> Vec<f64> {
        let line = |line: &str| {
            let rest = line.strip_prefix("= ")?.strip_prefix(name)?.strip_prefix(' ')?;
            Some(rest.trim().parse().unwrap_or(f64::NAN))
        };
        told.lines().filter_map(line).collect()
    };
    let years = answer["at_years"].as_array().expect("years").clone();
    let mut compared = 0;
    for (place, year) in years.iter().enumerate() {
        if answer["small_numbers_below"] == 0 {
            assert_eq!(year["at_risk"].as_f64(), Some(r("at_risk")[place]), "{filter}: at risk");
        }
        for estimate in ["net", "crude"] {
            for (field, suffix) in [("percent", ""), ("lower", "_lower"), ("upper", "_upper")] {
                let name = format!("{estimate}{suffix}");
                let (Some(ours), Some(&theirs)) = (year[estimate][field].as_f64(), r(&name).get(place)) else {
                    continue;
                };
                near(ours, theirs, &format!("{filter}: {name} at {} years", year["year"]));
                compared += 1;
            }
        }
    }
    assert!(compared > 6, "{filter}: only {compared} estimates to compare: {answer}");
    for (field, theirs) in ["rate", "lower", "upper"].iter().zip(r("rate")) {
        near(answer["rate"][field].as_f64().expect("a rate"), theirs, &format!("{filter}: {field} of the rate"));
    }
    if let Some(devices) = devices {
        let path = format!("/api/v1/cohorts/comparison?devices={devices}&filter={filter}");
        let comparison = who.get(&path).expect(200).json();
        let model: Value = comparison["model"].clone();
        for (ours, theirs) in [("coef", r("coef")), ("se", r("se"))] {
            let ours = model[ours].as_array().unwrap_or_else(|| panic!("no model: {comparison}"));
            assert_eq!(ours.len(), theirs.len(), "{filter}: {model}");
            for (ours, theirs) in ours.iter().zip(theirs) {
                match ours.as_f64() {
                    Some(ours) => near(ours, theirs, &format!("{filter}: Cox {model}")),
                    // Of a band in which nobody is, neither says anything; R's standard error of it is 0.
                    None => assert!(theirs.is_nan() || theirs == 0.0, "{filter}: {theirs} in R, Cox {model}"),
                }
            }
        }
    }
}

#[track_caller]
fn near(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{what}: {ours} here, {theirs} in R");
}
