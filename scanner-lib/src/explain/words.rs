//! An answer in plain words: what each element is, which rule was broken, what was repaired.

use super::{Answer, Candidate, Outcome};
use crate::finding::Severity;
use crate::gs1::date::GsDate;
use crate::gs1::dictionary;
use crate::plain_words::date_in_words;
use crate::udi::Issuer;

/// The answer as lines for a person.
///
/// # Example
/// ```
/// use tessera_scanner::explain::{Kind, Request, explain, words};
///
/// let answer = explain(&Request::new("]d2010084450500077217310301", Kind::Scan), 2026);
/// let lines = words::lines(&answer, 2026);
/// assert_eq!(lines[0], "Read, by the rules of GS1.");
/// assert_eq!(lines[2], "  (17) USE BY or EXPIRY: 310301, that is 1 March 2031");
/// ```
pub fn lines(answer: &Answer, current_year: i32) -> Vec<String> {
    let mut lines = vec![headline(answer)];
    lines.extend(answer.elements.iter().map(|(tag, value)| element(answer.agency, tag, value, current_year)));
    for (place, candidate) in answer.candidates.iter().enumerate() {
        lines.push(format!("  Reading {}: {}", place + 1, in_brackets(candidate)));
    }
    for finding in &answer.findings {
        let weight = match finding.severity {
            Severity::Note => "Note",
            Severity::Warning => "Look",
            Severity::Error => "Wrong",
        };
        let place = finding.span.map_or_else(String::new, |(start, end)| format!(", at {}", place_words(start, end)));
        lines.push(format!("  {weight}: {} [{}{place}]", finding.text, finding.code));
    }
    lines
}

fn headline(answer: &Answer) -> String {
    let agency = match answer.agency {
        Some(Issuer::Gs1) => "GS1",
        Some(Issuer::Hibcc) => "HIBC",
        Some(Issuer::Iccbba) => "ISBT 128",
        Some(Issuer::Ifa) => "IFA (PPN)",
        None => "no agency",
    };
    match answer.outcome {
        Outcome::Ok => format!("Read, by the rules of {agency}."),
        Outcome::Refused if answer.elements.is_empty() => "Not read.".to_owned(),
        Outcome::Refused => format!("The rules of {agency} are broken. As far as it can be read:"),
        Outcome::Ambiguous => "It can be read in more than one way: compare with the print. Certain is:".to_owned(),
        Outcome::Plain => format!("Not a device's barcode: {:?}", answer.plain.as_deref().unwrap_or_default()),
    }
}

fn place_words(start: usize, end: usize) -> String {
    if end > start + 1 { format!("characters {} to {end}", start + 1) } else { format!("character {}", start + 1) }
}

fn in_brackets(candidate: &Candidate) -> String {
    candidate.elements.iter().map(|(tag, value)| format!("({tag}) {value}")).collect::<Vec<_>>().join("  ")
}

fn element(agency: Option<Issuer>, tag: &str, value: &str, current_year: i32) -> String {
    if agency != Some(Issuer::Gs1) {
        return format!("  {tag} {value}");
    }
    let Some(entry) = dictionary::lookup(tag) else {
        return format!("  ({tag}) unknown: {value}");
    };
    let day = matches!(tag, "11" | "12" | "13" | "15" | "16" | "17" | "7003" | "7006")
        .then(|| value.get(..6).and_then(|day| GsDate::from_yymmdd(day, current_year).ok()))
        .flatten();
    let said = match day {
        Some(date) if date.day_given() => format!(", that is {}", date_in_words(date.last_day())),
        Some(date) => format!(", that is the end of its month, {}", date_in_words(date.last_day())),
        None => String::new(),
    };
    format!("  ({tag}) {}: {value}{said}", entry.title)
}
