//! Which keyboard layout a line was typed under, where that is not known: found out by what makes sense of it.

use super::keyboard::KeyboardLayout;
use super::{Received, ScannerProfile, aim, grammar, note, understood};
use crate::finding::{Finding, Severity};
use crate::gs1::element_string::GS;
use crate::{hibc, isbt128, ordering, ppn};

/// One thing that a line may have been before the keyboard layout turned it over.
struct Undone {
    text: String,
    layouts: Vec<KeyboardLayout>,
}

/// Reads a line whose keyboard layout is not known.
///
/// A line that makes sense as it is, and does not start with what another layout shows for a symbology identifier, is
/// taken as it is. Otherwise every layout of the table is tried; it is certain only if all that make sense of the line
/// make the same of it.
pub(super) fn detect(line: &[u8], shown: &str, profile: &ScannerProfile) -> Received {
    let plain = understood(line, profile);
    let plain_fits = makes_sense(&plain);
    if plain_fits && !starts_foreign(shown) {
        return plain;
    }
    if let Some(read) = turned_agency(line).filter(|_| !plain_fits) {
        return read;
    }
    let undone = every_layout(shown);
    let mut fitting: Vec<(Received, Vec<KeyboardLayout>)> = Vec::new();
    for Undone { text, layouts } in &undone {
        let read = understood(text.as_bytes(), profile);
        if is_sure(&read) {
            add(&mut fitting, read, layouts);
        }
    }
    if fitting.is_empty() && !plain_fits {
        // The prefix betrays a GS1 symbol, though what it holds breaks the rules.
        for Undone { text, layouts } in undone.iter().filter(|u| u.text.as_bytes() != line) {
            let read = understood(text.as_bytes(), profile);
            if read.aim.as_deref().is_some_and(aim::carries_gs1) && plain.aim.is_none() {
                add(&mut fitting, read, layouts);
            }
        }
    }
    if fitting.is_empty() {
        return plain;
    }
    if plain_fits && plain.findings.is_empty() && agency_holds(&plain.bytes) {
        // Both make sense: HIBC with its check character, and a symbol under another layout.
        fitting.push((plain, Vec::new()));
    }
    settle(fitting)
}

/// HIBC or ISBT 128 under Caps Lock: its letters are all small, and turned over what it checks holds.
fn turned_agency(line: &[u8]) -> Option<Received> {
    let (symbology, message) = aim::split(line);
    let turned = super::turn_case(message);
    agency_holds(&turned).then(|| Received {
        aim: symbology.map(str::to_owned),
        bytes: turned,
        findings: vec![super::caps_lock()],
        ..Received::default()
    })
}

/// Undoes a layout that the scanner's profile names.
pub(super) fn undo(layout: KeyboardLayout, line: &[u8], shown: &str, profile: &ScannerProfile) -> Received {
    let mut possible: Vec<(Received, Vec<KeyboardLayout>)> = Vec::new();
    for text in layout.undo(shown) {
        add(&mut possible, understood(text.as_bytes(), profile), &[layout]);
    }
    if possible.iter().any(|(read, _)| is_sure(read)) {
        possible.retain(|(read, _)| is_sure(read));
    }
    if possible.is_empty() {
        let mut plain = understood(line, profile);
        let text = format!(
            "the {layout} keyboard of this scanner does not show such characters: was the keyboard changed? Scan the \
             calibration barcode again"
        );
        plain.findings.push(Finding::new("KEYBOARD_LAYOUT_CHANGED", Severity::Warning, text));
        return plain;
    }
    let changed = possible.iter().any(|(read, _)| !line.ends_with(&read.bytes));
    if possible.len() == 1 && !changed {
        return possible.swap_remove(0).0;
    }
    settle(possible)
}

/// Adds a reading; the same from another layout only adds the layout.
fn add(to: &mut Vec<(Received, Vec<KeyboardLayout>)>, read: Received, layouts: &[KeyboardLayout]) {
    match to.iter_mut().find(|(known, _)| known.bytes == read.bytes && known.candidates == read.candidates) {
        Some((_, known)) => known.extend_from_slice(layouts),
        None => to.push((read, layouts.to_vec())),
    }
}

/// One reading where all agree, else every one of them as a candidate; those that most layouts make come first.
fn settle(mut fitting: Vec<(Received, Vec<KeyboardLayout>)>) -> Received {
    ordering::by_key(&mut fitting, |(_, layouts)| std::cmp::Reverse(layouts.len()));
    let names = |layouts: &[KeyboardLayout]| {
        let mut names: Vec<&str> = layouts.iter().map(|layout| layout.name()).take(3).collect();
        names.dedup();
        names.join(", ")
    };
    let all: Vec<KeyboardLayout> = fitting.iter().flat_map(|(_, layouts)| layouts).copied().collect();
    let repaired = note(
        "KEYBOARD_LAYOUT",
        format!(
            "the computer's keyboard ({}) showed other characters than the scanner typed: they were turned back",
            names(&all)
        ),
    );
    if let [_] = fitting.as_slice() {
        let (mut read, _) = fitting.swap_remove(0);
        read.findings.insert(0, repaired);
        return read;
    }
    let mut candidates: Vec<Vec<u8>> = Vec::new();
    for (read, _) in &fitting {
        let messages = if read.is_certain() { std::slice::from_ref(&read.bytes) } else { &read.candidates };
        for message in messages {
            if !candidates.contains(message) {
                candidates.push(message.clone());
            }
        }
    }
    let (mut read, _) = fitting.swap_remove(0);
    let text = "more than one keyboard layout makes sense of what the scanner typed: choose the reading that the pack \
                shows, and calibrate this scanner";
    read.findings = vec![repaired, Finding::new("KEYBOARD_LAYOUT_IN_DOUBT", Severity::Warning, text)];
    read.bytes.clone_from(&candidates[0]);
    read.candidates = candidates;
    read
}

/// Every different text that the line may have been, by the layouts that give it.
///
/// Where the line shows GS, only keyboards that show GS for the key of the separator may have.
fn every_layout(shown: &str) -> Vec<Undone> {
    let mut all: Vec<Undone> = Vec::new();
    let gs = char::from(GS);
    let keeps = |layout: &KeyboardLayout| !shown.contains(gs) || layout.separator() == Some(gs);
    for layout in KeyboardLayout::all().filter(keeps) {
        for text in layout.undo(shown) {
            match all.iter_mut().find(|known| known.text == text) {
                Some(known) => known.layouts.push(layout),
                None => all.push(Undone { text, layouts: vec![layout] }),
            }
        }
    }
    all
}

/// Whether a line starts as a GS1 symbology identifier does on another layout.
fn starts_foreign(shown: &str) -> bool {
    if shown.starts_with(|c: char| c == ']' || c.is_ascii_digit()) {
        return false;
    }
    let head: String = shown.chars().take(3).collect();
    KeyboardLayout::all().any(|layout| {
        layout.undo(&head).iter().any(|text| {
            let turned = if aim::under_caps_lock(text.as_bytes()) {
                super::turn_case(text.as_bytes())
            } else {
                text.clone().into()
            };
            aim::split(&turned).0.is_some_and(aim::carries_gs1)
        })
    })
}

/// Whether a line can be understood as it is.
fn makes_sense(read: &Received) -> bool {
    match read.aim.as_deref() {
        Some(symbology) if aim::carries_gs1(symbology) => !read.candidates.is_empty() || grammar::parses(&read.bytes),
        Some(_) => true,
        None => {
            let words = read.bytes.is_ascii() && read.bytes.first().is_none_or(u8::is_ascii_alphanumeric);
            words || !read.candidates.is_empty() || grammar::parses(&read.bytes) || agency_reads(&read.bytes)
        }
    }
}

/// Whether a reading under another layout is more than chance: its check digits or its whole grammar hold.
fn is_sure(read: &Received) -> bool {
    let first = |message: &[u8]| {
        grammar::parses(message)
            && grammar::lengths(message)
                .iter()
                .any(|(ai, _)| matches!(*ai, "00" | "01" | "02" | "8006" | "8017" | "8018" | "414" | "8003" | "8004"))
    };
    match read.aim.as_deref() {
        Some(symbology) if aim::carries_gs1(symbology) => !read.candidates.is_empty() || grammar::parses(&read.bytes),
        Some(symbology) if aim::carries_ean(symbology) => crate::gs1::check::digit_holds(&read.bytes),
        _ => agency_holds(&read.bytes) || first(&read.bytes),
    }
}

/// Whether a message looks like another agency's; their labels are read with a wrong check character too.
pub(super) fn agency_like(message: &[u8]) -> bool {
    hibc::looks_like(message) || isbt128::looks_like(message) || ppn::looks_like(message)
}

/// Whether a message is read as another agency's, though its check character may be wrong.
pub(super) fn agency_reads(message: &[u8]) -> bool {
    hibc::looks_like(message) || ppn::looks_like(message) || isbt128::parse(message).is_some_and(|read| !read.refused())
}

/// Whether a message is of another agency, and holds what that agency checks.
fn agency_holds(message: &[u8]) -> bool {
    let hibc = hibc::looks_like(message)
        && message.split_last().is_some_and(|(check, body)| hibc::check_character(body) == Some(char::from(*check)));
    hibc || (isbt128::looks_like(message) && isbt128::parse(message).is_some_and(|read| read.findings.is_empty()))
        || (ppn::looks_like(message) && ppn::parse(message, 2000).is_some_and(|read| !read.refused()))
}
