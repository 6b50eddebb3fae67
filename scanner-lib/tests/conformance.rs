//! How the readers do on published test vectors, which are not part of this repository.
//!
//! `TESSERA_VECTORS=folder cargo test -p tessera-scanner --test conformance -- --ignored --nocapture` prints
//! `N passed of M` for each file, and fails if a scan was read wrongly without a word.

use std::path::PathBuf;

use serde_json::Value;
use tessera_scanner::gs1::element_string::{ElementString, parse, parse_bracketed, rules};
use tessera_scanner::handheld::{ScannerProfile, aim, receive_all};
use tessera_scanner::udi::Reading;
use tessera_scanner::{hibc, isbt128, ppn};

fn cases(file: &str) -> Vec<Value> {
    let folder =
        PathBuf::from(std::env::var_os("TESSERA_VECTORS").expect("TESSERA_VECTORS names the folder of vectors"));
    let text = std::fs::read_to_string(folder.join(file)).expect("the file of vectors is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
}

fn pairs(read: &ElementString<'_>) -> Vec<(String, String)> {
    read.elements.iter().map(|e| (e.ai().to_owned(), e.text().into_owned())).collect()
}

fn expected(case: &Value) -> Option<Vec<(String, String)>> {
    let pairs = case["expect"].as_array()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect())
}

fn show(file: &str, passed: usize, all: usize, wrong: &[String]) {
    println!("{file}: {passed} passed of {all}");
    let most = std::env::var("TESSERA_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for line in wrong.iter().take(most) {
        println!("    {line}");
    }
}

#[test]
#[ignore = "needs the vectors"]
fn gs1() {
    let (mut passed, mut all, mut silent, mut wrong) = (0, 0, 0, Vec::new());
    for case in cases("gs1.jsonl") {
        let (kind, input) = (case["kind"].as_str().unwrap(), case["input"].as_str().unwrap());
        if kind == "dl-uri" || !case["opts"]["permit_unknown_ais"].is_null() {
            continue;
        }
        all += 1;
        let (symbology, message) = aim::split(input.as_bytes());
        let gs1 = symbology.is_some_and(aim::carries_gs1);
        let mut read = if kind == "scan" { parse(message) } else { parse_bracketed(input) };
        if case["opts"]["requisites"] == true {
            read.findings.extend(rules(&read.elements, true));
        }
        let ok = if let Some(wanted) = expected(&case) {
            let right = !read.refused() && pairs(&read) == wanted;
            silent += usize::from(!right && !read.refused() && (gs1 || kind != "scan"));
            right || (!gs1 && kind == "scan" && wanted.len() == 1)
        } else if let Some(error) = case["expect"]["error"].as_str() {
            let code = error.strip_prefix("LINT_").unwrap_or(error);
            silent += usize::from(!read.refused() && (gs1 || kind != "scan"));
            read.findings.iter().any(|f| f.code == code) || (kind == "scan" && !gs1)
        } else {
            !gs1
        };
        passed += usize::from(ok);
        if !ok {
            let codes: Vec<_> = read.findings.iter().map(|f| f.code.as_ref()).collect();
            wrong.push(format!("{input:?} wants {} got {codes:?}", case["expect"]));
        }
    }
    show("gs1.jsonl (scan and bracketed)", passed, all, &wrong);
    println!("    silently wrong: {silent}");
}

fn agency(read: &Reading, wanted: &Value) -> Result<(), String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut facts = vec![
        ("lot", text(&read.lot)),
        ("serial", text(&read.serial)),
        ("expiry", read.expiry.map(|d| d.to_string()).unwrap_or_default()),
        ("manufactured", read.manufacture.map(|d| d.to_string()).unwrap_or_default()),
        ("quantity", read.quantity.map(|q| q.to_string()).unwrap_or_default()),
        ("check", read.check.map(String::from).unwrap_or_default()),
    ];
    if let Some(device) = read.device.as_deref() {
        facts.push(("di", device.to_owned()));
        facts.push(("ppn", device.to_owned()));
        if read.issuer == tessera_scanner::udi::Issuer::Hibcc {
            facts.push(("lic", device[..4].to_owned()));
            facts.push(("product", device[4..device.len() - 1].to_owned()));
            facts.push(("uom", device[device.len() - 1..].to_owned()));
        } else {
            facts.push(("product", device.to_owned()));
        }
    }
    if !wanted["link"].is_null() {
        facts.push(("link", read.link.map(String::from).unwrap_or_default()));
    }
    for (name, got) in facts {
        let wanted = match &wanted[name] {
            Value::Null => continue,
            // The hour stays in the element; the expiry is a day.
            Value::String(text) if name == "expiry" => text.split('T').next().unwrap_or(text).to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if got != wanted {
            return Err(format!("{name}: {got:?}, wanted {wanted:?}"));
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs the vectors"]
fn other_agencies() {
    let (mut passed, mut all, mut wrong) = (0, 0, Vec::new());
    for case in cases("hibc_isbt_ppn.jsonl") {
        all += 1;
        let input = case["input"].as_str().unwrap();
        let (_, message) = aim::split(input.as_bytes());
        let read = match case["agency"].as_str().unwrap() {
            "HIBCC" => hibc::parse(message, 2026),
            "IFA" => ppn::parse(message, 2026),
            _ => isbt128::parse(message),
        };
        let answer = if case["expect"]["error"].is_string() {
            if read.as_ref().is_none_or(|r| !r.findings.is_empty()) {
                Ok(())
            } else {
                Err("read without a finding".to_owned())
            }
        } else {
            match &read {
                None => Err("not read".to_owned()),
                Some(read) => agency(read, &case["expect"]).and_then(|()| {
                    let flagged = read.findings.iter().any(|f| f.code.contains("CHECK"));
                    let valid = case["check_char_valid"].as_bool().or(case["ppn_check_valid"].as_bool());
                    if valid.is_some_and(|valid| valid == flagged) {
                        Err(format!("check character: {:?}", read.findings))
                    } else {
                        Ok(())
                    }
                }),
            }
        };
        passed += usize::from(answer.is_ok());
        if let Err(why) = answer {
            wrong.push(format!("{input:?}: {why}"));
        }
    }
    show("hibc_isbt_ppn.jsonl", passed, all, &wrong);
}

#[test]
#[ignore = "needs the vectors"]
fn mangled_scans() {
    let profile = ScannerProfile::default();
    let (mut passed, mut all, mut silent, mut wrong) = (0, 0, 0, Vec::new());
    let mut by_kind: std::collections::BTreeMap<String, (usize, usize)> = std::collections::BTreeMap::new();
    for case in cases("mangled_scans.jsonl") {
        all += 1;
        let inputs: Vec<&str> = match &case["input"] {
            Value::Array(inputs) => inputs.iter().map(|i| i.as_str().unwrap()).collect(),
            one => vec![one.as_str().unwrap()],
        };
        let mut wanted = expected(&case).expect("a mangled scan has a true reading");
        wanted.sort();
        let received: Vec<_> = inputs.iter().flat_map(|i| receive_all(i.as_bytes(), &profile)).collect();
        let gs1 = received.iter().all(|r| r.aim.as_deref().is_none_or(aim::carries_gs1));
        let certain = received.iter().all(tessera_scanner::handheld::Received::is_certain);
        let sorted = |message: &[u8]| {
            let mut found = pairs(&parse(message));
            found.sort();
            found
        };
        let refused = received.iter().any(|r| parse(&r.bytes).refused());
        let mut found: Vec<_> = received.iter().flat_map(|r| pairs(&parse(&r.bytes))).collect();
        found.sort();
        found.dedup();
        let right = gs1 && certain && !refused && found == wanted;
        let candidate = received.iter().any(|r| r.candidates.iter().any(|c| sorted(c) == wanted));
        let wants_candidates = case["needs_candidates"] == true;
        let ok = if wants_candidates { !certain && candidate } else { right };
        let silently_wrong = certain && gs1 && !refused && found != wanted;
        silent += usize::from(silently_wrong);
        passed += usize::from(ok);
        let mangle = case["mangle"].as_str().unwrap();
        let kind = by_kind.entry(mangle.split("->").next().unwrap().to_owned()).or_default();
        kind.0 += usize::from(ok);
        kind.1 += 1;
        if silently_wrong || (!ok && !mangle.starts_with("layout")) {
            let word = if silently_wrong {
                "SILENTLY WRONG "
            } else if certain {
                ""
            } else {
                "ambiguous "
            };
            wrong.push(format!("{word}{mangle} {inputs:?}"));
        }
    }
    wrong.sort();
    wrong.reverse();
    show("mangled_scans.jsonl", passed, all, &wrong);
    for (kind, (ok, of)) in by_kind {
        println!("    {kind}: {ok} of {of}");
    }
    println!("    silently wrong: {silent}");
    assert_eq!(silent, 0, "scans were read wrongly without a word");
}
