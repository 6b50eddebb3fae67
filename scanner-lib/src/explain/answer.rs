//! What is answered: how far the reading went, and everything that was read and noticed.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::udi::{Issuer, Reading, Udi};

/// How far the reading went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// One reading, and the strict rules hold.
    Ok,
    /// The strict rules fail; elements are given as far as they could be read.
    #[default]
    Refused,
    /// More than one reading is possible: a person, or a second scan, chooses.
    Ambiguous,
    /// Not the language of a device: other text, or a retail number.
    Plain,
}

/// The answer to one [`Request`](super::Request). The names are a contract with whoever reads the JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// How far the reading went.
    pub outcome: Outcome,
    /// Whose rules it follows.
    pub agency: Option<Issuer>,
    /// Identifier and value of each element, in the order read. Where readings differ, those that all of them share.
    pub elements: Vec<(String, String)>,
    /// The same in the field's words.
    pub fields: Fields,
    /// The device identification, where there is one and it is certain.
    pub udi: Option<Udi>,
    /// What was noticed: what broke a rule first. A span counts characters of the text that was given.
    pub findings: Vec<Finding>,
    /// All possible readings, likeliest first, where there is more than one.
    pub candidates: Vec<Candidate>,
    /// The text, where the outcome is [`Outcome::Plain`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
}

impl Answer {
    /// An answer that only says why there is none.
    pub fn refusal(code: &'static str, text: impl Into<String>) -> Self {
        Self { findings: vec![Finding::new(code, Severity::Error, text)], ..Self::default() }
    }

    pub(super) fn plain(text: String, findings: Vec<Finding>) -> Self {
        Self { outcome: Outcome::Plain, plain: Some(text), findings, ..Self::default() }
    }

    /// Whether the strict rules fail.
    pub fn refused(&self) -> bool {
        self.outcome == Outcome::Refused
    }
}

/// One possible reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Identifier and value of each element.
    pub elements: Vec<(String, String)>,
    /// The same in the field's words.
    pub fields: Fields,
}

/// What was read, in the field's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// Labeler code (HIBC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lic: Option<String>,
    /// Product or catalogue number (HIBC), product description code (ISBT 128).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Unit of measure (HIBC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uom: Option<u8>,
    /// Device identifier: GTIN, HIBC primary, ISBT processor product code, PPN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub di: Option<String>,
    /// The maker's catalogue number.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Batch or lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Last day of use: `YYYY-MM-DD`, `YYYY-MM` or `YYYY-MM-DDTHH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
    /// Manufacture, in the same forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacture: Option<String>,
    /// How many are in the pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Donation identification (ISBT 128).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub donation: Option<String>,
    /// Pharmacy product number (IFA).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ppn: Option<String>,
    /// The scheme of a radio tag, such as `SGTIN-96`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// What kind of thing carries a radio tag (Tag Data Standard, table 10-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<u8>,
    /// The pure identity URI of a radio tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The trade item that a carton holds (GS1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The check character of the primary barcode that a HIBC secondary barcode belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<char>,
    /// The check character that a HIBC barcode ends with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<char>,
}

impl Fields {
    /// The fields of one reading.
    pub fn of(read: &Reading) -> Self {
        let mut fields = Self {
            reference: read.reference.clone(),
            lot: read.lot.clone(),
            serial: read.serial.clone(),
            expiry: read.expiry.map(|date| date.to_string()),
            manufacture: read.manufacture.map(|date| date.to_string()),
            quantity: read.quantity,
            di: read.device.clone(),
            content: read.content.clone(),
            link: read.link,
            check: read.check,
            ..Self::default()
        };
        let device = read.device.as_deref();
        match read.issuer {
            Issuer::Gs1 => {}
            Issuer::Hibcc => {
                let primary = device.filter(|d| d.is_ascii() && d.len() > 5);
                fields.lic = primary.map(|d| d[..4].to_owned());
                fields.product = primary.map(|d| d[4..d.len() - 1].to_owned());
                fields.uom = primary.and_then(|d| d[d.len() - 1..].parse().ok());
            }
            Issuer::Iccbba => {
                fields.product = device.map(str::to_owned);
                // Thirteen characters without their flags (ST-001, data structure 001), or as the European code has them.
                let of = |tag: &str| read.elements.iter().find(|element| element.tag == tag);
                let donation = of("=").or_else(|| of("SEC-DI")).map(|element| &element.value);
                fields.donation = donation.map(|number| number.get(..13).unwrap_or(number).to_owned());
            }
            Issuer::Ifa => {
                fields.product = device.map(str::to_owned);
                fields.ppn = device.map(str::to_owned);
            }
        }
        fields
    }

    /// Takes what is missing here from another barcode of the same pack.
    pub(super) fn fill(&mut self, other: Self) {
        let mine = std::mem::take(self);
        *self = Self {
            lic: mine.lic.or(other.lic),
            product: mine.product.or(other.product),
            uom: mine.uom.or(other.uom),
            di: mine.di.or(other.di),
            reference: mine.reference.or(other.reference),
            lot: mine.lot.or(other.lot),
            serial: mine.serial.or(other.serial),
            expiry: mine.expiry.or(other.expiry),
            manufacture: mine.manufacture.or(other.manufacture),
            quantity: mine.quantity.or(other.quantity),
            donation: mine.donation.or(other.donation),
            ppn: mine.ppn.or(other.ppn),
            scheme: mine.scheme.or(other.scheme),
            filter: mine.filter.or(other.filter),
            uri: mine.uri.or(other.uri),
            content: mine.content.or(other.content),
            link: mine.link.or(other.link),
            check: mine.check.or(other.check),
        };
    }
}
