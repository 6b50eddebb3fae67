//! HIBC supplier labels (ANSI/HIBC 2.6): reach for [`parse`] with a message that starts with `+`.
//!
//! A wrong check character is a finding and the barcode is still read: labels with one are on the market.

use crate::finding::Severity;
use crate::gs1::date::{GsDate, GsTime, full_year};
use crate::udi::{Issuer, Reading};

/// The characters of HIBC in order of their value (ANSI/HIBC 2.6, appendix B).
const ALPHABET: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// The check character of a message, its `+` included; `None` where a character is outside HIBC's 43.
///
/// # Example
/// ```
/// assert_eq!(tessera_scanner::hibc::check_character(b"+$$73C001X"), Some('3'));
/// ```
pub fn check_character(message: &[u8]) -> Option<char> {
    let mut sum = 0;
    for byte in message {
        sum += ALPHABET.iter().position(|known| known == byte)?;
    }
    Some(char::from(ALPHABET[sum % ALPHABET.len()]))
}

/// Whether a message looks like HIBC: a `+`, then only characters of HIBC, then enough of them.
pub fn looks_like(message: &[u8]) -> bool {
    let message = trim_stars(message);
    message.len() >= 5 && message[0] == b'+' && message[1] != b'+' && message.iter().all(|b| ALPHABET.contains(b))
}

/// The start and stop characters of Code 39, which some scanners and some labels show.
fn trim_stars(message: &[u8]) -> &[u8] {
    let message = message.strip_prefix(b"*").unwrap_or(message);
    message.strip_suffix(b"*").unwrap_or(message)
}

/// Reads one HIBC message: primary, secondary, or both in one.
///
/// `current_year` decides the century of two-digit years. Returns `None` where this is not HIBC at all.
///
/// # Example
/// ```
/// let read = tessera_scanner::hibc::parse(b"+A99912345/$$52001510X3/16D20111212/S77DEFG457", 2026).unwrap();
/// assert_eq!(read.device.as_deref(), Some("A99912345"));
/// assert_eq!(read.lot.as_deref(), Some("10X3"));
/// assert_eq!(read.serial.as_deref(), Some("77DEFG45"));
/// assert_eq!(read.expiry.unwrap().to_string(), "2020-01-15");
/// ```
pub fn parse(message: &[u8], current_year: i32) -> Option<Reading> {
    if !looks_like(message) {
        return None;
    }
    let message = core::str::from_utf8(trim_stars(message)).ok()?;
    let mut read = Reading::new(Issuer::Hibcc);
    match second_message(message) {
        // Two barcodes in one line, each with its own check character.
        Some(at) => {
            one(&message[..at], current_year, &mut read);
            let primary_check = read.check;
            one(&message[at..], current_year, &mut read);
            if read.link != primary_check {
                read.note("LINK_CHARACTER", Severity::Warning, LINK);
            }
            // HIBC has no such line: whoever checks it as one finds a wrong check character.
            let text = "two barcodes came in one line: the check character of each was held against its own";
            read.note("CHECKED_ONE_BY_ONE", Severity::Note, text);
        }
        None => one(message, current_year, &mut read),
    }
    Some(read)
}

/// What a wrong link character means.
pub(crate) const LINK: &str = "the second barcode's link character is not the check character of the first: the two may \
                               come from different packs, compare them with the print";

/// Where a whole secondary message starts behind a whole primary one.
fn second_message(message: &str) -> Option<usize> {
    let bytes = message.as_bytes();
    if !bytes[1].is_ascii_uppercase() {
        return None;
    }
    (8..bytes.len().saturating_sub(3)).find(|at| {
        bytes[*at] == b'+' && bytes[at - 1] != b'$' && (bytes[at + 1] == b'$' || bytes[at + 1].is_ascii_digit())
    })
}

/// Reads one message with its check character into `read`.
fn one(message: &str, year: i32, read: &mut Reading) {
    let (mut body, check) = message.split_at(message.len() - 1);
    let mut check = check.chars().next();
    if check_character(body.as_bytes()) != check {
        if check_is_missing(message) {
            let last = check.unwrap_or_default();
            let text = format!(
                "the check character is wrong or missing: the last character, {last}, was read as part of the data. Compare \
                 with the print"
            );
            read.note("CHECK_CHARACTER", Severity::Warning, text);
            (body, check) = (message, None);
        } else {
            let text = "the check character does not fit the rest: scan again, or compare with the print";
            read.note("CHECK_CHARACTER", Severity::Warning, text);
        }
    }
    read.check = check;
    let body = &body[1..];
    if body.starts_with(|c: char| c.is_ascii_uppercase()) {
        let (first, rest) = body.split_once('/').unwrap_or((body, ""));
        primary(first, read);
        if !rest.is_empty() {
            secondary(rest, year, read);
        }
    } else if let Some((end, link)) = body.char_indices().next_back() {
        read.link = Some(link);
        secondary(&body[..end], year, read);
    }
}

/// Whether a message whose last character is no right check character more likely has none at all.
///
/// What ends in a digit most likely ends with its data: product and unit of measure, dates and most lots and serials do,
/// while of 43 check characters ten are digits. A date that is whole without the last character says that there is one.
/// A secondary message ends with the link character before its check character, so that its end tells nothing.
fn check_is_missing(message: &str) -> bool {
    let field = message.rsplit('/').next().unwrap_or(message);
    let dated = matches!(field.get(..3), Some("14D" | "16D"));
    let whole = if dated { field.len() == 11 } else { true };
    message[1..].starts_with(|c: char| c.is_ascii_uppercase())
        && message.ends_with(|c: char| c.is_ascii_digit())
        && whole
}

/// Labeler identification code, product or catalogue number, unit of measure (ANSI/HIBC 2.6, section 2.2).
fn primary(text: &str, read: &mut Reading) {
    let fits = (6..=23).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    read.element("+", text);
    if fits {
        read.device = Some(text.to_owned());
        read.reference = Some(text[4..text.len() - 1].to_owned());
    } else {
        let text = "the labeler, product and unit of measure are not as HIBC wants them";
        read.note("PRIMARY_DATA", Severity::Error, text);
    }
}

/// The secondary data and its supplements, divided by `/` (ANSI/HIBC 2.6, sections 2.3 and 2.4).
fn secondary(text: &str, year: i32, read: &mut Reading) {
    for part in text.split('/') {
        if let Some(rest) = part.strip_prefix("$$+") {
            let rest = dated(rest, year, read);
            serial("$$+", rest, read);
        } else if let Some(rest) = part.strip_prefix("$$") {
            let rest = quantity(rest, read);
            let rest = dated(rest, year, read);
            lot("$$", rest, read);
        } else if let Some(rest) = part.strip_prefix("$+") {
            serial("$+", rest, read);
        } else if let Some(rest) = part.strip_prefix('$') {
            lot("$", rest, read);
        } else if let Some(rest) = part.strip_prefix("14D") {
            read.element("14D", rest);
            if let Some(date) = day(rest, read) {
                read.expiry = Some(date);
            }
        } else if let Some(rest) = part.strip_prefix("16D") {
            read.element("16D", rest);
            if let Some(date) = day(rest, read) {
                read.manufacture = Some(date);
            }
        } else if let Some(rest) = part.strip_prefix('S') {
            serial("S", rest, read);
        } else if let Some(count) = part.strip_prefix('Q').and_then(number) {
            read.element("Q", &part[1..]);
            read.quantity = Some(count);
        } else if part.len() >= 5 && part.bytes().take(5).all(|b| b.is_ascii_digit()) {
            // The oldest form: year and day of the year, then the lot.
            read.element("YYJJJ", &part[..5]);
            set_expiry(julian(&part[..5], year), read);
            lot("", &part[5..], read);
        } else {
            read.element("", part);
            read.note("SECONDARY_DATA", Severity::Warning, format!("{part:?} has no meaning in HIBC"));
        }
    }
}

fn lot(tag: &str, text: &str, read: &mut Reading) {
    if !text.is_empty() {
        read.element(tag, text);
        read.lot = Some(text.to_owned());
    }
}

fn serial(tag: &str, text: &str, read: &mut Reading) {
    if !text.is_empty() {
        read.element(tag, text);
        read.serial = Some(text.to_owned());
    }
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Takes `8QQ` or `9QQQQQ` from the front.
fn quantity<'a>(text: &'a str, read: &mut Reading) -> &'a str {
    let length = match text.as_bytes().first() {
        Some(b'8') => 3,
        Some(b'9') => 6,
        _ => return text,
    };
    let Some(count) = text.get(1..length).and_then(number) else { return text };
    read.element("Q", &text[1..length]);
    read.quantity = Some(count);
    &text[length..]
}

/// Takes a date with its flag from the front (ANSI/HIBC 2.6, table 6): 0 and 1 are the month itself.
fn dated<'a>(text: &'a str, year: i32, read: &mut Reading) -> &'a str {
    let (flag, length) = match text.as_bytes().first() {
        Some(b'0' | b'1') => (0, 4),
        Some(b'2' | b'3') => (1, 6),
        Some(b'4') => (1, 8),
        Some(b'5') => (1, 5),
        Some(b'6') => (1, 7),
        Some(b'7') => return &text[1..],
        _ => return text,
    };
    let Some(digits) = text.get(flag..flag + length).filter(|d| d.bytes().all(|b| b.is_ascii_digit())) else {
        read.note("EXPIRY_DATE", Severity::Error, "the date is cut short or holds a letter");
        return text;
    };
    let pair = |at: usize| digits.get(at..at + 2).and_then(number).unwrap_or(0);
    let full = |two: u32| full_year(two, year);
    read.element("expiry", digits);
    set_expiry(
        match text.as_bytes()[0] {
            b'0' | b'1' => GsDate::month(full(pair(2)), pair(0)),
            b'2' => GsDate::ymd(full(pair(4)), pair(0), pair(2)),
            b'3' => GsDate::ymd(full(pair(0)), pair(2), pair(4)),
            b'4' => GsDate::ymd(full(pair(0)), pair(2), pair(4)).and_then(at_hour(pair(6))),
            b'6' => julian(&digits[..5], year).and_then(at_hour(pair(5))),
            _ => julian(&digits[..5], year),
        },
        read,
    );
    &text[flag + length..]
}

/// The hour of the last day of use; `None` where there is no such hour.
fn at_hour(hour: u32) -> impl FnOnce(GsDate) -> Option<GsDate> {
    move |day| Some(day.at(GsTime::new(u8::try_from(hour).ok()?, None)?))
}

fn set_expiry(date: Option<GsDate>, read: &mut Reading) {
    match date {
        Some(date) => read.expiry = Some(date),
        None => read.note("EXPIRY_DATE", Severity::Error, "there is no such date: read the date printed on the pack"),
    }
}

/// YYJJJ: the year and the day of the year.
fn julian(text: &str, year: i32) -> Option<GsDate> {
    let (two, day) = (number(text.get(..2)?)?, number(text.get(2..5)?)?);
    GsDate::yj(full_year(two, year), day)
}

/// YYYYMMDD; what stands behind it is said, and not used.
fn day(text: &str, read: &mut Reading) -> Option<GsDate> {
    let (digits, rest) = text.split_at_checked(8).unwrap_or((text, ""));
    let part = |at: usize, to: usize| digits.get(at..to).and_then(number);
    let date = part(0, 4).and_then(|year| GsDate::ymd(i32::try_from(year).ok()?, part(4, 6)?, part(6, 8)?));
    let date = date.filter(|date| date.year() > 1900 && number(rest).is_none());
    match date {
        None => read.note("DATE", Severity::Error, "there is no such date: read the date printed on the pack"),
        Some(_) if !rest.is_empty() => {
            let text = format!("{rest:?} stands behind a date, where nothing belongs: compare with the print");
            read.note("DATE_TAIL", Severity::Warning, text);
        }
        Some(_) => {}
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Reading {
        parse(text.as_bytes(), 2026).unwrap()
    }

    #[test]
    fn every_date_flag() {
        for (text, wanted) in [
            ("+$$09053C001XA", "2005-09"),
            ("+$$20928053C001X", "2005-09-28"),
            ("+$$30509283C001XX", "2005-09-28"),
            ("+$$4050928223C001LC", "2005-09-28T22"),
            ("+$$5052713C001LC", "2005-09-28"),
            ("+$$605271223C001LC", "2005-09-28T22"),
        ] {
            assert_eq!(read(text).expiry.unwrap().to_string(), wanted, "{text}");
        }
        assert_eq!(read("+$$73C001X3").expiry, None);
        let wrong = read("+$$4050928253C001LC");
        assert!(wrong.refused() && wrong.expiry.is_none(), "there is no hour 25");
    }

    #[test]
    fn link_and_check_may_be_signs() {
        let r = read("+$$8053290331260301104+$");
        assert_eq!((r.quantity, r.lot.as_deref(), r.link, r.check), (Some(5), Some("260301104"), Some('+'), Some('$')));
        assert!(r.findings.is_empty());
        let r = read("+Z999009993020351/");
        assert_eq!((r.device.as_deref(), r.check), (Some("Z999009993020351"), Some('/')));
    }

    #[test]
    fn a_wrong_check_character_is_read_and_flagged() {
        let r = read("+B066000325011NS1/$$420020216LOT1/16D20130202C1");
        assert_eq!(r.manufacture.unwrap().to_string(), "2013-02-02");
        let codes: Vec<_> = r.findings.iter().map(|f| f.code.as_ref()).collect();
        assert_eq!(codes, ["CHECK_CHARACTER", "DATE_TAIL"]);
        let r = read("+Z999009993020351/$$82420928053C001C");
        assert_eq!(r.findings[0].code, "CHECK_CHARACTER");
        assert_eq!((r.lot.as_deref(), r.quantity), (Some("3C001"), Some(24)));
        assert!(!r.refused());
    }

    /// A published example without its check character, and others of that kind.
    #[test]
    fn a_missing_check_character_takes_nothing_from_the_data() {
        let r = read("+A123BJC5D6E71/$$52001510X3");
        assert_eq!((r.device.as_deref(), r.lot.as_deref(), r.check), (Some("A123BJC5D6E71"), Some("10X3"), None));
        assert_eq!(r.findings.iter().map(|f| f.code.as_ref()).collect::<Vec<_>>(), ["CHECK_CHARACTER"]);
        assert_eq!(read("+A123BJC5D6E71").device.as_deref(), Some("A123BJC5D6E71"));
        assert_eq!(read("+A99912345/16D20111212").manufacture.unwrap().to_string(), "2011-12-12");
        // A date that is whole without it has one, though a wrong one.
        let r = read("+A99912345/16D201112124");
        assert_eq!((r.manufacture.unwrap().to_string().as_str(), r.check), ("2011-12-12", Some('4')));
        // A letter is no end of most data, and before the end of a secondary message stands its link character.
        assert_eq!(read("+A99912345/$$52001510X3Q").lot.as_deref(), Some("10X3"));
        let r = read("+$$52001510X3G5");
        assert_eq!((r.lot.as_deref(), r.link, r.check), (Some("10X3"), Some('G'), Some('5')));
    }

    #[test]
    fn two_messages_in_one_line() {
        let r = read("+A123BJC5D6E71G+$$52001510X3GD");
        assert_eq!((r.device.as_deref(), r.lot.as_deref(), r.link), (Some("A123BJC5D6E71"), Some("10X3"), Some('G')));
    }

    #[test]
    fn other_things_are_not_hibc() {
        for text in ["", "+", "++++++", "+d201123456789012", "0100844505000772", "+44 1632 960983é"] {
            assert!(parse(text.as_bytes(), 2026).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), hibc in "[*]?[+][0-9A-Z$+/.% -]{0,40}[*]?", year in any::<i32>()) {
            let _ = parse(&bytes, year);
            let _ = parse(hibc.as_bytes(), year);
        }
    }
}
