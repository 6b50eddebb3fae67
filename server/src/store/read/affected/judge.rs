//! Holds units against the notice. Packs of one lot are judged once.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use tessera_scanner::recall_match::{Criterion, Match, Unit, Units, gravest};
use tessera_scanner::udi::DeviceIdentifier;

use super::reach::Reach;
use crate::catalogue::model::{Agency, ProductId};

/// A unit as it stands in the database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub product: Option<ProductId>,
    pub issuer: Option<Agency>,
    pub identifier: Option<&'a str>,
    pub lot: Option<&'a str>,
    pub serial: Option<&'a str>,
    pub expiry: Option<NaiveDate>,
}

impl Seen<'_> {
    fn device(&self) -> Option<DeviceIdentifier> {
        let text = self.identifier?.to_owned();
        Some(DeviceIdentifier { issuer: self.issuer.unwrap_or(Agency::Gs1).into(), text })
    }
}

type Key = (Option<ProductId>, Option<DeviceIdentifier>, Option<String>, Option<String>, Option<NaiveDate>);

#[derive(Debug)]
pub(super) struct Judge<'a> {
    criteria: &'a [Criterion],
    by_device: HashMap<&'a DeviceIdentifier, Vec<usize>>,
    by_reference: HashMap<&'a str, Vec<usize>>,
    names_serials: bool,
    reach: &'a Reach,
    judged: HashMap<Key, Option<Match>>,
}

impl<'a> Judge<'a> {
    pub fn new(criteria: &'a [Criterion], reach: &'a Reach) -> Self {
        let mut by_device: HashMap<_, Vec<_>> = HashMap::new();
        let mut by_reference: HashMap<_, Vec<_>> = HashMap::new();
        for (place, criterion) in criteria.iter().enumerate() {
            if let Some(device) = &criterion.device {
                by_device.entry(device).or_default().push(place);
            }
            if let Some(reference) = &criterion.reference {
                by_reference.entry(reference.trim()).or_default().push(place);
            }
        }
        let names_serials = criteria.iter().any(|one| matches!(one.units, Units::Serial(_)));
        Self { criteria, by_device, by_reference, names_serials, reach, judged: HashMap::new() }
    }

    /// Maker and brand.
    pub fn name(&self, unit: &Seen<'_>) -> Option<String> {
        let known = self.reach.product(unit.product, unit.device().as_ref())?;
        Some(format!("{} {}", known.maker, known.brand))
    }

    /// The gravest match, if the notice is about this device at all.
    pub fn hold(&mut self, unit: &Seen<'_>) -> Option<Match> {
        let serial = unit.serial.filter(|_| self.names_serials);
        let key: Key =
            (unit.product, unit.device(), unit.lot.map(str::to_owned), serial.map(str::to_owned), unit.expiry);
        if let Some(known) = self.judged.get(&key) {
            return known.clone();
        }
        let found = self.hold_anew(unit);
        self.judged.insert(key, found.clone());
        found
    }

    fn hold_anew(&self, unit: &Seen<'_>) -> Option<Match> {
        let scanned = unit.device();
        let known = self.reach.product(unit.product, scanned.as_ref());
        let mut devices: Vec<DeviceIdentifier> = known.map(|known| known.devices.clone()).unwrap_or_default();
        if let Some(scanned) = scanned.filter(|scanned| !devices.contains(scanned)) {
            devices.push(scanned);
        }
        let unit = Unit {
            devices: &devices,
            maker: known.map(|known| known.maker.as_str()),
            reference: known.map(|known| known.reference.as_str()),
            lot: unit.lot,
            serial: unit.serial,
            expiry: unit.expiry,
        };
        if devices.is_empty() && known.is_none() {
            return gravest(&unit, self.criteria).map(|(_, found)| found);
        }
        let by_device = devices.iter().filter_map(|device| self.by_device.get(device));
        let by_reference = unit.reference.and_then(|reference| self.by_reference.get(reference.trim()));
        let places: BTreeSet<usize> = by_device.chain(by_reference).flatten().copied().collect();
        gravest(&unit, places.into_iter().map(|place| &self.criteria[place])).map(|(_, found)| found)
    }
}
