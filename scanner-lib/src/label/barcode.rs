//! One barcode of a pack: whose language it speaks, and what it says.

use crate::finding::{Finding, Severity};
use crate::gs1::{check, element_string, reading};
use crate::handheld::{self, Received, ScannerProfile, aim};
use crate::udi::{Entry, RawScan, Reading};
use crate::{hibc, isbt128, ppn};

/// What a message turned out to be.
pub(super) enum Understood {
    /// It tells something of a device.
    Device(Box<Reading>),
    /// It tells nothing of a device; the finding says what it is.
    Other(Finding),
}

/// Cleans the scans of one pack as their source needs it; a line of keystrokes may hold several scans.
///
/// What one line shows of the scanner settles the doubts about the others: a pack is scanned with one scanner.
pub(super) fn receive<'a>(scans: &'a [RawScan], profile: &ScannerProfile) -> Vec<(&'a RawScan, Received)> {
    let read = |profile: &ScannerProfile| -> Vec<(&'a RawScan, Received)> {
        scans.iter().flat_map(|scan| receive_one(scan, profile).into_iter().map(move |read| (scan, read))).collect()
    };
    let all = read(profile);
    if all.iter().all(|(_, received)| received.is_certain()) {
        return all;
    }
    let typed: Vec<Received> =
        all.iter().filter(|(scan, _)| from_keys(scan)).map(|(_, received)| received.clone()).collect();
    match handheld::shown_by(profile, &typed) {
        Some(learnt) => read(&learnt),
        None => all,
    }
}

fn from_keys(scan: &RawScan) -> bool {
    matches!(scan.entry, Entry::Handheld | Entry::Typed)
}

fn receive_one(scan: &RawScan, profile: &ScannerProfile) -> Vec<Received> {
    if from_keys(scan) {
        let mut all = handheld::receive_all(&scan.bytes, profile);
        for received in &mut all {
            received.aim = received.aim.take().or_else(|| scan.aim.clone());
        }
        return all;
    }
    let (aim, message) = match &scan.aim {
        Some(aim) => (Some(aim.as_str()), scan.bytes.strip_prefix(aim.as_bytes()).unwrap_or(&scan.bytes)),
        None => aim::split(&scan.bytes),
    };
    vec![Received { bytes: message.to_vec(), aim: aim.map(str::to_owned), ..Received::default() }]
}

/// Understands one message.
pub(super) fn understand(aim: Option<&str>, message: &[u8], current_year: i32) -> Understood {
    let gs1 = aim.is_some_and(aim::carries_gs1);
    let digits = !message.is_empty() && message.iter().all(u8::is_ascii_digit);
    let ean = digits && matches!(message.len(), 8 | 12 | 13 | 14) && check::digit_holds(message);
    if aim.is_some_and(aim::carries_ean) || (!gs1 && ean) {
        return other("EAN_IGNORED", "a retail number (EAN, UPC): it does not tell the lot, and was not used");
    }
    if !gs1 {
        let agency = hibc::parse(message, current_year)
            .or_else(|| ppn::parse(message, current_year))
            .or_else(|| isbt128::parse(message).filter(|read| !read.refused() || read.device.is_some()));
        if let Some(read) = agency {
            return device(read);
        }
    }
    if let Ok(text) = std::str::from_utf8(message) {
        let text = text.trim();
        if text.starts_with('(') {
            let read = element_string::parse_bracketed(text);
            if !read.elements.is_empty() {
                return device(reading::of(&read, current_year));
            }
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return other("LINK_IGNORED", "a web link: it was not used. Scan the other barcode on the pack");
        }
    }
    let read = element_string::parse(message);
    let starts_with_gtin = message.starts_with(b"01") && read.elements.first().is_some_and(|e| e.ai() == "01");
    // Without an identifier that says GS1, text that only half fits the grammar is text.
    if gs1 || !read.refused() || (aim.is_none_or(|aim| aim == "]d1") && starts_with_gtin) {
        return device(reading::of(&read, current_year));
    }
    other("NOT_A_DEVICE", "not a barcode that identifies a device: it was kept, but not used")
}

fn other(code: &'static str, text: &str) -> Understood {
    Understood::Other(Finding::new(code, Severity::Note, text))
}

fn device(read: Reading) -> Understood {
    let tells = read.device.is_some()
        || read.content.is_some()
        || read.lot.is_some()
        || read.serial.is_some()
        || read.expiry.is_some()
        || read.manufacture.is_some()
        || (read.refused() && read.elements.iter().any(|e| matches!(e.tag.as_str(), "01" | "10" | "17" | "21")));
    if tells || (read.elements.is_empty() && read.refused()) {
        Understood::Device(Box::new(read))
    } else {
        other("NOT_A_DEVICE", "not a barcode that identifies a device: it was kept, but not used")
    }
}
