//! Raw scanner bytes become a message: reach for [`receive`] with a line that a handheld scanner typed.
//!
//! A keyboard-wedge scanner adds line ends, turns letters over under Caps Lock, and replaces, doubles or loses the
//! separators between elements. What is certain is repaired and noted; where more than one reading is possible, all of
//! them are given, best first, and a person or a second scan chooses.
//!
//! [`wristband`] and [`badge`] read what identifies a person, [`place`] a room or an instrument tray; [`calibration`] learns
//! what is to be known of a scanner, and [`splits`] finds where lost separators may have been.

pub mod aim;
pub mod badge;
pub mod calibration;
mod grammar;
pub mod keyboard;
mod layouts;
pub mod place;
mod profile;
mod separators;
pub mod splits;
mod workstation;
pub mod wristband;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::gs1::element_string::GS;

pub use profile::{ScannerProfile, Separator};
pub use workstation::{BadWorkstation, Workstation};

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
    /// What this line shows of the scanner: that it keeps separators, or what it types for them.
    pub shows: Separator,
}

impl Received {
    /// Whether there is only one way to read the line.
    pub fn is_certain(&self) -> bool {
        self.candidates.is_empty()
    }
}

/// Every line of what a scanner typed, each received on its own; empty lines and repeats are dropped.
///
/// A line that shows that the scanner keeps separators, or what it types for them, settles the doubts about the others:
/// one scanner treats all of them alike.
pub fn receive_all(bytes: &[u8], profile: &ScannerProfile) -> Vec<Received> {
    let lines: Vec<&[u8]> = bytes.split(|b| matches!(b, b'\r' | b'\n' | b'\t')).filter_map(scans_of).collect();
    let mut all: Vec<Received> = lines.iter().map(|line| receive(line, profile)).collect();
    if let Some(learnt) = shown_by(profile, &all) {
        for (received, line) in all.iter_mut().zip(&lines).filter(|(received, _)| !received.is_certain()) {
            *received = receive(line, &learnt);
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|read| seen.insert((read.aim.clone(), read.bytes.clone(), read.candidates.clone())));
    all
}

/// All scans of one pack: [`receive_all`] of each, where any settles the doubts about the others.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::{ScannerProfile, receive_pack};
///
/// let scans = [&b"]C1010084450500077210122927"[..], b"]C1240K6870{GS}2107"];
/// let all = receive_pack(scans, &ScannerProfile::default());
/// assert!(all[0].is_certain(), "this scanner types {{GS}} for a separator, and there is none");
/// ```
pub fn receive_pack<'a>(scans: impl IntoIterator<Item = &'a [u8]>, profile: &ScannerProfile) -> Vec<Received> {
    let scans: Vec<&[u8]> = scans.into_iter().collect();
    let read = |profile: &ScannerProfile| -> Vec<Received> {
        scans.iter().flat_map(|scan| receive_all(scan, profile)).collect()
    };
    let all = read(profile);
    let learnt = if all.iter().all(Received::is_certain) { None } else { shown_by(profile, &all) };
    learnt.map_or(all, |learnt| read(&learnt))
}

/// The profile with what some lines show of the separator, where it says nothing of it and the lines agree.
///
/// What an earlier scan of the same scanner shows may be used for the next.
pub fn shown_by(profile: &ScannerProfile, all: &[Received]) -> Option<ScannerProfile> {
    let mut shown = all.iter().map(|received| &received.shows).filter(|shows| **shows != Separator::Unknown);
    let first = shown.next()?;
    (profile.separator == Separator::Unknown && shown.all(|other| other == first))
        .then(|| ScannerProfile { separator: first.clone(), layout: profile.layout })
}

/// The scans of one line: one, or the same twice where the scanner sent no line end between them.
fn scans_of(line: &[u8]) -> Option<&[u8]> {
    let stripped = strip(line);
    let (first, second) = stripped.split_at(stripped.len() / 2);
    let twice = first == second && aim::split(first).0.is_some();
    (!stripped.is_empty()).then_some(if twice { first } else { line })
}

/// Cleans one typed line: undoes the keyboard layout and Caps Lock, and repairs the separators.
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
///
/// let french = receive("$dé&à&\"".as_bytes(), &ScannerProfile::default());
/// assert_eq!(french.aim.as_deref(), Some("]d2"));
/// ```
pub fn receive(bytes: &[u8], profile: &ScannerProfile) -> Received {
    let line = strip(bytes);
    let (line, replaced) = typed_separators(line, profile);
    let shown = shown_text(&line);
    let mut received = match profile.layout {
        Some(layout) => layouts::undo(layout, &line, &shown, profile),
        None => layouts::detect(&line, &shown, profile),
    };
    if bytes.starts_with(BYTE_ORDER_MARK) {
        received.findings.push(note("BYTE_ORDER_MARK", "a byte order mark stood before the scan, and was dropped"));
    }
    if let (true, Separator::Typed(typed)) = (replaced, &profile.separator) {
        received.findings.retain(|finding| finding.code != "SEPARATOR_REPEATED");
        let text = format!("{typed:?} stands for the separator on this scanner");
        received.findings.push(note("SEPARATOR_REPLACED", text));
    }
    received
}

/// GS for the text that a calibrated scanner types; an identifier that stands before the message stays.
fn typed_separators<'a>(line: &'a [u8], profile: &ScannerProfile) -> (Cow<'a, [u8]>, bool) {
    let Separator::Typed(typed) = &profile.separator else { return (Cow::Borrowed(line), false) };
    if typed.is_empty() {
        return (Cow::Borrowed(line), false);
    }
    let identifier = |text: &str| aim::split(text.as_bytes()).0.is_some_and(|aim| aim.len() == text.len());
    let undone = profile.layout.map_or_else(|| vec![typed.clone()], |layout| layout.undo(typed));
    let before =
        if undone.iter().any(|text| identifier(text)) && line.starts_with(typed.as_bytes()) { typed.len() } else { 0 };
    let (message, count) = separators::replace(&line[before..], typed.as_bytes());
    if count == 0 {
        return (Cow::Borrowed(line), false);
    }
    (Cow::Owned([&line[..before], &message].concat()), true)
}

/// A line as the scanner typed it, without identifier: what is known of the scanner is undone, nothing is guessed.
fn typed_line(raw: &[u8], profile: &ScannerProfile) -> (Vec<u8>, Vec<Finding>) {
    let (line, _) = typed_separators(strip(raw), profile);
    let mut findings = Vec::new();
    let mut line = line.into_owned();
    if let Some(layout) = profile.layout
        && let Some(undone) = layout.undo(&shown_text(&line)).into_iter().next().filter(|text| text.as_bytes() != line)
    {
        let text = format!("the computer's keyboard ({layout}) showed other characters: they were turned back");
        findings.push(note("KEYBOARD_LAYOUT", text));
        line = undone.into_bytes();
    }
    if aim::under_caps_lock(&line) {
        findings.push(caps_lock());
        line = turn_case(&line);
    }
    let (_, message) = aim::split(&line);
    (message.to_vec(), findings)
}

/// Reads a line of a keyboard whose layout changes nothing, or was undone.
fn understood(line: &[u8], profile: &ScannerProfile) -> Received {
    let mut received = Received::default();
    let turned = aim::under_caps_lock(line).then(|| turn_case(line));
    if turned.is_some() {
        received.findings.push(caps_lock());
    }
    let line = turned.as_deref().unwrap_or(line);
    let (aim, message) = aim::split(line);
    received.aim = aim.map(str::to_owned);
    received.bytes = message.to_vec();
    let gs1 = match aim {
        Some(aim) => aim::carries_gs1(aim),
        None => !layouts::agency_like(message),
    };
    if gs1 && message.iter().take(2).filter(|b| b.is_ascii_digit() || **b == GS).count() == 2 {
        separators::repair(profile, &mut received);
    }
    received
}

/// What stood on the screen: UTF-8, else Latin-1.
fn shown_text(line: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(line.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Without byte order mark, line ends, tabs, NUL and the signs for start and end of text at either end.
fn strip(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let noise = |b: &u8| matches!(b, b'\r' | b'\n' | b'\t' | 0 | 2 | 3);
    let start = bytes.iter().position(|b| !noise(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !noise(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

fn turn_case(line: &[u8]) -> Vec<u8> {
    line.iter().map(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b }).collect()
}

fn caps_lock() -> Finding {
    note("CAPS_LOCK", "Caps Lock was on: capitals and small letters were turned back")
}

fn note(code: &'static str, text: impl Into<String>) -> Finding {
    Finding::new(code, Severity::Note, text)
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
            let codes: Vec<&str> = read.findings.iter().map(|f| f.code.as_ref()).collect();
            assert!(read.is_certain() && codes.len() == 2 && codes[1] == "BYTE_ORDER_MARK", "{substitute:?} {codes:?}");
        }
    }

    #[test]
    fn what_may_be_data_is_never_guessed() {
        for substitute in ["<GS>", "_", "F8", "029", ""] {
            let line = format!("]d2010084450500077210ABC{substitute}2107");
            let read = receive(line.as_bytes(), &unknown());
            assert!(read.candidates.contains(&WHOLE.to_vec()), "{substitute:?}: {:?}", read.candidates);
            let calibrated = ScannerProfile { separator: Separator::Typed(substitute.to_owned()), layout: None };
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
    fn caps_lock_is_seen_in_what_hibc_checks() {
        let read = receive(b"+a99912345/$$52001510x3/16d20111212/s77defg457\r", &unknown());
        assert_eq!(read.bytes, b"+A99912345/$$52001510X3/16D20111212/S77DEFG457");
        assert_eq!(read.findings[0].code, "CAPS_LOCK");
    }

    /// Italian and Spanish keyboards show `'` for a hyphen, a Sorbian one for a plus; that one shows nothing for GS.
    #[test]
    fn a_separator_that_is_shown_rules_keyboards_out() {
        let whole = receive(b"+d2010084450500077210LOT'42\x1d21SN7", &unknown());
        assert!(whole.is_certain(), "{whole:?}");
        assert_eq!(whole.bytes, b"010084450500077210LOT-42\x1d21SN7");
        let alone = receive(b"+d2010084450500077210LOT'42", &unknown());
        let lots = [&b"010084450500077210LOT-42"[..], b"010084450500077210LOT+42"];
        assert!(lots.iter().all(|lot| alone.candidates.iter().any(|c| c == lot)), "{alone:?}");
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

        /// Whatever the keyboard: what is certain is what was in the barcode, else that is among the candidates.
        #[test]
        fn no_keyboard_is_read_wrongly_without_a_word(
            nth in 0_usize..68, lot in "[A-Z]{1,3}[0-9A-Z]{0,6}", serial in "[0-9A-Za-z/.-]{1,10}", hibc in any::<bool>(), identifier in any::<bool>()
        ) {
            let layout = keyboard::KeyboardLayout::all().nth(nth).unwrap();
            let message = if hibc {
                let body = format!("+A99912345/$${}{lot}/S{}", 7, serial.to_uppercase());
                format!("{body}{}", crate::hibc::check_character(body.as_bytes()).unwrap())
            } else {
                format!("010084450500077210{lot}\x1d21{serial}")
            };
            let aim = match (identifier, hibc) { (false, _) => "", (true, false) => "]d2", (true, true) => "]C0" };
            let gs = layout.separator().map(String::from).unwrap_or_default();
            let typed: Option<Vec<String>> = format!("{aim}{message}").split('\x1d').map(|part| layout.typed(part)).collect();
            let Some(typed) = typed.map(|parts| parts.join(&gs)) else { return Ok(()) };
            // Digits and letters that a layout leaves alone betray nothing: that is what calibration is for.
            let betrayed = !typed.is_ascii() || (identifier && !typed.starts_with(']'));
            prop_assume!(betrayed || typed.replace(&gs, "") == format!("{aim}{message}").replace('\x1d', ""));
            let read = receive(typed.as_bytes(), &unknown());
            let right = read.bytes == message.as_bytes();
            if read.is_certain() && (grammar::parses(&read.bytes) || layouts::agency_reads(&read.bytes)) {
                prop_assert!(right, "{} showed {:?}, read {:?}", layout, typed, String::from_utf8_lossy(&read.bytes));
            } else if !read.is_certain() {
                prop_assert!(read.candidates.contains(&message.clone().into_bytes()), "{} showed {:?}: {:?}", layout, typed, read);
            }
        }

        #[test]
        fn near_misses_are_received(line in "\\]?[dDC]?[12]?(01)?[0-9]{0,16}(10|21|17|37|91)[0-9A-Z_<>F8{}#| ]{0,40}") {
            let read = receive(line.as_bytes(), &unknown());
            for candidate in &read.candidates {
                prop_assert!(grammar::parses(candidate));
            }
        }
    }
}
