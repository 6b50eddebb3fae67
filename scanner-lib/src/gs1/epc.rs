//! Radio tags: the bytes of an EPC memory bank become elements, through the crate `gs1`.
//!
//! Reach for [`read`] with what an RFID reader gives. SGTIN-96 and SGTIN-198 only: the schemes that devices carry.
//! Source: GS1 EPC Tag Data Standard 1.13, sections 14.5.1 and 14.6.1.

use gs1::GTIN;
use gs1::epc::{EPCValue, decode_binary};

use super::check;
use super::keys::{Gtin, Serial};

/// Header byte and length of the schemes read here (Tag Data Standard, table 14-1).
const SCHEMES: [(u8, usize); 2] = [(0x30, 12), (0x36, 25)];

/// One item, as its tag tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedItem {
    /// The device identifier.
    pub gtin: Gtin,
    /// The serial.
    pub serial: Serial,
}

/// Why a tag could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EpcError {
    /// Another scheme, or not an EPC at all.
    #[error("the tag's header {0:02x} is neither SGTIN-96 nor SGTIN-198: scan the barcode of the pack")]
    OtherScheme(u8),
    /// Fewer bytes than the scheme has.
    #[error("the tag gave {0} bytes, fewer than its scheme has: read it again")]
    TooShort(usize),
    /// The bits do not make a GTIN and a serial.
    #[error("the tag's bits make no GTIN and serial: scan the barcode of the pack")]
    Nonsense,
}

/// Reads the bytes of one tag.
///
/// # Errors
/// [`EpcError`], never a panic: the crate `gs1` is given bytes only after their length and scheme were checked.
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
    let header = *tag.first().ok_or(EpcError::TooShort(0))?;
    let (_, length) = SCHEMES.into_iter().find(|(scheme, _)| *scheme == header).ok_or(EpcError::OtherScheme(header))?;
    let bytes = tag.get(..length).ok_or(EpcError::TooShort(tag.len()))?;
    let decoded = decode_binary(bytes).map_err(|_| EpcError::Nonsense)?;
    let (number, serial) = match decoded.get_value() {
        EPCValue::SGTIN96(item) => (&item.gtin, item.serial.to_string()),
        EPCValue::SGTIN198(item) => (&item.gtin, item.serial.clone()),
        _ => return Err(EpcError::Nonsense),
    };
    let gtin = gtin_of(number).ok_or(EpcError::Nonsense)?;
    Ok(TaggedItem { gtin, serial: serial.parse().map_err(|_| EpcError::Nonsense)? })
}

/// Indicator, company and item as digits, with the check digit that a tag does not carry.
fn gtin_of(number: &GTIN) -> Option<Gtin> {
    let item_digits = 12_usize.checked_sub(number.company_digits)?;
    // A company prefix of twelve digits leaves none to the item but the indicator.
    let item = if item_digits == 0 { String::new() } else { format!("{:0item_digits$}", number.item) };
    let body = format!("{}{:0company$}{item}", number.indicator, number.company, company = number.company_digits);
    // A company prefix of more digits than its partition allows cannot be one.
    (body.len() == 13).then_some(())?;
    let digit = char::from(check::digit(body.as_bytes())?);
    format!("{body}{digit}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_sgtin_says_so() {
        assert_eq!(read(&[]), Err(EpcError::TooShort(0)));
        assert_eq!(read(&[0x31; 12]), Err(EpcError::OtherScheme(0x31)));
        assert_eq!(read(&[0x30; 11]), Err(EpcError::TooShort(11)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..40), long in any::<bool>()) {
            if let Some(first) = bytes.first_mut() {
                *first = if long { 0x36 } else { 0x30 };
            }
            if let Ok(item) = read(&bytes) {
                prop_assert_eq!(item.gtin.as_gtin14().len(), 14);
            }
        }
    }
}
