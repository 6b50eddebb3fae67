//! Whole UDIs within prose: `(01)…(17)…(10)…`, the same without brackets, and HIBC's `+…`.

use chrono::NaiveDate;

use crate::gs1::check;
use crate::gs1::date::GsDate;
use crate::hibc;

use super::codes;
use super::items::{Period, What};
use super::labels::Field;
use super::text::{Gap, Text, separator_at};
use super::walk::{Context, Walk};

/// What one UDI in the text carries, as far as the notice gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    pub device: Option<String>,
    pub lot: Option<String>,
    pub serial: Option<String>,
    pub expiry: Option<NaiveDate>,
    pub manufacture: Option<NaiveDate>,
    pub reference: Option<String>,
    /// Whether its check digit or character holds.
    pub sound: bool,
    /// Whether where one element ends had to be guessed.
    pub guessed: bool,
}

impl Carried {
    fn put(&mut self, ai: &str, value: &str, year: i32) {
        let date = || GsDate::from_yymmdd(value, year).ok().map(|d| d.last_day());
        match ai {
            "01" if self.device.is_none() => {
                self.sound = value.len() == 14 && check::digit_holds(value.as_bytes());
                self.device = Some(value.to_owned());
            }
            "10" => self.lot = Some(value.to_owned()),
            "21" => self.serial = Some(value.to_owned()),
            "17" => self.expiry = date(),
            "11" => self.manufacture = date(),
            "240" | "241" => self.reference = Some(value.to_owned()),
            _ => {}
        }
    }

    fn empty(&self) -> bool {
        self.device.is_none()
            && self.lot.is_none()
            && self.serial.is_none()
            && self.expiry.is_none()
            && self.manufacture.is_none()
    }
}

/// The UDI that starts at a token, with the place in the text where it ends.
pub(super) fn carried_at(text: &Text<'_>, i: usize, year: i32) -> Option<(Carried, usize)> {
    let token = text.tokens.get(i)?;
    let rest = &text.whole[token.start..];
    let found = match rest.as_bytes()[0] {
        b'(' | b'[' => bracketed(rest, year),
        b'+' => hibc_message(text, rest, year),
        b'A'..=b'Z' => without_plus(text, rest, year),
        b'0' | b'1' | b'2' => plain(text, rest, year).or_else(|| spaced(rest, year)),
        _ => None,
    };
    found.map(|(carried, length)| (carried, token.start + length))
}

/// How long the value of an application identifier is that notices use; 0 where it ends at the next bracket.
fn fixed(ai: &str) -> Option<usize> {
    match ai {
        "01" | "02" => Some(14),
        "11" | "12" | "13" | "15" | "16" | "17" => Some(6),
        "20" => Some(2),
        "10" | "21" | "22" | "30" | "37" | "91" | "240" | "241" | "250" | "251" => Some(0),
        _ => None,
    }
}

/// `(01) 04050598000582 (10)…`: the identifiers' brackets may be square, and blanks may stand anywhere between.
fn bracketed(rest: &str, year: i32) -> Option<(Carried, usize)> {
    let mut carried = Carried::default();
    let mut seen = Vec::new();
    let mut at = 0;
    let mut end = 0;
    while let Some((ai, start)) = bracket(rest, at) {
        // "(10)A (10)B", "(01)…(10)A (01)…(10)B": each is the next pack's.
        if seen.contains(&ai) {
            break;
        }
        let Some((value, next)) = value(rest, start, ai, end > 0) else {
            break;
        };
        if !(codes::is_masked(&value) || fixed(ai) == Some(6) && GsDate::from_yymmdd(&value, year).is_err()) {
            carried.put(ai, &value, year);
        }
        seen.push(ai);
        end = next;
        at = end + rest[end..].len() - rest[end..].trim_start_matches([' ', '\u{A0}', '\t']).len();
    }
    (end > 0 && !carried.empty()).then_some((carried, end))
}

/// `(01)` at a place: the identifier and where its value starts.
fn bracket(rest: &str, at: usize) -> Option<(&str, usize)> {
    let close = match rest.as_bytes().get(at)? {
        b'(' => ')',
        b'[' => ']',
        _ => return None,
    };
    let inside = at + 1;
    let end = inside + rest[inside..].char_indices().take(6).find(|(_, c)| *c == close)?.0;
    let ai = rest[inside..end].trim();
    fixed(ai)?;
    Some((ai, end + 1))
}

fn value(rest: &str, start: usize, ai: &str, chained: bool) -> Option<(String, usize)> {
    let blanks = rest[start..].len() - rest[start..].trim_start_matches([' ', '\u{A0}']).len();
    let from = start + blanks;
    let length = fixed(ai)?;
    if length > 0 {
        let mut digits = String::new();
        let mut end = from;
        for (place, c) in rest[from..].char_indices() {
            if c.is_ascii_digit() && digits.len() < length {
                digits.push(c);
                end = from + place + 1;
            } else if !(matches!(c, ' ' | '\u{A0}') && ai == "01" && digits.len() < length) {
                break;
            }
        }
        let enough = if ai == "01" { digits.len() >= 8 } else { digits.len() == length };
        return enough.then_some((digits, end));
    }
    let run: usize = rest[from..]
        .chars()
        .take_while(|c| {
            !c.is_whitespace() && !matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '\u{1D}' | '"' | '<' | '{' | '|')
        })
        .map(char::len_utf8)
        .sum();
    let written = rest[from..from + run].trim_end_matches(['.', ':', '/', '*', '-']);
    if written.is_empty() || (!chained && (blanks > 0 || !codes::is_code(written))) {
        return None;
    }
    let mut end = from + written.len();
    if let Some(separator) = separator_at(&rest[end..]) {
        end += separator;
    } else if rest[end..].starts_with('\u{1D}') {
        end += 1;
    }
    Some((written.to_owned(), end))
}

/// A UDI without brackets: `0107290017578118112512022 1…`, one word from identifier to identifier.
fn plain(text: &Text<'_>, rest: &str, year: i32) -> Option<(Carried, usize)> {
    let mut run = 0;
    while let Some(c) = rest[run..].chars().next() {
        if let Some(length) = separator_at(&rest[run..]) {
            run += length;
        } else if c == '\u{1D}' || !(c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '"' | '|')) {
            run += c.len_utf8();
        } else {
            break;
        }
    }
    let word = rest[..run].trim_end_matches(['.', ':', '/', '*', '-']);
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if !word.starts_with("01") || digits < 16 || !check::digit_holds(&word.as_bytes()[2..16]) {
        return None;
    }
    let mut carried = Carried::default();
    carried.put("01", &word[2..16], year);
    elements(text, &word[16..], year, &mut carried)?;
    Some((carried, word.len()))
}

/// The elements after the device identifier; `None` where they are none.
fn elements(text: &Text<'_>, word: &str, year: i32, carried: &mut Carried) -> Option<()> {
    if word.is_empty() {
        return Some(());
    }
    if let Some(length) = separator_at(word) {
        return elements(text, &word[length..], year, carried);
    }
    if let Some(rest) = word.strip_prefix('\u{1D}') {
        return elements(text, rest, year, carried);
    }
    let ai = ["01", "10", "11", "13", "15", "16", "17", "20", "21", "30", "37", "240"]
        .into_iter()
        .find(|ai| word.starts_with(ai))?;
    let body = &word[ai.len()..];
    match fixed(ai)? {
        0 => {
            let end = (0..body.len())
                .filter(|at| body.is_char_boundary(*at))
                .find(|at| body[*at..].starts_with('\u{1D}') || separator_at(&body[*at..]).is_some());
            if let Some(end) = end {
                carried.put(ai, body.get(..end).filter(|v| !v.is_empty())?, year);
                return elements(text, &body[end..], year, carried);
            }
            // The separator may be lost. Where the notice names the value elsewhere, that tells where it ends.
            for cut in (1..body.len()).filter(|at| body.is_char_boundary(*at)) {
                let (value, tail) = body.split_at(cut);
                let mut other = carried.clone();
                if text.has_word(value) && elements(text, tail, year, &mut other).is_some() && other != *carried {
                    *carried = other;
                    carried.put(ai, value, year);
                    return Some(());
                }
            }
            carried.guessed =
                ["17", "11", "21", "10"].iter().any(|next| body.get(1..).is_some_and(|b| b.contains(next)));
            (!body.is_empty() && body.len() <= 20).then(|| carried.put(ai, body, year))
        }
        length => {
            let value = body.get(..length).filter(|v| v.bytes().all(|b| b.is_ascii_digit()))?;
            if length == 6 && GsDate::from_yymmdd(value, year).is_err() {
                return None;
            }
            carried.put(ai, value, year);
            elements(text, &body[length..], year, carried)
        }
    }
}

/// `01 00844505000772 17 310301 10 122927`: identifiers and values with blanks between.
fn spaced(rest: &str, year: i32) -> Option<(Carried, usize)> {
    let mut carried = Carried::default();
    let mut end = 0;
    loop {
        let from = end + rest[end..].len() - rest[end..].trim_start_matches(' ').len();
        let Some((ai, after)) = rest[from..].split_once(' ') else {
            break;
        };
        if (end == 0) != (ai == "01") || fixed(ai).is_none() {
            break;
        }
        let written = after
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '('))
            .next()
            .unwrap_or("")
            .trim_end_matches('.');
        let fits = match fixed(ai) {
            Some(0) => codes::is_code(written),
            Some(length) => written.len() == length && written.bytes().all(|b| b.is_ascii_digit()),
            None => false,
        };
        if !fits {
            break;
        }
        carried.put(ai, written, year);
        end = from + ai.len() + 1 + written.len();
    }
    (end > 0).then_some((carried, end))
}

/// `B123ABC1/$$7LOT123X`: HIBC whose plus was left out; the secondary data's signs show that it is one.
fn without_plus(text: &Text<'_>, rest: &str, year: i32) -> Option<(Carried, usize)> {
    let first = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if !rest[first..].starts_with("/$") {
        return None;
    }
    let (carried, length) = hibc_message(text, &format!("+{rest}"), year)?;
    carried.device.is_some().then_some((carried, length - 1))
}

fn hibc_message(text: &Text<'_>, rest: &str, year: i32) -> Option<(Carried, usize)> {
    let run: usize = rest
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ';' | '(' | ')' | '*' | '"' | '|'))
        .map(char::len_utf8)
        .sum();
    let message = rest[..run].trim_end_matches(['.', ':']);
    let read = hibc::parse(message.as_bytes(), year)?;
    let broken = read.findings.iter().any(|f| f.code == "CHECK_CHARACTER");
    // Notices often leave the check character out; then the last character belongs to the identifier.
    let whole = Some(&message[1..]).filter(|m| broken && codes::shape(m) == codes::Shape::Hibc).map(str::to_owned);
    let guessed = whole.is_some();
    let lot = read.lot.map(|lot| {
        let longer = format!("{lot}{}", message.chars().next_back().unwrap_or_default());
        if broken && text.has_word(&longer) { longer } else { lot }
    });
    let carried = Carried {
        device: whole.or(read.device),
        lot,
        serial: read.serial,
        expiry: read.expiry.map(|d| d.last_day()),
        manufacture: read.manufacture.map(|d| d.last_day()),
        reference: None,
        sound: !broken,
        guessed,
    };
    (!carried.empty()).then_some((carried, message.len()))
}

impl Walk<'_, '_> {
    /// `(10) HM25C031`: one element of a UDI apart from the others, in a notice that writes UDIs so.
    pub fn element(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let bracketed = text.mark(i) == Some('(') && text.mark(i + 2) == Some(')') && text.gap(i + 3) == Gap::Space;
        if !bracketed || !text.whole.contains("(01)") {
            return None;
        }
        let field = match text.word(i + 1) {
            "10" => Field::Lot,
            "21" => Field::Serial,
            "17" => Field::Expiry,
            "11" => Field::Manufacture,
            _ => return None,
        };
        if field.is_unit() {
            codes::code_end(text, i + 3, |_| false).filter(|end| codes::is_code(text.slice(i + 3, *end)))?;
            self.use_up(i, i + 3);
            self.context = Some(Context { fields: vec![field], closed: true, ..Context::default() });
            return Some(i + 3);
        }
        let date = GsDate::from_yymmdd(text.word(i + 3), self.year).ok()?.last_day();
        let period = Period::day(date);
        let what = if field == Field::Expiry { What::Expiry(period) } else { What::Manufacture(period) };
        self.put(what, i, i + 4, 0.9);
        Some(i + 4)
    }
}
