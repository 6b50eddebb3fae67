//! What a theatre keeps to judge by while the registry is away, and the judgement itself.
//!
//! Reach for [`Snapshot::judge`] with one scan: it does what the registry does with it, with the same functions
//! ([`crate::label`], [`crate::verdict`]), on the data that the snapshot holds. What a snapshot cannot know (whether a
//! serial is in another patient) is answered as not checked, so it is never green.
//!
//! A snapshot travels in [`Part`]s, each known by the hash of its bytes: a tablet fetches those that changed.

mod judge;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::handheld::ScannerProfile;
use crate::label::{Label, ScanKind};
use crate::udi::{DeviceIdentifier, RawScan};
use crate::verdict::{Limits, ProductFacts, RecallFacts, Side, Verdict};

/// One product as a theatre needs it: what the verdict weighs, and what the screen shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotProduct {
    /// The registry's id of it.
    pub id: String,
    /// What it is, for the screen.
    pub description: String,
    /// What the verdict weighs.
    #[serde(flatten)]
    pub facts: ProductFacts,
    /// Rules of compatibility are about its category: the registry holds it against the other parts and the plan.
    #[serde(default)]
    pub has_to_fit: bool,
}

/// A piece of a snapshot: recalls, or some of the products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<SnapshotProduct>,
    /// Active recalls, by reference and title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalls: Vec<RecallFacts>,
}

/// What the registry says, and signs, of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Hash of the content: the same data has the same version, whenever it was taken.
    pub version: String,
    /// When the registry read the data.
    pub taken: DateTime<Utc>,
    /// The organisation's limits.
    pub limits: Limits,
    /// The parts that make it up.
    pub parts: Vec<PartNamed>,
}

/// A part by name and by the SHA-256 of its bytes, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartNamed {
    /// Such as `recalls` or `products-3f`.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: String,
}

/// Everything that a theatre knows without the registry.
#[derive(Clone, Debug)]
pub struct Snapshot {
    taken: DateTime<Utc>,
    limits: Limits,
    products: Vec<SnapshotProduct>,
    by_identifier: HashMap<DeviceIdentifier, usize>,
    recalls: Vec<RecallFacts>,
}

/// One scan, and what the page knows beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfflineScan {
    /// The barcodes, as they came.
    pub symbols: Vec<RawScan>,
    /// Those of the scan just before, where the same scanner made one in this procedure.
    #[serde(default)]
    pub before: Vec<RawScan>,
    /// Milliseconds since that scan.
    #[serde(default)]
    pub apart_ms: i64,
    /// What is known of the scanner.
    #[serde(default)]
    pub profile: Option<ScannerProfile>,
    /// The side that is operated on.
    #[serde(default)]
    pub side: Option<Side>,
    /// The later of the tablet's clock and the last that the registry told.
    pub now: DateTime<Utc>,
    /// Whether the tablet's clock and the registry's last differed by more than minutes, or went backwards since.
    #[serde(default)]
    pub clock_in_doubt: bool,
}

/// What a scan says by the snapshot alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineAnswer {
    /// What was scanned.
    pub kind: ScanKind,
    /// Half of a label: the other barcode of the pack is wanted.
    pub pending: bool,
    /// What was read from the pack.
    pub label: Option<Label>,
    /// The product, where the snapshot has it.
    pub product: Option<ProductNamed>,
    /// May it be implanted? Of packs alone.
    pub verdict: Option<Verdict>,
    /// The verdict's headline.
    pub headline: Option<String>,
}

/// A product for the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductNamed {
    /// The registry's id of it.
    pub id: String,
    /// Maker and brand.
    pub name: String,
    /// The maker's catalogue number.
    pub reference: Option<String>,
    /// What it is.
    pub description: String,
}

impl Snapshot {
    /// A snapshot of these parts.
    pub fn new(taken: DateTime<Utc>, limits: Limits, parts: impl IntoIterator<Item = Part>) -> Self {
        let (mut products, mut recalls) = (Vec::new(), Vec::new());
        for part in parts {
            products.extend(part.products);
            recalls.extend(part.recalls);
        }
        recalls.sort_by(|a: &RecallFacts, b| (&a.reference, &a.title).cmp(&(&b.reference, &b.title)));
        let by_identifier = products
            .iter()
            .enumerate()
            .flat_map(|(place, product)| product.facts.identifiers.iter().map(move |one| (one.clone(), place)))
            .collect();
        Self { taken, limits, products, by_identifier, recalls }
    }

    /// When the registry read the data.
    pub fn taken(&self) -> DateTime<Utc> {
        self.taken
    }

    /// How many products and active recalls it holds.
    pub fn counts(&self) -> (usize, usize) {
        (self.products.len(), self.recalls.len())
    }
}

#[cfg(test)]
mod tests;
