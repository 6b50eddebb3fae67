//! Procedures, scans and device uses: their types and rules.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::{ScannerProfile, Workstation};
use tessera_scanner::label::Label;
use tessera_scanner::udi::{Entry, RawScan};
use tessera_scanner::verdict::{Answer, Reason, Side, Verdict};
use utoipa::ToSchema;

crate::record_id! {
    /// One procedure.
    ProcedureId
}

crate::record_id! {
    /// One scan of one pack, wristband or badge.
    ScanId
}

crate::record_id! {
    /// One row of what happened to one device.
    DeviceUseId
}

crate::record_id! {
    /// One correction of a procedure.
    CorrectionId
}

crate::word_list! {
    /// What became of a device.
    Fate {
        /// In the patient.
        Implanted = "implanted",
        /// Opened and not used.
        Wasted = "wasted",
        /// Back on the shelf, unopened.
        Returned = "returned",
        /// Taken out of the patient.
        Explanted = "explanted",
        /// Never was: scanned by mistake.
        EnteredInError = "entered-in-error",
    }
}

crate::word_list! {
    /// The side operated on (OPCS-4 Z94).
    OperatedSide {
        /// Z94.3.
        Left = "left",
        /// Z94.2.
        Right = "right",
        /// Z94.1.
        Bilateral = "bilateral",
    }
}

impl From<OperatedSide> for Side {
    fn from(side: OperatedSide) -> Self {
        match side {
            OperatedSide::Left => Self::Left,
            OperatedSide::Right => Self::Right,
            OperatedSide::Bilateral => Self::Bilateral,
        }
    }
}

crate::word_list! {
    /// What was scanned.
    ScannedKind {
        /// A device's pack.
        Pack = "pack",
        /// A patient's wristband.
        Wristband = "wristband",
        /// A staff badge.
        Badge = "badge",
        /// A place.
        Location = "location",
        /// Something else.
        Other = "other",
    }
}

impl ScannedKind {
    /// Whether the bytes say who somebody is, and are sealed at rest.
    pub fn holds_identity(self) -> bool {
        matches!(self, Self::Wristband | Self::Badge)
    }
}

/// A procedure code, OPCS-4: a letter but I, two digits and one more, kept without the dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Opcs4(String);

impl Opcs4 {
    /// Without the dot, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With the dot, as people write it.
    pub fn dotted(&self) -> String {
        format!("{}.{}", &self.0[..3], &self.0[3..])
    }
}

impl FromStr for Opcs4 {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let code: String = text.trim().to_uppercase().chars().filter(|&c| c != '.').collect();
        let [letter, digits @ ..] = code.as_bytes() else {
            return Err("An OPCS-4 code is missing: write one such as W37.1.".to_owned());
        };
        let right =
            matches!(letter, b'A'..=b'H' | b'J'..=b'Z') && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit);
        if right { Ok(Self(code)) } else { Err(format!("\"{text}\" is no OPCS-4 code: write one such as W37.1.")) }
    }
}

impl fmt::Display for Opcs4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dotted())
    }
}

/// One barcode as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScannedSymbol {
    /// The bytes as the reader gave them, in base64.
    #[serde(with = "tessera_scanner::udi::base64_bytes")]
    #[schema(value_type = String, format = Byte)]
    pub bytes: Vec<u8>,
    /// The AIM symbology identifier with its bracket, where the reader knew it apart from the bytes.
    #[serde(default)]
    pub aim: Option<String>,
}

/// A scan as a client sends it: every barcode of one pack that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewScan {
    /// Made by the client (UUIDv7).
    pub id: ScanId,
    /// The procedure it belongs to.
    pub procedure: ProcedureId,
    /// By the client's clock.
    pub scanned_at: DateTime<Utc>,
    /// How it was read: `handheld`, `typed`, `photo`, `camera` or `rfid`.
    #[schema(value_type = String)]
    pub entry: Entry,
    /// What was read. May be empty: a picture in which no barcode was found is a scan too.
    #[serde(default)]
    pub symbols: Vec<ScannedSymbol>,
    /// An earlier scan of the same pack, where the client knows that it is: this one completes or settles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes_scan: Option<ScanId>,
    /// The scan that the same scanner made just before: the registry decides whether both are of one pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<ScanId>,
    /// Which of the candidates that `supersedes_scan` was answered with a person chose, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<usize>,
    /// The scan of which this is a further unit of the same pack; a person said so, nothing was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_of: Option<ScanId>,
    /// What is known of the scanner, as `/scanner/calibration` answered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub profile: Option<ScannerProfile>,
    /// Where it was scanned: without `profile`, what the organisation knows of this workstation's scanner is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub workstation: Option<Workstation>,
}

impl NewScan {
    /// The barcodes for the parser.
    pub fn raw(&self) -> Vec<RawScan> {
        let raw = |symbol: &ScannedSymbol| RawScan {
            bytes: symbol.bytes.clone(),
            aim: symbol.aim.clone(),
            entry: self.entry,
        };
        self.symbols.iter().map(raw).collect()
    }
}

/// The verdict as answered: with its headline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictShown {
    /// `may`, `look` or `stop`.
    #[schema(value_type = String)]
    pub answer: Answer,
    /// In a few words.
    pub headline: String,
    /// Why, gravest first.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Vec<Reason>,
}

impl From<Verdict> for VerdictShown {
    fn from(verdict: Verdict) -> Self {
        Self { answer: verdict.answer, headline: verdict.headline().to_owned(), reasons: verdict.reasons }
    }
}

/// The product as answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductShown {
    /// Its identifier.
    pub id: crate::catalogue::model::ProductId,
    /// Maker and brand.
    pub name: String,
    /// The maker's catalogue number.
    pub reference: String,
    /// What it is.
    pub description: String,
    /// So many packs of it that may be used are on the shelves of the procedure's site; nothing where it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_shelf: Option<u32>,
}

/// What the registry answers to a scan. Holds no identity: it is kept beside the scan and answered again to a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScanAnswer {
    /// The scan.
    pub scan: ScanReference,
    /// What was scanned.
    pub kind: ScannedKind,
    /// In plain words, what the scan was and what to do next, where there is no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Half of a label: the other barcode of the pack is wanted.
    pub pending: bool,
    /// What was read from the pack.
    #[schema(value_type = Option<Object>)]
    pub label: Option<Label>,
    /// The product, where the catalogue has it.
    pub product: Option<ProductShown>,
    /// May it be implanted?
    pub verdict: Option<VerdictShown>,
    /// What was recorded of the device; nothing where the verdict is stop, until a person decides.
    pub device_use: Option<DeviceUseReference>,
    /// For a wristband: whether it is the procedure's patient.
    pub wristband: Option<WristbandShown>,
}

/// What is said of a wristband that was scanned during a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WristbandShown {
    /// Whether it is the patient's of the procedure; unknown where it could not be read.
    pub matches: Option<bool>,
    /// In plain words.
    pub text: String,
}

/// A scan's identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScanReference {
    /// Its identifier.
    pub id: ScanId,
}

/// A device use and what became of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceUseReference {
    /// Its identifier.
    pub id: DeviceUseId,
    /// What became of the device.
    pub fate: Fate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcs4_codes_are_kept_without_the_dot() {
        assert_eq!("w37.1".parse::<Opcs4>().unwrap().as_str(), "W371");
        assert_eq!("W371".parse::<Opcs4>().unwrap().to_string(), "W37.1");
        for wrong in ["I11.1", "W37", "W37.12", "", "37W1", "Wé71"] {
            assert!(wrong.parse::<Opcs4>().is_err(), "{wrong}");
        }
    }
}
