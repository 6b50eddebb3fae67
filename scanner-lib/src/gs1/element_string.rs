//! Element strings: what GS1-128, GS1 DataMatrix, GS1 QR and GS1 DataBar carry, and what is printed beside them.
//!
//! Reach for [`parse`] with the message of a symbol (separators trusted), for [`parse_bracketed`] with the text under a
//! barcode, and for [`rules`] to judge which elements belong together. Everything wrong becomes a finding; the elements
//! are given as far as they could be read.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::associations::{self, Pack};
use super::code::{Code, Objection};
use super::dictionary::{self, Entry};
use super::elements::{Element, Elements};
use crate::finding::{Finding, Severity};

/// The separator between elements: GS, which a decoder gives for FNC1 (GS1 General Specifications, section 7.8.6).
pub const GS: u8 = 0x1D;

/// One element: an application identifier and its value.
#[derive(Clone, Debug)]
pub struct ElementRead<'a> {
    /// What the dictionary says of the identifier; of an unknown one, only how long its value may be.
    pub entry: &'static Entry,
    /// The value, without identifier and separator, decoded.
    pub value: Cow<'a, [u8]>,
    /// Where the value starts in the text that was read.
    pub start: usize,
    ai: &'a str,
}

impl<'a> ElementRead<'a> {
    /// The application identifier.
    pub fn ai(&self) -> &'a str {
        self.ai
    }

    /// The value as text; bytes that are not UTF-8 are shown as �.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }

    /// An element that was read before, to be judged with others.
    pub(crate) fn known(entry: &'static Entry, value: &'a [u8]) -> Self {
        Self { entry, value: Cow::Borrowed(value), start: 0, ai: entry.ai }
    }

    fn of(element: &Element<'a>) -> Self {
        let value = element.plain().map_or_else(|| Cow::Owned(element.bytes().collect()), Cow::Borrowed);
        Self { entry: element.entry, value, start: element.start(), ai: element.ai }
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

impl<'a> ElementString<'a> {
    /// Whether the strict rules of the standard fail.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }

    /// The value of the first element with this identifier.
    pub fn value(&self, ai: &str) -> Option<Cow<'_, str>> {
        self.elements.iter().find(|e| e.ai() == ai).map(ElementRead::text)
    }

    /// The same with findings in words.
    pub(crate) fn of(read: &Elements<'a>) -> Self {
        let mut findings: Vec<Finding> = read.objections().iter().map(|o| finding(read, *o)).collect();
        if read.objected_more() {
            let text = "more is wrong than can be told: this is hardly GS1 data";
            findings.push(Finding::new("MORE_OBJECTIONS", Severity::Error, text));
        }
        Self { elements: read.iter().map(|e| ElementRead::of(&e)).collect(), findings }
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
    parse_with(message, false)
}

/// [`parse`], with identifiers that the dictionary does not know where these are permitted.
pub fn parse_with(message: &[u8], unknown: bool) -> ElementString<'_> {
    ElementString::of(&Elements::of_scan_with(message, unknown))
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
pub fn parse_bracketed(text: &str) -> ElementString<'_> {
    parse_bracketed_with(text, false)
}

/// [`parse_bracketed`], with identifiers that the dictionary does not know where these are permitted.
pub fn parse_bracketed_with(text: &str, unknown: bool) -> ElementString<'_> {
    ElementString::of(&Elements::of_bracketed(text.as_bytes(), unknown))
}

/// The elements as they are printed under a barcode (GS1 General Specifications, section 4.14).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::element_string::{human_readable, parse};
///
/// let read = parse(b"010084450500077217310301\x1d10A(1");
/// assert_eq!(human_readable(&read.elements), r"(01)00844505000772(17)310301(10)A\(1");
/// ```
pub fn human_readable(elements: &[ElementRead<'_>]) -> String {
    let mut text = String::new();
    for element in elements {
        let _ = write!(text, "({}){}", element.ai(), element.text().replace('(', r"\("));
    }
    text
}

impl Pack for [ElementRead<'_>] {
    fn count(&self) -> usize {
        self.len()
    }

    fn entry(&self, place: usize) -> &'static Entry {
        self[place].entry
    }

    fn ai(&self, place: usize) -> &str {
        self[place].ai
    }

    fn length(&self, place: usize) -> usize {
        self[place].value.len()
    }

    fn same_value(&self, one: usize, other: usize) -> bool {
        self[one].value == self[other].value
    }
}

/// Judges which elements belong together; over all barcodes of a pack, as the dictionary asks.
///
/// Exclusions, repeats and the serial that a digital signature needs always; with `requisites` also the identifiers
/// that an element needs beside it.
pub fn rules(elements: &[ElementRead<'_>], requisites: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    associations::judge(elements, requisites, |code, place, other| {
        let other = other.map(|other| elements[other].ai());
        findings.push(Finding::new(code.name(), Severity::Error, rule_words(code, &elements[place], other)));
    });
    findings
}

fn rule_words(code: Code, element: &ElementRead<'_>, other: Option<&str>) -> String {
    let (ai, title) = (element.ai(), element.entry.title);
    match (code, other) {
        (Code::InvalidAiPairs, Some(other)) => format!("({ai}) {title} and ({other}) must not stand on one pack"),
        (Code::RequiredAisNotSatisfied, _) => {
            let wanted: Vec<String> = element.entry.requisites.iter().map(|rule| alternatives(rule)).collect();
            format!("({ai}) {title} needs beside it: {}", wanted.join("; and "))
        }
        _ => format!("({ai}) {title}: {}", code.words()),
    }
}

fn alternatives(rule: &[&[&str]]) -> String {
    rule.iter().map(|group| group.join(" with ")).collect::<Vec<_>>().join(" or ")
}

/// An objection in words, with the identifier that it is about.
fn finding(read: &Elements<'_>, objection: Objection) -> Finding {
    let (start, end) = objection.span();
    let inside = |e: &Element<'_>| (e.identifier_start()..=e.end()).contains(&start) && end <= e.end();
    let Some((place, element)) = read.iter().enumerate().find(|(_, e)| inside(e)) else { return plain(objection) };
    let element = ElementRead::of(&element);
    let other = if objection.code == Code::InvalidAiPairs {
        let excluded = |o: &Element<'_>| element.entry.exclusions.iter().any(|p| dictionary::fits(o.ai, p));
        read.iter().enumerate().find(|(at, o)| *at != place && o.ai != element.ai() && excluded(o)).map(|(_, o)| o.ai)
    } else {
        None
    };
    let text = rule_words(objection.code, &element, other);
    Finding::new(objection.code.name(), Severity::Error, text).at(start, end)
}

fn plain(objection: Objection) -> Finding {
    let (start, end) = objection.span();
    Finding::new(objection.code.name(), Severity::Error, objection.code.words()).at(start, end)
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
    fn coupons_are_read_to_their_end() {
        assert!(!parse(b"81101061414165432131501101201211014092110256100126663101231").refused());
        let cut = parse(b"81100123456123456111101231");
        assert_eq!(codes(&cut), ["COUPON_MISSING_ADDITIONAL_PURCHASE_RULES_CODE"]);
        assert_eq!(cut.findings[0].span, Some((4, 26)));
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
