//! GS1 Digital Link URIs: reach for [`parse`] with a web address from a QR code, [`Elements::of_link`] where nothing may
//! be allocated, and [`uri`] to make one.
//!
//! Source: GS1 Digital Link Standard: URI Syntax, release 1.6. Uncompressed URIs only; own domains and paths before the
//! key are kept, query keys that are not GS1's are kept beside the elements.

use super::check;
use super::code::Code;
use super::dictionary::{self, Entry, NONE, Shortcut, WORDS};
use super::element_string::ElementString;
use super::elements::{Element, Elements, UNKNOWN_KINDS, notice, quick_length};
use super::written::{Form, decoded, hexadecimal};

mod quick;
mod write;

pub use write::{CANONICAL_STEM, LinkError, uri};

/// What is permitted beyond the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches, named as GS1's engine names them")]
pub struct LinkOptions {
    /// A GTIN of 8, 12 or 13 digits is filled up with zeros.
    pub zero_suppressed_gtin: bool,
    /// Names such as `gtin` and `lot` stand for identifiers, as they did until release 1.3 of the standard.
    pub short_names: bool,
    /// Identifiers that the dictionary does not know are read.
    pub unknown_ais: bool,
    /// And may stand in the query.
    pub unknown_attributes: bool,
}

/// What a Digital Link URI says.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Everything up to the key: `https://id.gs1.org`.
    pub stem: &'a str,
    /// The elements and what the rules object to.
    pub read: ElementString<'a>,
    /// The parts of the query that are not GS1's, as they are written: `lang=en`, or a word alone.
    pub others: Vec<&'a str>,
}

/// Reads a Digital Link URI.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::digital_link::{LinkOptions, parse};
///
/// let link = parse("https://example.com/p/01/00844505000772/10/A%2F1?17=310301&lang=en", LinkOptions::default());
/// assert_eq!(link.stem, "https://example.com/p");
/// assert_eq!(link.read.value("10").as_deref(), Some("A/1"));
/// assert_eq!(link.others, ["lang=en"]);
/// assert!(!link.read.refused());
/// ```
pub fn parse(uri: &str, options: LinkOptions) -> Link<'_> {
    let read = Elements::of_link(uri.as_bytes(), options);
    let key = read.get(0).filter(|e| e.entry.key_qualifiers.is_some()).map(|e| e.identifier_start());
    let stem = key.and_then(|at| uri.get(..at.saturating_sub(1))).unwrap_or(uri);
    let query = uri.split_once('#').map_or(uri, |(before, _)| before).split_once('?').map_or("", |(_, query)| query);
    let others = query.split('&').filter(|pair| !pair.is_empty() && !is_element(pair)).collect();
    Link { stem, read: ElementString::of(&read), others }
}

/// Whether a part of the query is GS1's: digits with a value.
fn is_element(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(key, _)| !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()))
}

/// The names that stood for identifiers until release 1.3.
const SHORT_NAMES: [(&[u8], &str); 22] = [
    (b"cpid", "8010"),
    (b"cpsn", "8011"),
    (b"cpv", "22"),
    (b"gcn", "255"),
    (b"gdti", "253"),
    (b"giai", "8004"),
    (b"ginc", "401"),
    (b"gln", "414"),
    (b"glnx", "254"),
    (b"gmn", "8013"),
    (b"grai", "8003"),
    (b"gsin", "402"),
    (b"gsrn", "8018"),
    (b"gsrnp", "8017"),
    (b"gtin", "01"),
    (b"itip", "8006"),
    (b"lot", "10"),
    (b"party", "417"),
    (b"refno", "8020"),
    (b"ser", "21"),
    (b"srin", "8019"),
    (b"sscc", "00"),
];

fn known(text: &[u8], options: LinkOptions) -> Option<&'static Entry> {
    if let Some(entry) = dictionary::at_start(text) {
        return (entry.ai.len() == text.len()).then_some(entry);
    }
    if options.short_names
        && let Some((_, ai)) = SHORT_NAMES.iter().find(|(name, _)| *name == text)
    {
        return dictionary::lookup(ai);
    }
    dictionary::unknown_with(text).filter(|_| options.unknown_ais)
}

impl<'a> Elements<'a> {
    /// Reads a Digital Link URI without allocating.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::digital_link::LinkOptions;
    /// use tessera_scanner::gs1::elements::Elements;
    ///
    /// let read = Elements::of_link(b"https://id.gs1.org/01/00844505000772/21/A%2F1", LinkOptions::default());
    /// assert!(!read.refused());
    /// assert!(read.find("21").unwrap().bytes().eq(*b"A/1"));
    /// ```
    #[inline]
    pub fn of_link(uri: &'a [u8], options: LinkOptions) -> Self {
        let mut read = Self::none(uri);
        read.link(options);
        read
    }

    /// [`Self::of_link`] into the same place, forgetting what was there: for many links in a row.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::digital_link::LinkOptions;
    /// use tessera_scanner::gs1::elements::Elements;
    ///
    /// let mut read = Elements::of_scan(b"10A");
    /// read.link_again(b"https://example.org/01/00844505000772", LinkOptions::default());
    /// assert_eq!((read.count(), read.get(0).unwrap().ai), (1, "01"));
    /// ```
    pub fn link_again(&mut self, uri: &'a [u8], options: LinkOptions) {
        self.forget(uri);
        self.link(options);
    }

    fn link(&mut self, options: LinkOptions) {
        let uri = self.text();
        if self.too_long() || self.quick_link() {
            return;
        }
        self.forget(uri);
        self.with_care(options);
    }

    /// Reads any URI, and says what is wrong with it.
    #[cold]
    fn with_care(&mut self, options: LinkOptions) {
        let uri = self.text();
        let at = check::leading(uri, check::URI_CLASS);
        if at < uri.len() {
            self.object(Code::UriContainsIllegalCharacters, at, at + 1);
        }
        let Some(domain) = scheme(uri) else {
            let end = uri.iter().position(|b| *b == b':').unwrap_or(uri.len());
            self.object(Code::UriContainsIllegalScheme, 0, end);
            return;
        };
        let path = check::place_of(b'/', &uri[domain..]).map(|n| domain + n).filter(|path| *path > domain);
        let Some(path) = path else {
            self.object(Code::UriMissingDomainAndPathInfo, domain, uri.len());
            return;
        };
        let at = check::leading(&uri[domain..path], check::HOST_CLASS);
        if domain + at < path {
            self.object(Code::DomainContainsIllegalCharacters, domain + at, domain + at + 1);
            return;
        }
        let end = check::place_of(b'#', &uri[path..]).map_or(uri.len(), |n| path + n);
        let path_end = check::place_of(b'?', &uri[path..end]).map_or(end, |n| path + n);
        let Some(root) = root(uri, path, path_end, options) else {
            self.object(Code::NoGs1DlKeysFoundInPathInfo, path, path_end);
            return;
        };
        let mut so_far = Soundness::default();
        let in_path = self.path(root, path_end, options, &mut so_far);
        self.query((path_end + 1).min(end), end, options, &mut so_far);
        if !so_far.missing {
            self.places(in_path, options);
        }
        self.lint_all(so_far.well);
        let mut seen = [0; WORDS];
        let mut doubtful = false;
        for index in self.indexes() {
            // Unknown identifiers are always judged.
            doubtful |= dictionary::at_index(index).is_none_or(|entry| notice(entry, &mut seen));
        }
        if doubtful {
            self.associate(false);
        }
    }

    /// The pairs of identifier and value from the key on; how many there are.
    fn path(&mut self, root: usize, end: usize, options: LinkOptions, so_far: &mut Soundness) -> usize {
        let uri = self.text();
        let mut at = root;
        while at < end {
            let identifier = at + 1;
            let slash = segment_end(uri, identifier, end);
            let value = (slash + 1).min(end);
            let stop = segment_end(uri, value, end);
            at = stop;
            let Some(entry) = known(&uri[identifier..slash], options) else {
                self.object(Code::InvalidKeyQualifierSequence, identifier, stop);
                so_far.missing = true;
                continue;
            };
            if value == stop {
                self.object(Code::AiValuePathElementIsEmpty, identifier, stop);
                so_far.missing = true;
                continue;
            }
            let pair = Pair { entry, identifier, slash, value, stop, form: Form::Path };
            self.pair(&pair, options, Code::DecodedAiFromDlPathInfoContainsIllegalNull, so_far);
        }
        self.count()
    }

    /// The pairs of the query.
    fn query(&mut self, from: usize, end: usize, options: LinkOptions, so_far: &mut Soundness) {
        let uri = self.text();
        let mut at = from;
        while at < end {
            let stop = check::place_of(b'&', &uri[at..end]).map_or(end, |n| at + n);
            let (identifier, equals) = (at, check::place_of(b'=', &uri[at..stop]).map(|n| at + n));
            at = stop + 1;
            // A word alone, or a key that is not of digits, is somebody else's.
            let Some(equals) = equals.filter(|e| *e > identifier) else { continue };
            if !uri[identifier..equals].iter().all(u8::is_ascii_digit) {
                continue;
            }
            let Some(entry) = known(&uri[identifier..equals], options) else {
                self.object(Code::UnknownAiInQueryParams, identifier, equals);
                so_far.missing = true;
                continue;
            };
            if equals + 1 == stop {
                self.object(Code::AiValueQueryElementInEmpty, identifier, stop);
                so_far.missing = true;
                continue;
            }
            let pair = Pair { entry, identifier, slash: equals, value: equals + 1, stop, form: Form::Query };
            self.pair(&pair, options, Code::DecodedAiValueFromQueryParamsContainsIllegalNull, so_far);
        }
    }

    /// One element, if its length can be right.
    #[inline]
    fn pair(&mut self, pair: &Pair, options: LinkOptions, null: Code, so_far: &mut Soundness) {
        let Pair { entry, identifier, slash, value: start, stop, .. } = *pair;
        let raw = &self.text()[start..stop];
        // A value of a common form that is written as it is and breaks no rule: there is nothing more to judge.
        let text = matches!(entry.shortcut, Shortcut::Text(_));
        if quick_length(entry.shortcut, raw) == Some(raw.len())
            && !(text && raw.iter().any(|b| matches!(b, b'%' | b'+')))
        {
            so_far.well |= 1_u64.checked_shl(u32::try_from(self.count()).unwrap_or(u32::MAX)).unwrap_or(0);
            so_far.missing |= !self.push_as(entry, start, raw.len(), slash - identifier, Form::Plain);
            return;
        }
        so_far.missing |= !self.pair_with_care(pair, options, null);
    }

    fn pair_with_care(&mut self, pair: &Pair, options: LinkOptions, null: Code) -> bool {
        let Pair { entry, identifier, slash, value: start, stop, mut form } = *pair;
        let raw = &self.text()[start..stop];
        let mut percent = 0;
        for at in (0..raw.len()).filter(|at| raw[*at] == b'%') {
            match hexadecimal(raw.get(at + 1..at + 3)) {
                Some(0) => {
                    self.object(null, start + at, start + at + 3);
                    return false;
                }
                Some(_) => percent += 1,
                None => self.object(Code::InvalidPercentSequence, start + at, stop.min(start + at + 3)),
            }
        }
        let mut length = raw.len() - 2 * percent;
        if options.zero_suppressed_gtin && entry.ai == "01" && matches!(length, 8 | 12 | 13) {
            (form, length) = (Form::ShortGtin, 14);
        }
        if length < entry.min_length() {
            self.object(Code::AiValueIsTooShort, start, stop);
            return false;
        }
        if length > entry.max_length() {
            self.object(Code::AiValueIsTooLong, start, stop);
            return false;
        }
        if percent > 0 && decoded(raw, form).any(|b| b == b'^') {
            self.object(Code::AiContainsIllegalCaratCharacter, start, stop);
            return false;
        }
        let written_as_it_is = percent == 0 && form != Form::ShortGtin && !(form == Form::Query && raw.contains(&b'+'));
        let form = if written_as_it_is { Form::Plain } else { form };
        self.push_as(entry, start, stop - start, slash - identifier, form)
    }

    /// Judges what stands in the path and what in the query.
    fn places(&mut self, in_path: usize, options: LinkOptions) {
        let Some(key) = self.get(0) else { return };
        let sequences = key.entry.qualifiers;
        let path_end = self.get(in_path.saturating_sub(1)).map_or(0, |e| e.end());
        if in_path > 1 && !sequences.iter().any(|sequence| self.follow(in_path, sequence)) {
            self.object(Code::InvalidKeyQualifierSequence, key.identifier_start(), path_end);
        }
        for place in in_path..self.count() {
            let Some(element) = self.get(place) else { continue };
            let (from, to) = (element.identifier_start(), element.end());
            let index = if element.entry.index == NONE { UNKNOWN_KINDS } else { element.entry.index };
            let belongs = |sequence: &&[u16]| sequence.contains(&index) && self.follow(in_path, sequence);
            let should_be_in_path = sequences.iter().any(belongs);
            let attribute = element.entry.link_attribute || (element.entry.index == NONE && options.unknown_attributes);
            // Unknown identifiers share their indexes: they are told by their digits.
            let repeated = if index < UNKNOWN_KINDS {
                self.indexes().take(place).any(|other| other == index)
            } else {
                (0..place).any(|other| self.get(other).is_some_and(|other| other.ai == element.ai))
            };
            if repeated {
                self.object(Code::DuplicateAi, from, to);
            } else if !attribute {
                self.object(Code::AiIsNotValidDataAttribute, from, to);
            } else if should_be_in_path {
                self.object(Code::AiShouldBeInPathInfo, from, to);
            }
        }
    }

    /// Whether the qualifiers in the path are some of this sequence, in its order.
    fn follow(&self, in_path: usize, sequence: &[u16]) -> bool {
        let mut left = sequence.iter();
        self.indexes().take(in_path).skip(1).all(|index| left.any(|qualifier| *qualifier == index))
    }
}

/// What is known of the elements read so far.
#[derive(Clone, Copy, Debug, Default)]
struct Soundness {
    /// An element could not be read: what should stand where is not judged.
    missing: bool,
    /// The elements, as bits by their place, whose values were seen to break no rule.
    well: u64,
}

/// One pair of identifier and value, by its places in the URI.
struct Pair {
    entry: &'static Entry,
    identifier: usize,
    slash: usize,
    value: usize,
    stop: usize,
    form: Form,
}

/// Where the domain starts. Mixed case is not taken: GS1 wants the scheme in one case (URI Syntax, section 4.2).
fn scheme(uri: &[u8]) -> Option<usize> {
    [&b"https://"[..], b"HTTPS://", b"http://", b"HTTP://"].into_iter().find(|s| uri.starts_with(s)).map(<[u8]>::len)
}

#[inline]
fn segment_end(uri: &[u8], from: usize, end: usize) -> usize {
    check::place_of(b'/', &uri[from..end]).map_or(end, |n| from + n)
}

/// Where the slash before the key is: of the pairs that end the path, the last whose identifier is a key.
fn root(uri: &[u8], path: usize, end: usize, options: LinkOptions) -> Option<usize> {
    let slash_before = |at: usize| uri[path..at].iter().rposition(|b| *b == b'/').map(|n| path + n);
    let mut stop = end;
    loop {
        let value = slash_before(stop)?;
        let identifier = slash_before(value)?;
        let entry = known(&uri[identifier + 1..value], options)?;
        if entry.key_qualifiers.is_some() {
            return Some(identifier);
        }
        stop = identifier;
    }
}

impl Element<'_> {
    /// Where its identifier starts in the text.
    pub(super) fn identifier_start(&self) -> usize {
        self.start() - self.identifier_distance()
    }
}

#[cfg(test)]
mod tests;
