//! GS1 keys and attributes as types that cannot hold nonsense: reach for them wherever an identifier leaves the scan.
//!
//! Each is made with [`str::parse`] or `TryFrom<&str>`, displays as it is printed on packs, and checks itself again
//! when it is deserialized.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::check;

/// Why a text is not the key that it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{input:?} is not a {key}: {why}")]
pub struct KeyError {
    /// The kind of key, in the field's words.
    pub key: &'static str,
    /// What was given; of identifiers of persons only its length.
    pub input: String,
    /// What is wrong with it, and what is wanted.
    pub why: &'static str,
}

impl KeyError {
    pub(crate) fn new(key: &'static str, input: &str, why: &'static str) -> Self {
        Self { key, input: input.to_owned(), why }
    }

    /// An error about a person's identifier, which must not reach a log.
    pub(crate) fn sealed(key: &'static str, input: &str, why: &'static str) -> Self {
        Self { key, input: format!("({} characters)", input.chars().count()), why }
    }
}

/// Gives a validated text newtype everything that is the same for all of them.
macro_rules! text_key {
    ($name:ident) => {
        impl $name {
            /// The text as printed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = KeyError;

            fn try_from(text: &str) -> Result<Self, KeyError> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;

            fn try_from(text: String) -> Result<Self, KeyError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
pub(crate) use text_key;

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A Global Trade Item Number with a correct check digit, kept as 14 digits (GS1 General Specifications, section 2.1).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::Gtin;
///
/// let gtin: Gtin = "844505000772".parse()?; // a GTIN-12
/// assert_eq!(gtin.as_gtin14(), "00844505000772");
/// assert!("00208851107345".parse::<Gtin>().is_err()); // wrong check digit
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin(String);
text_key!(Gtin);

impl Gtin {
    /// Fourteen digits.
    pub fn as_gtin14(&self) -> &str {
        &self.0
    }

    /// The indicator digit: 0 for a unit, 1 to 8 for a package of several, 9 for variable measure
    /// (GS1 General Specifications, section 2.1.6).
    pub fn indicator(&self) -> u8 {
        self.0.as_bytes()[0] - b'0'
    }

    /// Whether the indicator digit says that this is a package (shelf pack, carton) and not the unit.
    pub fn is_package(&self) -> bool {
        (1..=8).contains(&self.indicator())
    }
}

impl FromStr for Gtin {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if !digits(text) || !matches!(text.len(), 8 | 12 | 13 | 14) {
            return Err(KeyError::new("GTIN", text, "8, 12, 13 or 14 digits are wanted"));
        }
        if !check::digit_holds(text.as_bytes()) {
            return Err(KeyError::new("GTIN", text, "the last digit is not the check digit of the others"));
        }
        Ok(Self(format!("{text:0>14}")))
    }
}

/// Parses 1 to 20 characters of character set 82.
fn production(key: &'static str, text: &str) -> Result<String, KeyError> {
    if text.is_empty() || text.len() > 20 {
        return Err(KeyError::new(key, text, "1 to 20 characters are wanted"));
    }
    if !text.bytes().all(check::in_cset_82) {
        return Err(KeyError::new(key, text, "a character is outside GS1 character set 82"));
    }
    Ok(text.to_owned())
}

/// A batch or lot, AI 10: 1 to 20 characters of GS1 character set 82 (GS1 General Specifications, section 3.4.1).
///
/// HIBC and IFA lots hold to the same limits. Case counts, and leading zeros count.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::Lot;
///
/// assert_eq!("19DM28106A".parse::<Lot>()?.as_str(), "19DM28106A");
/// assert!("".parse::<Lot>().is_err());
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lot(String);
text_key!(Lot);

impl FromStr for Lot {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        production("lot", text).map(Self)
    }
}

/// A serial number, AI 21: 1 to 20 characters of GS1 character set 82 (GS1 General Specifications, section 3.5.2).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::Serial;
///
/// let serial: Serial = "1403028701X".parse()?;
/// assert_eq!(serial.to_string(), "1403028701X"); // as printed
/// assert!("140 3028".parse::<Serial>().is_err()); // no value of GS1 holds a space
/// assert!("123456789012345678901".parse::<Serial>().is_err()); // 21 characters
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(String);
text_key!(Serial);

impl FromStr for Serial {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        production("serial number", text).map(Self)
    }
}

fn checked_digits(text: &str, length: usize, wanted: &'static str) -> Result<String, &'static str> {
    if text.len() != length || !digits(text) {
        return Err(wanted);
    }
    if !check::digit_holds(text.as_bytes()) {
        return Err("the last digit is not the check digit of the others");
    }
    Ok(text.to_owned())
}

/// A Global Location Number: a place or an organisation (GS1 General Specifications, section 2.4).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::Gln;
///
/// assert_eq!("5050898000007".parse::<Gln>()?.to_string(), "5050898000007");
/// assert!("5050898000005".parse::<Gln>().is_err()); // wrong check digit
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gln(String);
text_key!(Gln);

impl FromStr for Gln {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        checked_digits(text, 13, "13 digits are wanted").map(Self).map_err(|why| KeyError::new("GLN", text, why))
    }
}

/// A Global Service Relation Number of a recipient, AI 8018: the patient on a wristband (GS1 General Specifications,
/// section 2.5.2; DCB1077). Its debug form does not show it.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::GsrnRecipient;
///
/// let gsrn: GsrnRecipient = "505089894347659192".parse()?;
/// assert_eq!(gsrn.to_string(), "505089894347659192"); // as printed on the wristband
/// assert_eq!(format!("{gsrn:?}"), "GsrnRecipient(sealed)"); // and never in a log
/// assert!("505089894347659193".parse::<GsrnRecipient>().is_err());
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GsrnRecipient(String);
text_key!(GsrnRecipient);

impl fmt::Debug for GsrnRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GsrnRecipient(sealed)")
    }
}

impl FromStr for GsrnRecipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        checked_digits(text, 18, "18 digits are wanted")
            .map(Self)
            .map_err(|why| KeyError::sealed("recipient's GSRN", text, why))
    }
}

/// The GS1 company prefix under which NHS numbers are made into GSRNs (DCB1077, amendment 2).
pub const NHS_GSRN_PREFIX: &str = "5050898";

impl GsrnRecipient {
    /// The NHS number inside, where the number was issued under the NHS's prefix; it is still to be checked.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::keys::GsrnRecipient;
    ///
    /// let gsrn: GsrnRecipient = "505089894347659192".parse()?;
    /// assert_eq!(gsrn.nhs_digits(), Some("9434765919"));
    /// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
    /// ```
    pub fn nhs_digits(&self) -> Option<&str> {
        self.0.strip_prefix(NHS_GSRN_PREFIX).and_then(|rest| rest.get(..10))
    }
}

/// A Global Service Relation Number of a provider, AI 8017: a member of staff on a badge (GS1 General Specifications,
/// section 2.5.1).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::keys::GsrnProvider;
///
/// assert_eq!("952114112345678906".parse::<GsrnProvider>()?.as_str(), "952114112345678906");
/// assert!("95211411234567890".parse::<GsrnProvider>().is_err()); // 17 digits
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GsrnProvider(String);
text_key!(GsrnProvider);

impl FromStr for GsrnProvider {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        checked_digits(text, 18, "18 digits are wanted")
            .map(Self)
            .map_err(|why| KeyError::new("provider's GSRN", text, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gtins_of_every_length_become_fourteen_digits() {
        for (text, wanted) in [
            ("00844505000772", "00844505000772"),
            ("844505000772", "00844505000772"),
            ("4026575328109", "04026575328109"),
            ("02345673", "00000002345673"),
        ] {
            assert_eq!(text.parse::<Gtin>().unwrap().as_gtin14(), wanted);
        }
        for text in ["", "1", "00208851107345", "0084450500077", "0084450500077O", "٠٠٨٤٤٥٠٥"] {
            assert!(text.parse::<Gtin>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_package_is_told_by_its_indicator() {
        assert!(!"00844505000772".parse::<Gtin>().unwrap().is_package());
        let carton = format!("1084450500077{}", char::from(check::digit(b"1084450500077").unwrap()));
        assert!(carton.parse::<Gtin>().unwrap().is_package());
    }

    #[test]
    fn serde_is_a_plain_string_and_checks_again() {
        let lot: Lot = serde_json::from_str("\"122927\"").unwrap();
        assert_eq!(serde_json::to_string(&lot).unwrap(), "\"122927\"");
        assert!(serde_json::from_str::<Gtin>("\"00208851107345\"").is_err());
        assert!(serde_json::from_str::<Serial>("\"a b\"").is_err());
    }

    #[test]
    fn a_recipient_never_reaches_a_log() {
        let gsrn: GsrnRecipient = "505089894347659192".parse().unwrap();
        assert!(!format!("{gsrn:?}").contains("9434"));
        let wrong = "505089894347659193".parse::<GsrnRecipient>().unwrap_err();
        assert!(!wrong.to_string().contains("9434"), "{wrong}");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in "\\PC*") {
            let _ = text.parse::<Gtin>();
            let _ = text.parse::<Gln>();
            let _ = text.parse::<GsrnRecipient>();
            if let Ok(lot) = text.parse::<Lot>() {
                prop_assert_eq!(lot.to_string(), text);
            }
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{13}", place in 0_usize..14, add in 1_u8..10) {
            let mut text = body.into_bytes();
            text.push(check::digit(&text).unwrap());
            prop_assert!(core::str::from_utf8(&text).unwrap().parse::<Gtin>().is_ok());
            text[place] = b'0' + (text[place] - b'0' + add) % 10;
            prop_assert!(core::str::from_utf8(&text).unwrap().parse::<Gtin>().is_err());
        }
    }
}
