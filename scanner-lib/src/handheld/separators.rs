//! Separators that a scanner replaced, doubled or lost: repaired where that is certain, else every possibility.

use super::grammar::{collapse, parses};
use super::{Received, ScannerProfile, Separator, note, splits};
use crate::finding::{Finding, Severity};
use crate::gs1::element_string::GS;
use crate::ordering;

/// What scanners type for a separator that no GS1 data of character set 82 can hold: a repair is certain.
const SURE: [&[u8]; 25] = [
    b"{GS}",
    b"{FNC1}",
    b"[GS]",
    b"[FNC1]",
    b"\\u001d",
    b"\\x1d",
    b"\\x1D",
    b"\\u001D",
    b"\\029",
    b"\\F",
    b"^]",
    b"]C1",
    b"]c1",
    b"\x1b",
    b"\x1c",
    b"\x1e",
    b"\x08",
    "\u{241d}".as_bytes(),
    "\u{e8}".as_bytes(),
    b"\xe8",
    b"|",
    b"#",
    b"~",
    b"@",
    b" ",
];

/// What scanners type for a separator that may just as well be data.
const IN_BAND: [&[u8]; 9] = [b"<GS>", b"<FNC1>", b"<gs>", b"(GS)", b"<0x1D>", b"%1D", b"F8", b"029", b"_"];

/// Puts GS where the scanner typed something else for it, or says what is possible.
pub(super) fn repair(profile: &ScannerProfile, received: &mut Received) {
    let gs_seen = received.bytes.contains(&GS);
    if gs_seen {
        received.shows = Separator::Kept;
        let clean = collapse(&received.bytes);
        if clean != received.bytes {
            let text = "separators that were doubled or at an end were dropped";
            received.findings.push(note("SEPARATOR_REPEATED", text));
            received.bytes = clean;
        }
        return;
    }
    match profile.separator {
        // A calibrated scanner's text was replaced before: what is left is data.
        Separator::Kept | Separator::Typed(_) => {}
        Separator::Lost => lost(received, Vec::new()),
        Separator::Unknown => {
            if !sure_substitute(received) {
                let candidates = in_band_substitutes(&received.bytes);
                lost(received, candidates);
            }
        }
    }
}

/// Adds the splits that the dictionary allows to what is possible, and judges whether anything is in doubt.
fn lost(received: &mut Received, mut candidates: Vec<Vec<u8>>) {
    let plain = parses(&received.bytes);
    candidates.extend(splits::readings(&received.bytes).into_iter().filter(|c| *c != received.bytes));
    if candidates.is_empty() {
        return;
    }
    if plain {
        candidates.push(received.bytes.clone());
    }
    // A scanner treats all separators alike: where each occurrence may be one, that comes first.
    let alike: Vec<Vec<u8>> = IN_BAND
        .iter()
        .map(|text| collapse(&replace(&received.bytes, text).0))
        .filter(|m| *m != received.bytes)
        .collect();
    in_doubt(
        received,
        candidates,
        "separators may have been lost or replaced by the scanner: choose the reading that the pack shows, or scan the \
         pack with another scanner",
    );
    ordering::by_key(&mut received.candidates, |candidate| !alike.contains(candidate));
    received.bytes.clone_from(&received.candidates[0]);
}

/// Gives every possibility, likeliest first.
fn in_doubt(received: &mut Received, mut candidates: Vec<Vec<u8>>, text: &str) {
    splits::rank(&mut candidates);
    candidates.dedup();
    received.findings.push(Finding::new("SEPARATOR_IN_DOUBT", Severity::Warning, text));
    received.bytes.clone_from(&candidates[0]);
    received.candidates = candidates;
}

/// Replaces what can only be a separator; false where there is no such thing.
fn sure_substitute(received: &mut Received) -> bool {
    let mut repaired: Vec<(Vec<u8>, &[u8])> = Vec::new();
    for substitute in SURE {
        let (replaced, count) = replace(&received.bytes, substitute);
        let replaced = collapse(&replaced);
        if count > 0 && parses(&replaced) && repaired.iter().all(|(known, _)| *known != replaced) {
            repaired.push((replaced, substitute));
        }
    }
    let Some((message, substitute)) = repaired.first().cloned() else { return false };
    let substitute = String::from_utf8_lossy(substitute).into_owned();
    received.findings.push(note("SEPARATOR_REPLACED", format!("the scanner typed {substitute:?} for the separator")));
    let plain = parses(&received.bytes);
    if repaired.len() == 1 && !plain {
        received.bytes = message;
        received.shows = Separator::Typed(substitute);
    } else {
        let mut candidates: Vec<Vec<u8>> = repaired.into_iter().map(|(message, _)| message).collect();
        if plain {
            candidates.push(received.bytes.clone());
        }
        in_doubt(received, candidates, "it is not certain which character stands for the separator");
    }
    true
}

/// The readings in which text that may be data stands for separators; each occurrence may be either.
fn in_band_substitutes(message: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for substitute in IN_BAND {
        let places = places(message, substitute);
        // More than six are data, whatever else: a pack has no more variable elements.
        for choice in 1_u32..1 << places.len().min(6) {
            let mut replaced = Vec::with_capacity(message.len());
            let mut from = 0;
            for (_, place) in places.iter().take(6).enumerate().filter(|(nth, _)| choice & (1 << nth) != 0) {
                replaced.extend_from_slice(&message[from..*place]);
                replaced.push(GS);
                from = place + substitute.len();
            }
            replaced.extend_from_slice(&message[from..]);
            let replaced = collapse(&replaced);
            if parses(&replaced) && !found.contains(&replaced) {
                found.push(replaced);
            }
        }
    }
    found
}

/// Where `what` occurs, without overlap.
fn places(message: &[u8], what: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while !what.is_empty() && at + what.len() <= message.len() {
        if message[at..].starts_with(what) {
            places.push(at);
            at += what.len();
        } else {
            at += 1;
        }
    }
    places
}

/// The message with GS for every occurrence of `what`, and how many there were.
pub(super) fn replace(message: &[u8], what: &[u8]) -> (Vec<u8>, usize) {
    let places = places(message, what);
    let mut replaced = Vec::with_capacity(message.len());
    let mut from = 0;
    for place in &places {
        replaced.extend_from_slice(&message[from..*place]);
        replaced.push(GS);
        from = place + what.len();
    }
    replaced.extend_from_slice(&message[from..]);
    (replaced, places.len())
}
