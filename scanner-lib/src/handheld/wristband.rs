//! Patient wristbands: the GS1 DataMatrix of DCB1077, the pipe-delimited line that some trusts print, a bare number.
//!
//! Reach for [`read`] with the profiles of the organisation, tried in order. Debug output never shows who it is.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{aim, strip};
use crate::finding::{Finding, Severity};
use crate::gs1::element_string::GS;
use crate::gs1::keys::GsrnRecipient;
use crate::identifiers::{ChiNumber, NhsNumber, OdsCode};

/// A way of printing wristbands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WristbandProfile {
    /// DCB1077: `8018` GSRN, `91` organisation and local number, `93` family, given, date of birth.
    Dcb1077,
    /// `W1|local|NHS number|family|given|dd/mm/yyyy|sex`.
    Piped,
    /// Ten digits: an NHS or a CHI number.
    BareNumber,
}

/// Every profile, in the order in which they are tried where an organisation says nothing else.
pub const PROFILES: [WristbandProfile; 3] =
    [WristbandProfile::Dcb1077, WristbandProfile::Piped, WristbandProfile::BareNumber];

/// A number that one organisation gives its patients.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalIdentifier {
    /// The number.
    pub value: String,
    /// The organisation, where the wristband names it.
    pub organisation: Option<OdsCode>,
}

/// Who a wristband says that the patient is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Wristband {
    /// The NHS number, where there is one whose check digit holds.
    pub nhs_number: Option<NhsNumber>,
    /// The Scottish CHI number.
    pub chi: Option<ChiNumber>,
    /// The organisation's own number for the patient.
    pub local: Option<LocalIdentifier>,
    /// Family name.
    pub family: Option<String>,
    /// Given name.
    pub given: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// What was noticed; without the patient's data.
    pub findings: Vec<Finding>,
}

impl fmt::Debug for Wristband {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wristband").field("findings", &self.findings).finish_non_exhaustive()
    }
}

impl fmt::Debug for LocalIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalIdentifier(sealed)")
    }
}

/// Why a scan is not a wristband.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WristbandError {
    /// A staff badge.
    #[error("this is a staff badge: scan the patient's wristband")]
    Badge,
    /// None of the organisation's profiles fits.
    #[error(
        "this is not a wristband of this organisation: scan the square barcode on the wristband, or type the number"
    )]
    Unknown,
}

/// Reads a wristband by the first of `profiles` that fits.
///
/// A number that fails its check digit is left out and found fault with; the rest is still given.
///
/// # Errors
/// Where no profile fits, or a staff badge was scanned.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::wristband::{PROFILES, read};
///
/// let band = read(b"]d2801850508989434765919291RX1RA,A123,,93SAMPLE,Ann,05-Mar-1950,\r", &PROFILES)?;
/// assert_eq!(band.nhs_number.unwrap().digits(), "9434765919");
/// assert_eq!(band.family.as_deref(), Some("SAMPLE"));
/// assert_eq!(band.birth_date.unwrap().to_string(), "1950-03-05");
/// # Ok::<(), tessera_scanner::handheld::wristband::WristbandError>(())
/// ```
pub fn read(raw: &[u8], profiles: &[WristbandProfile]) -> Result<Wristband, WristbandError> {
    let (_, message) = aim::split(strip(raw));
    let message = String::from_utf8_lossy(message);
    let message = message.trim_matches(|c: char| c == char::from(GS) || c.is_whitespace());
    if message.starts_with("8017") && message.len() >= 22 {
        return Err(WristbandError::Badge);
    }
    let read = profiles.iter().find_map(|profile| match profile {
        WristbandProfile::Dcb1077 => dcb1077(message),
        WristbandProfile::Piped => piped(message),
        WristbandProfile::BareNumber => bare_number(message),
    });
    read.ok_or(WristbandError::Unknown)
}

fn warn(band: &mut Wristband, code: &'static str, text: &str) {
    band.findings.push(Finding::new(code, Severity::Warning, text));
}

fn take_nhs_number(band: &mut Wristband, digits: &str) {
    match digits.parse() {
        Ok(number) => band.nhs_number = Some(number),
        Err(_) => {
            warn(band, "NHS_NUMBER_CHECK", "the NHS number on the wristband fails its check: ask for a new wristband");
        }
    }
}

/// DCB1077 with or without the separators that should stand behind 8018, 8019, 91, 92 and 93.
fn dcb1077(message: &str) -> Option<Wristband> {
    let rest = message.strip_prefix("8018").or_else(|| message.strip_prefix("(8018)"))?;
    let gsrn = rest.get(..18).filter(|g| g.bytes().all(|b| b.is_ascii_digit()))?;
    let mut band = Wristband::default();
    if let Ok(gsrn) = gsrn.parse::<GsrnRecipient>() {
        match gsrn.nhs_digits() {
            Some(digits) => take_nhs_number(&mut band, digits),
            None => warn(&mut band, "GSRN_WITHOUT_NHS_NUMBER", "the wristband's GSRN was not made from an NHS number"),
        }
    } else {
        // The NHS number inside is not taken: one of the two check digits may hold by chance.
        warn(&mut band, "INCORRECT_CHECK_DIGIT", "the wristband's GSRN fails its check digit: scan it again");
    }
    let rest = &rest[18..];
    let (before, person) = split_person(rest);
    match person {
        Some([family, given, born]) => {
            band.family = Some(family.to_owned()).filter(|t| !t.is_empty());
            band.given = Some(given.to_owned()).filter(|t| !t.is_empty());
            band.birth_date = NaiveDate::parse_from_str(born, "%d-%b-%Y").ok();
            if band.birth_date.is_none() {
                warn(&mut band, "BIRTH_DATE", "the date of birth on the wristband cannot be read");
            }
        }
        None => warn(&mut band, "NO_NAME", "the wristband carries no name and date of birth: ask the patient"),
    }
    if let Some(local) = local_number(before) {
        band.local = Some(local);
    }
    Some(band)
}

/// Cuts the person's part, `93family,given,dd-Mmm-yyyy,…`, off what stands before it.
fn split_person(rest: &str) -> (&str, Option<[&str; 3]>) {
    let fields = |from: usize| {
        let value = rest[from..].split(char::from(GS)).next().unwrap_or("");
        let mut fields = value.split(',').map(str::trim);
        Some([fields.next()?, fields.next()?, fields.next()?])
    };
    let dated = |text: &str| NaiveDate::parse_from_str(text, "%d-%b-%Y").is_ok();
    let places: Vec<usize> = rest.match_indices("93").map(|(at, _)| at).collect();
    let opens = |at: usize| at == 0 || rest[..at].ends_with([',', char::from(GS), ')', '(']);
    let best = places.iter().copied().find(|at| opens(*at) && fields(at + 2).is_some_and(|f| dated(f[2])));
    let best = best.or_else(|| places.into_iter().find(|at| opens(*at) && fields(at + 2).is_some()));
    match best {
        Some(at) => {
            (&rest[..at], fields(at + 2).map(|[family, given, born]| [family.trim_start_matches(')'), given, born]))
        }
        None => (rest, None),
    }
}

/// `91ODS,local number,[GLN],`, behind the SRIN where there is one: ODS codes of trusts start with a letter, so that the
/// digits of an SRIN without separator end before one.
fn local_number(before: &str) -> Option<LocalIdentifier> {
    let after_srin = before.trim_start_matches([char::from(GS), '(']);
    let after_srin = after_srin.strip_prefix("8019").unwrap_or(after_srin);
    let values = || after_srin.match_indices("91").map(|(at, _)| after_srin[at + 2..].trim_start_matches(')'));
    let commas = |value: &&str| value.split(char::from(GS)).next().is_some_and(|v| v.contains(','));
    let value = values()
        .find(|value| commas(value) && value.starts_with(|c: char| c.is_ascii_uppercase()))
        .or_else(|| values().find(commas))?;
    let mut fields = value.split(char::from(GS)).next()?.split(',').map(str::trim);
    let organisation = fields.next()?.parse().ok();
    let value = fields.next().filter(|v| !v.is_empty())?.to_owned();
    Some(LocalIdentifier { value, organisation })
}

fn piped(message: &str) -> Option<Wristband> {
    let mut fields = message.split('|').map(str::trim);
    if fields.next()? != "W1" {
        return None;
    }
    let (local, number, family, given, born) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let mut band = Wristband {
        local: some(local).map(|value| LocalIdentifier { value, organisation: None }),
        family: some(family),
        given: some(given),
        birth_date: NaiveDate::parse_from_str(born, "%d/%m/%Y").ok(),
        ..Wristband::default()
    };
    if band.birth_date.is_none() {
        warn(&mut band, "BIRTH_DATE", "the date of birth on the wristband cannot be read");
    }
    if number.is_empty() {
        warn(&mut band, "NO_NHS_NUMBER", "the wristband carries no NHS number");
    } else {
        take_nhs_number(&mut band, number);
    }
    Some(band)
}

/// Ten digits. CHI numbers start with a day of birth (to 31), NHS numbers in use above that: no number is both.
fn bare_number(message: &str) -> Option<Wristband> {
    let digits: String = message.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut band = Wristband::default();
    match digits.parse::<ChiNumber>() {
        Ok(chi) if digits.as_str() < "3200000000" => band.chi = Some(chi),
        _ => take_nhs_number(&mut band, &digits),
    }
    Some(band)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(band: &Wristband) -> Vec<&str> {
        band.findings.iter().map(|f| f.code.as_ref()).collect()
    }

    #[test]
    fn dcb1077_with_and_without_separators() {
        for raw in [
            "]d28018505089894347659192\u{1d}91RX1RA,A9193,,\u{1d}93O'SAMPLE,Ann Mary,05-Mar-1950,\r\n",
            "801850508989434765919291RX1RA,A9193,,93O'SAMPLE,Ann Mary,05-MAR-1950,10:30",
            "(8018)505089894347659192(91)RX1RA,A9193,,(93)O'SAMPLE,Ann Mary,05-Mar-1950,",
            "8018505089894347659192801912391RX1RA,A9193,5050898000008,93O'SAMPLE,Ann Mary,05-Mar-1950,",
        ] {
            let band = read(raw.as_bytes(), &PROFILES).unwrap();
            assert_eq!(band.nhs_number.as_ref().unwrap().digits(), "9434765919", "{raw}");
            let local = band.local.as_ref().unwrap();
            assert_eq!(
                (local.value.as_str(), local.organisation.as_ref().unwrap().as_str()),
                ("A9193", "RX1RA"),
                "{raw}"
            );
            assert_eq!((band.family.as_deref(), band.given.as_deref()), (Some("O'SAMPLE"), Some("Ann Mary")), "{raw}");
            assert_eq!(band.birth_date, NaiveDate::from_ymd_opt(1950, 3, 5), "{raw}");
            assert!(band.findings.is_empty(), "{raw}");
        }
    }

    #[test]
    fn a_wrong_number_is_left_out_and_the_rest_kept() {
        let band = read(b"8018505089894347659193\x1d93SAMPLE,Ann,05-Mar-1950,", &PROFILES).unwrap();
        assert_eq!((band.nhs_number.is_none(), band.family.as_deref()), (true, Some("SAMPLE")));
        assert_eq!(codes(&band), ["INCORRECT_CHECK_DIGIT"]);
        let band = read(b"W1|615592|9998458646|Sample|Amy|23/12/1981|F", &PROFILES).unwrap();
        assert_eq!((band.nhs_number.is_none(), codes(&band)), (true, vec!["NHS_NUMBER_CHECK"]));
        assert_eq!(band.local.unwrap().value, "615592");
    }

    #[test]
    fn bare_numbers_and_what_is_no_wristband() {
        assert!(read(b"943 476 5919", &PROFILES).unwrap().nhs_number.is_some());
        assert!(read(b"9434765918", &PROFILES).unwrap().nhs_number.is_none());
        assert_eq!(read(b"9434765919", &[WristbandProfile::Piped]), Err(WristbandError::Unknown));
        assert_eq!(read(b"]d28017505089897373832492", &PROFILES), Err(WristbandError::Badge));
        assert_eq!(read(b"0100844505000772", &PROFILES), Err(WristbandError::Unknown));
    }

    #[test]
    fn debug_output_is_sealed() {
        let band = read(b"W1|615592|9434765919|Sample|Amy|23/12/1981|F", &PROFILES).unwrap();
        let shown = format!("{band:?} {:?}", band.local);
        for secret in ["615592", "9434765919", "943 476", "Sample", "Amy", "1981"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "(8018[0-9]{16,20})?[0-9]{0,2}[,A-Za-z0-9é\x1d|()-]{0,60}") {
            let _ = read(&bytes, &PROFILES);
            let _ = read(text.as_bytes(), &PROFILES);
        }
    }
}
