//! Scans, brackets and links in the language of GS1, and what decoders give of other carriers.

use super::{Options, Understood, error, other};
use crate::finding::{Finding, Severity};
use crate::gs1::check;
use crate::gs1::code::Code;
use crate::gs1::digital_link::{self, LinkOptions};
use crate::gs1::element_string::{self, ElementString};
use crate::gs1::reading;
use crate::handheld::aim;

/// Bytes from a decoder: the AIM identifier leads.
pub(super) fn scan(text: &str, opts: &Options, year: i32) -> Understood {
    let (symbology, message) = aim::split(text.as_bytes());
    let message = std::str::from_utf8(message).unwrap_or_default();
    let Some(symbology) = symbology else {
        return other::agency(message, year).unwrap_or_else(|| Understood::Nothing(missing_identifier(text)));
    };
    let at = symbology.len();
    if aim::carries_gs1(symbology) {
        let read = element_string::parse_with(message.as_bytes(), opts.permit_unknown_ais);
        return elements(read, opts, year, at);
    }
    match symbology {
        "]E0" | "]E3" | "]E4" => return retail(symbology, message, opts, year),
        "]I1" => return carton(message),
        _ => {}
    }
    if let Some(read) = other::agency(message, year) {
        return read;
    }
    let schemes = ["https://", "HTTPS://", "http://", "HTTP://"];
    if matches!(symbology, "]d1" | "]Q1" | "]J0") && schemes.iter().any(|scheme| message.starts_with(scheme)) {
        return linked(message, opts, year, at);
    }
    if !aim::is_known(symbology) {
        let code = Code::UnsupportedSymbologyIdentifier;
        return Understood::Nothing(error(code.name(), code.words()).at(0, at));
    }
    Understood::Plain { text: message.to_owned(), findings: Vec::new() }
}

fn missing_identifier(text: &str) -> Finding {
    let code = Code::MissingSymbologyIdentifier;
    error(code.name(), code.words()).at(0, text.len().min(3))
}

/// EAN and UPC: digits, with those of an add-on behind them, or with a composite component that is GS1.
fn retail(symbology: &str, message: &str, opts: &Options, year: i32) -> Understood {
    let at = symbology.len();
    let refuse = |code: Code, from: usize, to: usize| {
        Understood::Nothing(error(code.name(), code.words()).at(at + from, at + to))
    };
    let length = if symbology == "]E4" { 8 } else { 13 };
    let Some(primary) = message.get(..length).filter(|_| message.is_ascii()) else {
        return if message.len() < length {
            refuse(Code::PrimaryScanDataIsTooShort, 0, message.len())
        } else {
            refuse(Code::PrimaryMessageMayOnlyContainDigits, 0, message.len())
        };
    };
    let rest = &message[length..];
    let composite = rest.strip_prefix('|').and_then(|rest| rest.strip_prefix("]e0"));
    let add_on = symbology == "]E3" && matches!(rest.len(), 2 | 5) && rest.bytes().all(|b| b.is_ascii_digit());
    if composite.is_none() && !add_on && !rest.is_empty() {
        return refuse(Code::PrimaryMessageIsTooLong, length, message.len());
    }
    if let Some(bad) = primary.bytes().position(|b| !b.is_ascii_digit()) {
        return refuse(Code::PrimaryMessageMayOnlyContainDigits, bad, bad + 1);
    }
    if !check::digit_holds(primary.as_bytes()) {
        return refuse(Code::PrimaryMessageCheckDigitIsIncorrect, length - 1, length);
    }
    let text = "a retail number (EAN, UPC): it does not tell the lot. Scan the other barcode of the pack";
    let note = Finding::new("EAN_IGNORED", Severity::Note, text).at(at, at + length);
    let Some(composite) = composite else {
        return Understood::Plain { text: message.to_owned(), findings: vec![note] };
    };
    let read = element_string::parse_with(composite.as_bytes(), opts.permit_unknown_ais);
    let mut understood = elements(read, opts, year, at + length + 4);
    if let Understood::Device(read) = &mut understood {
        read.findings.push(note);
    }
    understood
}

/// ITF-14: the number of a package around the device.
fn carton(message: &str) -> Understood {
    let code = match message {
        _ if message.len() < 14 => Code::PrimaryScanDataIsTooShort,
        _ if message.len() > 14 => Code::PrimaryMessageIsTooLong,
        _ if !message.bytes().all(|b| b.is_ascii_digit()) => Code::PrimaryMessageMayOnlyContainDigits,
        _ if !check::digit_holds(message.as_bytes()) => Code::PrimaryMessageCheckDigitIsIncorrect,
        _ => {
            let text = "the number of a package of several (ITF-14): it does not tell the lot. Scan the pack inside";
            let note = Finding::new("EAN_IGNORED", Severity::Note, text).at(3, 3 + message.len());
            return Understood::Plain { text: message.to_owned(), findings: vec![note] };
        }
    };
    Understood::Nothing(error(code.name(), code.words()).at(3, 3 + message.len()))
}

/// The text under a barcode.
pub(super) fn bracketed(text: &str, opts: &Options, year: i32) -> Understood {
    elements(element_string::parse_bracketed_with(text, opts.permit_unknown_ais), opts, year, 0)
}

/// A Digital Link URI alone.
pub(super) fn link(text: &str, opts: &Options, year: i32) -> Understood {
    linked(text, opts, year, 0)
}

fn linked(uri: &str, opts: &Options, year: i32, at: usize) -> Understood {
    let permitted = LinkOptions {
        zero_suppressed_gtin: opts.permit_zero_suppressed_gtin,
        short_names: opts.convenience_alphas,
        unknown_ais: opts.permit_unknown_ais,
        unknown_attributes: opts.unknown_ai_as_dl_attr,
    };
    let link = digital_link::parse(uri, permitted);
    let mut understood = elements(link.read, opts, year, at);
    if let (Understood::Device(read), false) = (&mut understood, link.others.is_empty()) {
        let text = format!("kept, and not GS1's: {}", link.others.join(", "));
        read.findings.push(Finding::new("OTHER_QUERY_PARAMETERS", Severity::Note, text));
    }
    understood
}

/// `at`: where the message starts in the text that was given.
fn elements(mut read: ElementString<'_>, opts: &Options, year: i32, at: usize) -> Understood {
    if opts.requisites {
        let missing = element_string::rules(&read.elements, true);
        let missing = missing.into_iter().filter(|f| f.code == Code::RequiredAisNotSatisfied.name());
        read.findings.extend(missing);
    }
    for finding in &mut read.findings {
        finding.span = finding.span.map(|(start, end)| (start + at, end + at));
    }
    Understood::device(reading::of(&read, year))
}
