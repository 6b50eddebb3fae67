//! What scanners typed: repaired where that is certain, with every possible reading where it is not.

use std::collections::BTreeSet;

use super::{Answer, Candidate, Fields, Options, Outcome, Understood, gs1, other, pairs};
use crate::finding::{Finding, Severity};
use crate::gs1::element_string::{self, ElementRead};
use crate::gs1::{dictionary, reading};
use crate::handheld::{self, Received, aim};
use crate::label;
use crate::udi::{Entry, RawScan, Reading};

/// No more candidates than this are given.
const MOST: usize = 192;

/// All scans of one pack.
pub(super) fn pack(texts: &[String], opts: &Options, year: i32) -> Answer {
    let mut answer = Answer { outcome: Outcome::Ok, ..Answer::default() };
    let mut barcodes: Vec<Vec<Reading>> = Vec::new();
    let mut certain = true;
    let mut plain = Vec::new();
    let mut seen = BTreeSet::new();
    for received in handheld::receive_pack(texts.iter().map(String::as_bytes), &opts.profile) {
        if !seen.insert((received.is_certain(), received.bytes.clone())) {
            continue;
        }
        certain &= received.is_certain();
        let mut readings = Vec::new();
        for message in messages(&received) {
            match understand(received.aim.as_deref(), &message, opts, year) {
                Understood::Device(read) => readings.push(*read),
                Understood::Plain { text, findings } => {
                    plain.push(text);
                    answer.findings.extend(findings);
                }
                Understood::Nothing(finding) => {
                    answer.outcome = Outcome::Refused;
                    answer.findings.push(finding);
                }
            }
        }
        answer.findings.extend(received.findings);
        if !readings.is_empty() {
            barcodes.push(readings);
        }
    }
    if barcodes.is_empty() {
        return nothing(answer, &plain, texts);
    }
    let mut choices = combinations(&barcodes);
    // A single choice has nothing to be weighed against.
    if choices.len() > 1 && choices.iter().any(|choice| agree(choice)) {
        choices.retain(|choice| agree(choice));
    }
    if !certain && barcodes.len() > 1 {
        let label = label(texts, opts, year);
        if let Some(choice) = settled(&choices, &label) {
            choices = vec![choice];
            certain = true;
            answer.findings.extend(label.findings.into_iter().filter(|f| f.code == "SETTLED_BY_ANOTHER_SCAN"));
        }
    }
    if let ([choice], true) = (choices.as_slice(), certain) {
        let findings = choice.iter().flat_map(|read| read.findings.iter().cloned());
        answer.findings.extend(findings);
        let refused = choice.iter().any(|read| read.refused());
        answer.outcome = if refused || answer.refused() { Outcome::Refused } else { Outcome::Ok };
        answer.agency = choice.first().map(|read| read.issuer);
        (answer.elements, answer.fields) = together(choice);
        if choice.len() > 1 || opts.requisites {
            judge(&mut answer, opts.requisites);
        }
        answer.udi = label(texts, opts, year).udi;
        return answer;
    }
    answer.outcome = Outcome::Ambiguous;
    answer.agency = choices[0].first().map(|read| read.issuer);
    choices.truncate(MOST);
    for choice in &choices {
        let (elements, fields) = together(choice);
        if !answer.candidates.iter().any(|known| known.elements == elements) {
            answer.candidates.push(Candidate { elements, fields });
        }
    }
    let shared = |element: &&(String, String)| answer.candidates.iter().all(|c| c.elements.contains(element));
    answer.elements = answer.candidates[0].elements.iter().filter(shared).cloned().collect();
    answer
}

/// Whether the barcodes give no identifier two values; one barcode that does so is judged by the rules.
fn agree(choice: &[&Reading]) -> bool {
    let others =
        |nth: usize| choice.iter().enumerate().filter(move |(other, _)| *other != nth).flat_map(|(_, r)| &r.elements);
    choice.iter().enumerate().all(|(nth, read)| {
        read.elements.iter().all(|one| others(nth).all(|other| other.tag != one.tag || other.value == one.value))
    })
}

/// The choice that the pack's other barcodes settle, where they do.
fn settled<'a>(choices: &[Vec<&'a Reading>], label: &label::Label) -> Option<Vec<&'a Reading>> {
    let udi = label.udi.as_ref()?;
    let same = |choice: &&Vec<&Reading>| {
        let (elements, _) = together(choice);
        elements.len() == udi.elements.len()
            && udi.elements.iter().all(|e| elements.iter().any(|(tag, value)| *tag == e.tag && *value == e.value))
    };
    choices.iter().find(same).cloned()
}

fn messages(received: &Received) -> Vec<Vec<u8>> {
    if received.is_certain() { vec![received.bytes.clone()] } else { received.candidates.clone() }
}

pub(super) fn label(texts: &[String], opts: &Options, year: i32) -> label::Label {
    let scan = |text: &String| RawScan { bytes: text.clone().into_bytes(), aim: None, entry: Entry::Handheld };
    let scans: Vec<RawScan> = texts.iter().map(scan).collect();
    label::assemble_with(&scans, &opts.profile, year)
}

/// Nothing of a device was scanned.
fn nothing(mut answer: Answer, plain: &[String], texts: &[String]) -> Answer {
    if !plain.is_empty() && !answer.refused() {
        return Answer::plain(plain.join("\n"), answer.findings);
    }
    answer.outcome = Outcome::Refused;
    if answer.findings.is_empty() {
        let what =
            if texts.iter().all(|text| text.trim().is_empty()) { "nothing was scanned" } else { "nothing was read" };
        answer.findings.push(Finding::new("MISSING_FNC1_IN_FIRST_POSITION", Severity::Error, what));
    }
    answer
}

/// One message of a scanner that may not send AIM identifiers.
fn understand(symbology: Option<&str>, message: &[u8], opts: &Options, year: i32) -> Understood {
    let text = String::from_utf8_lossy(message);
    if let Some(symbology) = symbology {
        if !aim::carries_gs1(symbology) {
            return gs1::scan(&format!("{symbology}{text}"), opts, year);
        }
    } else {
        if let Some(read) = other::agency(&text, year) {
            return read;
        }
        let looks = text.trim_start();
        if looks.starts_with('(') {
            return gs1::bracketed(looks, opts, year);
        }
        if ["http://", "https://", "HTTP://", "HTTPS://"].iter().any(|scheme| looks.starts_with(scheme)) {
            return gs1::link(looks.trim_end(), opts, year);
        }
        let retail = matches!(message.len(), 8 | 12 | 13 | 14) && crate::gs1::check::digit_holds(message);
        if retail {
            let note = "a retail number (EAN, UPC): it does not tell the lot. Scan the other barcode of the pack";
            let findings = vec![Finding::new("EAN_IGNORED", Severity::Note, note)];
            return Understood::Plain { text: text.into_owned(), findings };
        }
    }
    let read = element_string::parse_with(message, opts.permit_unknown_ais);
    if symbology.is_none() && read.refused() && read.elements.is_empty() {
        return Understood::Plain { text: text.into_owned(), findings: Vec::new() };
    }
    let mut read = reading::of(&read, year);
    // Where a byte is in a repaired message says nothing of what was typed.
    read.findings.iter_mut().for_each(|finding| finding.span = None);
    Understood::device(read)
}

/// Every choice of one reading for each barcode, likeliest first.
fn combinations(barcodes: &[Vec<Reading>]) -> Vec<Vec<&Reading>> {
    let mut choices: Vec<Vec<&Reading>> = vec![Vec::new()];
    for readings in barcodes {
        let longer = choices.iter().flat_map(|choice| {
            readings.iter().map(move |read| choice.iter().copied().chain([read]).collect::<Vec<_>>())
        });
        choices = longer.take(MOST).collect();
    }
    choices
}

fn together(choice: &[&Reading]) -> (Vec<(String, String)>, Fields) {
    let mut elements = Vec::new();
    let mut fields = Fields::default();
    for read in choice {
        for element in pairs(read) {
            // Within one barcode a repeat is told as it is; the same element on another barcode is the same.
            if choice.len() == 1 || !elements.contains(&element) {
                elements.push(element);
            }
        }
        fields.fill(Fields::of(read));
    }
    (elements, fields)
}

/// Which elements of all barcodes cannot be of one pack, and with `requisites` what is missing beside them.
pub(super) fn judge(answer: &mut Answer, requisites: bool) {
    let elements: Vec<ElementRead<'_>> = answer
        .elements
        .iter()
        .filter_map(|(ai, value)| Some(ElementRead::known(dictionary::lookup(ai)?, value.as_bytes())))
        .collect();
    for finding in element_string::rules(&elements, requisites) {
        if !answer.findings.iter().any(|known| known.code == finding.code && known.text == finding.text) {
            answer.findings.push(finding);
            answer.outcome = Outcome::Refused;
        }
    }
}
