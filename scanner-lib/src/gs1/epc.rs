//! Radio tags: the bytes of an EPC memory bank become GS1 elements.
//!
//! Reach for [`decode`] with what an RFID reader gives, for [`read`] where only a device's own tag will do. SGTIN-96 and
//! SGTIN-198 go through the crate `gs1`; the other schemes are read here: those of before 2022 that lead to GS1 elements,
//! and the `+` and `++` schemes of Tag Data Standard 2.
//! Source: GS1 EPC Tag Data Standard 2.3, sections 6.3, 14.5 and 14.6; its examples (annex E.3) are the tests.

mod binary;
mod plus;

use super::element_string::{self, GS};
use super::keys::{Gtin, Serial};
use super::reading;
use crate::finding::{Finding, Severity};
use crate::udi::{Element, Reading};

/// One item, as its tag tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedItem {
    /// The device identifier.
    pub gtin: Gtin,
    /// The serial.
    pub serial: Serial,
}

/// All that a tag tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The scheme, such as `SGTIN-96`.
    pub scheme: &'static str,
    /// What kind of thing carries the tag (Tag Data Standard, table 10-1), where the scheme has a filter.
    pub filter: Option<u8>,
    /// The pure identity URI; of the `+` schemes, which have none, the GS1 Digital Link.
    pub uri: String,
    /// GS1 elements; none where the scheme is not one of GS1's keys (GID).
    pub elements: Vec<Element>,
    /// More data follows the EPC on the tag (its +AIDC toggle is set), and was not read.
    pub more_data: bool,
}

impl Tag {
    fn new(scheme: &'static str, filter: Option<u8>, uri: String) -> Self {
        Self { scheme, filter, uri, elements: Vec::new(), more_data: false }
    }

    fn with(mut self, ai: &str, value: impl Into<String>) -> Self {
        self.elements.push(Element { tag: ai.to_owned(), value: value.into() });
        self
    }

    /// The value of an element.
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements.iter().find(|element| element.tag == ai).map(|element| element.value.as_str())
    }

    /// What the tag tells of a device, judged by the rules for GS1 elements.
    ///
    /// `current_year` decides the century of two-digit years.
    pub fn reading(&self, current_year: i32) -> Reading {
        let parts: Vec<Vec<u8>> = self.elements.iter().map(|e| format!("{}{}", e.tag, e.value).into_bytes()).collect();
        let mut read = reading::of(&element_string::parse(&parts.join(&GS)), current_year);
        if self.elements.is_empty() {
            read.findings.clear();
            let text = format!("a {} tag holds no GS1 key: scan the barcode of the pack", self.scheme);
            read.findings.push(Finding::new("NO_GS1_KEY", Severity::Error, text));
        }
        if self.more_data {
            let text =
                "the tag holds more data behind its number, which was not read: scan the barcode for lot and expiry";
            read.findings.push(Finding::new("MORE_DATA_ON_TAG", Severity::Note, text));
        }
        read
    }
}

/// Why a tag could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EpcError {
    /// Another scheme, or not an EPC at all.
    #[error("the tag's header {0:02x} is of no scheme that devices carry: scan the barcode of the pack")]
    OtherScheme(u8),
    /// Fewer bytes than the scheme has.
    #[error("the tag gave {0} bytes, fewer than its scheme has: read it again")]
    TooShort(usize),
    /// The bits do not make what the scheme wants.
    #[error("the tag's bits make no number of its scheme: read it again, or scan the barcode of the pack")]
    Nonsense,
    /// A tag, though not a device's with a serial.
    #[error("a {0} tag is not a device's own: scan the barcode of the pack")]
    NotAnItem(&'static str),
}

/// Decodes the bytes of one tag.
///
/// # Errors
/// [`EpcError`], never a panic: the crate `gs1` is given bytes only after their length, scheme and partition were checked.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::epc::decode;
///
/// let tag = decode(&[0x30, 0x74, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85])?;
/// assert_eq!((tag.scheme, tag.filter), ("SGTIN-96", Some(3)));
/// assert_eq!(tag.uri, "urn:epc:id:sgtin:0614141.812345.6789");
/// assert_eq!((tag.value("01"), tag.value("21")), (Some("80614141123458"), Some("6789")));
/// # Ok::<(), tessera_scanner::gs1::epc::EpcError>(())
/// ```
pub fn decode(tag: &[u8]) -> Result<Tag, EpcError> {
    let header = *tag.first().ok_or(EpcError::TooShort(0))?;
    match plus::scheme(header) {
        Some(scheme) => plus::decode(scheme, tag),
        None => binary::decode(header, tag),
    }
}

/// Reads the tag of one item: its GTIN and serial.
///
/// # Errors
/// As [`decode`], and [`EpcError::NotAnItem`] for a tag without GTIN and serial.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::epc::read;
///
/// let item = read(&[0x30, 0x74, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85])?;
/// assert_eq!(item.gtin.as_gtin14(), "80614141123458");
/// assert_eq!(item.serial.as_str(), "6789");
/// # Ok::<(), tessera_scanner::gs1::epc::EpcError>(())
/// ```
pub fn read(tag: &[u8]) -> Result<TaggedItem, EpcError> {
    let tag = decode(tag)?;
    match (tag.value("01"), tag.value("21")) {
        (Some(gtin), Some(serial)) => Ok(TaggedItem {
            gtin: gtin.parse().map_err(|_| EpcError::Nonsense)?,
            serial: serial.parse().map_err(|_| EpcError::Nonsense)?,
        }),
        _ => Err(EpcError::NotAnItem(tag.scheme)),
    }
}

/// Bits from the front of a tag.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next bits as a number, at most 64 of them; an error where the tag ends before.
    fn take(&mut self, count: usize) -> Result<u64, EpcError> {
        let mut value = 0;
        for at in self.at..self.at + count {
            let byte = self.bytes.get(at / 8).ok_or(EpcError::TooShort(self.bytes.len()))?;
            value = value << 1 | u64::from(byte >> (7 - at % 8) & 1);
        }
        self.at += count;
        Ok(value)
    }

    fn small(&mut self, count: usize) -> Result<u8, EpcError> {
        u8::try_from(self.take(count)?).map_err(|_| EpcError::Nonsense)
    }
}

/// The body with its GS1 check digit behind it.
fn checked(body: &str) -> Result<String, EpcError> {
    let digit = super::check::digit(body.as_bytes()).ok_or(EpcError::Nonsense)?;
    Ok(format!("{body}{}", char::from(digit)))
}

/// Characters that an EPC URI and a Digital Link escape.
fn escaped(text: &str) -> String {
    let each = |character: char| match character {
        '"' | '%' | '&' | '/' | '<' | '>' | '?' => format!("%{:02X}", u32::from(character)),
        other => other.to_string(),
    };
    text.chars().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tag(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap()).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
    }

    fn shown(tag: &Tag) -> String {
        tag.elements.iter().map(|e| format!("({}){}", e.tag, e.value)).collect::<Vec<_>>().concat()
    }

    /// Tag Data Standard 2.3, annex E.3.
    #[test]
    fn the_examples_of_the_standard() {
        for (hex, scheme, uri, elements) in [
            (
                "3066C4409047E140075BCD15",
                "SGTIN-96",
                "urn:epc:id:sgtin:95060001343.05.123456789",
                "(01)09506000134352(21)123456789",
            ),
            (
                "3666C4409047E159B2C2BF100000000000000000000000000000",
                "SGTIN-198",
                "urn:epc:id:sgtin:95060001343.05.32a%2Fb",
                "(01)09506000134352(21)32a/b",
            ),
            (
                "F73795211411234538566CB0AFC4",
                "SGTIN+",
                "https://id.gs1.org/01/79521141123453/21/32a%2Fb",
                "(01)79521141123453(21)32a/b",
            ),
            (
                "FB342CDE795211411234538566CB0AFC4",
                "DSGTIN+",
                "https://id.gs1.org/01/79521141123453/21/32a%2Fb?17=220630",
                "(01)79521141123453(21)32a/b(17)220630",
            ),
            (
                "FD3795211411234538566CB0AFC525065F1876F0D996D800",
                "SGTIN++",
                "https://id.gs1.org/01/79521141123453/21/32a%2Fb",
                "(01)79521141123453(21)32a/b",
            ),
            (
                "FC342CDE795211411234538566CB0AFC525065F1876F0D996D80",
                "DSGTIN++",
                "https://id.gs1.org/01/79521141123453/21/32a%2Fb?17=220630",
                "(01)79521141123453(21)32a/b(17)220630",
            ),
            ("311BA1B300CE0A6A83000000", "SSCC-96", "urn:epc:id:sscc:952012.03456789123", "(00)095201234567891235"),
            ("F90095201234567891235", "SSCC+", "https://id.gs1.org/00/095201234567891235", "(00)095201234567891235"),
            (
                "3276451FD46072000000162E",
                "SGLN-96",
                "urn:epc:id:sgln:9521141.12345.5678",
                "(414)9521141123454(254)5678",
            ),
            (
                "F2395211411234548566CB0AFC4",
                "SGLN+",
                "https://id.gs1.org/414/9521141123454/254/32a%2Fb",
                "(414)9521141123454(254)32a/b",
            ),
            ("3376451FD40C0E400000162E", "GRAI-96", "urn:epc:id:grai:9521141.12345.5678", "(8003)095211411234545678"),
            (
                "F13095211411234548566CB0AFC4",
                "GRAI+",
                "https://id.gs1.org/8003/0952114112345432a%2Fb",
                "(8003)0952114112345432a/b",
            ),
            ("2D76451FD4499602D2000000", "GSRN-96", "urn:epc:id:gsrn:9521141.1234567890", "(8018)952114112345678906"),
            (
                "F43952114112345678906",
                "GSRN+",
                "https://id.gs1.org/8018/952114112345678906",
                "(8018)952114112345678906",
            ),
            ("2E76451FD4499602D2000000", "GSRNP-96", "urn:epc:id:gsrnp:9521141.1234567890", "(8017)952114112345678906"),
            (
                "F53952114112345678906",
                "GSRNP+",
                "https://id.gs1.org/8017/952114112345678906",
                "(8017)952114112345678906",
            ),
            ("3500E86F8000A9E000000586", "GID-96", "urn:epc:id:gid:952056.2718.1414", ""),
        ] {
            let read = decode(&tag(hex)).unwrap_or_else(|why| panic!("{hex}: {why}"));
            assert_eq!((read.scheme, read.uri.as_str(), shown(&read).as_str()), (scheme, uri, elements), "{hex}");
            assert_eq!(read.reading(2026).refused(), elements.is_empty(), "{hex}");
        }
    }

    #[test]
    fn a_dated_tag_gives_a_udi_with_expiry() {
        let read = decode(&tag("FB342CDE795211411234538566CB0AFC4")).unwrap().reading(2026);
        assert_eq!(read.device.as_deref(), Some("79521141123453"));
        assert_eq!(read.expiry.unwrap().to_string(), "2022-06-30");
        // The same with its toggle set: what follows is not read, and that is said.
        let read = decode(&tag("FBB42CDE795211411234538566CB0AFC4")).unwrap();
        assert!(read.more_data && read.reading(2026).findings.iter().any(|f| f.code == "MORE_DATA_ON_TAG"));
    }

    #[test]
    fn what_is_no_tag_of_a_device_says_so() {
        assert_eq!(decode(&[]), Err(EpcError::TooShort(0)));
        assert_eq!(decode(&tag("E20000000000000000000000")), Err(EpcError::OtherScheme(0xE2)));
        assert_eq!(decode(&[0x30; 11]), Err(EpcError::TooShort(11)));
        assert_eq!(read(&tag("F43952114112345678906")), Err(EpcError::NotAnItem("GSRN+")));
        // Partition 7 is none.
        assert_eq!(decode(&tag("301C00000000000000000000")), Err(EpcError::Nonsense));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..40), header in any::<u8>(), known in 0_usize..24) {
            if let Some(first) = bytes.first_mut() {
                let headers = [0x30, 0x36, 0x31, 0x32, 0x33, 0x2D, 0x2E, 0x35, 0xF7, 0xFB, 0xFD, 0xFC, 0xF9, 0xF2, 0xF1, 0xF4, 0xF5, 0xE7];
                *first = headers.get(known).copied().unwrap_or(header);
            }
            if let Ok(tag) = decode(&bytes) {
                let _ = tag.reading(2026);
            }
            if let Ok(item) = read(&bytes) {
                prop_assert_eq!(item.gtin.as_gtin14().len(), 14);
            }
        }
    }
}
