//! What a lot, a serial, a catalogue number and a device identifier look like in a notice.

use crate::gs1::check;

use super::text::Text;

/// The code at a token: words that only slashes or a sign tie together, as in `15-2979/02`. Gives the token after it.
pub(super) fn code_end(text: &Text<'_>, i: usize, is_label: impl Fn(usize) -> bool) -> Option<usize> {
    if !text.is_word(i) {
        return None;
    }
    let mut end = i + 1;
    while matches!(text.mark(end), Some('/' | '#' | '\\'))
        && text.touches(end)
        && text.is_word(end + 1)
        && text.touches(end + 1)
    {
        if is_label(end + 1) {
            break;
        }
        end += 2;
    }
    Some(end)
}

/// Whether it may be a lot, a serial or a catalogue number: a digit is in it, and it is not a measure.
pub(super) fn is_code(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
        && text.len() <= 60
        && !is_measure(text)
        && !is_masked(text)
        && !is_section(text)
}

/// Letters alone can be a lot or a catalogue number where a label stands right before them.
pub(super) fn is_letter_code(text: &str) -> bool {
    (3..=20).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-' || b == b'_')
        && text.bytes().filter(u8::is_ascii_uppercase).count() >= 3
        && !WORDS_IN_CAPITALS.contains(&text)
}

const WORDS_IN_CAPITALS: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "ARE",
    "BATCH",
    "BOX",
    "CODE",
    "CODES",
    "DATE",
    "DEVICE",
    "DEVICES",
    "EACH",
    "EXP",
    "EXPIRY",
    "FOR",
    "FROM",
    "GTIN",
    "LOT",
    "LOTS",
    "MODEL",
    "NONE",
    "NOT",
    "NUMBER",
    "NUMBERS",
    "OUS",
    "PRODUCT",
    "QTY",
    "REF",
    "SEE",
    "SERIAL",
    "SKU",
    "TBD",
    "THE",
    "THRU",
    "THROUGH",
    "UDI",
    "UNITS",
    "UNKNOWN",
    "USA",
    "USE",
    "VARIOUS",
    "WITH",
    "UDI-DI",
    "UPC",
    "EAN",
    "ITEM",
    "PART",
    "CATALOG",
    "DESCRIPTION",
    "SIZE",
    "STERILE",
    "KIT",
    "RIGHT",
    "LEFT",
    "ONLY",
    "FDA",
    "MHRA",
    "NHS",
    "FSN",
    "FSCA",
    "MRI",
    "CAPA",
    "ISO",
];

/// `35mm`, `10ml`, `5%`.
fn is_measure(text: &str) -> bool {
    const UNITS: &[&str] =
        &["mm", "cm", "ml", "mg", "kg", "fr", "cc", "%", "mcg", "ga", "hz", "kv", "deg", "mhz", "ghz", "inch", "mmhg"];
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = &text[number.len()..];
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && UNITS.iter().any(|u| *u == unit || unit == u.to_uppercase() && u.len() == 2 && number.contains('.'))
}

/// `2007xxxxx`, `123***`: the notice hides characters.
pub(super) fn is_masked(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("xxx") || text.contains("**") || text.contains("##") || text.contains("__")
}

/// `1.3`: the number of a section, never a lot.
fn is_section(text: &str) -> bool {
    text.len() <= 4 && text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// How a text compares with a device identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A GTIN whose check digit holds.
    Gtin,
    /// As long as a GTIN; the check digit fails.
    Broken,
    /// As HIBC writes it: labeler code, product, unit of measure.
    Hibc,
    /// A number, but of no length that GTINs have.
    Number,
    /// Nothing of the kind.
    No,
}

/// The shape of a text that may be a device identifier.
pub(super) fn shape(text: &str) -> Shape {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        8 | 12 | 13 | 14 if digits => {
            if check::digit_holds(text.as_bytes()) {
                Shape::Gtin
            } else {
                Shape::Broken
            }
        }
        9..=16 if digits => Shape::Number,
        // ANSI/HIBC 2.6, section 2.2: labeler code (a letter, three of letters and digits), 1 to 18 of product, a digit.
        6..=23
            if text.as_bytes()[0].is_ascii_uppercase()
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
                && text.as_bytes()[text.len() - 1].is_ascii_digit()
                && text.bytes().filter(u8::is_ascii_digit).count() >= 3 =>
        {
            Shape::Hibc
        }
        _ => Shape::No,
    }
}

/// As [`shape`], where nothing says that a device identifier stands here: 12 to 14 digits whose check digit holds.
pub(super) fn is_bare_device(text: &str) -> bool {
    (12..=14).contains(&text.len()) && shape(text) == Shape::Gtin
}

/// The device identifier without what a notice may put into it: blanks and hyphens between digits.
pub(super) fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A text's letter template: digits as `9`, letters as they are. A range needs two ends of one template and length.
pub fn template(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect()
}

/// Whether two texts may be the ends of a range.
pub fn may_be_ends(from: &str, to: &str) -> bool {
    from.len() == to.len() && template(from) == template(to) && from < to
}

/// `N0019B01-N0019B12`: a range that only a hyphen ties together; where a lot may as well hold a hyphen it is none.
pub(super) fn hyphen_range(text: &str) -> Option<(&str, &str)> {
    let middle = text.len() / 2;
    if text.len() < 9 || !text.is_char_boundary(middle) {
        return None;
    }
    let (from, to) = (text.get(..middle)?, text.get(middle + 1..)?);
    let between = text[middle..].chars().next()?;
    let common = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    (between == '-' && may_be_ends(from, to) && common >= 1 && from.len() - common <= 4).then_some((from, to))
}
