//! PPN of the IFA in an ASC MH10 envelope (IFA PPN-Code specification; ISO/IEC 15434 format 06).

use crate::finding::Severity;
use crate::gs1::check;
use crate::gs1::date::GsDate;
use crate::udi::{Issuer, Reading};

const RS: u8 = 0x1E;
const GS: u8 = 0x1D;
const EOT: u8 = 0x04;

/// Whether a message is an ISO/IEC 15434 envelope of data identifiers.
pub fn looks_like(message: &[u8]) -> bool {
    message.starts_with(b"[)>")
}

/// The two check digits of a PPN: the characters' codes weighted 2, 3, 4 … from the left, modulo 97.
fn check_digits_hold(ppn: &str) -> bool {
    let Some((body, check)) = ppn.len().checked_sub(2).and_then(|at| ppn.split_at_checked(at)) else { return false };
    let sum: u32 = body.bytes().zip(2_u32..).map(|(byte, weight)| u32::from(byte) * weight).sum();
    check == format!("{:02}", sum % 97)
}

/// Reads an envelope that holds a PPN (`9N`) or, as the same envelope may, a GTIN (`8P`).
///
/// Returns `None` where this is no such envelope.
///
/// # Example
/// ```
/// let scan = b"[)>\x1e06\x1d9N110375286414\x1d1T12345ABCDE\x1dD271200\x1e\x04";
/// let read = tessera_scanner::ppn::parse(scan, 2026).unwrap();
/// assert_eq!(read.device.as_deref(), Some("110375286414"));
/// assert_eq!(read.lot.as_deref(), Some("12345ABCDE"));
/// assert!(read.findings.is_empty());
/// ```
pub fn parse(message: &[u8], current_year: i32) -> Option<Reading> {
    let inside = message.strip_prefix(b"[)>")?;
    let mut read = Reading::new(Issuer::Ifa);
    let body = inside.strip_prefix(&[RS, b'0', b'6', GS]).and_then(|b| b.strip_suffix(&[RS, EOT]));
    if body.is_none() {
        let text = "the envelope is not whole: scan again";
        read.note("ENVELOPE", Severity::Error, text);
    }
    let body = body.unwrap_or(inside);
    let mut gtin = None;
    for field in body.split(|b| *b == GS).filter(|f| !f.is_empty()) {
        let text = String::from_utf8_lossy(field);
        let letter =
            field.iter().position(u8::is_ascii_uppercase).filter(|at| field[..*at].iter().all(u8::is_ascii_digit));
        let Some((tag, value)) = letter.and_then(|at| text.split_at_checked(at + 1)) else {
            read.note("DATA_IDENTIFIER", Severity::Error, "a field has no data identifier");
            continue;
        };
        read.element(tag, value);
        match tag {
            "9N" => {
                let fits = (4..=22).contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
                if !fits {
                    read.note("PPN", Severity::Error, "the PPN is not 4 to 22 digits and capital letters");
                    continue;
                }
                if !check_digits_hold(value) {
                    // Read and flagged, as all agencies' wrong check characters are.
                    let text = "the PPN's check digits do not fit the rest: scan again, or compare with the print";
                    read.note("PPN_CHECK_DIGITS", Severity::Warning, text);
                }
                read.device = Some(value.to_owned());
            }
            "8P" => {
                if check::digit_holds(value.as_bytes()) && matches!(value.len(), 8 | 12 | 13 | 14) {
                    gtin = Some(format!("{value:0>14}"));
                } else {
                    read.note("INCORRECT_CHECK_DIGIT", Severity::Error, "8P holds no GTIN with a correct check digit");
                }
            }
            "1T" => read.lot = production(value, "LOT", &mut read),
            "S" => read.serial = production(value, "SERIAL", &mut read),
            "D" => read.expiry = GsDate::from_yymmdd(value, current_year).map_err(|_| no_date(&mut read)).ok(),
            "16D" => {
                read.manufacture = day(value).or_else(|| {
                    no_date(&mut read);
                    None
                });
            }
            _ => {}
        }
    }
    match (gtin, read.device.is_some()) {
        (Some(_), true) => {
            read.note("PPN_AND_GTIN", Severity::Error, "the envelope holds a PPN and a GTIN: only one is allowed");
        }
        (Some(gtin), false) => {
            read.issuer = Issuer::Gs1;
            read.device = Some(gtin);
        }
        (None, _) => {}
    }
    Some(read)
}

fn no_date(read: &mut Reading) {
    read.note("DATE", Severity::Error, "there is no such date: read the date printed on the pack");
}

/// YYYYMMDD, where day 00 means the month.
fn day(text: &str) -> Option<GsDate> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, month) = (text[..4].parse().ok()?, text[4..6].parse().ok()?);
    if &text[6..] == "00" {
        return GsDate::month(year, month);
    }
    GsDate::ymd(year, month, text[6..].parse().ok()?)
}

fn production(value: &str, code: &'static str, read: &mut Reading) -> Option<String> {
    let fits = (1..=20).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if !fits {
        read.note(code, Severity::Error, "1 to 20 letters, digits, - . _ are wanted here");
        return None;
    }
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_in_any_order_and_dates() {
        let scan = b"[)>\x1e06\x1dSHAHASERIAL12385\x1d1TANDSOMEBatchNumber20\x1d9N111234568408\x1dD201220\x1d16D20201231\x1e\x04";
        let read = parse(scan, 2026).unwrap();
        assert_eq!((read.device.as_deref(), read.serial.as_deref()), (Some("111234568408"), Some("HAHASERIAL12385")));
        assert_eq!(read.expiry.unwrap().to_string(), "2020-12-20");
        assert_eq!(read.manufacture.unwrap().to_string(), "2020-12-31");
        assert!(!read.refused());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (scan, code) in [
            ("[)>\x1e06\x1d9N111234568408", "ENVELOPE"),
            ("[)>\x1e06\x1d9N111234568409\x1e\x04", "PPN_CHECK_DIGITS"),
            ("[)>\x1e06\x1d9N111\x1e\x04", "PPN"),
            ("[)>\x1e06\x1d8P03574661451947\x1d9N111234568408\x1e\x04", "PPN_AND_GTIN"),
            ("[)>\x1e06\x1d9N111234568408\x1d16D202BOGUS\x1e\x04", "DATE"),
            ("[)>\x1e06\x1d9N111234568408\x1dSa]b\x1e\x04", "SERIAL"),
        ] {
            assert!(parse(scan.as_bytes(), 2026).unwrap().findings.iter().any(|f| f.code == code), "{scan:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), fields in "[0-9A-Z\x1d\x1eé]{0,40}") {
            let _ = parse(&bytes, 2026);
            let _ = parse(format!("[)>\x1e06\x1d{fields}\x1e\x04").as_bytes(), 2026);
        }
    }
}
