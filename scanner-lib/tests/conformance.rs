//! How the readers do on published test vectors, which are not part of this repository.
//!
//! `TESSERA_VECTORS=folder cargo test -p tessera-scanner --test conformance -- --nocapture` prints `N passed of M` for
//! each file and fails if a scan was read wrongly without a word. Without the folder (by default `../shared/vectors`
//! beside the repository) nothing is tested here; a smaller set of facts of our own is in `fixtures/gs1` and always is.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tessera_scanner::explain::{Answer, Candidate, Outcome, Request, explain, in_characters};
use tessera_scanner::gs1::{digital_link, element_string, linters, scan_data};
use tessera_scanner::handheld::keyboard::KeyboardLayout;

/// The cases of a file of the vectors; none where the folder is not there.
fn vectors(file: &str) -> Vec<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let folder = std::env::var_os("TESSERA_VECTORS").map_or(beside, PathBuf::from);
    std::fs::read_to_string(folder.join(file)).map(|text| cases(&text)).unwrap_or_default()
}

fn cases(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
}

/// The question of a case, as the program is asked.
fn ask(case: &Value, kind: &str) -> Answer {
    let opts = if case["opts"].is_object() { case["opts"].clone() } else { json!({}) };
    let kind = case["kind"].as_str().unwrap_or(kind);
    let request = json!({ "input": case["input"], "kind": kind, "opts": opts });
    let request: Request = serde_json::from_value(request).expect("a case is a question");
    explain(&request, 2026)
}

fn pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(value.as_array()?.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect())
}

fn sorted(elements: &[(String, String)]) -> Vec<(String, String)> {
    let mut elements = elements.to_vec();
    elements.sort();
    elements.dedup();
    elements
}

/// What became of the cases of one file.
#[derive(Default)]
struct Score {
    passed: usize,
    all: usize,
    silent: usize,
    /// Cases that docs/decisions/0011 decides otherwise than the file, and that are read as decided.
    decided: usize,
    /// Scans that two different packs would have typed alike, and that are answered with both.
    undecidable: usize,
    wrong: Vec<String>,
}

impl Score {
    fn count(&mut self, case: &Value, verdict: Result<(), String>) {
        self.all += 1;
        match verdict {
            Ok(()) => self.passed += 1,
            Err(why) => self.wrong.push(format!("{}: {why}", case["input"])),
        }
    }

    fn show(&self, file: &str) {
        if self.all == 0 {
            return;
        }
        print!("{file}: {} passed of {}, {} silently wrong", self.passed, self.all, self.silent);
        for (count, what) in [
            (self.decided, "read as decided otherwise"),
            (self.undecidable, "that no one can tell, answered with all readings"),
        ] {
            if count > 0 {
                print!(", {count} {what}");
            }
        }
        println!();
        let most = std::env::var("TESSERA_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
        for line in self.wrong.iter().take(most) {
            println!("    {line}");
        }
    }
}

fn codes(answer: &Answer) -> Vec<&str> {
    answer.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

/// Elements, an error or plain text, as a case of GS1 expects.
fn gs1(case: &Value, answer: &Answer, silent: &mut usize) -> Result<(), String> {
    let expect = &case["expect"];
    if let Some(wanted) = pairs(expect) {
        if answer.outcome == Outcome::Ok && answer.elements == wanted {
            return Ok(());
        }
        *silent += usize::from(answer.outcome == Outcome::Ok);
        return Err(format!("{:?} {:?} {:?}, wanted {expect}", answer.outcome, answer.elements, codes(answer)));
    }
    if let Some(error) = expect["error"].as_str() {
        let code = error.strip_prefix("LINT_").unwrap_or(error);
        if answer.outcome == Outcome::Refused && codes(answer).first() == Some(&code) {
            return Ok(());
        }
        *silent += usize::from(answer.outcome == Outcome::Ok);
        return Err(format!("{:?} {:?}, wanted {code}", answer.outcome, codes(answer)));
    }
    if answer.outcome == Outcome::Plain { Ok(()) } else { Err(format!("{:?}, wanted plain text", answer.outcome)) }
}

fn gs1_file(file: &str, cases: &[Value]) -> Score {
    let mut score = Score::default();
    for case in cases {
        let answer = ask(case, "scan");
        let otherwise = decided(case).filter(|decided| decided["expect"] != case["expect"]);
        if otherwise.is_some_and(|decided| gs1(&decided, &answer, &mut 0).is_ok()) {
            score.all += 1;
            score.decided += 1;
            continue;
        }
        let verdict = gs1(case, &answer, &mut score.silent);
        score.count(case, verdict);
    }
    score.show(file);
    score
}

/// The verdict of docs/decisions/0011 on a case that sources disagree about.
fn decided(case: &Value) -> Option<Value> {
    let same = |decided: &Value| {
        decided["input"] == case["input"] && decided["kind"] == case["kind"] && decided["opts"] == case["opts"]
    };
    cases(include_str!("../../fixtures/gs1/disputed.jsonl")).into_iter().find(same)
}

#[test]
fn gs1_vectors() {
    let score = gs1_file("gs1.jsonl", &vectors("gs1.jsonl"));
    assert_eq!(score.silent, 0, "scans were read wrongly without a word");
}

#[test]
fn disputed_vectors_have_a_verdict() {
    let decided: Vec<Value> = cases(include_str!("../../fixtures/gs1/disputed.jsonl"));
    let mut score = Score::default();
    for case in vectors("gs1_disputed.jsonl") {
        let verdict = decided.iter().find(|d| d["input"] == case["input"] && d["kind"] == case["kind"]);
        let verdict = verdict.ok_or_else(|| "no verdict".to_owned());
        score.count(&case, verdict.and_then(|decided| gs1(decided, &ask(decided, "scan"), &mut 0)));
    }
    score.show("gs1_disputed.jsonl");
    assert_eq!(score.passed, score.all);
}

/// Facts that are part of this repository, with the verdicts of decision 11.
#[test]
fn our_own_facts() {
    for (file, text) in [
        ("facts.jsonl", include_str!("../../fixtures/gs1/facts.jsonl")),
        ("disputed.jsonl", include_str!("../../fixtures/gs1/disputed.jsonl")),
    ] {
        let score = gs1_file(file, &cases(text));
        assert_eq!((score.passed, score.silent), (score.all, 0), "{:#?}", score.wrong);
        assert!(score.all > 30);
    }
    for case in cases(include_str!("../../fixtures/gs1/linters.jsonl")) {
        assert_eq!(linter(&case), Ok(()), "{case}");
    }
}

fn linter(case: &Value) -> Result<(), String> {
    let input = case["input"].as_str().unwrap_or_default();
    let name = case["linter"].as_str().unwrap_or_default();
    let answer = linters::named(name, input.as_bytes()).ok_or("no such linter")?;
    match (answer, case["error"].as_str()) {
        (Ok(()), None) => Ok(()),
        (Err(objection), Some(wanted)) => {
            let (start, end) = in_characters(input, objection.span());
            let part = |from: usize, to: usize| input.chars().skip(from).take(to - from).collect::<String>();
            let marked = format!("{}*{}*{}", part(0, start), part(start, end), part(end, input.len()));
            let same_place = case["highlight"].as_str() == Some(&marked);
            if objection.code.name() == wanted && same_place {
                Ok(())
            } else {
                Err(format!("{name}: {} {marked}, wanted {wanted} {}", objection.code.name(), case["highlight"]))
            }
        }
        (got, wanted) => Err(format!("{name}: {got:?}, wanted {wanted:?}")),
    }
}

#[test]
fn linter_vectors() {
    let mut score = Score::default();
    for case in vectors("gs1_linters.jsonl") {
        score.count(&case, linter(&case));
    }
    score.show("gs1_linters.jsonl");
}

/// A Digital Link URI or scan data of elements; `None` where none can be made.
fn generated(case: &Value) -> Option<String> {
    let text = |name: &str| case[name].as_str().unwrap_or_default();
    if case["op"] == "dl-uri" {
        let unknown = case["opts"].as_array().is_some_and(|opts| opts.iter().any(|opt| opt == "unk"));
        let read = element_string::parse_bracketed_with(text("ai"), unknown);
        return digital_link::uri(&read.elements, case["stem"].as_str()).ok();
    }
    scan_data::scan_data(text("symbology").parse().ok()?, text("data")).ok()
}

#[test]
fn generate_vectors() {
    let mut score = Score::default();
    for case in vectors("gs1_generate.jsonl") {
        let got = generated(&case);
        let verdict = if got.as_deref() == case["expect"].as_str() {
            Ok(())
        } else {
            Err(format!("{} {} gave {got:?}, wanted {}", case["ai"], case["data"], case["expect"]))
        };
        score.count(&case, verdict);
    }
    score.show("gs1_generate.jsonl");
}

/// What a barcode of another agency says; `expect` names fields as its source does.
fn agency(case: &Value, answer: &Answer) -> Result<(), String> {
    let expect = &case["expect"];
    if expect["error"].is_string() {
        let noticed = answer.outcome != Outcome::Ok || !answer.findings.is_empty();
        return if noticed { Ok(()) } else { Err("read without a finding".to_owned()) };
    }
    if answer.outcome != Outcome::Ok {
        return Err(format!("{:?} {:?}", answer.outcome, codes(answer)));
    }
    let fields = serde_json::to_value(&answer.fields).map_err(|why| why.to_string())?;
    let same = [
        ("lic", "lic"),
        ("product", "product"),
        ("uom", "uom"),
        ("di", "di"),
        ("ppn", "ppn"),
        ("lot", "lot"),
        ("serial", "serial"),
        ("expiry", "expiry"),
        ("manufactured", "manufacture"),
        ("quantity", "quantity"),
        ("din", "donation"),
        ("sec_donation", "donation"),
        ("check", "check"),
        ("link", "link"),
    ];
    for (theirs, ours) in same {
        let Some(wanted) = expect.get(theirs) else { continue };
        let empty = wanted.is_null() || wanted == "";
        let got = &fields[ours];
        if !(got == wanted || (empty && (got.is_null() || got == ""))) {
            return Err(format!("{theirs} {got}, wanted {wanted}"));
        }
    }
    // With its two flag characters, which stay among the elements.
    let number = fields["donation"].as_str().unwrap_or_default();
    if expect["donation_id"].as_str().is_some_and(|whole| number.len() != 13 || !whole.starts_with(number)) {
        return Err(format!("donation {number:?}"));
    }
    let flagged = answer.findings.iter().any(|finding| finding.code.contains("CHECK"));
    let valid = case["check_char_valid"].as_bool().or(case["ppn_check_valid"].as_bool());
    if valid == Some(flagged) {
        return Err(format!("check character: {:?}", codes(answer)));
    }
    Ok(())
}

#[test]
fn other_agencies_vectors() {
    let mut score = Score::default();
    for case in vectors("hibc_isbt_ppn.jsonl") {
        let verdict = agency(&case, &ask(&case, "scan"));
        score.count(&case, verdict);
    }
    score.show("hibc_isbt_ppn.jsonl");
}

#[cfg(feature = "rfid")]
#[test]
fn tag_vectors() {
    let mut score = Score::default();
    for case in vectors("epc.jsonl") {
        let request = json!({ "input": case["hex"], "kind": "epc-hex" });
        let answer = explain(&serde_json::from_value(request).expect("a case is a question"), 2026);
        let verdict = match pairs(&case["gs1"]) {
            Some(wanted) if answer.outcome == Outcome::Ok && answer.elements == wanted => {
                let same = answer.fields.uri.as_deref() == case["uri"].as_str()
                    && case["filter"].as_u64().is_none_or(|filter| answer.fields.filter.map(u64::from) == Some(filter));
                if same { Ok(()) } else { Err(format!("{}: {:?}", case["hex"], answer.fields)) }
            }
            // A tag that is no GS1 key has no elements.
            Some(wanted) if wanted.is_empty() && answer.elements.is_empty() => Ok(()),
            None if answer.outcome == Outcome::Refused || answer.fields.uri.as_deref() == case["uri"].as_str() => {
                Ok(())
            }
            _ => Err(format!("{}: {:?} {:?}", case["hex"], answer.elements, codes(&answer))),
        };
        score.silent += usize::from(verdict.is_err() && answer.outcome == Outcome::Ok);
        score.count(&case, verdict);
    }
    score.show("epc.jsonl");
}

/// Whether two of the readings, each by the rules, are typed exactly as the scan was: by keyboards that are in the table,
/// with separators kept or lost. Then nothing in the scan tells them apart.
fn told_apart_by_nobody(case: &Value, answer: &Answer) -> bool {
    let scans: Vec<&str> = case["input"].as_array().map_or_else(
        || case["input"].as_str().into_iter().collect(),
        |scans| scans.iter().filter_map(Value::as_str).collect(),
    );
    let bare = |text: &str| text.chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect::<String>();
    let turned = |text: &str| {
        let turn = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
        text.chars().map(turn).collect::<String>()
    };
    let types = |message: &str, scan: &str| {
        ["]d2", "]C1", ""].iter().any(|aim| {
            let sent = format!("{aim}{message}");
            let shown = KeyboardLayout::all().filter_map(|layout| layout.typed(&sent));
            shown.chain([turned(&sent), sent.repeat(2)]).any(|shown| shown == scan)
        })
    };
    let writes = |candidate: &&Candidate| {
        let all: Vec<String> = candidate.elements.iter().map(|(ai, value)| format!("{ai}{value}")).collect();
        // Each scan shows some of the elements in a row, and all of them together show all.
        let shown_by = |scan: &&str| {
            let runs = (0..all.len()).flat_map(|from| (from + 1..=all.len()).map(move |to| (from, to)));
            runs.filter(|(from, to)| types(&all[*from..*to].concat(), &bare(scan))).map(|(from, to)| to - from).next()
        };
        scans.iter().map(shown_by).sum::<Option<usize>>() == Some(all.len())
    };
    answer.candidates.iter().filter(writes).count() >= 2
}

#[test]
fn mangled_vectors() {
    let mut score = Score::default();
    let mut by_kind: std::collections::BTreeMap<String, (usize, usize)> = std::collections::BTreeMap::new();
    for case in vectors("mangled_scans.jsonl") {
        let wanted = sorted(&pairs(&case["expect"]).expect("a mangled scan has a true reading"));
        let answer = ask(&case, "wedge");
        let right = answer.outcome == Outcome::Ok && sorted(&answer.elements) == wanted;
        let listed = answer.candidates.iter().any(|candidate| sorted(&candidate.elements) == wanted);
        let ok = if case["needs_candidates"] == true { answer.outcome == Outcome::Ambiguous && listed } else { right };
        let silent = answer.outcome == Outcome::Ok && sorted(&answer.elements) != wanted;
        score.silent += usize::from(silent);
        score.undecidable += usize::from(!ok && listed && told_apart_by_nobody(&case, &answer));
        let mangle = case["mangle"].as_str().unwrap_or_default();
        let kind = by_kind.entry(mangle.split("->").next().unwrap_or_default().to_owned()).or_default();
        kind.0 += usize::from(ok);
        kind.1 += 1;
        let word = if silent { "SILENTLY WRONG" } else { "" };
        let why = || format!("{word} {mangle} {:?} {:?}", answer.outcome, answer.elements);
        score.count(&case, if ok { Ok(()) } else { Err(why()) });
    }
    score.wrong.sort_by_key(|line| !line.contains("SILENTLY"));
    score.show("mangled_scans.jsonl");
    let unexplained = score.all - score.passed - score.undecidable;
    for (kind, (ok, of)) in by_kind {
        println!("    {kind}: {ok} of {of}");
    }
    assert_eq!(score.silent, 0, "scans were read wrongly without a word");
    assert_eq!(unexplained, 0, "scans that can be told for certain were not");
}
