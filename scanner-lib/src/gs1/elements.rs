//! What GS1 data says, kept without allocating: reach for [`Elements::of_scan`] where every nanosecond counts, and for
//! [`super::element_string`] where findings in words are wanted.
//!
//! The elements point into the text that they were read from; what the rules object to is a byte and a span each.

mod quick;
mod reading;

use core::fmt;

use super::associations::{self, Pack};
use super::code::{Code, Objection};
use super::dictionary::{self, Entry, NONE};
use super::written::{Form, decoded};

pub use super::written::Decoded;
pub(super) use quick::quick_length;
pub(super) use reading::notice;

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

    pub(super) fn too_long(&mut self) -> bool {
        let too_long = self.text.len() > LONGEST_MESSAGE;
        if too_long {
            self.object(Code::MessageTooLong, 0, self.text.len());
        }
        too_long
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

/// Indexes from here on stand for identifiers that the dictionary does not know.
pub(super) const UNKNOWN_KINDS: u16 = u16::MAX - 2;

fn unknown_kind(entry: &Entry) -> u16 {
    UNKNOWN_KINDS + dictionary::unknown_kind(entry)
}

#[inline]
fn entry_of(index: u16) -> &'static Entry {
    dictionary::at_index(index).unwrap_or_else(|| dictionary::unknown_of_kind(index.saturating_sub(UNKNOWN_KINDS)))
}
