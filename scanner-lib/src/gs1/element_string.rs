//! Element strings: what GS1-128, GS1 DataMatrix, GS1 QR and GS1 DataBar carry, and what is printed beside them.
//!
//! Reach for [`parse`] with the message of a symbol (separators trusted), for [`parse_bracketed`] with the text under a
//! barcode, and for [`rules`] to judge which elements belong together. Everything wrong becomes a finding; the elements
//! are given as far as they could be read.

use std::borrow::Cow;

use super::dictionary::{self, Entry, Linter};
use super::linters;
use crate::finding::{Finding, Severity};

/// The separator between elements: GS, which a decoder gives for FNC1 (GS1 General Specifications, section 7.8.6).
pub const GS: u8 = 0x1D;

/// One element: an application identifier and its value.
#[derive(Clone, Debug)]
pub struct ElementRead<'a> {
    /// What the dictionary says of the identifier.
    pub entry: &'static Entry,
    /// The value, without identifier and separator.
    pub value: Cow<'a, [u8]>,
    /// Where the value starts in the message.
    pub start: usize,
}

impl ElementRead<'_> {
    /// The application identifier.
    pub fn ai(&self) -> &'static str {
        self.entry.ai
    }

    /// The value as text; bytes that are not UTF-8 are shown as �.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }
}

/// What an element string says.
#[derive(Clone, Debug, Default)]
pub struct ElementString<'a> {
    /// The elements as far as they could be read, in order.
    pub elements: Vec<ElementRead<'a>>,
    /// What the strict rules object to.
    pub findings: Vec<Finding>,
}

impl ElementString<'_> {
    /// Whether the strict rules of the standard fail.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }

    /// The value of the first element with this identifier.
    pub fn value(&self, ai: &str) -> Option<Cow<'_, str>> {
        self.elements.iter().find(|e| e.ai() == ai).map(ElementRead::text)
    }
}

/// Reads the message of a symbol: without AIM identifier, GS where there was an FNC1.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::element_string::parse;
///
/// let read = parse(b"010084450500077217310301\x1d10122927");
/// assert_eq!(read.elements.len(), 3);
/// assert_eq!(read.value("10").as_deref(), Some("122927"));
/// assert!(!read.refused());
///
/// let wrong = parse(b"0100844505000773");
/// assert_eq!(wrong.findings[0].code, "INCORRECT_CHECK_DIGIT");
/// assert_eq!(wrong.value("01").as_deref(), Some("00844505000773"));
/// ```
pub fn parse(message: &[u8]) -> ElementString<'_> {
    let mut read = ElementString::default();
    if message.is_empty() {
        read.findings.push(objection("AI_DATA_EMPTY", 0, 0));
    }
    if let Some(at) = message.iter().position(|b| *b == b'^') {
        read.findings.push(objection("SCAN_DATA_CONTAINS_ILLEGAL_CARAT", at, at + 1));
    }
    let mut at = 0;
    while at < message.len() {
        let run_end = message[at..].iter().position(|b| *b == GS).map_or(message.len(), |n| at + n);
        let Some(entry) = dictionary::at_start(&message[at..run_end]) else {
            read.findings.push(objection("NO_AI_FOR_PREFIX", at, run_end.min(at + 4)));
            at = run_end + 1;
            continue;
        };
        let start = at + entry.ai.len();
        match measure(entry, &message[start..run_end]) {
            Ok(length) => {
                let end = start + length;
                lint_value(entry, &message[start..end], start, &mut read.findings);
                read.elements.push(ElementRead { entry, value: Cow::Borrowed(&message[start..end]), start });
                if end == run_end {
                    at = run_end + 1;
                } else if entry.predefined_length {
                    at = end;
                } else {
                    read.findings.push(objection("AI_DATA_IS_TOO_LONG", start, run_end));
                    at = run_end + 1;
                }
            }
            Err(code) => {
                read.findings.push(objection(code, start, run_end));
                at = run_end + 1;
            }
        }
    }
    read.findings.extend(rules(&read.elements, false));
    read
}

/// Reads the text that is printed under a barcode or typed by a person: `(01)00844505000772(10)122927`.
///
/// `\(` stands for a bracket inside a value.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::element_string::parse_bracketed;
///
/// let read = parse_bracketed("(01)00844505000772 (17)310301(10)122927");
/// assert_eq!(read.value("17").as_deref(), Some("310301"));
/// assert!(!read.refused());
/// ```
pub fn parse_bracketed(text: &str) -> ElementString<'static> {
    let mut read = ElementString::default();
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        read.findings.push(objection("MISSING_FNC1_IN_FIRST_POSITION", 0, 0));
    }
    let mut at = 0;
    while at < bytes.len() {
        let close = bytes[at..].iter().position(|b| *b == b')').map(|n| at + n);
        let (b'(', Some(close)) = (bytes[at], close) else {
            read.findings.push(objection("AI_PARSE_FAILED", at, bytes.len()));
            break;
        };
        let (start, end, value) = bracketed_value(bytes, close + 1);
        match std::str::from_utf8(&bytes[at + 1..close]).ok().and_then(dictionary::lookup) {
            None => read.findings.push(objection("AI_UNRECOGNISED", at + 1, close)),
            Some(entry) if value.len() < entry.min_length() => {
                read.findings.push(objection("AI_VALUE_IS_TOO_SHORT", start, end));
            }
            Some(entry) if value.len() > entry.max_length() => {
                read.findings.push(objection("AI_VALUE_IS_TOO_LONG", start, end));
            }
            Some(entry) => match measure(entry, &value) {
                Ok(length) if length == value.len() => {
                    lint_value(entry, &value, start, &mut read.findings);
                    read.elements.push(ElementRead { entry, value: Cow::Owned(value), start });
                }
                Ok(_) | Err(_) => read.findings.push(objection("AI_DATA_HAS_INCORRECT_LENGTH", start, end)),
            },
        }
        at = end;
    }
    read.findings.extend(rules(&read.elements, false));
    read
}

/// The value after a closing bracket: where it starts, where the next bracket opens, and its bytes without escapes,
/// spaces between elements or the bar that divides a composite symbol.
fn bracketed_value(bytes: &[u8], start: usize) -> (usize, usize, Vec<u8>) {
    let mut value = Vec::new();
    let mut at = start;
    while at < bytes.len() && bytes[at] != b'(' {
        if bytes[at] == b'\\' && bytes.get(at + 1) == Some(&b'(') {
            at += 1;
        }
        value.push(bytes[at]);
        at += 1;
    }
    if at < bytes.len() && value.last() == Some(&b'|') {
        value.pop();
    }
    while value.last() == Some(&b' ') {
        value.pop();
    }
    (start, at, value)
}

/// How many bytes of `run` are the value, by the lengths of its components alone.
fn measure(entry: &Entry, run: &[u8]) -> Result<usize, &'static str> {
    if run.is_empty() {
        return Err("AI_DATA_IS_EMPTY");
    }
    let mut length = 0;
    for part in entry.components {
        let left = run.len() - length;
        if left == 0 && part.optional {
            break;
        }
        if left < usize::from(part.min) {
            return Err("AI_DATA_HAS_INCORRECT_LENGTH");
        }
        length += left.min(usize::from(part.max));
    }
    Ok(length)
}

/// Runs character sets and linters over a value whose length fits.
fn lint_value(entry: &Entry, value: &[u8], start: usize, findings: &mut Vec<Finding>) {
    let mut at = 0;
    for part in entry.components {
        if at == value.len() {
            break;
        }
        let data = &value[at..value.len().min(at + usize::from(part.max))];
        let first = std::iter::once(linters::charset(part.set, data))
            .chain(part.linters.iter().map(|linter| linters::lint(*linter, data)))
            .find_map(Result::err);
        if let Some(o) = first {
            let text = format!("({}) {}: {}", entry.ai, entry.title, words(o.code));
            findings.push(Finding::new(o.code, Severity::Error, text).at(start + at + o.start, start + at + o.end));
        }
        if part.linters.iter().any(|l| matches!(l, Linter::Couponcode | Linter::Couponposoffer)) {
            let text = "a North American coupon: only its digits were checked, not what they say";
            findings
                .push(Finding::new("COUPON_NOT_CHECKED", Severity::Note, text).at(start + at, start + at + data.len()));
        }
        at += data.len();
    }
}

/// Judges which elements belong together; over all barcodes of a pack, as the dictionary asks.
///
/// Exclusions, repeats and the serial that a digital signature needs always; with `requisites` also the identifiers
/// that an element needs beside it.
pub fn rules(elements: &[ElementRead<'_>], requisites: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let has = |pattern: &str| elements.iter().any(|e| dictionary::fits(e.ai(), pattern));
    for (place, element) in elements.iter().enumerate() {
        let (entry, ai) = (element.entry, element.ai());
        let other = |pattern: &&str| elements.iter().find(|o| o.ai() != ai && dictionary::fits(o.ai(), pattern));
        if let Some(other) = entry.exclusions.iter().find_map(other) {
            let text = format!("({ai}) and ({}) must not stand on one pack", other.ai());
            findings.push(Finding::new("INVALID_AI_PAIRS", Severity::Error, text));
        }
        if elements[..place].iter().any(|o| o.ai() == ai && o.value != element.value) {
            let text = format!("({ai}) {} is there twice with different values", entry.title);
            findings.push(Finding::new("INSTANCES_OF_AI_HAVE_DIFFERENT_VALUES", Severity::Error, text));
        }
        if requisites {
            for rule in entry.requisites {
                if !rule.iter().any(|group| group.iter().all(|pattern| has(pattern))) {
                    let wanted: Vec<String> = rule.iter().map(|group| group.join(" with ")).collect();
                    let text = format!("({ai}) {} needs one of these beside it: {}", entry.title, wanted.join(", "));
                    findings.push(Finding::new("REQUIRED_AIS_NOT_SATISFIED", Severity::Error, text));
                }
            }
        }
        let serialless = matches!(ai, "253" | "255" | "8003") && element.value.len() == entry.min_length();
        if serialless && has("8030") {
            let text = format!("({ai}) needs its serial part beside a digital signature (8030)");
            findings.push(Finding::new("SERIAL_NOT_PRESENT", Severity::Error, text));
        }
    }
    findings
}

fn objection(code: &'static str, start: usize, end: usize) -> Finding {
    Finding::new(code, Severity::Error, words(code)).at(start, end)
}

/// What a dictionary error means, in words for whoever holds the pack.
pub(crate) fn words(code: &str) -> &'static str {
    match code {
        "INCORRECT_CHECK_DIGIT" => {
            "the check digit does not fit the other digits: scan again, or compare with the print"
        }
        "INCORRECT_CHECK_PAIR" => "the two check characters do not fit the rest: scan again, or compare with the print",
        "ILLEGAL_DAY" | "ILLEGAL_MONTH" => "there is no such date: read the date printed on the pack",
        "INVALID_CSET82_CHARACTER" | "INVALID_CSET39_CHARACTER" | "INVALID_CSET64_CHARACTER" => {
            "a character that GS1 does not allow here: a separator may have been replaced by the scanner"
        }
        "NON_DIGIT_CHARACTER" => "only digits are allowed here",
        "NO_AI_FOR_PREFIX" => "no GS1 identifier starts like this: the barcode is not GS1, or a separator was lost",
        "AI_UNRECOGNISED" => "GS1 knows no such identifier",
        "AI_PARSE_FAILED" => "this is not of the form (01)…(10)…",
        "AI_DATA_IS_EMPTY" | "AI_DATA_EMPTY" => "the value is missing",
        "AI_DATA_IS_TOO_LONG" | "AI_VALUE_IS_TOO_LONG" => "the value is too long: a separator may have been lost",
        "AI_DATA_HAS_INCORRECT_LENGTH" | "AI_VALUE_IS_TOO_SHORT" => "the value is too short",
        "SCAN_DATA_CONTAINS_ILLEGAL_CARAT" => "a ^ stands in the data: the scanner may send it for the separator",
        "MISSING_FNC1_IN_FIRST_POSITION" => "nothing was scanned",
        "TOO_SHORT_FOR_GCP" | "INVALID_GCP_PREFIX" => "it does not start with a GS1 company prefix",
        "NOT_ISO3166" | "NOT_ISO3166_OR_999" | "NOT_ISO3166_ALPHA2" => "there is no country with this code",
        "ILLEGAL_HOUR" | "ILLEGAL_MINUTE" | "ILLEGAL_SECOND" => "there is no such time",
        _ => "the value breaks a rule of the GS1 dictionary",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(read: &ElementString<'_>) -> Vec<String> {
        read.findings.iter().map(|f| f.code.to_string()).collect()
    }

    #[test]
    fn lengths_separators_and_unknown_identifiers() {
        for (message, code) in [
            ("2421234567", "AI_DATA_IS_TOO_LONG"),
            ("011234567890123", "AI_DATA_HAS_INCORRECT_LENGTH"),
            ("01", "AI_DATA_IS_EMPTY"),
            ("", "AI_DATA_EMPTY"),
            ("1A12", "NO_AI_FOR_PREFIX"),
            ("01A2345678901231", "NON_DIGIT_CHARACTER"),
            ("99~ABC", "INVALID_CSET82_CHARACTER"),
            ("0101040123456789\x1d0201040123456789", "INVALID_AI_PAIRS"),
            ("99ABC\x1d99XYZ", "INSTANCES_OF_AI_HAVE_DIFFERENT_VALUES"),
        ] {
            let read = parse(message.as_bytes());
            assert!(codes(&read).iter().any(|c| c == code), "{message:?}: {:?}", codes(&read));
        }
    }

    #[test]
    fn what_is_not_checked_is_said() {
        let read = parse(b"811071234567890123");
        assert!(!read.refused());
        assert_eq!(codes(&read), ["COUPON_NOT_CHECKED"]);
    }

    #[test]
    fn reading_goes_on_after_a_bad_element() {
        let read = parse(b"0100844505000773\x1d10LOT\x1d21");
        assert_eq!(codes(&read), ["INCORRECT_CHECK_DIGIT", "AI_DATA_IS_EMPTY"]);
        assert_eq!(read.value("10").as_deref(), Some("LOT"));
        assert_eq!(read.findings[0].span, Some((15, 16)));
    }

    #[test]
    fn typed_text_with_brackets_inside_values() {
        let read = parse_bracketed("(10)12345\\(11)991225");
        assert_eq!(read.value("10").as_deref(), Some("12345(11)991225"));
        assert!(!read.refused());
        for (text, code) in [
            ("12345", "AI_PARSE_FAILED"),
            ("(15", "AI_PARSE_FAILED"),
            ("(1A)12345", "AI_UNRECOGNISED"),
            ("(10)(11)98765", "AI_VALUE_IS_TOO_SHORT"),
            ("(235)ABCDEFGHIJKLMNOPQRSTUVWXYZ123", "AI_VALUE_IS_TOO_LONG"),
        ] {
            assert!(codes(&parse_bracketed(text)).iter().any(|c| c == code), "{text}");
        }
    }

    #[test]
    fn requisites_are_judged_over_the_whole_pack() {
        let (primary, secondary) = (parse(b"0100844505000772"), parse(b"10122927"));
        assert_eq!(rules(&secondary.elements, true)[0].code, "REQUIRED_AIS_NOT_SATISFIED");
        let pack: Vec<_> = primary.elements.into_iter().chain(secondary.elements).collect();
        assert!(rules(&pack, true).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(message in proptest::collection::vec(any::<u8>(), 0..80), text in "\\PC{0,60}") {
            let read = parse(&message);
            for finding in &read.findings {
                prop_assert!(finding.span.is_none_or(|(a, b)| a <= b && b <= message.len()));
            }
            let _ = parse_bracketed(&text);
        }

        #[test]
        fn near_misses_do_not_panic(message in "[(]?(01|10|17|21|240|8018|423|7007|8008)[0-9A-Z)(\x1d^]{0,40}") {
            let _ = rules(&parse(message.as_bytes()).elements, true);
            let _ = parse_bracketed(&message);
        }

        #[test]
        fn what_is_written_is_read(lot in "[!-\"%-?A-Z_a-z]{1,20}", serial in "[!-\"%-?A-Z_a-z]{1,20}") {
            let message = format!("010084450500077210{lot}\x1d21{serial}");
            let read = parse(message.as_bytes());
            prop_assert!(!read.refused());
            prop_assert_eq!(read.value("10").unwrap(), lot);
            prop_assert_eq!(read.value("21").unwrap(), serial);
        }
    }
}
