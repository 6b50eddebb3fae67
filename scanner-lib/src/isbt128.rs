//! ISBT 128 on tissue and cells (ICCBBA ST-001, ST-017): reach for [`parse`] with a message that starts with `=` or `&`.
//!
//! Without the cargo feature `isbt128` nothing looks like it; implementers register with ICCBBA, as the README says.
//! Reads the structures that a UDI needs: processor product identification code, donation, serial, lot, dates.

use crate::finding::Severity;
use crate::gs1::date::{GsDate, GsTime};
use crate::udi::{Issuer, Reading};

/// Whether a message looks like ISBT 128: a data identifier of two characters, then capital letters and digits; or the
/// Single European Code as it is printed, `SEC: PL…`.
pub fn looks_like(message: &[u8]) -> bool {
    cfg!(feature = "isbt128")
        && (matches!(message, [b'=' | b'&', ..]) && message.len() >= 8 || message.starts_with(PRINTED_SEC))
}

/// What stands before a Single European Code on a label (Directive 2006/86/EC, annex VII).
const PRINTED_SEC: &[u8] = b"SEC:";

/// Reads one ISBT 128 message, single or compound.
///
/// Returns `None` where this is not ISBT 128 at all.
///
/// # Example
/// ```
/// let read = tessera_scanner::isbt128::parse(b"=/A9999XYZ100T0476=,000025=A99971712345600=>019032").unwrap();
/// assert_eq!(read.device.as_deref(), Some("A9999XYZ100T0476"));
/// assert_eq!(read.serial.as_deref(), Some("000025"));
/// assert_eq!(read.expiry.unwrap().to_string(), "2019-02-01");
/// ```
pub fn parse(message: &[u8]) -> Option<Reading> {
    if !looks_like(message) {
        return None;
    }
    let text = core::str::from_utf8(message).ok()?;
    let typed = text.strip_prefix("SEC:").map(|code| format!("&,4{}", code.split_whitespace().collect::<String>()));
    let text = typed.as_deref().unwrap_or(text);
    let mut read = Reading::new(Issuer::Iccbba);
    let mut wanted = None;
    let mut structures = 0;
    for part in structures_of(text) {
        if let Some(header) = part.strip_prefix("=+") {
            read.element("=+", header);
            wanted = header.get(..2).and_then(|count| count.parse::<usize>().ok());
            continue;
        }
        structures += 1;
        structure(part, &mut read);
    }
    if wanted.is_some_and(|wanted| wanted != structures) {
        read.note("COMPOUND_COUNT", Severity::Error, "the barcode says it holds another number of parts: scan again");
    }
    Some(read)
}

/// The data structures of a message: each starts with `=` or `&`, which no structure holds inside.
fn structures_of(text: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = text.match_indices(['=', '&']).map(|(at, _)| at).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| &text[start..end])
}

fn alphanumeric(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn structure(part: &str, read: &mut Reading) {
    let tag_length = if part.starts_with("&,") { 3 } else { 2 };
    let Some((tag, value)) = part.split_at_checked(tag_length) else {
        read.note("STRUCTURE", Severity::Error, "a part of the barcode is cut short");
        return;
    };
    let wrong = |read: &mut Reading| {
        read.note("STRUCTURE", Severity::Error, format!("the part that starts with {tag} is not as ISBT 128 wants it"));
    };
    match tag {
        "=/" => {
            read.element(tag, value);
            if alphanumeric(value, 16) {
                read.device = Some(value.to_owned());
            } else if alphanumeric(value, 14) {
                read.device = Some(value.to_owned());
                read.note(
                    "PRODUCT_CODE_LENGTH",
                    Severity::Warning,
                    "the product code has 14 characters where 16 are wanted",
                );
            } else {
                wrong(read);
            }
        }
        "=," => {
            read.element(tag, value);
            if alphanumeric(value, 6) { read.serial = Some(value.to_owned()) } else { wrong(read) }
        }
        "&,1" => {
            read.element(tag, value);
            if alphanumeric(value, 18) { read.lot = Some(value.to_owned()) } else { wrong(read) }
        }
        "=>" | "&>" => {
            read.element(tag, value);
            match day(value) {
                Some(date) => read.expiry = Some(date),
                None => wrong(read),
            }
        }
        "=}" | "&}" => {
            read.element(tag, value);
            match day(value) {
                Some(date) => read.manufacture = Some(date),
                None => wrong(read),
            }
        }
        "&,4" => {
            read.element(tag, value);
            // Country and tissue establishment, donation, product with its division, and expiry as YYYYMMDD.
            match value.get(32..).and_then(yyyymmdd) {
                Some(date) if alphanumeric(value, 40) => {
                    read.expiry = read.expiry.or(Some(date));
                    read.element("SEC-DI", &value[8..21]);
                }
                _ => wrong(read),
            }
        }
        "=%" | "=<" | "&x" | "=*" => read.element(tag, value),
        _ if part.starts_with('=') && part[1..].starts_with(|c: char| c.is_ascii_alphanumeric()) => {
            // A donation identification number: its first character is the flag's second.
            let value = &part[1..];
            read.element("=", value);
            let fits = alphanumeric(value, 15)
                && !value.starts_with('0')
                && !value[..5].contains('O')
                && value.bytes().skip(5).take(8).all(|b| b.is_ascii_digit());
            if !fits {
                wrong(read);
            } else if !check_in_flags_holds(value) {
                let text = "the donation number's check does not fit the rest: scan again, or compare with the print";
                read.note("DONATION_CHECK", Severity::Warning, text);
            }
        }
        _ => {
            read.element(tag, value);
            read.note(
                "STRUCTURE_UNKNOWN",
                Severity::Note,
                format!("the part that starts with {tag} is kept but not understood"),
            );
        }
    }
}

/// Flags 60 to 96 hold the donation number's ISO/IEC 7064 modulus 37-2 check, plus 60 (ST-001, section 2.2.1 and
/// appendix A); others say other things.
fn check_in_flags_holds(value: &str) -> bool {
    let (number, flags) = value.split_at(13);
    let Some(check) = flags.parse::<u32>().ok().and_then(|flags| flags.checked_sub(60)).filter(|check| *check < 37)
    else {
        return true;
    };
    let sum = number.chars().fold(0, |sum, c| (sum + c.to_digit(36).unwrap_or(0)) * 2 % 37);
    (sum + check) % 37 == 1
}

fn yyyymmdd(text: &str) -> Option<GsDate> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    GsDate::ymd(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)
}

/// CYYJJJ, with or without HHMM: the century's last digit but one, the year, the day of the year.
fn day(text: &str) -> Option<GsDate> {
    if !matches!(text.len(), 6 | 10) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let century = if text.starts_with('9') { 1000 } else { 2000 };
    let year: i32 = text[..3].parse().ok()?;
    let day = GsDate::yj(century + year, text[3..6].parse().ok()?)?;
    let Some(hour) = text.get(6..8) else { return Some(day) };
    Some(day.at(GsTime::new(hour.parse().ok()?, Some(text[8..].parse().ok()?))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_compound_message() {
        let read = parse(b"=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031").unwrap();
        assert_eq!((read.device.as_deref(), read.serial.as_deref()), (Some("A9997XYZ100T0479"), Some("000012")));
        assert_eq!(read.expiry.unwrap().to_string(), "2019-01-31");
        assert!(!read.refused());
        assert!(parse(b"=+05000=/A9997XYZ100T0479=A99991712345600=,000012=>019031").unwrap().refused());
    }

    #[test]
    fn lot_and_dates() {
        let read = parse(b"=}017032&,1000000000000XYZ123").unwrap();
        assert_eq!(read.manufacture.unwrap().to_string(), "2017-02-01");
        assert_eq!(read.lot.as_deref(), Some("000000000000XYZ123"));
        assert_eq!(day("999001").unwrap().to_string(), "1999-01-01");
        assert_eq!(day("0183652359").unwrap().to_string(), "2018-12-31T23:59");
        assert_eq!(day("0183652460"), None);
    }

    #[test]
    fn a_donation_number_may_carry_its_check() {
        assert!(parse(b"=G12341765432170").unwrap().findings.is_empty());
        let wrong = parse(b"=G12341765432171").unwrap();
        assert_eq!((wrong.findings[0].code.as_ref(), wrong.refused()), ("DONATION_CHECK", false));
    }

    #[test]
    fn the_single_european_code_as_it_is_printed() {
        for text in ["SEC: PL001499Z549917123456 A00T041600320171231", "&,4PL001499Z549917123456A00T041600320171231"] {
            let read = parse(text.as_bytes()).unwrap();
            assert_eq!(read.expiry.unwrap().to_string(), "2017-12-31");
            assert!(read.elements.iter().any(|e| e.tag == "SEC-DI" && e.value == "Z549917123456"));
        }
    }

    #[test]
    fn nonsense_is_refused_or_not_ours() {
        for text in ["=/A9997AB3456t0123", "=A9O991712345600x", "=A99991x12345600", "=,00001a", "&,1000000000000xYZ123"]
        {
            assert!(parse(text.as_bytes()).is_none_or(|r| r.refused()), "{text}");
        }
        assert!(parse(b"GARBAGE").is_none());
        assert!(parse(b"").is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[=&][=&,+/<>}%x0-9A-Zé]{0,40}") {
            let _ = parse(&bytes);
            let _ = parse(text.as_bytes());
        }
    }
}
