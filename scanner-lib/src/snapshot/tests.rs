use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

/// What a case must be answered with: `may`, `look`, `stop`, `pending`, or `none` where it is no pack.
fn said(answer: &OfflineAnswer) -> String {
    match &answer.verdict {
        Some(verdict) => serde_json::to_value(verdict.answer).unwrap().as_str().unwrap().to_owned(),
        None if answer.pending => "pending".to_owned(),
        None => "none".to_owned(),
    }
}

#[test]
fn every_case_is_answered_as_written_down() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let text = std::fs::read_to_string(format!("{root}/fixtures/offline/cases.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let statement: Statement = serde_json::from_value(file["statement"].clone()).unwrap();
    let parts: Vec<Part> = serde_json::from_value(file["parts"].clone()).unwrap();
    let snapshot = Snapshot::new(statement.taken, statement.limits, parts);
    let mut answers = BTreeMap::new();
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let scan: OfflineScan = serde_json::from_value(case["scan"].clone()).unwrap();
        let answer = snapshot.judge(&scan);
        assert_eq!(said(&answer), case["answer"].as_str().unwrap(), "{name}: {:?}", answer.verdict);
        let codes: Vec<&str> =
            answer.verdict.iter().flat_map(|verdict| &verdict.reasons).map(|reason| reason.code.as_str()).collect();
        if let Some(wanted) = case["codes"].as_array() {
            assert_eq!(codes, wanted.iter().map(|code| code.as_str().unwrap()).collect::<Vec<_>>(), "{name}");
        }
        answers.insert(name.to_owned(), answer);
    }
    // For the browser's build, which must say the same to the letter.
    std::fs::create_dir_all(format!("{root}/test-artefacts")).unwrap();
    std::fs::write(format!("{root}/test-artefacts/offline-answers.json"), serde_json::to_string(&answers).unwrap())
        .unwrap();
}

#[test]
fn a_criterion_about_another_device_does_not_act() {
    let now = "2026-11-27T09:00:00Z".parse().unwrap();
    let recall = |criterion: Value| -> Part {
        serde_json::from_value(
            serde_json::json!({"recalls": [{"reference": "Z", "title": "T", "criteria": [criterion]}]}),
        )
        .unwrap()
    };
    let scan: OfflineScan = serde_json::from_value(serde_json::json!({
        "symbols": [{"bytes": "XWQyMDEwOTUyMTAwMTAwMDEyMzE3MzEwMzMxMTBDRDM0", "aim": null, "entry": "handheld"}],
        "now": now,
    }))
    .unwrap();
    let codes = |part: Part| -> Vec<String> {
        let snapshot = Snapshot::new(now, Limits::default(), [part]);
        snapshot.judge(&scan).verdict.unwrap().reasons.into_iter().map(|reason| reason.code).collect()
    };
    let lot = |device: &str, lot: &str| {
        recall(serde_json::json!({"device": {"issuer": "GS1", "text": device}, "maker": null, "reference": null,
            "units": {"kind": "lot", "value": lot}}))
    };
    assert!(codes(lot("09521001000123", "CD34")).contains(&"recalled".to_owned()));
    assert_eq!(codes(lot("09521001000123", "CD35")), ["unknown-product"]);
    assert_eq!(codes(lot("09521001000178", "CD34")), ["unknown-product"]);
}
