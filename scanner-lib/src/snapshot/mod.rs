//! What a theatre keeps to judge by while the registry is away, and the judgement itself.
//!
//! Reach for [`Snapshot::judge`] with one scan: it does what the registry does with it, with the same functions
//! ([`crate::label`], [`crate::verdict`]), on the data that the snapshot holds. What a snapshot cannot know (whether a
//! serial is in another patient) is answered as not checked, so it is never green.
//!
//! A snapshot travels in [`Part`]s, each known by the hash of its bytes: a tablet fetches those that changed.

mod judge;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::handheld::ScannerProfile;
use crate::label::{Label, ScanKind};
use crate::ordering;
use crate::udi::{DeviceIdentifier, RawScan};
use crate::verdict::{Limits, ProductFacts, RecallFacts, Rule, ShelfPacks, Side, Verdict};

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
    /// Rules of compatibility are about its category: it is held against the other parts and the plan.
    #[serde(default)]
    pub has_to_fit: bool,
    /// The catalogue's category, such as `hip`, where it has to fit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// What the rules compare, by name, where it has to fit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// What the shelves of a site have of one kind of device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// The identifier that was received.
    pub device: DeviceIdentifier,
    /// So many packs that may be used.
    pub usable: u32,
    /// Every kind of pack of it, where some are set apart; else nothing is to be told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<ShelfPacks>,
}

/// A piece of a snapshot: recalls, rules, some of the products, or some of what a site has on its shelves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<SnapshotProduct>,
    /// Active recalls, by reference and title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalls: Vec<RecallFacts>,
    /// The organisation's rules of compatibility.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The site (ODS code) whose shelves these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What lies there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shelves: Vec<Shelf>,
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
    /// By the registry's id.
    by_id: HashMap<String, usize>,
    recalls: Vec<RecallFacts>,
    rules: Vec<Rule>,
    /// By site and identifier.
    shelves: HashMap<(String, DeviceIdentifier), Shelf>,
}

/// What a device of one operation has to fit, as the registry told it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnTheTable {
    /// Products (the registry's ids) that are in the patient on this side.
    pub already_in: Vec<String>,
    /// What was planned, by name, such as `lens-power`.
    pub plan: BTreeMap<String, String>,
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
    /// The site (ODS code) at which it is operated.
    #[serde(default)]
    pub site: Option<String>,
    /// What the device has to fit; nothing where the registry has told nothing of this operation.
    #[serde(default)]
    pub on_the_table: Option<OnTheTable>,
    /// Products (the registry's ids) that were recorded here since then. One that the snapshot does not have, such as a
    /// photograph that nobody has read yet, leaves the fit open.
    #[serde(default)]
    pub recorded_since: Vec<String>,
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
    /// So many packs of it that may be used are on the site's shelves; nothing where it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_shelf: Option<u32>,
}

/// What all the shelves of a site have of one device: the kinds of packs to tell apart, and how many packs may be used.
///
/// A site that has none of it says nothing.
pub fn shelves_say<'a>(shelves: impl IntoIterator<Item = &'a Shelf>) -> (Vec<ShelfPacks>, Option<u32>) {
    let (mut packs, mut usable) = (BTreeSet::new(), None);
    for shelf in shelves {
        packs.extend(shelf.packs.iter().cloned());
        usable = Some(shelf.usable.saturating_add(usable.unwrap_or(0)));
    }
    (packs.into_iter().collect(), usable)
}

impl Snapshot {
    /// A snapshot of these parts.
    pub fn new(taken: DateTime<Utc>, limits: Limits, parts: impl IntoIterator<Item = Part>) -> Self {
        let (mut products, mut recalls, mut rules, mut shelves) = (Vec::new(), Vec::new(), Vec::new(), HashMap::new());
        for part in parts {
            products.extend(part.products);
            recalls.extend(part.recalls);
            rules.extend(part.rules);
            let site = part.site.unwrap_or_default();
            shelves.extend(part.shelves.into_iter().map(|shelf| ((site.clone(), shelf.device.clone()), shelf)));
        }
        ordering::by_key(&mut recalls, |one: &RecallFacts| (one.reference.clone(), one.title.clone()));
        let by_identifier = products
            .iter()
            .enumerate()
            .flat_map(|(place, product)| product.facts.identifiers.iter().map(move |one| (one.clone(), place)))
            .collect();
        let by_id = products
            .iter()
            .enumerate()
            .map(|(place, product): (usize, &SnapshotProduct)| (product.id.clone(), place))
            .collect();
        Self { taken, limits, products, by_identifier, by_id, recalls, rules, shelves }
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
