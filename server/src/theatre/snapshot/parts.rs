//! Cuts what a theatre needs to know into parts, so that a change of one thing changes one of them.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};
use tessera_scanner::snapshot::{Part, Shelf, SnapshotProduct};
use tessera_scanner::udi::DeviceIdentifier;
use tessera_scanner::verdict::{RecallFacts, Rule};

use crate::catalogue::attributes::Attributes;
use crate::catalogue::model::{Product, ProductId};

/// Products are spread over this many parts: a new product changes one of them.
const PRODUCT_PARTS: u8 = 64;

/// Shelves are spread over at most this many parts: a pack that is used changes one of them.
const SHELF_PARTS: usize = 64;

/// So many devices are worth a part of their own: a small site is not to be fetched in dozens of pieces.
const SHELVES_A_PART: usize = 50;

/// What is common to all sites, by name; empty parts are left out. `attributes` are those of products that have to fit.
pub(super) fn common(
    products: Vec<(Product, Vec<DeviceIdentifier>)>,
    mut attributes: HashMap<ProductId, Attributes>,
    recalls: Vec<RecallFacts>,
    rules: &[Rule],
) -> BTreeMap<String, Part> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for (product, identifiers) in products {
        let id = product.id.to_string();
        // The end of a UUIDv7 is random: products spread evenly, and each stays in its part.
        let place = product.id.uuid().as_bytes()[15] % PRODUCT_PARTS;
        let has_to_fit = rules.iter().any(|rule| rule.category == product.category);
        parts.entry(format!("products-{place:02}")).or_default().products.push(SnapshotProduct {
            facts: product.facts(identifiers),
            has_to_fit,
            category: if has_to_fit { product.category } else { String::new() },
            attributes: attributes.remove(&product.id).unwrap_or_default(),
            description: product.description,
            id,
        });
    }
    if !recalls.is_empty() {
        parts.insert("recalls".to_owned(), Part { recalls, ..Part::default() });
    }
    if !rules.is_empty() {
        parts.insert("rules".to_owned(), Part { rules: rules.to_vec(), ..Part::default() });
    }
    parts
}

/// What a site has on its shelves, by name. How many parts there are changes only when the site has twice as many devices.
pub(super) fn of_shelves(site: &str, shelves: Vec<Shelf>) -> BTreeMap<String, Part> {
    let many = (shelves.len() / SHELVES_A_PART).next_power_of_two().min(SHELF_PARTS);
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for shelf in shelves {
        let place = usize::from(Sha256::digest(shelf.device.text.as_bytes())[0]) % many;
        let part = parts.entry(format!("shelves-{site}-{place:02}")).or_default();
        part.site = Some(site.to_owned());
        part.shelves.push(shelf);
    }
    parts
}

#[cfg(test)]
mod tests {
    use tessera_scanner::udi::Issuer;

    use super::*;

    fn shelves(devices: usize, usable: u32) -> Vec<Shelf> {
        let device = |place: usize| DeviceIdentifier { issuer: Issuer::Gs1, text: format!("{place:014}") };
        (0..devices).map(|place| Shelf { device: device(place), usable, packs: Vec::new() }).collect()
    }

    #[test]
    fn a_small_site_is_one_part_and_a_pack_used_changes_one_of_many() {
        assert_eq!(of_shelves("RXX01", shelves(60, 1)).len(), 1);
        assert!(of_shelves("RXX01", Vec::new()).is_empty());
        let before = of_shelves("RXX01", shelves(20_000, 4));
        assert_eq!(before.len(), SHELF_PARTS);
        let mut used = shelves(20_000, 4);
        used[77].usable = 3;
        let after = of_shelves("RXX01", used);
        assert_eq!(before.iter().filter(|(name, part)| after[*name] != **part).count(), 1);
    }
}
