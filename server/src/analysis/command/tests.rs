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
    let aj = json(&with_csv(text, "aj --time to --entry from --event e --json").unwrap());
    // One of two, then one of two: at risk are those who have entered before.
    assert_eq!(aj["groups"][0]["states"]["1"]["est"], json!([0.5, 0.75]));
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
    assert!(matches!(with_csv("t,e\n", "km --time t --event e"), Err(AnalyseError::Empty { rows: 0, .. })));
    assert!(matches!(with_csv("t,e\n1,1\n", "logrank --time t --event e"), Err(AnalyseError::OneGroup(1))));
}

#[test]
fn the_contract_of_models_and_tests() {
    let cox =
        json(&analyse("cox --csv @lung.csv --time time --event status=1 --covariates age,sex,ph.ecog --json").unwrap());
    let expected = &json(&std::fs::read_to_string(fixture("cox.json")).unwrap())["lung"]["expected"];
    assert_eq!((&cox["names"], &cox["n"], &cox["nevent"]), (&expected["names"], &json!(227), &json!(164)));
    assert_eq!(cox["omitted"], 1, "one patient without ph.ecog");
    for name in ["coef", "se", "loglik"] {
        for (g, w) in cox[name].as_array().unwrap().iter().zip(expected[name].as_array().unwrap()) {
            let (g, w) = (g.as_f64().unwrap(), w.as_f64().unwrap());
            assert!((g - w).abs() <= 1e-9 * w.abs(), "{name}: {g} for {w}");
        }
    }
    let text = "veteran.csv --time time --event status --covariates celltype,karno --strata trt --ties breslow --json";
    let factor = json(&analyse(&format!("cox --csv @{text}")).unwrap());
    assert_eq!(
        factor["names"],
        json!(["celltypelarge", "celltypesmallcell", "celltypesquamous", "karno"]),
        "against adeno, the first in sorted order"
    );
    let fine =
        json(&analyse("finegray --csv @mgus2.csv --time etime --event event --covariates age,sex,hgb --json").unwrap());
    assert_eq!(
        (&fine["names"], &fine["nevent"], &fine["omitted"]),
        (&json!(["age", "sexM", "hgb"]), &json!(114), &json!(13))
    );
    let gray = json(&analyse("gray --csv @mgus2.csv --time etime --event event --by sex --json").unwrap());
    assert!((gray["causes"]["1"]["chisq"].as_f64().unwrap() - 1.194_507_825).abs() < 1e-8);
    assert_eq!(gray["causes"]["2"]["df"], 1);
    let strata = json(
        &analyse("logrank --csv @veteran.csv --time time --event status --by trt --strata celltype --json").unwrap(),
    );
    assert!((strata["chisq"].as_f64().unwrap() - 0.701_743_346_844).abs() < 1e-11);
}

#[test]
fn a_person_gets_a_model() {
    insta::assert_snapshot!(
        analyse("cox --csv @lung.csv --time time --event status --covariates age,sex --zph").unwrap()
    );
}

#[test]
fn a_funnel_of_sites_and_a_chart_of_operations() {
    let text = "site,years,revised\nA,100,2\nB,100,8\nA,100,2\n";
    let funnel = json(&with_csv(text, "funnel --time years --event revised --by site --json").unwrap());
    // Twelve in 300 years: 8 are due at A, 4 at B.
    assert_eq!((&funnel["groups"][0]["expected"], &funnel["groups"][1]["ratio"]), (&json!(8.0), &json!(2.0)));
    assert!(funnel["groups"][1]["limits"]["upper998"].as_f64().unwrap() > 2.0);
    let text = "day,died,risk\n2,0,0.5\n1,1,0.5\n3,1,0.25\n";
    let chart = json(&with_csv(text, "cusum --time day --event died --risk risk --json").unwrap());
    assert_eq!(chart["groups"][0]["time"], json!([1.0, 2.0, 3.0]));
    let first = (4.0_f64 / 3.0).ln();
    assert!((chart["groups"][0]["cusum"][0].as_f64().unwrap() - first).abs() < 1e-15);
    assert_eq!(chart["groups"][0]["cusum"][1], 0.0);
}

#[test]
fn quantiles_and_the_mean_until_a_horizon() {
    let line = "km --csv @lung.csv --time time --event status --quantiles 0.5 --rmean 1022 --json";
    let km = json(&analyse(line).unwrap());
    assert_eq!(km["groups"][0]["quantiles"], json!({ "p": [0.5], "q": [310.0], "lower": [284.0], "upper": [361.0] }));
    assert!((km["groups"][0]["rmean"]["mean"].as_f64().unwrap() - 376.274_746_147_85).abs() < 1e-9);
}

#[test]
fn files_as_they_come_are_read() {
    let plain =
        with_csv("time,status,g\n1,1,a\n2,0,b\n3,1,a\n", "km --time time --event status --by g --json").unwrap();
    let marked = "\u{feff}\"time\",\"status\",\"g\"\r\n1,1,\"a\"\r\n\r\n2,0,b\r\n3,1,a";
    assert_eq!(with_csv(marked, "km --time time --event status --by g --json").unwrap(), plain);
    let got = json(&with_csv("\"a=b\",t\n1,1\n0,2\n", "km --time t --event a=b --json").unwrap());
    assert_eq!(got["groups"][0]["curve"]["n_event"], json!([1, 0]), "a column may be called a=b");
}

#[test]
fn what_cannot_be_analysed_is_told_in_plain_words() {
    for (text, line, words) in [
        ("t;e\n1;1\n", "km --time t --event e", "fields are to be separated by commas"),
        ("t,e\n1,1\n2\n", "km --time t --event e", "line 3 has 1 fields where the header has 2"),
        ("", "km --time t --event e", "the file is empty"),
        ("t,e,t\n1,1,1\n", "km --time t --event e", "two columns are called \"t\""),
        ("t,e,x\n1,1,\n2,0,\n", "cox --time t --event e --covariates x", "none of its 2 rows can be used"),
        ("t,e,x\n1,1,a\n2,0,a\n", "cox --time t --event e --covariates x", "\"x\" is \"a\" in every row"),
        ("t,e,x\n1,1,1\n2,2,3\n", "finegray --time t --event e --covariates x --cause 3", "no row has cause 3"),
        ("t,e,x\n1,1,1\n2,0,3\n", "cox --time t --event e --covariates x --by x", "leave out --by"),
        ("t,e,r\n1,1,1.5\n", "cusum --time t --event e --risk r", "--risk 1.5 cannot be used"),
        ("t,e\n1,1\n", "km --time t --event e --quantiles 2", "a share is from 0 to 1"),
        ("t,e,g,s\n1,1,a,0\n2,1,b,0\n", "gray --time t --event e --by g --entry s", "leave out --entry"),
    ] {
        let error = with_csv(text, line).unwrap_err().to_string();
        assert!(error.contains(words), "{line}: {error}");
    }
    assert!(
        analyse("km --csv nowhere.csv --time t --event e").unwrap_err().to_string().ends_with("there is no such file")
    );
}

#[test]
fn quantiles_where_a_limit_turns_back() {
    // The first to come are few, so the lower limit begins low and rises: R reads the level nearest to the share.
    let text = "a,b,e\n0,1,1\n0,9,0\n0,9,0\n1,2,1\n1,9,0\n1,9,0\n1,9,0\n1,9,0\n1,9,0\n1,9,0\n1,9,0\n1,9,0\n";
    let got = json(&with_csv(text, "km --time b --entry a --event e --quantiles 0.25,0.35,0.5 --json").unwrap());
    let want =
        json!({ "p": [0.25, 0.35, 0.5], "q": [1.0, 2.0, null], "lower": [2.0, 2.0, 2.0], "upper": [null, null, null] });
    assert_eq!(got["groups"][0]["quantiles"], want);
}
