//! Places and assets: a location (AI 414 with 254), a returnable asset such as an instrument tray (8003), an individual
//! asset such as a machine (8004).

use crate::gs1::element_string;
use crate::gs1::keys::Gln;

use super::{ScannerProfile, receive};

/// What a barcode in a room, on a tray or on a machine names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A place: its GLN, and which part of it.
    Place {
        /// The Global Location Number.
        gln: Gln,
        /// Which part of it (AI 254), such as a bay.
        extension: Option<String>,
    },
    /// A returnable asset (GRAI): its type as fourteen digits and check digit, and its serial.
    Returnable {
        /// The whole identifier, as it stands behind 8003.
        grai: String,
        /// Its serial, where it has one; without, only the type is named.
        serial: Option<String>,
    },
    /// An individual asset (GIAI): company prefix and reference.
    Individual {
        /// The whole identifier, as it stands behind 8004.
        giai: String,
    },
}

/// Why a scan names no place or asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThingError {
    /// The scan can be read in more than one way.
    #[error("the barcode can be read in more than one way: scan it with another scanner, or calibrate this one")]
    InDoubt,
    /// A number fails its check digit, or is not as GS1 wants it.
    #[error("the barcode's number fails its check: scan it again")]
    WrongNumber,
    /// Something else.
    #[error("this is not the barcode of a place, a tray or a machine")]
    SomethingElse,
}

/// Reads the barcode of a place or an asset.
///
/// # Errors
/// Where the scan is something else, is in doubt, or fails its check.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::ScannerProfile;
/// use tessera_scanner::handheld::place::{Thing, read};
///
/// let unknown = ScannerProfile::default();
/// let Thing::Place { gln, extension } = read(b"]C14145050898000007254B{GS}\r", &unknown)? else { panic!() };
/// assert_eq!((gln.as_str(), extension.as_deref()), ("5050898000007", Some("B")));
///
/// let Thing::Returnable { serial, .. } = read(b"]d2800309521141123454TRAY/7", &unknown)? else { panic!() };
/// assert_eq!(serial.as_deref(), Some("TRAY/7"));
/// # Ok::<(), tessera_scanner::handheld::place::ThingError>(())
/// ```
pub fn read(raw: &[u8], scanner: &ScannerProfile) -> Result<Thing, ThingError> {
    let received = receive(raw, scanner);
    let text = String::from_utf8_lossy(&received.bytes);
    let bracketed = text.starts_with('(');
    let read =
        if bracketed { element_string::parse_bracketed(text.trim()) } else { element_string::parse(&received.bytes) };
    let first = read.elements.first().map(|element| (element.ai().to_owned(), element.text().into_owned()));
    let Some((ai, value)) = first.filter(|(ai, _)| matches!(ai.as_str(), "414" | "8003" | "8004")) else {
        return Err(ThingError::SomethingElse);
    };
    if read.refused() {
        return Err(ThingError::WrongNumber);
    }
    if !received.is_certain() {
        return Err(ThingError::InDoubt);
    }
    Ok(match ai.as_str() {
        "414" => Thing::Place {
            gln: value.parse().map_err(|_| ThingError::WrongNumber)?,
            extension: read.value("254").map(std::borrow::Cow::into_owned),
        },
        "8003" => Thing::Returnable {
            serial: value.get(14..).filter(|serial| !serial.is_empty()).map(str::to_owned),
            grai: value,
        },
        _ => Thing::Individual { giai: value },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &str) -> Result<Thing, ThingError> {
        read(text.as_bytes(), &ScannerProfile::default())
    }

    #[test]
    fn places_trays_and_machines() {
        let gln = "5050898000007".parse().unwrap();
        assert_eq!(read_text("(414)5050898000007(254)BAY A"), Err(ThingError::WrongNumber), "no space in 254");
        assert_eq!(read_text("(414)5050898000007"), Ok(Thing::Place { gln, extension: None }));
        assert_eq!(read_text("]d28004952114132a/b"), Ok(Thing::Individual { giai: "952114132a/b".to_owned() }));
        let Ok(Thing::Returnable { grai, serial }) = read_text("]C1800309521141123454") else { panic!() };
        assert_eq!((grai.as_str(), serial), ("09521141123454", None));
    }

    #[test]
    fn what_names_none_says_why() {
        for (text, why) in [
            ("]C14145050898000005", ThingError::WrongNumber),
            ("]d2010084450500077210ABC", ThingError::SomethingElse),
            ("NURSE-0042", ThingError::SomethingElse),
            ("", ThingError::SomethingElse),
            // The extension may be `B10ABC`, or `B` with a lot behind it.
            ("]C14145050898000007254B10ABC", ThingError::InDoubt),
        ] {
            assert_eq!(read_text(text), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "\\]?(414|8003|8004|254)[0-9A-Z/\x1d]{0,40}") {
            let _ = read(&bytes, &ScannerProfile::default());
            let _ = read_text(&text);
        }
    }
}
