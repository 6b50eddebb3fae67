//! What a barcode says, explained: reach for [`explain`] with a text that somebody scanned, typed or pasted.
//!
//! One pure function stands behind the program `tessera-scan parse`, the registry's `POST /api/v1/udi/parse` and its page.

mod answer;
mod gs1;
mod other;
mod request;
mod wedge;
pub mod words;

pub use answer::{Answer, Candidate, Fields, Outcome};
pub use request::{Input, Kind, Options, Request};

use crate::finding::{Finding, Severity};
use crate::handheld::{ScannerProfile, Separator};
use crate::ordering;
use crate::udi::Reading;

/// Understands what was scanned, and says how.
///
/// `current_year` decides the century of two-digit years (GS1 General Specifications, section 7.12).
///
/// # Example
/// ```
/// use tessera_scanner::explain::{Kind, Outcome, Request, explain};
///
/// let answer = explain(&Request::new("]d2010084450500077217310301\u{1d}10122927", Kind::Scan), 2026);
/// assert_eq!(answer.outcome, Outcome::Ok);
/// assert_eq!(answer.elements[1], ("17".to_owned(), "310301".to_owned()));
/// assert_eq!(answer.fields.expiry.as_deref(), Some("2031-03-01"));
///
/// let wrong = explain(&Request::new("]d20100844505000773", Kind::Scan), 2026);
/// assert_eq!(wrong.outcome, Outcome::Refused);
/// assert_eq!(wrong.findings[0].code, "INCORRECT_CHECK_DIGIT");
/// assert_eq!(wrong.findings[0].span, Some((18, 19))); // counted in the text as it was given
/// ```
pub fn explain(request: &Request, current_year: i32) -> Answer {
    let mut answer = understood(request, current_year);
    // What broke a rule first, then what to look at, then the rest; each in the order in which it was noticed.
    ordering::by_key(&mut answer.findings, |finding| std::cmp::Reverse(finding.severity));
    if let [text] = request.input.texts() {
        for finding in &mut answer.findings {
            finding.span = finding.span.map(|span| in_characters(text, span));
        }
    }
    answer
}

/// A span of bytes as a span of characters, whole ones: what reads the JSON counts those.
///
/// # Example
/// ```
/// use tessera_scanner::explain::in_characters;
///
/// assert_eq!(in_characters("(10)é|", (5, 6)), (4, 5));
/// ```
pub fn in_characters(text: &str, (start, end): (usize, usize)) -> (usize, usize) {
    let before = text.char_indices().filter(|(at, c)| at + c.len_utf8() <= start).count();
    let until = text.char_indices().filter(|(at, _)| *at < end).count();
    (before, until.max(before))
}

fn understood(request: &Request, current_year: i32) -> Answer {
    let texts = request.input.texts();
    let opts = &request.opts;
    match texts {
        [] => Answer::refusal("MISSING_FNC1_IN_FIRST_POSITION", "nothing was scanned"),
        [text] => match request.kind.of(text) {
            Kind::Scan => one(gs1::scan(text, opts, current_year)),
            Kind::Bracketed => one(gs1::bracketed(text, opts, current_year)),
            Kind::DlUri => one(gs1::link(text, opts, current_year)),
            Kind::EpcHex => other::tag(text, current_year),
            Kind::Wedge | Kind::Auto => wedge::pack(texts, opts, current_year),
        },
        _ if matches!(request.kind, Kind::Wedge | Kind::Auto) => wedge::pack(texts, opts, current_year),
        _ => several(texts, request, current_year),
    }
}

/// What one text turned out to be.
pub(crate) enum Understood {
    /// It follows the rules of an agency.
    Device(Box<Reading>),
    /// It is something else.
    Plain { text: String, findings: Vec<Finding> },
    /// It could not be read.
    Nothing(Finding),
}

impl Understood {
    fn device(read: Reading) -> Self {
        Self::Device(Box::new(read))
    }
}

fn one(understood: Understood) -> Answer {
    match understood {
        Understood::Device(read) => of_reading(*read),
        Understood::Plain { text, findings } => Answer::plain(text, findings),
        Understood::Nothing(finding) => Answer { findings: vec![finding], ..Answer::default() },
    }
}

fn of_reading(read: Reading) -> Answer {
    let refused = read.refused();
    Answer {
        outcome: if refused { Outcome::Refused } else { Outcome::Ok },
        agency: Some(read.issuer),
        elements: pairs(&read),
        fields: Fields::of(&read),
        findings: read.findings.clone(),
        udi: read.into_udi(),
        ..Answer::default()
    }
}

fn pairs(read: &Reading) -> Vec<(String, String)> {
    read.elements.iter().map(|element| (element.tag.clone(), element.value.clone())).collect()
}

/// Several texts of which none was typed by a scanner: each for itself, put together.
fn several(texts: &[String], request: &Request, current_year: i32) -> Answer {
    let mut whole: Option<Answer> = None;
    // What an element needs beside it may stand on another barcode.
    let opts = Options { requisites: false, ..request.opts.clone() };
    for text in texts {
        let alone = Request { input: Input::One(text.clone()), kind: request.kind, opts: opts.clone() };
        let answer = explain(&alone, current_year);
        let Some(so_far) = &mut whole else {
            whole = Some(answer);
            continue;
        };
        so_far.outcome = match (so_far.outcome, answer.outcome) {
            (Outcome::Refused, _) | (_, Outcome::Refused) => Outcome::Refused,
            (Outcome::Plain, other) => other,
            (first, _) => first,
        };
        so_far.agency = so_far.agency.or(answer.agency);
        for element in answer.elements {
            if !so_far.elements.contains(&element) {
                so_far.elements.push(element);
            }
        }
        so_far.fields.fill(answer.fields);
        // Places in the second text mean nothing in the first.
        so_far.findings.extend(answer.findings.into_iter().map(|finding| Finding { span: None, ..finding }));
        so_far.udi = None;
    }
    let mut whole = whole.unwrap_or_default();
    wedge::judge(&mut whole, request.opts.requisites);
    if whole.outcome == Outcome::Ok && request.kind == Kind::Scan {
        let kept = ScannerProfile { separator: Separator::Kept, ..ScannerProfile::default() };
        whole.udi = wedge::label(texts, &Options { profile: kept, ..opts }, current_year).udi;
    }
    whole
}

fn error(code: &'static str, text: &str) -> Finding {
    Finding::new(code, Severity::Error, text)
}

#[cfg(test)]
mod tests;
