//! How far a notice reaches: every product that it may mean, every identifier of those, and where to look them up.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use tessera_scanner::recall_match::{Criterion, Units, alike, may_be_one_maker};
use tessera_scanner::udi::DeviceIdentifier;

use super::Excluded;
use crate::catalogue::model::{Agency, ProductId};
use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::schema::{product_identifiers, products};

/// Identifiers, and lots or serials, of one look-up at the most: below every engine's limit of bound values.
const AT_ONCE: usize = 400;

/// Lots and serials of one product from which on all its units are read and held against them: thousands of look-ups would take longer
/// than the few thousand units that a product has.
const TURN: usize = 10 * AT_ONCE;

/// A product's id, maker, brand and catalogue number.
type Row = (ProductId, String, String, String);

/// A product as far as recalls need it.
#[derive(Debug)]
pub(super) struct Known {
    pub maker: String,
    pub brand: String,
    pub reference: String,
    pub devices: Vec<DeviceIdentifier>,
}

/// What one look-up asks for.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub identifiers: Vec<String>,
    pub products: Vec<ProductId>,
    /// As they look: see [`alike`].
    pub lots: Vec<String>,
    /// As they look.
    pub serials: Vec<String>,
    /// Every unit of these devices, whatever its lot.
    pub every_unit: bool,
    /// Every unit that was recorded without any identifier.
    pub every_nameless: bool,
    /// Also units of devices that the catalogue does not know, by lot or serial: nobody knows who makes them.
    pub unknown: bool,
}

/// How far a notice reaches.
#[derive(Debug)]
pub(super) struct Reach {
    products: HashMap<ProductId, Known>,
    product_of: HashMap<DeviceIdentifier, ProductId>,
    groups: Vec<Group>,
}

/// One product, or one identifier that the catalogue does not know, with the units that are asked for.
#[derive(Debug, Default)]
struct Group {
    product: Option<ProductId>,
    identifiers: BTreeSet<String>,
    lots: BTreeSet<String>,
    serials: BTreeSet<String>,
    every_unit: bool,
    unknown: bool,
}

impl Reach {
    pub fn of(connection: &mut AnyConnection, criteria: &[Criterion], excluded: Excluded) -> Result<Self, Problem> {
        let mut reach = Self { products: HashMap::new(), product_of: HashMap::new(), groups: Vec::new() };
        reach.find_products(connection, criteria)?;
        reach.find_identifiers(connection)?;
        let mut by_reference: HashMap<&str, Vec<ProductId>> = HashMap::new();
        for (id, known) in &reach.products {
            by_reference.entry(known.reference.trim()).or_default().push(*id);
        }
        let mut groups: BTreeMap<(Option<ProductId>, Option<&str>), Group> = BTreeMap::new();
        for criterion in criteria {
            let device = criterion.device.as_ref();
            let named = device.and_then(|device| reach.product_of.get(device)).copied();
            let mut keys: Vec<_> = match (named, device) {
                (Some(product), _) => vec![(Some(product), None)],
                (None, Some(device)) => vec![(None, Some(device.text.as_str()))],
                (None, None) => Vec::new(),
            };
            let of_maker = criterion.maker.as_deref().filter(|_| names_only_the_maker(criterion));
            if let Some(maker) = of_maker {
                let kin = |known: &Known| may_be_one_maker(maker, &known.maker);
                keys.extend(reach.products.iter().filter(|(_, known)| kin(known)).map(|(id, _)| (Some(*id), None)));
                keys.push((None, None));
            }
            let same_number = criterion.reference.as_deref().and_then(|number| by_reference.get(number.trim()));
            keys.extend(same_number.into_iter().flatten().map(|id| (Some(*id), None)));
            if keys.is_empty() {
                // Nothing in the catalogue: only what was recorded without any identifier may still be meant.
                keys.push((None, None));
            }
            for key in keys {
                let group = groups.entry(key).or_insert_with(|| reach.group(key));
                let excluded = if of_maker.is_some() { Excluded::LeftOut } else { excluded };
                group.ask_for(&criterion.units, excluded);
                group.unknown |= of_maker.is_some() && key == (None, None);
            }
        }
        reach.groups = groups.into_values().collect();
        Ok(reach)
    }

    /// The product, by its id or by an identifier.
    pub fn product(&self, id: Option<ProductId>, device: Option<&DeviceIdentifier>) -> Option<&Known> {
        let known = id.and_then(|id| self.products.get(&id));
        known.or_else(|| self.products.get(self.product_of.get(device?)?))
    }

    /// The look-ups: groups together until one would be too large.
    pub fn batches(&self) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        for group in &self.groups {
            for part in group.parts() {
                match batches.last_mut() {
                    Some(last) if last.takes(&part) => last.add(part),
                    _ => batches.push(part),
                }
            }
        }
        batches
    }

    fn group(&self, (product, text): (Option<ProductId>, Option<&str>)) -> Group {
        let known = product.and_then(|id| self.products.get(&id));
        let identifiers = known.into_iter().flat_map(|known| known.devices.iter().map(|device| device.text.clone()));
        Group { product, identifiers: identifiers.chain(text.map(str::to_owned)).collect(), ..Group::default() }
    }

    fn find_products(&mut self, connection: &mut AnyConnection, criteria: &[Criterion]) -> Result<(), Problem> {
        let texts: BTreeSet<&str> =
            criteria.iter().filter_map(|one| Some(one.device.as_ref()?.text.as_str())).collect();
        let numbers: BTreeSet<&str> =
            criteria.iter().filter_map(|one| Some(one.reference.as_deref()?.trim())).collect();
        let columns = (products::id, products::maker, products::brand, products::reference);
        let mut rows: Vec<Row> = Vec::new();
        for some in texts.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let named = product_identifiers::table
                .inner_join(products::table)
                .filter(product_identifiers::identifier.eq_any(some.to_vec()))
                .filter(product_identifiers::issuer.eq_any(Agency::ALL.to_vec()));
            rows.extend(named.select(columns).load::<Row>(connection)?);
        }
        for some in numbers.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let numbered = products::table.filter(products::reference.eq_any(some.to_vec()));
            rows.extend(numbered.select(columns).load::<Row>(connection)?);
        }
        let makers: Vec<&str> =
            criteria.iter().filter(|one| names_only_the_maker(one)).filter_map(|one| one.maker.as_deref()).collect();
        if !makers.is_empty() {
            let all: Vec<Row> = products::table.select(columns).load(connection)?;
            rows.extend(all.into_iter().filter(|row| makers.iter().any(|maker| may_be_one_maker(maker, &row.1))));
        }
        for (id, maker, brand, reference) in rows {
            self.products.insert(id, Known { maker, brand, reference, devices: Vec::new() });
        }
        Ok(())
    }

    fn find_identifiers(&mut self, connection: &mut AnyConnection) -> Result<(), Problem> {
        let ids: Vec<_> = self.products.keys().copied().collect();
        for some in ids.chunks(AT_ONCE) {
            let rows: Vec<(ProductId, Agency, String)> = product_identifiers::table
                .filter(product_identifiers::product_id.eq_any(some.to_vec()))
                .select((product_identifiers::product_id, product_identifiers::issuer, product_identifiers::identifier))
                .load(connection)?;
            for (id, issuer, text) in rows {
                let device = DeviceIdentifier { issuer: issuer.into(), text };
                self.product_of.insert(device.clone(), id);
                if let Some(known) = self.products.get_mut(&id) {
                    known.devices.push(device);
                }
            }
        }
        Ok(())
    }
}

/// A line that says neither which device nor which catalogue number: only whose lot or serial it is.
pub(super) fn names_only_the_maker(criterion: &Criterion) -> bool {
    criterion.device.is_none() && criterion.reference.is_none()
}

impl Group {
    fn ask_for(&mut self, units: &Units, excluded: Excluded) {
        self.every_unit |= excluded == Excluded::Shown;
        match units {
            // Dates have no index of their own: every unit of the device is held against the date.
            Units::All | Units::Expiry(_) | Units::ExpiryWithin(_) | Units::MadeWithin(_) => self.every_unit = true,
            Units::Lot(lot) => drop(self.lots.insert(alike(lot))),
            Units::Serial(serial) => drop(self.serials.insert(alike(serial))),
        }
    }

    /// This group as look-ups that are small enough.
    fn parts(&self) -> Vec<Batch> {
        let whole = || Batch {
            identifiers: self.identifiers.iter().cloned().collect(),
            products: self.product.into_iter().collect(),
            unknown: self.unknown,
            ..Batch::default()
        };
        let pieces = |values: &BTreeSet<String>| -> Vec<Vec<String>> {
            values.iter().cloned().collect::<Vec<_>>().chunks(AT_ONCE).map(<[String]>::to_vec).collect()
        };
        let named = !self.identifiers.is_empty() && !self.unknown;
        if named && self.lots.len() + self.serials.len() > TURN {
            return vec![Batch { every_unit: true, every_nameless: true, ..whole() }];
        }
        let mut parts: Vec<Batch> = Vec::new();
        parts.extend(pieces(&self.lots).into_iter().map(|lots| Batch { lots, ..whole() }));
        parts.extend(pieces(&self.serials).into_iter().map(|serials| Batch { serials, ..whole() }));
        if self.every_unit {
            parts.push(Batch { every_unit: true, ..whole() });
        }
        parts
    }
}

impl Batch {
    fn takes(&self, more: &Self) -> bool {
        self.every_unit == more.every_unit
            && self.every_nameless == more.every_nameless
            && self.unknown == more.unknown
            && self.lots.is_empty() == more.lots.is_empty()
            && self.serials.is_empty() == more.serials.is_empty()
            && self.identifiers.len() + more.identifiers.len() <= AT_ONCE
            && self.lots.len() + more.lots.len() <= AT_ONCE
            && self.serials.len() + more.serials.len() <= AT_ONCE
    }

    fn add(&mut self, more: Self) {
        self.identifiers.extend(more.identifiers);
        self.products.extend(more.products);
        self.lots.extend(more.lots);
        self.serials.extend(more.serials);
    }
}
