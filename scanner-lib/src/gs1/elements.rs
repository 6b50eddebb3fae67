//! What GS1 data says, kept without allocating: reach for [`Elements::of_scan`] where every nanosecond counts, and for
//! [`super::element_string`] where findings in words are wanted.
//!
//! The elements point into the text that they were read from; what the rules object to is a byte and a span each.

use core::fmt;

use super::associations::{self, Pack};
use super::code::{Code, Objection};
use super::dictionary::{self, Entry, NONE, Shortcut, WORDS};
use super::element_string::GS;
use super::written::{Form, decoded};
use super::{check, linters};

pub use super::written::Decoded;

/// No barcode holds more elements than this (GS1's own engine has the same limit).
pub const MOST: usize = 64;
/// More objections than this are counted, not kept.
const MOST_OBJECTIONS: usize = 8;
/// No value is longer than this, once it is decoded.
pub(super) const LONGEST: usize = 96;
/// No carrier of GS1 data holds more bytes than this, by far.
const LONGEST_MESSAGE: usize = u16::MAX as usize;

/// Where an element lies in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    entry: u16,
    start: u16,
    length: u16,
    identifier: u8,
    form: Form,
}

const NOTHING: Item = Item { entry: NONE, start: 0, length: 0, identifier: 0, form: Form::Scan };

const NO_OBJECTION: Objection = Objection::new(Code::AiDataEmpty, 0, 0);

/// The elements of one text, and what the rules object to.
#[derive(Clone)]
pub struct Elements<'a> {
    text: &'a [u8],
    items: [Item; MOST],
    count: u8,
    objected: u8,
    more: bool,
    objections: [Objection; MOST_OBJECTIONS],
}

/// One element of [`Elements`].
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// What the dictionary says of its identifier; of an unknown one, only how long its value may be.
    pub entry: &'static Entry,
    /// Its application identifier.
    pub ai: &'a str,
    text: &'a [u8],
    item: Item,
}

impl<'a> Elements<'a> {
    #[inline]
    pub(super) fn none(text: &'a [u8]) -> Self {
        let objections = [NO_OBJECTION; MOST_OBJECTIONS];
        Self { text, items: [NOTHING; MOST], count: 0, objected: 0, more: false, objections }
    }

    /// Reads the message of a symbol: without AIM identifier, GS where there was an FNC1. All checks of the dictionary
    /// are made but those on what an element needs beside it.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::elements::Elements;
    ///
    /// let read = Elements::of_scan(b"010084450500077217310301\x1d10122927");
    /// assert!(!read.refused());
    /// assert_eq!(read.find("10").unwrap().raw(), b"122927");
    /// ```
    #[inline]
    pub fn of_scan(message: &'a [u8]) -> Self {
        Self::of_scan_with(message, false)
    }

    /// [`Self::of_scan`], with identifiers that the dictionary does not know where these are permitted.
    pub fn of_scan_with(message: &'a [u8], unknown: bool) -> Self {
        let mut read = Self::none(message);
        read.scan(unknown);
        read
    }

    /// [`Self::of_scan`] into the same place, forgetting what was there: for many messages in a row, which then cost
    /// neither making nor moving it.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::elements::Elements;
    ///
    /// let mut read = Elements::of_scan(b"10A");
    /// read.scan_again(b"21B\x1d99C");
    /// assert_eq!((read.count(), read.get(0).unwrap().ai), (2, "21"));
    /// ```
    pub fn scan_again(&mut self, message: &'a [u8]) {
        self.forget(message);
        self.scan(false);
    }

    fn scan(&mut self, unknown: bool) {
        let message = self.text;
        if message.is_empty() {
            self.object(Code::AiDataEmpty, 0, 0);
        }
        if self.too_long() {
            return;
        }
        let mut at = 0;
        let mut seen = [0_u64; WORDS];
        let mut doubtful = false;
        while at < message.len() {
            let next = self.quick(at).or_else(|| self.careful(at, unknown));
            let Some((entry, next)) = next else {
                // What cannot be read is left out up to the next separator.
                at = end_of_run(message, at) + 1;
                continue;
            };
            at = next;
            doubtful |= notice(entry, &mut seen);
        }
        if doubtful {
            self.associate(false);
        }
    }

    /// Reads a value of a common form that breaks no rule; `None` where it is another or something is wrong.
    #[inline]
    fn quick(&mut self, at: usize) -> Option<(&'static Entry, usize)> {
        let entry = dictionary::at_start(self.text.get(at..)?)?;
        let start = at + entry.ai.len();
        let length = quick_length(entry.shortcut, self.text.get(start..)?)?;
        let end = start + length;
        let next = match self.text.get(end) {
            Some(&GS) => end + 1,
            // Behind a text must be a separator.
            Some(_) if !entry.predefined_length => return None,
            _ => end,
        };
        self.push_as(entry, start, length, entry.ai.len(), Form::Scan).then_some((entry, next))
    }

    /// Reads any value, and says what is wrong with it.
    #[cold]
    fn careful(&mut self, at: usize, unknown: bool) -> Option<(&'static Entry, usize)> {
        if self.count() == MOST {
            return None;
        }
        let message = self.text;
        if self.objected == 0 {
            // No value may hold it, and a scanner that sends it for the separator explains whatever else is wrong.
            if let Some(at) = message.iter().position(|b| *b == b'^') {
                self.object(Code::ScanDataContainsIllegalCarat, at, at + 1);
            }
        }
        let run_end = end_of_run(message, at);
        let run = &message[at..run_end];
        let vivified = || {
            let ai = run.get(..dictionary::length_by_prefix(run)?)?;
            dictionary::unknown_with(ai).filter(|_| unknown).map(|entry| (entry, ai.len()))
        };
        let found = dictionary::at_start(run).map(|entry| (entry, entry.ai.len())).or_else(vivified);
        let Some((entry, identifier)) = found else {
            self.object(Code::NoAiForPrefix, at, run_end.min(at + 4));
            return None;
        };
        let start = at + identifier;
        let length = self.weigh(entry, &message[start..run_end], |at| start + at)?;
        let end = start + length;
        self.push_as(entry, start, length, identifier, Form::Scan);
        if end == run_end {
            return Some((entry, run_end + 1));
        }
        if entry.predefined_length {
            return Some((entry, end));
        }
        self.object(Code::AiDataIsTooLong, start, run_end);
        Some((entry, run_end + 1))
    }

    pub(super) fn too_long(&mut self) -> bool {
        let too_long = self.text.len() > LONGEST_MESSAGE;
        if too_long {
            self.object(Code::MessageTooLong, 0, self.text.len());
        }
        too_long
    }

    /// How many bytes of `run` are the value. Says the first thing that is wrong with it, component by component; `None`
    /// where it is too short to be read. `place` tells where in the text a byte of it is.
    pub(super) fn weigh(&mut self, entry: &Entry, run: &[u8], place: impl Fn(usize) -> usize) -> Option<usize> {
        if quick_length(entry.shortcut, run) == Some(run.len()) {
            return Some(run.len());
        }
        if run.is_empty() {
            self.object(Code::AiDataIsEmpty, place(0), place(0));
            return None;
        }
        let mut at = 0;
        let mut well = true;
        for part in entry.components {
            let left = run.len() - at;
            if left == 0 && part.optional {
                break;
            }
            if left < usize::from(part.min) {
                if well {
                    self.object(Code::AiDataHasIncorrectLength, place(0), place(run.len()));
                }
                return None;
            }
            let data = &run[at..at + left.min(usize::from(part.max))];
            if well {
                let first = core::iter::once(linters::charset(part.set, data))
                    .chain(part.linters.iter().map(|linter| linters::lint(*linter, data)))
                    .find_map(Result::err);
                if let Some(objection) = first {
                    let (start, end) = objection.moved(at).span();
                    self.object(objection.code, place(start), place(end));
                    well = false;
                }
            }
            at += data.len();
        }
        Some(at)
    }

    #[inline]
    pub(super) fn push_as(
        &mut self,
        entry: &'static Entry,
        start: usize,
        length: usize,
        identifier: usize,
        form: Form,
    ) -> bool {
        let Some(item) = self.items.get_mut(usize::from(self.count)) else {
            self.object(Code::TooManyAis, start, start + length);
            return false;
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "longer texts are refused before; identifiers have up to five characters"
        )]
        let (start, length, identifier) = (start as u16, length as u16, identifier as u8);
        let entry = if entry.index == NONE { unknown_kind(entry) } else { entry.index };
        *item = Item { entry, start, length, identifier, form };
        self.count += 1;
        true
    }

    #[cold]
    pub(super) fn object(&mut self, code: Code, start: usize, end: usize) {
        match self.objections.get_mut(usize::from(self.objected)) {
            Some(place) => {
                *place = Objection::new(code, start, end);
                self.objected += 1;
            }
            None => self.more = true,
        }
    }

    /// Judges which elements belong together.
    #[cold]
    pub(super) fn associate(&mut self, requisites: bool) {
        let mut found = [(Code::AiDataEmpty, 0, 0); MOST_OBJECTIONS];
        let mut count = 0;
        associations::judge(&*self, requisites, |code, place, _| {
            if let Some(slot) = found.get_mut(count) {
                let element = self.get(place);
                let end = element.map_or(0, |e| e.end());
                *slot = (code, element.map_or(0, |e| e.start() - e.item.identifier_distance()), end);
            }
            count += 1;
        });
        for (code, start, end) in found.into_iter().take(count) {
            self.object(code, start, end);
        }
        self.more |= count > MOST_OBJECTIONS;
    }

    /// The text that was read.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        usize::from(self.count)
    }

    /// The element at this place.
    pub fn get(&self, place: usize) -> Option<Element<'a>> {
        let item = *self.items[..self.count()].get(place)?;
        let entry = entry_of(item.entry);
        let ai = if item.entry < UNKNOWN_KINDS {
            entry.ai
        } else {
            let end = usize::from(item.start) - usize::from(item.form != Form::Scan);
            core::str::from_utf8(&self.text[end - usize::from(item.identifier)..end]).unwrap_or_default()
        };
        Some(Element { entry, ai, text: self.text, item })
    }

    /// The place among all entries of the identifier of each element, in order; of unknown ones only their kind.
    #[inline]
    pub(super) fn indexes(&self) -> impl ExactSizeIterator<Item = u16> + Clone + '_ {
        self.items[..self.count()].iter().map(|item| item.entry)
    }

    /// Forgets what was read, for another text.
    pub(super) fn forget(&mut self, text: &'a [u8]) {
        (self.text, self.count, self.objected, self.more) = (text, 0, 0, false);
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = Element<'a>> + '_ {
        (0..self.count()).filter_map(|place| self.get(place))
    }

    /// The first element with this identifier.
    pub fn find(&self, ai: &str) -> Option<Element<'a>> {
        self.iter().find(|element| element.ai == ai)
    }

    /// What the strict rules object to, in the order in which it was found.
    pub fn objections(&self) -> &[Objection] {
        &self.objections[..usize::from(self.objected)]
    }

    /// Whether there were more objections than [`Self::objections`] holds.
    pub fn objected_more(&self) -> bool {
        self.more
    }

    /// Whether the strict rules fail.
    #[inline]
    pub fn refused(&self) -> bool {
        self.objected > 0
    }
}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elements")
            .field("elements", &self.count)
            .field("objections", &self.objections())
            .finish_non_exhaustive()
    }
}

impl Item {
    /// How far before the value its identifier starts.
    fn identifier_distance(self) -> usize {
        usize::from(self.identifier) + usize::from(self.form != Form::Scan)
    }
}

impl<'a> Element<'a> {
    /// The value as it is written in the text: percent-encoded in a URI.
    pub fn raw(&self) -> &'a [u8] {
        &self.text[self.start()..self.end()]
    }

    /// Where the value starts in the text.
    pub fn start(&self) -> usize {
        usize::from(self.item.start)
    }

    /// Where the value ends in the text.
    pub fn end(&self) -> usize {
        self.start() + usize::from(self.item.length)
    }

    /// The value where it is written as it is.
    pub fn plain(&self) -> Option<&'a [u8]> {
        let raw = self.raw();
        let plain = match self.item.form {
            Form::Scan | Form::Plain => true,
            Form::Bracketed => !raw.contains(&b'\\'),
            Form::Path => !raw.contains(&b'%'),
            Form::Query => !raw.iter().any(|b| matches!(b, b'%' | b'+')),
            Form::ShortGtin => false,
        };
        plain.then_some(raw)
    }

    /// How far before the value its identifier starts.
    pub(super) fn identifier_distance(&self) -> usize {
        self.item.identifier_distance()
    }

    /// The bytes of the value, decoded.
    pub fn bytes(&self) -> Decoded<'a> {
        decoded(self.raw(), self.item.form)
    }
}

impl Pack for Elements<'_> {
    fn count(&self) -> usize {
        Elements::count(self)
    }

    fn entry(&self, place: usize) -> &'static Entry {
        entry_of(self.items.get(place).map_or(UNKNOWN_KINDS, |item| item.entry))
    }

    fn ai(&self, place: usize) -> &str {
        self.get(place).map_or("", |element| element.ai)
    }

    fn length(&self, place: usize) -> usize {
        self.get(place).map_or(0, |element| element.bytes().count())
    }

    fn same_value(&self, one: usize, other: usize) -> bool {
        match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => one.bytes().eq(other.bytes()),
            _ => false,
        }
    }
}

/// Notes that an element is there; answers whether what stands together must be judged.
#[inline]
pub(super) fn notice(entry: &Entry, seen: &mut [u64; WORDS]) -> bool {
    let Some(word) = seen.get_mut(usize::from(entry.index / 64)) else { return true };
    let bit = 1 << (entry.index % 64);
    let repeated = *word & bit != 0;
    *word |= bit;
    let beside = |(word, bits): &(u8, u64)| seen.get(usize::from(*word)).is_some_and(|seen| seen & bits != 0);
    repeated || entry.excluded.iter().any(beside)
}

/// The length of a value of a common form that breaks no rule; `None` where it is another or something is wrong. What
/// stands behind the value is not looked at.
#[inline]
pub(super) fn quick_length(shortcut: Shortcut, rest: &[u8]) -> Option<usize> {
    match shortcut {
        Shortcut::Checked(length) => {
            let value = rest.get(..usize::from(length))?;
            check::digit_holds(value).then_some(value.len())
        }
        Shortcut::Date => date_holds(*rest.first_chunk()?).then_some(6),
        Shortcut::Digits(length) => {
            let value = rest.get(..usize::from(length))?;
            (check::leading(value, check::DIGIT) == value.len()).then_some(value.len())
        }
        Shortcut::Text(most) => {
            let length = check::leading(rest, check::CSET_82_CLASS);
            (1..=usize::from(most)).contains(&length).then_some(length)
        }
        Shortcut::None => None,
    }
}

/// Whether six digits are a date whose day may be 00. Of years in two digits every fourth is a leap year.
#[inline]
fn date_holds(digits: [u8; 6]) -> bool {
    const DAYS: [u8; 16] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0];
    let value = |place: usize| digits[place].wrapping_sub(b'0');
    let pair = |place: usize| (value(place), value(place + 1));
    let (years, months, days) = (pair(0), pair(2), pair(4));
    let digit = |pair: (u8, u8)| pair.0 <= 9 && pair.1 <= 9;
    if !(digit(years) && digit(months) && digit(days)) {
        return false;
    }
    let two = |pair: (u8, u8)| pair.0 * 10 + pair.1;
    let (year, month, day) = (two(years), two(months), two(days));
    let most = DAYS[usize::from(month & 15)];
    month < 16 && most > 0 && day <= most && (day < 29 || month != 2 || year.is_multiple_of(4))
}

/// Indexes from here on stand for identifiers that the dictionary does not know.
pub(super) const UNKNOWN_KINDS: u16 = u16::MAX - 2;

fn unknown_kind(entry: &Entry) -> u16 {
    UNKNOWN_KINDS + dictionary::unknown_kind(entry)
}

#[inline]
fn entry_of(index: u16) -> &'static Entry {
    dictionary::at_index(index).unwrap_or_else(|| dictionary::unknown_of_kind(index.saturating_sub(UNKNOWN_KINDS)))
}

fn end_of_run(message: &[u8], at: usize) -> usize {
    message[at..].iter().position(|b| *b == GS).map_or(message.len(), |n| at + n)
}
