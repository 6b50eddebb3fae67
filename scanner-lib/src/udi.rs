//! The type that everyone else speaks: one device identification, as read from one pack.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::gs1::date::GsDate;
use crate::gs1::keys::{Gtin, Lot, Serial};

/// The agency whose rules the identifier follows (FDA and IMDRF accredited issuing agencies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Issuer {
    /// GS1: a GTIN.
    #[serde(rename = "GS1")]
    Gs1,
    /// Health Industry Business Communications Council.
    #[serde(rename = "HIBCC")]
    Hibcc,
    /// ICCBBA: ISBT 128, tissue and cells.
    #[serde(rename = "ICCBBA")]
    Iccbba,
    /// Informationsstelle für Arzneispezialitäten: PPN.
    #[serde(rename = "IFA")]
    Ifa,
}

/// The fixed part of a UDI (UDI-DI), in the form in which the catalogue is searched.
///
/// GS1: the GTIN as 14 digits. HIBC: labeler code, product and unit of measure without the `+` and the check character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeviceIdentifier {
    /// Whose identifier it is.
    pub issuer: Issuer,
    /// The normalised text; never empty.
    pub text: String,
}

impl From<Gtin> for DeviceIdentifier {
    fn from(gtin: Gtin) -> Self {
        Self { issuer: Issuer::Gs1, text: gtin.as_gtin14().to_owned() }
    }
}

/// How the bytes of a scan came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A live camera.
    Camera,
    /// A picture of the pack.
    Photo,
    /// A handheld scanner (keyboard wedge or serial).
    Handheld,
    /// Typed by a person.
    Typed,
    /// A radio tag.
    Rfid,
}

/// One barcode as received, before it is understood. These bytes are sacred: they are kept whatever is made of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawScan {
    /// The bytes as the decoder or the scanner gave them; GS (0x1D) where there was an FNC1.
    #[serde(with = "crate::udi::base64_bytes")]
    pub bytes: Vec<u8>,
    /// AIM symbology identifier with its bracket, such as `]d2`, where the reader knew it apart from the bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub aim: Option<String>,
    /// How it came in.
    pub entry: Entry,
}

/// One element as read, in the order of the pack: `("10", "122927")` for GS1, the agency's own tag for the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Application identifier (GS1), flag (HIBC), data identifier (ISBT 128, PPN).
    pub tag: String,
    /// Its value as printed.
    pub value: String,
}

/// A device identification: who issued it, which device, which production unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Udi {
    /// The fixed part (UDI-DI).
    pub device: DeviceIdentifier,
    /// Batch or lot, AI 10.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lot: Option<Lot>,
    /// Serial number, AI 21.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serial: Option<Serial>,
    /// Last day of use, AI 17.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expiry: Option<GsDate>,
    /// Manufacture, AI 11.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub manufacture: Option<GsDate>,
    /// The maker's catalogue number, AI 240 or 241.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// Every element read, those above included.
    pub elements: Vec<Element>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// What one barcode tells, before the barcodes of a pack are put together; the agencies' readers all give this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whose rules it follows.
    pub issuer: Issuer,
    /// The device identifier as read, normalised as in [`DeviceIdentifier`]; it may fail its check digit.
    pub device: Option<String>,
    /// Batch or lot as read.
    pub lot: Option<String>,
    /// Serial number as read.
    pub serial: Option<String>,
    /// Last day of use.
    pub expiry: Option<GsDate>,
    /// Manufacture.
    pub manufacture: Option<GsDate>,
    /// The maker's catalogue number.
    pub reference: Option<String>,
    /// The trade item that a carton contains (GS1 AI 02).
    pub content: Option<String>,
    /// How many are in the pack.
    pub quantity: Option<u32>,
    /// The check character of the primary barcode that a HIBC secondary barcode belongs to.
    pub link: Option<char>,
    /// The check character that a HIBC barcode ends with.
    pub check: Option<char>,
    /// Every element read.
    pub elements: Vec<Element>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// A reading that holds nothing yet.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            device: None,
            lot: None,
            serial: None,
            expiry: None,
            manufacture: None,
            reference: None,
            content: None,
            quantity: None,
            link: None,
            check: None,
            elements: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Whether the strict rules of the standard fail.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }

    /// The identification that this barcode alone gives; `None` where it names no device, or breaks a rule.
    pub fn into_udi(self) -> Option<Udi> {
        if self.refused() {
            return None;
        }
        let text = self.device.filter(|text| !text.is_empty())?;
        // Agencies other than GS1 are held to the same limits by their own readers.
        let lot = self.lot.map(|lot| lot.parse().ok()).map_or(Some(None), |lot| lot.map(Some))?;
        let serial = self.serial.map(|serial| serial.parse().ok()).map_or(Some(None), |serial| serial.map(Some))?;
        Some(Udi {
            device: DeviceIdentifier { issuer: self.issuer, text },
            lot,
            serial,
            expiry: self.expiry,
            manufacture: self.manufacture,
            reference: self.reference,
            elements: self.elements,
            findings: self.findings,
        })
    }

    pub(crate) fn element(&mut self, tag: &str, value: &str) {
        self.elements.push(Element { tag: tag.to_owned(), value: value.to_owned() });
    }

    pub(crate) fn note(&mut self, code: &'static str, severity: Severity, text: impl Into<String>) {
        self.findings.push(Finding::new(code, severity, text));
    }
}

/// serde adapter: bytes as standard base64 text.
pub mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    /// Writes base64.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    /// Reads base64.
    ///
    /// # Errors
    /// If the text is not standard base64.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
