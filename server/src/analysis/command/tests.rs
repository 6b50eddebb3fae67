use super::*;
use clap::Parser;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    args: AnalyseArgs,
}

fn fixture(name: &str) -> String {
    format!("{}/../fixtures/survival/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn analyse(line: &str) -> Result<String, AnalyseError> {
    let words = line.split_whitespace().map(|word| match word.strip_prefix('@') {
        Some(name) => fixture(name),
        None => word.to_owned(),
    });
    answer(&Program::try_parse_from(std::iter::once("analyse".to_owned()).chain(words)).unwrap().args)
}

fn with_csv(text: &str, line: &str) -> Result<String, AnalyseError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    analyse(&format!("{line} --csv {}", path.display()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn km_on_a_file_of_r_gives_what_r_gives() {
    let expected = json(&std::fs::read_to_string(fixture("km.json")).unwrap());
    for scale in ["log-log", "log", "plain"] {
        let line = format!(
            "km --csv @lung.csv --time time --event status=1 --by sex --times 0,100,180,365,730 --conf {scale} --json"
        );
        let got = json(&analyse(&line).unwrap());
        for (got, want) in
            got["groups"].as_array().unwrap().iter().zip(expected["lung_sex"]["expected"][scale].as_array().unwrap())
        {
            assert_eq!((&got["group"], &got["n"]), (&want["group"], &want["n"]));
            for part in ["curve", "at"] {
                assert_eq!(got[part]["n_risk"], want[part]["n_risk"]);
                for name in ["time", "surv", "lower", "upper"] {
                    for (g, w) in got[part][name].as_array().unwrap().iter().zip(want[part][name].as_array().unwrap()) {
                        assert_eq!(g.is_null(), w.is_null());
                        let (g, w) = (g.as_f64().unwrap_or(0.0), w.as_f64().unwrap_or(0.0));
                        assert!((g - w).abs() <= 1e-12 * w.abs(), "{part} {name}: {g} for {w}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_contract_of_each_answer() {
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let km = json(&analyse("km --csv @aml.csv --time time --event status --by x --times 5,48 --json").unwrap());
    assert_eq!(keys(&km["groups"][0]), ["at", "curve", "group", "n"]);
    assert_eq!(
        keys(&km["groups"][0]["curve"]),
        ["lower", "n_censor", "n_event", "n_risk", "se", "surv", "time", "upper"]
    );
    assert_eq!(keys(&km["groups"][0]["at"]), keys(&km["groups"][0]["curve"]));
    assert_eq!(km["groups"][1]["at"]["se"], json!([0.107_582_870_727_983_8, null]), "nobody left: no standard error");
    let aj = json(&analyse("aj --csv @aml.csv --time time --event status --times 5,48 --json").unwrap());
    assert_eq!(aj["groups"][0]["group"], "all");
    assert_eq!(keys(&aj["groups"][0]["states"]["1"]), ["est", "lower", "se", "time", "upper"]);
    assert_eq!(keys(&aj["groups"][0]["at"]["1"]), ["est", "lower", "se", "time", "upper"]);
    let rate = json(&analyse("rate --csv @aml.csv --time time --event status --json").unwrap());
    assert_eq!(keys(&rate["groups"][0]), ["events", "group", "lower", "n", "rate", "time", "upper"]);
    assert_eq!((rate["groups"][0]["events"].as_u64(), rate["groups"][0]["time"].as_f64()), (Some(18), Some(678.0)));
    let test = json(&analyse("logrank --csv @aml.csv --time time --event status --by x --json").unwrap());
    assert_eq!(keys(&test), ["chisq", "df", "exp", "n", "obs", "p"]);
}

#[test]
fn a_person_gets_a_table() {
    insta::assert_snapshot!(analyse("km --csv @aml.csv --time time --event status --by x --times 12,24,36").unwrap());
}

#[test]
fn rows_without_a_time_are_left_out_and_empty_events_are_censored() {
    let text = "t,e,g\n1,1,10\n,1,10\n2,,9\nNA,1,9\n3,2,9\n";
    let got = json(&with_csv(text, "km --time t --event e=1 --by g --json").unwrap());
    assert_eq!(
        (&got["groups"][0]["group"], &got["groups"][0]["n"]),
        (&json!("g=9"), &json!(2)),
        "nine comes before ten"
    );
    assert_eq!(got["groups"][0]["curve"]["n_censor"], json!([1, 1]));
    assert_eq!(got["groups"][1]["curve"]["n_event"], json!([1]));
}

#[test]
fn a_rate_adds_up_what_was_added_up_before() {
    let got = json(&with_csv("years,revisions\n500,8\n350,4\n", "rate --time years --event revisions --json").unwrap());
    assert_eq!((got["groups"][0]["events"].as_u64(), got["groups"][0]["time"].as_f64()), (Some(12), Some(850.0)));
}

#[test]
fn late_entry() {
    let text = "from,to,e\n0,2,1\n2,4,1\n1,4,0\n";
    let got = json(&with_csv(text, "km --time to --entry from --event e --json").unwrap());
    assert_eq!(got["groups"][0]["curve"]["n_risk"], json!([2, 2]));
    let refused = with_csv(text, "aj --time to --entry from --event e --json").unwrap_err();
    assert!(refused.to_string().contains("Aalen variance"));
}

#[test]
fn mistakes_are_named() {
    let text = "t,e\n1,1\nsoon,0\n";
    for (line, words) in [
        ("km --time when --event e", "no column \"when\"; the file has: t, e"),
        ("km --time t --event e", "line 3, column \"t\": \"soon\" is not a number"),
        ("logrank --time t --event e=1", "line 3"),
    ] {
        assert!(with_csv(text, line).unwrap_err().to_string().contains(words), "{line}");
    }
    let two = with_csv("t,e\n1,2\n", "km --time t --event e").unwrap_err().to_string();
    assert_eq!(two, "line 2, column \"e\": \"2\" is not 0 or 1; name the value to count as COLUMN=VALUE");
    assert!(matches!(with_csv("t,e\n", "km --time t --event e"), Err(AnalyseError::Empty(_))));
    assert!(matches!(with_csv("t,e\n1,1\n", "logrank --time t --event e"), Err(AnalyseError::OneGroup(1))));
}
