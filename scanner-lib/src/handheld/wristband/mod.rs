//! Patient wristbands: the GS1 DataMatrix of DCB1077, lines divided by a sign such as `|`, a bare number.
//!
//! Reach for [`read`] with the profiles of the organisation, tried in order; they are plain data, so that an organisation's
//! configuration can hold its own list. Debug output never shows who it is.

mod dcb1077;
mod delimited;

use std::fmt;

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{ScannerProfile, typed_line};
use crate::finding::{Finding, Severity};
use crate::gs1::element_string::GS;
use crate::gs1::keys::{Gln, GsrnRecipient};
use crate::identifiers::{ChiNumber, NhsNumber, OdsCode};

pub use delimited::{Delimited, Field};

/// A way of printing wristbands.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::wristband::{WristbandProfile, read};
///
/// // As it stands in an organisation's configuration.
/// let json = r#"["dcb1077", {"delimited": {"opens_with": "PAT", "separator": ";", "dates": "%d.%m.%Y",
///     "fields": ["nhs-number", "family", "given", "birth-date", "skip", "local"]}}, "bare-number"]"#;
/// let profiles: Vec<WristbandProfile> = serde_json::from_str(json).unwrap();
///
/// let band = read(b"PAT;943 476 5919;SAMPLE;Ann;05.03.1950;Ward 7;A123", &profiles)?;
/// assert_eq!(band.nhs_number.unwrap().digits(), "9434765919");
/// assert_eq!(band.local.unwrap().value, "A123");
/// # Ok::<(), tessera_scanner::handheld::wristband::WristbandError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WristbandProfile {
    /// DCB1077: `8018` GSRN, `8019` instance, `91` organisation and local number, `92` baby details, `93` family, given,
    /// date and time of birth.
    Dcb1077,
    /// `W1|local|NHS number|family|given|dd/mm/yyyy|sex`.
    Piped,
    /// Ten digits: an NHS or a CHI number.
    BareNumber,
    /// A line of fields divided by a sign, as the organisation prints it.
    Delimited(Delimited),
}

/// Every profile that needs no configuration, in the order in which they are tried where an organisation says nothing
/// else.
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

/// What the wristband of a newborn says beside its own name (DCB1077, AI 92).
#[derive(Clone, PartialEq, Eq)]
pub struct BabyDetails {
    /// All of it, as it stands.
    pub text: String,
    /// Which of how many babies, `1/2`, where it is told in that form.
    pub place: Option<(u8, u8)>,
    /// The mother's family name, where the place stands before it.
    pub mother_family: Option<String>,
    /// The mother's given name.
    pub mother_given: Option<String>,
}

/// Who a wristband says that the patient is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Wristband {
    /// The GSRN, where there is one whose check digit holds.
    pub gsrn: Option<GsrnRecipient>,
    /// Which of the patient's bands this is (SRIN).
    pub instance: Option<String>,
    /// The NHS number, where there is one whose check digit holds.
    pub nhs_number: Option<NhsNumber>,
    /// The Scottish CHI number.
    pub chi: Option<ChiNumber>,
    /// The organisation's own number for the patient.
    pub local: Option<LocalIdentifier>,
    /// The hospital's location number.
    pub gln: Option<Gln>,
    /// What is said of a newborn.
    pub baby: Option<BabyDetails>,
    /// Family name.
    pub family: Option<String>,
    /// Given name.
    pub given: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Time of birth.
    pub birth_time: Option<NaiveTime>,
    /// Sex, as the wristband has it.
    pub sex: Option<String>,
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

impl fmt::Debug for BabyDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BabyDetails(sealed)")
    }
}

impl Wristband {
    /// What a person should look at, by the day of today: a birth that is to come or very long ago, a name that is none.
    ///
    /// # Example
    /// ```
    /// use chrono::NaiveDate;
    /// use tessera_scanner::handheld::wristband::{PROFILES, read};
    ///
    /// let band = read(b"W1|615592|9434765919|Sample|Amy|23/12/2081|F", &PROFILES)?;
    /// let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    /// assert_eq!(band.check(today)[0].code, "BIRTH_DATE_AHEAD");
    /// # Ok::<(), tessera_scanner::handheld::wristband::WristbandError>(())
    /// ```
    pub fn check(&self, today: NaiveDate) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut warn = |code, text| findings.push(Finding::new(code, Severity::Warning, text));
        match self.birth_date {
            Some(born) if born > today => {
                warn(
                    "BIRTH_DATE_AHEAD",
                    "the date of birth on the wristband is still to come: ask for a new wristband",
                );
            }
            Some(born) if today.year() - born.year() > 125 => {
                warn(
                    "BIRTH_DATE_LONG_AGO",
                    "the date of birth on the wristband is more than 125 years ago: ask the patient",
                );
            }
            _ => {}
        }
        let no_name = |name: &Option<String>| {
            name.as_ref()
                .is_some_and(|name| !name.chars().any(char::is_alphabetic) || name.chars().any(|c| c.is_ascii_digit()))
        };
        if no_name(&self.family) || no_name(&self.given) {
            warn("NAME_UNUSUAL", "a name on the wristband holds digits, or no letters: ask the patient");
        }
        if self.nhs_number.is_none() && self.chi.is_none() && self.local.is_none() {
            warn("NO_IDENTIFIER", "the wristband holds no number that can be relied on: type the patient's number");
        }
        findings
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
    read_with(raw, profiles, &ScannerProfile::default())
}

/// [`read`], with what is known of the scanner.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    raw: &[u8],
    profiles: &[WristbandProfile],
    scanner: &ScannerProfile,
) -> Result<Wristband, WristbandError> {
    let (message, findings) = typed_line(raw, scanner);
    let message = String::from_utf8_lossy(&message);
    let message = message.trim_matches(|c: char| c == char::from(GS) || c.is_whitespace());
    if message.starts_with("8017") && message.len() >= 22 {
        return Err(WristbandError::Badge);
    }
    let read = profiles.iter().find_map(|profile| match profile {
        WristbandProfile::Dcb1077 => dcb1077::read(message),
        WristbandProfile::Piped => Delimited::piped().read(message),
        WristbandProfile::BareNumber => bare_number(message),
        WristbandProfile::Delimited(line) => line.read(message),
    });
    let mut band = read.ok_or(WristbandError::Unknown)?;
    band.findings.splice(0..0, findings);
    Ok(band)
}

fn warn(band: &mut Wristband, code: &'static str, text: &str) {
    band.findings.push(Finding::new(code, Severity::Warning, text));
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn take_nhs_number(band: &mut Wristband, digits: &str) {
    match digits.parse() {
        Ok(number) => band.nhs_number = Some(number),
        Err(_) => {
            warn(band, "NHS_NUMBER_CHECK", "the NHS number on the wristband fails its check: ask for a new wristband");
        }
    }
}

fn take_birth_date(band: &mut Wristband, text: &str, form: &str) {
    band.birth_date = NaiveDate::parse_from_str(text, form).ok();
    if band.birth_date.is_none() {
        warn(band, "BIRTH_DATE", "the date of birth on the wristband cannot be read");
    }
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
            "8018505089894347659192801912391RX1RA,A9193,5050898000007,93O'SAMPLE,Ann Mary,05-Mar-1950,",
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
    fn every_band_of_the_sample_data() {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        for line in include_str!("../../../../fixtures/wristbands/wristbands.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let read = read(case["scan"].as_str().unwrap().as_bytes(), &PROFILES);
            if case["profile"] == "none" {
                assert!(read.is_err(), "{line}");
                continue;
            }
            let (band, expect) = (read.unwrap_or_else(|why| panic!("{line}: {why}")), &case["expect"]);
            let local = band.local.as_ref();
            let got = [
                ("nhs_number", band.nhs_number.as_ref().map(|n| n.digits().to_owned())),
                ("srin", band.instance.clone()),
                ("ods", local.and_then(|l| l.organisation.as_ref()).map(ToString::to_string)),
                ("local_id", local.map(|l| l.value.clone())),
                ("gln", band.gln.as_ref().map(ToString::to_string)),
                ("baby", band.baby.as_ref().map(|b| b.text.clone())),
                ("family", band.family.clone()),
                ("given", band.given.clone()),
                ("born", band.birth_date.map(|d| d.to_string())),
                ("born_at", band.birth_time.map(|t| t.format("%H:%M").to_string())),
                ("sex", band.sex.clone()),
            ];
            for (name, value) in got {
                assert_eq!(value, text(&expect[name]), "{name} in {line}");
            }
            if let Some(words) = expect["finding"].as_str() {
                assert!(band.findings.iter().any(|f| f.text.contains(words)), "{line} {band:?}");
            } else {
                let gsrn = band.gsrn.as_ref().map(ToString::to_string);
                assert_eq!(gsrn, text(&expect["gsrn"]), "{line}");
            }
        }
    }

    #[test]
    fn a_newborn_without_separators() {
        let raw = b"]d2801850508989732050802991RJ1,N20031,,921/2,Hughes,Mary93Hughes,Baby,21-Nov-2026,13:07";
        let band = read(raw, &PROFILES).unwrap();
        let baby = band.baby.unwrap();
        assert_eq!((baby.place, baby.mother_family.as_deref()), (Some((1, 2)), Some("Hughes")));
        assert_eq!(baby.mother_given.as_deref(), Some("Mary"));
        assert_eq!(band.birth_time.unwrap().to_string(), "13:07:00");
        assert_eq!(band.local.unwrap().value, "N20031");
    }

    #[test]
    fn a_calibrated_scanner_on_another_keyboard() {
        let scanner = ScannerProfile { layout: Some("German".parse().unwrap()), ..ScannerProfile::default() };
        let raw = "+d2801850508989434765919293Zoung,Amz,05ßMarß1950,".as_bytes();
        let band = read_with(raw, &PROFILES, &scanner).unwrap();
        assert_eq!((band.family.as_deref(), band.given.as_deref()), (Some("Young"), Some("Amy")));
        assert!(band.findings.iter().any(|f| f.code == "KEYBOARD_LAYOUT"));
        let turned = read(b"]D2801850508989434765919293sAMPLE,aNN,05-mAR-1950,", &PROFILES).unwrap();
        assert_eq!((turned.family.as_deref(), codes(&turned)), (Some("Sample"), vec!["CAPS_LOCK"]));
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
