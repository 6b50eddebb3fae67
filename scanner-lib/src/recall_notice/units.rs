//! Lots and serials, one by one and from one to another.

use super::codes;
use super::dates;
use super::items::{Item, What};
use super::labels::{Field, label_at, noun};
use super::text::{Gap, is_dash};
use super::walk::{Walk, joins};

/// Short words in capitals that are no part of a lot.
const NO_PART: &[&str] = &[
    "EA", "CS", "BX", "PK", "PC", "US", "EU", "UK", "OUS", "OR", "TO", "AND", "OF", "IN", "EXP", "MM", "CM", "ML",
    "CA", "REV", "VER", "QTY", "NO", "AU", "JP", "CN", "DE", "FR", "SN", "LOT", "REF", "UDI", "ALL", "THE", "FOR",
    "KIT", "BY", "PN", "DI", "AT", "ON",
];

impl Walk<'_, '_> {
    /// A date in a list of lots, where no label says that it is one.
    pub fn stray_date(&mut self, i: usize, values: usize) -> Option<usize> {
        let text = self.text;
        let read = dates::date_at(text, i, self.order, false)?;
        let own = values == 0
            || matches!(text.mark(i.wrapping_sub(1)), Some(',' | ';'))
            || joins(text.lower(i.wrapping_sub(1)));
        if read.loose && own {
            return None;
        }
        let (period, next) = self.period(i, false)?;
        if values == 0 {
            return Some(next);
        }
        self.put(What::Expiry(period), i, next, if read.doubtful { 0.6 } else { 0.7 });
        Some(next)
    }

    /// A lot or serial, or a range of them.
    pub fn unit(&mut self, i: usize) -> usize {
        let text = self.text;
        let (values, field, closed) =
            self.context.as_ref().map_or((0, Field::Lot, false), |c| (c.values, c.fields[0], c.closed));
        if let Some(next) = self.stray_date(i, values) {
            return next;
        }
        if let Some(next) = self.range(i, field == Field::Serial) {
            return self.counted(next);
        }
        let Some(end) = codes::code_end(text, i, |j| label_at(text, j).is_some()) else {
            return i + 1;
        };
        let code = text.slice(i, end);
        if self.is_count(i, end) {
            return end + 1;
        }
        if let Some(next) = self.head_in_list(i, end, field) {
            return next;
        }
        if codes::is_bare_device(code)
            && code.len() == 14
            && (text.gap(i) == Gap::Line && values > 0 || field == Field::Code)
        {
            self.put(What::Device(code.to_owned()), i, end, 0.6);
            return self.counted(end);
        }
        let bare = |value: &str| match field {
            Field::Serial => What::Serial(value.to_owned()),
            Field::Either => What::Either(value.to_owned()),
            Field::Code => What::Code(value.to_owned()),
            _ => What::Lot(value.to_owned()),
        };
        if codes::is_masked(code) {
            self.items.push(Item { what: What::Broken, span: text.span(i, end), confidence: 0.3 });
            return self.counted(end);
        }
        if let Some((whole, next)) = self.two_words(i, end, values).or_else(|| self.short_words(i)) {
            self.put(bare(&whole), i, next, 0.7);
            return self.counted(next);
        }
        if let Some(parts) = slashed(code) {
            // "12345/12346/12347": a list.
            for (nth, part) in parts.iter().enumerate() {
                self.put(bare(part), i + 2 * nth, i + 2 * nth + 1, 0.6);
            }
            self.use_up(i, end);
            return self.counted(end);
        }
        if codes::is_code(code) {
            let sure = if field == Field::Either {
                0.7
            } else if code.len() < 3 {
                0.6
            } else {
                0.95
            };
            self.put(bare(code), i, end, sure);
            return self.counted(end);
        }
        if codes::is_letter_code(code) && self.stands_alone(i, end) && self.opens_or_goes_on(i, values, closed) {
            self.put(bare(code), i, end, 0.6);
            return self.counted(end);
        }
        if matches!(text.lower(i), "prefix" | "prefixes" | "beginning" | "starting" | "ending" | "see") && values == 0 {
            self.items.push(Item { what: What::Broken, span: text.span(i, end), confidence: 0.3 });
            self.context = None;
            return self.clause_end(i);
        }
        self.stranger(i)
    }

    /// Whether a word of capitals is not the beginning of a phrase: a mark, a label, the end or another such word of its length
    /// follows.
    fn stands_alone(&self, i: usize, end: usize) -> bool {
        let text = self.text;
        end >= self.limit
            || text.mark(end).is_some()
            || text.gap(end) >= Gap::Wide
            || matches!(text.lower(end), "and" | "or")
            || label_at(text, end).is_some()
            || self.letters_alike(i, end)
    }

    /// Whether a word of capitals may be a lot where it stands: right behind its label, or in a list.
    fn opens_or_goes_on(&self, i: usize, values: usize, closed: bool) -> bool {
        let text = self.text;
        let Some(before) = i.checked_sub(1) else { return false };
        if values > 0 {
            return matches!(text.mark(before), Some(',' | ';' | '&'))
                || matches!(text.lower(before), "and" | "or")
                || self.letters_alike(before, i);
        }
        // Without a colon, in a notice that is not written in capitals throughout: "Lot KXNJR".
        let label = text.word(before);
        let named = label.bytes().any(|b| b.is_ascii_lowercase())
            && (noun(text, before).is_some()
                || matches!(text.lower(before), "number" | "numbers" | "no" | "code" | "codes"));
        closed || named || text.mark(before) == Some(')') && text.touches(before)
    }

    /// Two words of capitals, of one length: lots in a list that only blanks divide.
    fn letters_alike(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.text.word(one), self.text.word(other));
        one.len() == other.len() && codes::is_letter_code(one) && codes::is_letter_code(other)
    }

    /// `130 EF`, `NC 12345`: a lot in two words, told by the marks around it.
    fn two_words(&self, i: usize, end: usize, values: usize) -> Option<(String, usize)> {
        let text = self.text;
        let short =
            |w: &str| (1..=3).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_uppercase()) && !NO_PART.contains(&w);
        // "130 EF, 146 EF SERIAL NUMBER": the second word of the value before ends this one too.
        let again = matches!(self.items.last(), Some(Item { what: What::Lot(v) | What::Serial(v) | What::Either(v), .. }) if v.ends_with(&format!(" {}", text.word(end))));
        let delimited = |j: usize| {
            j >= self.limit
                || matches!(text.mark(j), Some(',' | ';' | '.' | '('))
                || text.gap(j) == Gap::Line
                || again
                || self.twins(i) && label_at(text, j).is_some()
        };
        let starts = values == 0 || matches!(text.mark(i.wrapping_sub(1)), Some(',' | ';'));
        if !starts || text.gap(end) != Gap::Space || !text.is_word(end) || !delimited(end + 1) {
            return None;
        }
        let (first, second) = (text.slice(i, end), text.word(end));
        let fits = codes::is_code(first) && short(second)
            || self.twins(i)
            || short(first) && codes::is_code(second) && !text.slice(i, end).is_empty();
        (fits && label_at(text, end).is_none()).then(|| (text.slice(i, end + 1).to_owned(), end + 1))
    }

    /// `24 06 11, 24 06 18`: a lot in several short words, told by others of the same form that commas divide.
    fn short_words(&self, i: usize) -> Option<(String, usize)> {
        let text = self.text;
        let group = |at: usize| -> Option<(String, usize)> {
            let more = (at + 1..self.limit).take_while(|j| text.is_word(*j) && text.gap(*j) == Gap::Space).count();
            let end = at + 1 + more;
            let short = |j: usize| text.word(j).len() <= 3 && text.word(j).bytes().all(|b| b.is_ascii_alphanumeric());
            let digits = text.slice(at, end).bytes().filter(u8::is_ascii_digit).count();
            (text.is_word(at) && (1..=3).contains(&more) && (at..end).all(short) && digits >= 5)
                .then(|| (codes::template(text.slice(at, end)), end))
        };
        let (form, end) = group(i)?;
        let divided = |j: usize| matches!(text.mark(j), Some(',' | ';'));
        let alike = |at: usize| group(at).is_some_and(|(other, _)| other == form);
        let words = end - i;
        let before = i > words && divided(i - 1) && alike(i - 1 - words);
        let after = divided(end) && alike(end + 1);
        (before || after).then(|| (text.slice(i, end).to_owned(), end))
    }

    /// `12345678 001, 12345678 002`: codes in two words of the same lengths, one after the other.
    fn twins(&self, i: usize) -> bool {
        let text = self.text;
        let pair = |at: usize| {
            let (a, b) = (text.word(at), text.word(at + 1));
            let whole = codes::is_code(a)
                && codes::is_code(b)
                && text.gap(at + 1) == Gap::Space
                && (text.mark(at + 2).is_some_and(|c| matches!(c, ',' | ';' | '.'))
                    || at + 2 >= self.limit
                    || text.gap(at + 2) == Gap::Line
                    || label_at(text, at + 2).is_some());
            whole.then_some((a.len(), b.len()))
        };
        let Some(lengths) = pair(i) else { return false };
        let after = matches!(text.mark(i + 2), Some(',' | ';')) && pair(i + 3) == Some(lengths);
        let before = i >= 3 && matches!(text.mark(i - 1), Some(',' | ';')) && pair(i - 3) == Some(lengths);
        lengths.0 > lengths.1 && (after || before)
    }

    /// `A through B`, `up to B`, `A and lower`, `A-B`: gives the token after it.
    pub fn range(&mut self, i: usize, serial: bool) -> Option<usize> {
        let text = self.text;
        let is_label = |j: usize| label_at(text, j).is_some();
        let code = |at: usize| {
            codes::code_end(text, at, is_label)
                .filter(|end| codes::is_code(text.slice(at, *end)))
                .map(|end| (text.slice(at, end).to_owned(), end))
        };
        let mut at = i;
        while matches!(text.lower(at), "from" | "between" | "ranging" | "range" | "in" | "the") {
            let colon = usize::from(text.mark(at + 1) == Some(':'));
            if !text.is_word(at + 1 + colon) {
                break;
            }
            at += 1 + colon;
        }
        let half = match (text.lower(at), text.lower(at + 1)) {
            ("up", "to") if text.lower(at + 2) == "and" && text.lower(at + 3) == "including" => Some((4, true)),
            ("up" | "prior", "to") | ("lower" | "less" | "earlier", "than") => Some((2, true)),
            ("below" | "before" | "through", _) => Some((1, true)),
            ("above" | "after", _) => Some((1, false)),
            ("higher" | "greater" | "later", "than") => Some((2, false)),
            _ => None,
        };
        if let Some((words, to)) = half {
            if dates::date_at(text, at + words, self.order, false).is_some_and(|r| !r.loose) {
                return None;
            }
            let skip = usize::from(matches!(text.lower(at + words), "and"))
                + usize::from(matches!(text.lower(at + words + 1), "including"));
            let mut place = at + words + if skip == 2 { 2 } else { 0 };
            if let Some(label) = label_at(text, place).filter(|label| label.fields[0].is_unit()) {
                place = label.next;
            }
            let (value, end) = code(place)?;
            let (from, to) = if to { (None, Some(value)) } else { (Some(value), None) };
            self.put(What::Range { serial, from, to }, i, end, 0.8);
            return Some(end);
        }
        let (first, next) = code(at)?;
        if dates::date_at(text, at, self.order, false).is_some_and(|r| !r.loose) {
            return None;
        }
        let (one, two) = (text.lower(next), text.lower(next + 1));
        if matches!(one, "and" | "or") {
            let low = matches!(two, "lower" | "below" | "earlier" | "under" | "prior" | "before" | "less");
            let high = matches!(two, "higher" | "above" | "later" | "greater" | "up" | "after");
            if low || high {
                let (from, to) = if low { (None, Some(first)) } else { (Some(first), None) };
                self.put(What::Range { serial, from, to }, i, next + 2, 0.8);
                return Some(next + 2);
            }
        }
        // At the beginning of a line a dash is a bullet.
        let dash = text.mark(next).is_some_and(|c| is_dash(c) || c == '\u{2026}') && text.gap(next) != Gap::Line;
        let up_to = one == "up" && two == "to";
        let mut last = next + 1 + usize::from(up_to);
        if text.lower(last) == "and" && text.lower(last + 1) == "including" {
            last += 2;
        }
        if matches!(one, "to" | "through" | "thru" | "until" | "till")
            || up_to
            || dash
            || one == "and" && at > i && text.lower(at - 1) == "between"
        {
            if text.mark(last) == Some(':') {
                last += 1;
            }
            let mut labelled = false;
            if let Some(label) = label_at(text, last).filter(|l| l.fields[0].is_unit()) {
                labelled = true;
                last = label.next;
            }
            let (second, end) = code(last)?;
            let fits = codes::may_be_ends(&first, &second);
            // "adds lot 3 to lots 1 and 2" names no range.
            if labelled && !fits
                || self.is_count(last, end)
                || dash && !fits
                || is_label(end) && !fits
                || dates::date_at(text, last, self.order, false).is_some_and(|r| !r.loose)
            {
                return None;
            }
            self.put(What::Range { serial, from: Some(first), to: Some(second) }, i, end, if fits { 0.9 } else { 0.4 });
            return Some(end);
        }
        self.range_in_one(&first, i, next, serial)
    }

    /// A range whose two ends are one word: `A...B`, `A-B`.
    fn range_in_one(&mut self, first: &str, i: usize, next: usize, serial: bool) -> Option<usize> {
        if let Some((from, to)) = first.split_once("...").or_else(|| first.split_once(".."))
            && codes::may_be_ends(from, to)
        {
            self.put(What::Range { serial, from: Some(from.to_owned()), to: Some(to.to_owned()) }, i, next, 0.7);
            return Some(next);
        }
        if let Some((from, to)) = codes::hyphen_range(first) {
            self.put(What::Range { serial, from: Some(from.to_owned()), to: Some(to.to_owned()) }, i, next, 0.6);
            return Some(next);
        }
        // "100, 101, 102-110": as long as the number before.
        if let Some((from, to)) = first.split_once('-')
            && let Some(Item { what: What::Lot(last) | What::Serial(last), .. }) = self.items.last()
            && [from, to, last]
                .iter()
                .all(|n| n.len() >= 3 && n.len() == last.len() && n.bytes().all(|b| b.is_ascii_digit()))
            && from < to
        {
            let (from, to) = (Some(from.to_owned()), Some(to.to_owned()));
            self.put(What::Range { serial, from, to }, i, next, 0.55);
            return Some(next);
        }
        None
    }
}

/// The parts of a text that slashes divide, where all have one length and letter template.
fn slashed(code: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = code.split('/').collect();
    let first = codes::template(parts[0]);
    (parts.len() > 1
        && first.len() >= 5
        && parts.iter().all(|part| codes::is_code(part) && codes::template(part) == first))
    .then_some(parts)
}
