//! The text under a barcode: `(01)00844505000772(10)122927`.

use super::code::Code;
use super::dictionary;
use super::elements::{Element, Elements, LONGEST};
use super::written::{Form, decoded};

impl<'a> Elements<'a> {
    /// Reads the text that is printed under a barcode or typed by a person.
    ///
    /// `\(` stands for a bracket inside a value. Spaces around an element cannot be data and are left out; the bar
    /// that divides the parts of a composite symbol, too.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::elements::Elements;
    ///
    /// let read = Elements::of_bracketed(b"(01)00844505000772 (17)310301(10)122927", false);
    /// assert!(!read.refused());
    /// assert_eq!(read.find("17").unwrap().raw(), b"310301");
    /// ```
    pub fn of_bracketed(text: &'a [u8], unknown: bool) -> Self {
        let mut read = Self::none(text);
        if read.too_long() {
            return read;
        }
        let mut at = skip_spaces(text, 0);
        if at == text.len() {
            read.object(Code::MissingFnc1InFirstPosition, 0, text.len());
        }
        while at < text.len() {
            let close = text[at..].iter().position(|b| *b == b')').map(|n| at + n);
            let (b'(', Some(close)) = (text[at], close) else {
                read.object(Code::AiParseFailed, at, text.len());
                break;
            };
            let end = end_of_value(text, close + 1);
            if close + 1 == text.len() {
                read.object(Code::AiParseFailed, at, text.len());
            } else {
                read.bracketed(at + 1, close, end, unknown);
            }
            at = end;
        }
        // Values before rules: a wrong value is the better explanation.
        read.lint_all(0);
        read.associate(false);
        read
    }

    /// One element; its length is judged here, what it holds once all are there.
    fn bracketed(&mut self, ai: usize, close: usize, end: usize, unknown: bool) {
        let text = self.text();
        let identifier = &text[ai..close];
        let known = core::str::from_utf8(identifier).ok().and_then(dictionary::lookup);
        let entry = known.or_else(|| dictionary::unknown_with(identifier).filter(|_| unknown));
        let Some(entry) = entry else { return self.object(Code::AiUnrecognised, ai, close) };
        let start = close + 1;
        let value = trimmed(&text[start..end], end < text.len());
        let length = decoded(value, Form::Bracketed).count();
        let stop = start + value.len();
        if length < entry.min_length() {
            self.object(Code::AiValueIsTooShort, start, stop);
        } else if length > entry.max_length() {
            self.object(Code::AiValueIsTooLong, start, stop);
        } else if let Some(at) = value.iter().position(|b| *b == b'^') {
            self.object(Code::AiContainsIllegalCaratCharacter, start + at, start + at + 1);
        } else {
            self.push_as(entry, start, value.len(), identifier.len(), Form::Bracketed);
        }
    }

    /// Checks what the values hold, but of those elements that are known to be well (bits by their place).
    pub(super) fn lint_all(&mut self, well: u64) {
        for place in (0..self.count()).filter(|place| well >> place & 1 == 0) {
            let Some(element) = self.get(place) else { continue };
            if let Some(plain) = element.plain() {
                self.lint_whole(&element, plain, |at| element.start() + at);
                continue;
            }
            let mut value = [0; LONGEST];
            let mut places = [0; LONGEST + 1];
            let mut length = 0;
            let mut bytes = element.bytes();
            places[0] = element.start();
            // The lengths were judged before: no value is longer than the longest.
            while let Some(byte) = bytes.next().filter(|_| length < LONGEST) {
                value[length] = byte;
                length += 1;
                places[length] = element.start() + bytes.place();
            }
            self.lint_whole(&element, &value[..length], |at| places[at.min(length)]);
        }
    }

    fn lint_whole(&mut self, element: &Element<'_>, value: &[u8], place: impl Fn(usize) -> usize) {
        if self.weigh(element.entry, value, place).is_some_and(|length| length < value.len()) {
            self.object(Code::AiDataIsTooLong, element.start(), element.end());
        }
    }
}

fn skip_spaces(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|b| !b.is_ascii_whitespace()).map_or(text.len(), |n| from + n)
}

/// Where the next bracket opens that is not part of the value.
fn end_of_value(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < text.len() && text[at] != b'(' {
        at += if text[at] == b'\\' && text.get(at + 1) == Some(&b'(') { 2 } else { 1 };
    }
    at.min(text.len())
}

/// Without spaces at its end and the bar before the next part of a composite symbol, where something is left.
fn trimmed(value: &[u8], another_follows: bool) -> &[u8] {
    let without = |value: &'_ [u8], unwanted: fn(&u8) -> bool| {
        value.iter().rposition(|b| !unwanted(b)).map_or(0, |last| last + 1)
    };
    let spaces = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let mut length = without(value, spaces);
    if another_follows && length > 0 && value[length - 1] == b'|' {
        length -= 1;
        length = without(&value[..length], spaces);
    }
    if length == 0 { value } else { &value[..length] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        Elements::of_bracketed(text.as_bytes(), false).objections().iter().map(|o| o.code.name()).collect()
    }

    #[test]
    fn what_is_not_of_this_form() {
        for (text, code) in [
            ("", "MISSING_FNC1_IN_FIRST_POSITION"),
            ("12345", "AI_PARSE_FAILED"),
            ("(15", "AI_PARSE_FAILED"),
            ("(00)", "AI_PARSE_FAILED"),
            ("(1A)12345", "AI_UNRECOGNISED"),
            ("()1", "AI_UNRECOGNISED"),
            ("(10)(11)981231", "AI_VALUE_IS_TOO_SHORT"),
            ("(235)ABCDEFGHIJKLMNOPQRSTUVWXYZ123", "AI_VALUE_IS_TOO_LONG"),
            ("(10)12^45", "AI_CONTAINS_ILLEGAL_CARAT_CHARACTER"),
            ("(10) ", "INVALID_CSET82_CHARACTER"),
            ("(01)12345678901231(37)123", "INVALID_AI_PAIRS"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
    }

    #[test]
    fn an_objection_points_into_the_text_as_it_was_given() {
        let read = Elements::of_bracketed(br"(10)A\(B\(C~(17)261301", false);
        let spans: Vec<_> = read.objections().iter().map(|o| (o.code.name(), o.span())).collect();
        assert_eq!(spans, [("INVALID_CSET82_CHARACTER", (11, 12)), ("ILLEGAL_MONTH", (18, 20))]);
    }

    #[test]
    fn spaces_between_elements_are_no_data() {
        for text in ["  \t (17)221231 \n  ", "(01)00844505000772 (10)AB", "(01)00844505000772 | (10)AB"] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }
}
