//! Raw scanner bytes become a message: reach for [`receive`] with a line that a handheld scanner typed.
//!
//! A keyboard-wedge scanner adds line ends, turns letters over under Caps Lock, and replaces, doubles or loses the
//! separators between elements. What is certain is repaired and noted; where more than one reading is possible, all of
//! them are given, best first, and a person or a second scan chooses.
//!
//! [`wristband`] and [`badge`] read what identifies a person, [`splits`] finds where lost separators may have been.

pub mod aim;
pub mod badge;
pub mod splits;
pub mod wristband;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::gs1::element_string::{self, GS};
use crate::{hibc, isbt128, ppn};

/// What is known of one scanner, by calibration or configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScannerProfile {
    /// What it types where a barcode has a separator.
    pub separator: Separator,
}

/// What a scanner types for the separator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "text")]
pub enum Separator {
    /// Not known: every possibility is considered.
    #[default]
    Unknown,
    /// GS itself: a line without one had none.
    Kept,
    /// This text, always and only for a separator.
    Typed(String),
}

/// A scanned line, cleaned and understood as far as that is certain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The message: no AIM identifier, no line end, GS for separators. The likeliest where there are candidates.
    pub bytes: Vec<u8>,
    /// The AIM symbology identifier that stood before it, such as `]d2`.
    pub aim: Option<String>,
    /// What was repaired, and what is in doubt.
    pub findings: Vec<Finding>,
    /// Every possible message, likeliest first, where the reading is not certain (then even one is only a guess).
    pub candidates: Vec<Vec<u8>>,
}

impl Received {
    /// Whether there is only one way to read the line.
    pub fn is_certain(&self) -> bool {
        self.candidates.is_empty()
    }
}

/// What scanners type for a separator that no GS1 data can hold: a repair is certain.
const SURE: [&[u8]; 17] = [
    b"{GS}",
    b"{FNC1}",
    b"\\u001d",
    b"\\x1d",
    b"\\x1D",
    b"\\u001D",
    b"^]",
    b"]C1",
    b"\x1c",
    b"\x1e",
    "\u{e8}".as_bytes(),
    b"\xe8",
    b"|",
    b"#",
    b"~",
    b"@",
    b" ",
];

/// What scanners type for a separator that may just as well be data.
const IN_BAND: [&[u8]; 6] = [b"<GS>", b"<FNC1>", b"<gs>", b"F8", b"029", b"_"];

/// Every line of what a scanner typed, each received on its own; empty lines are dropped.
pub fn receive_all(bytes: &[u8], profile: &ScannerProfile) -> Vec<Received> {
    let lines = bytes.split(|b| matches!(b, b'\r' | b'\n')).map(strip).filter(|line| !line.is_empty());
    let mut all: Vec<Received> = lines.map(|line| receive(line, profile)).collect();
    all.dedup();
    all
}

/// Cleans one typed line and repairs its separators.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::{ScannerProfile, receive};
///
/// let read = receive(b"]d2010084450500077210122927{GS}2107\r\n", &ScannerProfile::default());
/// assert_eq!(read.bytes, b"010084450500077210122927\x1d2107");
/// assert_eq!(read.aim.as_deref(), Some("]d2"));
/// assert!(read.is_certain());
///
/// let lost = receive(b"]d201008445050007721012292717310301", &ScannerProfile::default());
/// assert!(lost.candidates.contains(&b"010084450500077210122927\x1d17310301".to_vec()));
/// ```
pub fn receive(bytes: &[u8], profile: &ScannerProfile) -> Received {
    let mut received = Received::default();
    let line = strip(bytes);
    let turned = aim::under_caps_lock(line).then(|| turn_case(line));
    if turned.is_some() {
        received.findings.push(note("CAPS_LOCK", "Caps Lock was on: capitals and small letters were turned back"));
    }
    let line = turned.as_deref().unwrap_or(line);
    let (aim, message) = aim::split(line);
    received.aim = aim.map(str::to_owned);
    received.bytes = message.to_vec();
    let gs1 = match aim {
        Some(aim) => aim::carries_gs1(aim),
        None => !(hibc::looks_like(message) || isbt128::looks_like(message) || ppn::looks_like(message)),
    };
    if gs1 && message.iter().take(2).filter(|b| b.is_ascii_digit() || **b == GS).count() == 2 {
        separators(profile, &mut received);
    }
    received
}

/// Without byte order mark, line ends, tabs and NUL at either end.
fn strip(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let noise = |b: &u8| matches!(b, b'\r' | b'\n' | b'\t' | 0);
    let start = bytes.iter().position(|b| !noise(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !noise(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

fn turn_case(line: &[u8]) -> Vec<u8> {
    line.iter().map(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b }).collect()
}

fn note(code: &'static str, text: impl Into<String>) -> Finding {
    Finding::new(code, Severity::Note, text)
}

fn parses(message: &[u8]) -> bool {
    !message.is_empty() && !element_string::parse(message).refused()
}

/// One separator between elements, none at the ends.
fn collapse(message: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = message.split(|b| *b == GS).filter(|part| !part.is_empty()).collect();
    parts.join(&GS)
}

/// Puts GS where the scanner typed something else for it, or says what is possible.
fn separators(profile: &ScannerProfile, received: &mut Received) {
    if let Separator::Typed(typed) = &profile.separator
        && !typed.is_empty()
    {
        let (replaced, count) = replace(&received.bytes, typed.as_bytes());
        if count > 0 {
            received
                .findings
                .push(note("SEPARATOR_REPLACED", format!("{typed:?} stands for the separator on this scanner")));
        }
        received.bytes = collapse(&replaced);
        return;
    }
    if received.bytes.contains(&GS) {
        let clean = collapse(&received.bytes);
        if clean != received.bytes {
            received
                .findings
                .push(note("SEPARATOR_REPEATED", "separators that were doubled or at an end were dropped"));
            received.bytes = clean;
        }
        if received.bytes.contains(&GS) {
            return;
        }
    }
    if profile.separator == Separator::Kept || sure_substitute(received) {
        return;
    }
    let mut candidates = in_band_substitutes(&received.bytes);
    let plain = parses(&received.bytes);
    let lost = splits::readings(&received.bytes).into_iter();
    candidates.extend(lost.filter(|c| *c != received.bytes && !(plain && splits::far_fetched(&received.bytes, c))));
    if candidates.is_empty() {
        return;
    }
    if plain {
        candidates.push(received.bytes.clone());
    }
    splits::rank(&mut candidates);
    candidates.dedup();
    let text = "separators may have been lost or replaced by the scanner: choose the reading that the pack shows, or scan \
                the pack with another scanner";
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
    if repaired.is_empty() {
        return false;
    }
    let substitute = String::from_utf8_lossy(repaired[0].1).into_owned();
    received.findings.push(note("SEPARATOR_REPLACED", format!("the scanner typed {substitute:?} for the separator")));
    if repaired.len() == 1 && !parses(&received.bytes) {
        received.bytes.clone_from(&repaired[0].0);
    } else {
        let mut candidates: Vec<Vec<u8>> = repaired.into_iter().map(|(message, _)| message).collect();
        if parses(&received.bytes) {
            candidates.push(received.bytes.clone());
        }
        splits::rank(&mut candidates);
        let text = "it is not certain which character stands for the separator";
        received.findings.push(Finding::new("SEPARATOR_IN_DOUBT", Severity::Warning, text));
        received.bytes.clone_from(&candidates[0]);
        received.candidates = candidates;
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
            for (nth, place) in places.iter().enumerate().filter(|(nth, _)| choice & (1 << (*nth).min(31)) != 0) {
                debug_assert!(nth < 6 && *place >= from);
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

fn replace(message: &[u8], what: &[u8]) -> (Vec<u8>, usize) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &[u8] = b"010084450500077210ABC\x1d2107";

    fn unknown() -> ScannerProfile {
        ScannerProfile::default()
    }

    #[test]
    fn certain_substitutes_are_repaired_and_noted() {
        for substitute in ["{GS}", "^]", "|", "#", "~", "@", " ", "\\x1d", "\u{1c}", "è", "]C1", "\u{1d}\u{1d}"] {
            let line = format!("\u{feff}]d2010084450500077210ABC{substitute}2107\r\n");
            let read = receive(line.as_bytes(), &unknown());
            assert_eq!(read.bytes, WHOLE, "{substitute:?}");
            assert!(read.is_certain() && read.findings.len() == 1, "{substitute:?}");
        }
    }

    #[test]
    fn what_may_be_data_is_never_guessed() {
        for substitute in ["<GS>", "_", "F8", "029", ""] {
            let line = format!("]d2010084450500077210ABC{substitute}2107");
            let read = receive(line.as_bytes(), &unknown());
            assert!(read.candidates.contains(&WHOLE.to_vec()), "{substitute:?}: {:?}", read.candidates);
            let calibrated = ScannerProfile { separator: Separator::Typed(substitute.to_owned()) };
            if !substitute.is_empty() {
                let read = receive(line.as_bytes(), &calibrated);
                assert!(read.is_certain());
                assert_eq!(read.bytes, WHOLE);
            }
        }
    }

    #[test]
    fn caps_lock_is_seen_in_the_identifier() {
        let read = receive(b"]D2010084450500077210aBC\x1d2107", &unknown());
        assert_eq!(read.bytes, b"010084450500077210Abc\x1d2107");
        assert_eq!(read.aim.as_deref(), Some("]d2"));
    }

    #[test]
    fn a_line_that_can_be_read_one_way_only_is_certain() {
        for line in ["]d20112345678901231 10BATCH".replace(' ', ""), "]d2010084450500077217310301".to_owned()] {
            assert!(receive(line.as_bytes(), &unknown()).is_certain(), "{line}");
        }
    }

    #[test]
    fn other_agencies_are_left_alone() {
        for line in ["+A99912345/$10X3/16D20111231/14D20200131/Q500Z", "=A99991712345600", "+$$09053C001 C"] {
            let read = receive(format!("{line}\r").as_bytes(), &unknown());
            assert_eq!((read.bytes.as_slice(), read.is_certain()), (line.as_bytes(), true));
        }
    }

    #[test]
    fn two_lines_are_two_scans_and_a_repeat_is_one() {
        assert_eq!(receive_all(b"]C10100844505000772\r]C110ABC\r\n", &unknown()).len(), 2);
        assert_eq!(receive_all(b"]C10100844505000772\r]C10100844505000772\r", &unknown()).len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_received(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = receive_all(&bytes, &unknown());
        }

        #[test]
        fn near_misses_are_received(line in "\\]?[dDC]?[12]?(01)?[0-9]{0,16}(10|21|17|37|91)[0-9A-Z_<>F8{}#| ]{0,40}") {
            let read = receive(line.as_bytes(), &unknown());
            for candidate in &read.candidates {
                prop_assert!(parses(candidate));
            }
        }
    }
}
