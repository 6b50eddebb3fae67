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

/// A check on the content of a component, by the dictionary's own name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the dictionary's linters, each described in gs1::linters")]
pub enum Linter {
    Couponcode,
    Couponposoffer,
    Csum,
    Csumalpha,
    Gcppos1,
    Gcppos2,
    Hasnondigit,
    Hh,
    Hhmi,
    Hyphen,
    Iban,
    Importeridx,
    Iso3166,
    Iso3166999,
    Iso3166alpha2,
    Iso4217,
    Iso5218,
    Latitude,
    Longitude,
    Mediatype,
    Mi,
    Nonzero,
    Nozeroprefix,
    Packagetype,
    Pcenc,
    Pieceoftotal,
    Posinseqslash,
    Ss,
    Winding,
    Yesno,
    Yymmd0,
    Yymmdd,
    Yyyymmdd,
    Zero,
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
    /// For each rule, the alternatives, and for each alternative the identifiers that must all be there; `n` is any digit.
    pub requisites: &'static [&'static [&'static [&'static str]]],
    /// Identifiers that must not be there as well; `n` is any digit.
    pub exclusions: &'static [&'static str],
    /// Where it is a primary key of GS1 Digital Link: the sequences of its qualifiers.
    pub key_qualifiers: Option<&'static [&'static [&'static str]]>,
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
pub fn at_start(data: &[u8]) -> Option<&'static Entry> {
    let [tens, ones, ..] = data else { return None };
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    let (start, end, length) = PREFIXES[usize::from(tens - b'0') * 10 + usize::from(ones - b'0')];
    let digits = data.get(..usize::from(length))?;
    ENTRIES[usize::from(start)..usize::from(end)].iter().find(|entry| entry.ai.as_bytes() == digits)
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
            assert!(std::ptr::eq(lookup(entry.ai).unwrap(), entry), "{}", entry.ai);
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
