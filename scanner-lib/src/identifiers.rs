//! Identifiers of persons and organisations in the NHS: reach for them where a wristband, a badge or a form names someone.
//!
//! Debug output and errors never show a person's number.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::gs1::date::GsDate;
use crate::gs1::keys::{KeyError, text_key};

/// The sum that NHS and CHI numbers are checked by: weights 10 to 2, 11 less the remainder of 11.
fn modulus_11_holds(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
    match 11 - sum % 11 {
        11 => *check == b'0',
        10 => false,
        wanted => u32::from(check - b'0') == wanted,
    }
}

/// Ten digits without the spaces and hyphens that people write between them.
fn ten_digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    (digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// An NHS number with a correct check digit (NHS Data Dictionary, "NHS NUMBER"; ISB 0149).
///
/// Kept as ten digits; displays as printed, `943 476 5919`. `0000000000` passes the sum and is refused all the same.
///
/// # Example
/// ```
/// use tessera_scanner::identifiers::NhsNumber;
///
/// let number: NhsNumber = "943 476 5919".parse()?;
/// assert_eq!(number.digits(), "9434765919");
/// assert_eq!(number.to_string(), "943 476 5919");
/// assert!("9434765918".parse::<NhsNumber>().is_err());
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(String);

impl NhsNumber {
    /// The ten digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl FromStr for NhsNumber {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = |why| KeyError::sealed("NHS number", text, why);
        let digits = ten_digits(text).ok_or_else(|| refuse("ten digits are wanted"))?;
        if digits == "0000000000" {
            return Err(refuse("ten zeros stand for no number"));
        }
        if !modulus_11_holds(digits.as_bytes()) {
            return Err(refuse("the last digit is not the check digit of the others: scan or type it again"));
        }
        Ok(Self(digits))
    }
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NhsNumber(sealed)")
    }
}

impl TryFrom<&str> for NhsNumber {
    type Error = KeyError;

    fn try_from(text: &str) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl Serialize for NhsNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NhsNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A Scottish Community Health Index number: date of birth DDMMYY, three digits, a modulus 11 check digit.
///
/// # Example
/// ```
/// use tessera_scanner::identifiers::ChiNumber;
///
/// assert!("0101010101".parse::<ChiNumber>().is_err()); // check digit
/// assert!("3201011234".parse::<ChiNumber>().is_err()); // no such day
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChiNumber(String);
text_key!(ChiNumber);

impl FromStr for ChiNumber {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = |why| KeyError::sealed("CHI number", text, why);
        let digits = ten_digits(text).ok_or_else(|| refuse("ten digits are wanted"))?;
        let part = |at: usize| digits[at..at + 2].parse::<u32>().unwrap_or(0);
        let year = i32::try_from(part(4)).unwrap_or(0);
        // The century is not in the number: 29 February of either counts.
        if ![1900, 2000].iter().any(|century| GsDate::ymd(century + year, part(2), part(0)).is_some()) {
            return Err(refuse("the first six digits are not a date of birth, DDMMYY"));
        }
        if !modulus_11_holds(digits.as_bytes()) {
            return Err(refuse("the last digit is not the check digit of the others: scan or type it again"));
        }
        Ok(Self(digits))
    }
}

impl fmt::Debug for ChiNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChiNumber(sealed)")
    }
}

/// A code of the Organisation Data Service: organisation or site, 3 to 9 capital letters and digits, opaque.
///
/// # Example
/// ```
/// use tessera_scanner::identifiers::OdsCode;
///
/// assert_eq!("RX1RA".parse::<OdsCode>()?.as_str(), "RX1RA");
/// assert!("R 1".parse::<OdsCode>().is_err());
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OdsCode(String);
text_key!(OdsCode);

impl FromStr for OdsCode {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let fits = (3..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::new("ODS code", text, "3 to 9 capital letters and digits are wanted"))
        }
    }
}

/// A doctor's number in the register of the General Medical Council: seven digits.
///
/// # Example
/// ```
/// use tessera_scanner::identifiers::GmcNumber;
///
/// assert_eq!("1234567".parse::<GmcNumber>()?.to_string(), "1234567");
/// assert!("123456".parse::<GmcNumber>().is_err());
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GmcNumber(String);
text_key!(GmcNumber);

impl FromStr for GmcNumber {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::new("GMC number", text, "seven digits are wanted"))
        }
    }
}

/// A nurse's or midwife's PIN of the Nursing and Midwifery Council: year and month of registration (a letter, A to L),
/// four digits, and a letter for the country; `18A1234E`.
///
/// # Example
/// ```
/// use tessera_scanner::identifiers::NmcPin;
///
/// assert_eq!("18A1234E".parse::<NmcPin>()?.as_str(), "18A1234E");
/// assert!("18M1234E".parse::<NmcPin>().is_err()); // there is no thirteenth month
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NmcPin(String);
text_key!(NmcPin);

impl FromStr for NmcPin {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        match text.as_bytes() {
            [y1, y2, b'A'..=b'L', number @ .., b'A'..=b'Z']
                if number.len() == 4 && digits(&[*y1, *y2]) && digits(number) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => {
                Err(KeyError::new("NMC PIN", text, "two digits, a letter A to L, four digits and a letter are wanted"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nhs_numbers() {
        for good in ["9434765919", "9737383249", "943-476-5919"] {
            assert!(good.parse::<NhsNumber>().is_ok(), "{good}");
        }
        for bad in ["9434765918", "9998458646", "0000000000", "", "943476591", "94347659190", "943476591X"] {
            assert!(bad.parse::<NhsNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_never_reaches_a_log() {
        assert_eq!(format!("{:?}", "9434765919".parse::<NhsNumber>().unwrap()), "NhsNumber(sealed)");
        let wrong = "9434765918".parse::<NhsNumber>().unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("9434"));
    }

    #[test]
    fn chi_numbers_hold_a_date_and_a_check_digit() {
        let good = (0..10).map(|d| format!("010150123{d}")).filter(|t| t.parse::<ChiNumber>().is_ok()).count();
        assert_eq!(good, 1);
        assert!((0..10).all(|d| format!("310250123{d}").parse::<ChiNumber>().is_err()));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in "\\PC*") {
            let _ = text.parse::<NhsNumber>();
            let _ = text.parse::<ChiNumber>();
            let _ = text.parse::<OdsCode>();
            let _ = text.parse::<GmcNumber>();
            let _ = text.parse::<NmcPin>();
        }
    }
}
