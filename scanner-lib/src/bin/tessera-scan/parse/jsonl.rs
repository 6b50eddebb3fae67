//! One JSON object in, one out, in order: never fewer answers than questions.

use std::io::{self, Write};

use serde::Deserialize;
use tessera_scanner::explain::{Answer, Outcome, Request, explain, in_characters};
use tessera_scanner::finding::{Finding, Severity};
use tessera_scanner::gs1::linters;

/// A question about one of the dictionary's checks alone.
#[derive(Deserialize)]
struct Lint {
    linter: String,
    input: String,
}

/// Answers one line, whatever it holds.
pub fn answer(out: &mut impl Write, line: &[u8], year: i32) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &understand(line, year))?;
    writeln!(out)
}

fn understand(line: &[u8], year: i32) -> Answer {
    if let Ok(question) = serde_json::from_slice::<Lint>(line) {
        return lint(&question);
    }
    match serde_json::from_slice::<Request>(line) {
        Ok(request) => explain(&request, year),
        Err(why) => Answer::refusal(
            "BAD_REQUEST",
            format!("a line of the form {{\"input\": \"…\", \"kind\": \"scan\"}} is wanted: {why}"),
        ),
    }
}

fn lint(question: &Lint) -> Answer {
    match linters::named(&question.linter, question.input.as_bytes()) {
        None => Answer::refusal("BAD_REQUEST", format!("the dictionary has no check {:?}", question.linter)),
        Some(Ok(())) => Answer { outcome: Outcome::Ok, ..Answer::default() },
        Some(Err(objection)) => {
            let (start, end) = in_characters(&question.input, objection.span());
            let finding = Finding::new(objection.code.name(), Severity::Error, objection.code.words()).at(start, end);
            Answer { findings: vec![finding], ..Answer::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_answer() {
        for (line, outcome, code) in [
            (&br#"{"input": "]d20112312312312333", "kind": "scan", "opts": null}"#[..], Outcome::Ok, ""),
            (br#"{"input": "]d20112312312312333", "kind": "scan"}"#, Outcome::Ok, ""),
            (
                br#"{"input": ["]C10112312312312333", "]C110A"], "kind": "wedge", "opts": {"requisites": true}}"#,
                Outcome::Ok,
                "",
            ),
            (br#"{"input": "](8011)0", "kind": "nonsense"}"#, Outcome::Refused, "BAD_REQUEST"),
            (br#"{"linter": "csum", "input": "416000336109"}"#, Outcome::Refused, "INCORRECT_CHECK_DIGIT"),
            (br#"{"linter": "nonsense", "input": ""}"#, Outcome::Refused, "BAD_REQUEST"),
            (b"", Outcome::Refused, "BAD_REQUEST"),
            (b"\xff\xfe", Outcome::Refused, "BAD_REQUEST"),
            (br#"{"input": []}"#, Outcome::Refused, "MISSING_FNC1_IN_FIRST_POSITION"),
        ] {
            let got = understand(line, 2026);
            let first = got.findings.first().map_or("", |finding| finding.code.as_ref());
            assert_eq!((got.outcome, first), (outcome, code), "{}", String::from_utf8_lossy(line));
            let mut out = Vec::new();
            answer(&mut out, line, 2026).unwrap();
            assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1);
        }
    }
}
