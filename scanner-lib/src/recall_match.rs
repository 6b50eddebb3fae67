//! One device use held against recall criteria: definite, probable, possible or excluded, with the reason.
//!
//! Pure; the registry and the theatre share it. Never by prefix.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::udi::DeviceIdentifier;

/// What a recall notice covers: one line of it, structured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The device identifier, where the notice gives one.
    pub device: Option<DeviceIdentifier>,
    /// The maker, where the notice identifies the device by maker and catalogue number.
    pub maker: Option<String>,
    /// The maker's catalogue number (REF).
    pub reference: Option<String>,
    /// Which units of the device.
    pub units: Units,
}

/// Which units of a device a criterion covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Units {
    /// Every unit: "all lots", "all codes".
    All,
    /// This lot, exactly.
    Lot(String),
    /// This serial, exactly.
    Serial(String),
    /// Units with this expiry date.
    Expiry(NaiveDate),
}

/// One unit of a device: on a shelf, in a theatre or in a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Every device identifier it is known by (as scanned, and the product's other identifiers).
    pub devices: &'a [DeviceIdentifier],
    /// The maker, if known.
    pub maker: Option<&'a str>,
    /// The catalogue number, if known.
    pub reference: Option<&'a str>,
    /// Its lot as scanned.
    pub lot: Option<&'a str>,
    /// Its serial as scanned.
    pub serial: Option<&'a str>,
    /// Its expiry date.
    pub expiry: Option<NaiveDate>,
}

/// How sure it is that a recall concerns a unit; the gravest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The device matches, the unit does not: kept with its reason.
    Excluded,
    /// The unit's lot or serial is missing, or alike only after O/0, I/1, space or hyphen.
    Possible,
    /// Maker, catalogue number and exact lot, but not the device identifier.
    Probable,
    /// Device identifier and exact lot, serial or date, or all units.
    Definite,
}

/// The tier and its reason in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// How sure.
    pub tier: Tier,
    /// Why, with the values concerned.
    pub reason: String,
}

/// Holds one unit against one criterion; `None` where the criterion is about another device.
pub fn hold(unit: &Unit<'_>, criterion: &Criterion) -> Option<Match> {
    let _ = (unit, criterion);
    unimplemented!()
}

/// A lot or serial as it is compared when a person may have mistaken a character: upper case, no space or hyphen,
/// O as 0, I as 1.
pub fn alike(text: &str) -> String {
    let _ = text;
    unimplemented!()
}
