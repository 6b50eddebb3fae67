//! Every GS1 application identifier as a static table made from the GS1 Syntax Dictionary at build time.
//!
//! Reach for [`lookup`] to learn what an identifier is called, how long it may be and what goes with it.

/// The characters that a component may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Digits.
    Numeric,
    /// GS1 character set 82.
    Cset82,
    /// GS1 character set 39.
    Cset39,
    /// File-safe, URI-safe base64.
    Base64Url,
}

macro_rules! linters {
    ($($linter:ident = $name:literal,)*) => {
        /// A check on the content of a component, by the dictionary's own name for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names are those of the dictionary's linters, each described in gs1::linters")]
        pub enum Linter {
            $($linter,)*
        }

        impl Linter {
            /// The check that the dictionary calls this.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$linter),)*
                    _ => None,
                }
            }
        }
    };
}

linters! {
    Couponcode = "couponcode",
    Couponposoffer = "couponposoffer",
    Csum = "csum",
    Csumalpha = "csumalpha",
    Gcppos1 = "gcppos1",
    Gcppos2 = "gcppos2",
    Hasnondigit = "hasnondigit",
    Hh = "hh",
    Hhmi = "hhmi",
    Hyphen = "hyphen",
    Iban = "iban",
    Importeridx = "importeridx",
    Iso3166 = "iso3166",
    Iso3166999 = "iso3166999",
    Iso3166alpha2 = "iso3166alpha2",
    Iso4217 = "iso4217",
    Iso5218 = "iso5218",
    Latitude = "latitude",
    Longitude = "longitude",
    Mediatype = "mediatype",
    Mi = "mi",
    Nonzero = "nonzero",
    Nozeroprefix = "nozeroprefix",
    Packagetype = "packagetype",
    Pcenc = "pcenc",
    Pieceoftotal = "pieceoftotal",
    Posinseqslash = "posinseqslash",
    Ss = "ss",
    Winding = "winding",
    Yesno = "yesno",
    Yymmd0 = "yymmd0",
    Yymmdd = "yymmdd",
    Yyyymmdd = "yyyymmdd",
    Zero = "zero",
}

/// One part of the value of an application identifier.
#[derive(Debug)]
pub struct Component {
    /// Which characters it may hold.
    pub set: Charset,
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
    /// It may be missing, with all that follow it.
    pub optional: bool,
    /// What else is checked.
    pub linters: &'static [Linter],
}

/// One application identifier.
#[derive(Debug)]
pub struct Entry {
    /// Its place among all entries, in order; [`NONE`] for an identifier that the dictionary does not know.
    pub(super) index: u16,
    /// Its two to four digits.
    pub ai: &'static str,
    /// Its data title, such as `USE BY or EXPIRY`.
    pub title: &'static str,
    /// Its length is pre-defined: no separator follows it (GS1 General Specifications, figure 7.8.5-2).
    pub predefined_length: bool,
    /// It may stand in the query of a GS1 Digital Link URI.
    pub link_attribute: bool,
    /// The parts of its value, in order.
    pub components: &'static [Component],
    /// How its value is read quickly, where it is of a common form.
    pub(super) shortcut: Shortcut,
    /// For each rule, the alternatives, and for each alternative the identifiers that must all be there; `n` is any digit.
    pub requisites: &'static [&'static [&'static [&'static str]]],
    /// Identifiers that must not be there as well; `n` is any digit.
    pub exclusions: &'static [&'static str],
    /// Identifiers beside which it must be judged what stands together, as bits: the number of a word of 64 entries, and
    /// which of them.
    pub(super) excluded: &'static [(u8, u64)],
    /// Where it is a primary key of GS1 Digital Link: the sequences of its qualifiers.
    pub key_qualifiers: Option<&'static [&'static [&'static str]]>,
    /// The same sequences by the places of their entries, which are quicker to compare.
    pub(super) qualifiers: &'static [&'static [u16]],
}

impl Entry {
    /// Fewest characters of a whole value.
    pub fn min_length(&self) -> usize {
        self.components.iter().filter(|c| !c.optional).map(|c| usize::from(c.min)).sum()
    }

    /// Most characters of a whole value.
    pub fn max_length(&self) -> usize {
        self.components.iter().map(|c| usize::from(c.max)).sum()
    }
}

/// How a value of a common form is read without going through its components one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortcut {
    /// There is none.
    None,
    /// This many digits, the last of them the check digit; a company prefix among them is digits in any case.
    Checked(u8),
    /// Six digits, a date whose day may be 00.
    Date,
    /// This many digits.
    Digits(u8),
    /// Up to this many characters of set 82.
    Text(u8),
}

/// What the first two digits of an identifier tell.
#[derive(Clone, Copy, Debug)]
struct Prefix {
    /// Where [`PLACES`] lists the entries.
    start: u16,
    /// How long identifiers with these digits are; 0 where there is none.
    length: u8,
}

/// No entry.
pub(super) const NONE: u16 = u16::MAX;

/// How many words of 64 bits hold one bit for each entry.
pub(super) const WORDS: usize = ENTRIES.len().div_ceil(64);

const fn unknown(length: Option<u8>) -> Entry {
    const VARIABLE: &[Component] =
        &[Component { set: Charset::Cset82, min: 1, max: 90, optional: false, linters: &[] }];
    const SIX: &[Component] = &[Component { set: Charset::Cset82, min: 6, max: 6, optional: false, linters: &[] }];
    const THIRTEEN: &[Component] =
        &[Component { set: Charset::Cset82, min: 13, max: 13, optional: false, linters: &[] }];
    Entry {
        index: NONE,
        ai: "",
        title: "UNKNOWN",
        predefined_length: length.is_some(),
        link_attribute: false,
        components: match length {
            None => VARIABLE,
            Some(6) => SIX,
            Some(_) => THIRTEEN,
        },
        shortcut: Shortcut::None,
        requisites: &[],
        exclusions: &[],
        excluded: &[],
        key_qualifiers: None,
        qualifiers: &[],
    }
}

static UNKNOWN: Entry = unknown(None);
static UNKNOWN_6: Entry = unknown(Some(6));
static UNKNOWN_13: Entry = unknown(Some(13));

/// What is assumed of an identifier that the dictionary does not know, where such are permitted (GS1 General
/// Specifications, figure 7.8.5-2: some lengths are pre-defined by the first two digits alone).
///
/// `None` where it cannot be one: not two to four digits, or of another length than its first two digits say.
pub(super) fn unknown_with(ai: &[u8]) -> Option<&'static Entry> {
    if !(2..=4).contains(&ai.len()) || !ai.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = usize::from(prefix(ai)?.length);
    if length != 0 && length != ai.len() {
        return None;
    }
    Some(match ai {
        [b'3', b'1'..=b'6', ..] => &UNKNOWN_6,
        [b'4', b'1', ..] => &UNKNOWN_13,
        _ => &UNKNOWN,
    })
}

/// Which of the unknown entries this is.
pub(super) fn unknown_kind(entry: &Entry) -> u16 {
    match entry.components {
        [Component { max: 6, .. }] => 0,
        [Component { max: 13, .. }] => 1,
        _ => 2,
    }
}

/// The other way round.
pub(super) fn unknown_of_kind(kind: u16) -> &'static Entry {
    match kind {
        0 => &UNKNOWN_6,
        1 => &UNKNOWN_13,
        _ => &UNKNOWN,
    }
}

/// The length of the identifiers that start with the same two digits, where there are such.
pub(super) fn length_by_prefix(data: &[u8]) -> Option<usize> {
    prefix(data).map(|prefix| usize::from(prefix.length)).filter(|length| *length > 0)
}

#[inline]
fn prefix(data: &[u8]) -> Option<Prefix> {
    let [tens, ones, ..] = data else { return None };
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        return None;
    }
    // A table of a power of two needs no check of its bounds.
    Some(PREFIXES[usize::from(tens * 10 + ones) % PREFIXES.len()])
}

include!(concat!(env!("OUT_DIR"), "/gs1_dictionary.rs"));

/// The application identifier with exactly these digits.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::dictionary;
///
/// let expiry = dictionary::lookup("17").unwrap();
/// assert_eq!(expiry.title, "USE BY or EXPIRY");
/// assert!(expiry.predefined_length);
/// assert!(dictionary::lookup("05").is_none());
/// ```
pub fn lookup(ai: &str) -> Option<&'static Entry> {
    at_start(ai.as_bytes()).filter(|entry| entry.ai.len() == ai.len())
}

/// The application identifier that `data` starts with.
#[inline]
pub fn at_start(data: &[u8]) -> Option<&'static Entry> {
    let Prefix { start, length } = prefix(data)?;
    let mut place = usize::from(start);
    match length {
        2 => {}
        3 => {
            let third = data.get(2)?.wrapping_sub(b'0');
            if third > 9 {
                return None;
            }
            place += usize::from(third);
        }
        4 => {
            let (third, fourth) = (data.get(2)?.wrapping_sub(b'0'), data.get(3)?.wrapping_sub(b'0'));
            if third > 9 || fourth > 9 {
                return None;
            }
            place += usize::from(third * 10 + fourth);
        }
        _ => return None,
    }
    at_index(*PLACES.get(place)?)
}

/// The entry at a place in the order of all.
#[inline]
pub(super) fn at_index(index: u16) -> Option<&'static Entry> {
    ENTRIES.get(usize::from(index))
}

/// Every application identifier, in order.
pub fn all() -> &'static [Entry] {
    &ENTRIES
}

/// Whether an identifier fits a pattern of the dictionary, where `n` stands for any digit.
pub fn fits(ai: &str, pattern: &str) -> bool {
    ai.len() == pattern.len()
        && ai.bytes().zip(pattern.bytes()).all(|(a, p)| a == p || (p == b'n' && a.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_541_are_there_and_found() {
        assert_eq!(all().len(), 541);
        for entry in all() {
            assert!(core::ptr::eq(lookup(entry.ai).unwrap(), entry), "{}", entry.ai);
        }
        assert_eq!(all().iter().filter(|e| e.key_qualifiers.is_some()).count(), 16);
    }

    #[test]
    fn the_readme_names_the_source_that_was_built_from() {
        let readme =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/gs1/README.md")).unwrap();
        assert!(readme.contains(SOURCE_SHA256));
    }

    #[test]
    fn parts_and_rules_of_an_entry() {
        let gtin = lookup("01").unwrap();
        assert_eq!((gtin.min_length(), gtin.max_length()), (14, 14));
        assert_eq!(gtin.exclusions, ["255", "37"]);
        assert_eq!(gtin.key_qualifiers, Some(&[&["22", "10", "21"][..], &["235"]][..]));
        assert_eq!(lookup("250").unwrap().requisites, [[&["01", "21"][..], &["03", "21"], &["8006", "21"]]]);
        assert_eq!((lookup("253").unwrap().min_length(), lookup("253").unwrap().max_length()), (13, 30));
        assert!(fits("3103", "310n") && !fits("3113", "310n") && !fits("31", "310n"));
    }
}
