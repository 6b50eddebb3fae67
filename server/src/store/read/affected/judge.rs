//! Holds units against the notice. Packs of one lot are judged once.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use tessera_scanner::recall_match::{Criterion, Match, Unit, Units, alike, gravest, hold};
use tessera_scanner::udi::DeviceIdentifier;

use super::reach::{Reach, names_only_the_maker};
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
    pub manufacture: Option<NaiveDate>,
}

impl Seen<'_> {
    fn device(&self) -> Option<DeviceIdentifier> {
        let text = self.identifier?.to_owned();
        Some(DeviceIdentifier { issuer: self.issuer.unwrap_or(Agency::Gs1).into(), text })
    }
}

type Key = (Option<ProductId>, Option<DeviceIdentifier>, Option<String>, Option<String>, [Option<NaiveDate>; 2]);

/// Lines of the notice about one device, by the unit that they name: a notice of a thousand lots is not read through for
/// every pack.
#[derive(Debug, Default)]
struct Lines {
    first: Option<usize>,
    lots: HashMap<String, Vec<usize>>,
    serials: HashMap<String, Vec<usize>>,
    /// All units, or a date.
    rest: Vec<usize>,
}

impl Lines {
    fn add(&mut self, place: usize, units: &Units) {
        self.first.get_or_insert(place);
        match units {
            Units::Lot(lot) => self.lots.entry(alike(lot)).or_default().push(place),
            Units::Serial(serial) => self.serials.entry(alike(serial)).or_default().push(place),
            Units::All | Units::Expiry(_) | Units::ExpiryWithin(_) | Units::MadeWithin(_) => self.rest.push(place),
        }
    }

    /// Those that may mean this unit: they name its lot or serial, or it shows none.
    fn that_may_mean(&self, unit: &Seen<'_>) -> impl Iterator<Item = usize> {
        let lots = naming(&self.lots, unit.lot);
        let serials = naming(&self.serials, unit.serial);
        lots.into_iter().chain(serials).chain(self.rest.iter().copied())
    }
}

fn is_dated(units: &Units) -> bool {
    matches!(units, Units::Expiry(_) | Units::ExpiryWithin(_) | Units::MadeWithin(_))
}

fn naming(lines: &HashMap<String, Vec<usize>>, shown: Option<&str>) -> Vec<usize> {
    match shown.map(alike).filter(|shown| !shown.is_empty()) {
        Some(shown) => lines.get(&shown).cloned().unwrap_or_default(),
        None => lines.values().flatten().copied().collect(),
    }
}

#[derive(Debug)]
pub(super) struct Judge<'a> {
    criteria: &'a [Criterion],
    by_device: HashMap<&'a DeviceIdentifier, Lines>,
    by_reference: HashMap<&'a str, Lines>,
    /// Lines that name only a maker: the match itself compares it.
    by_maker: Lines,
    names_serials: bool,
    names_dates: bool,
    reach: &'a Reach,
    judged: HashMap<Key, Option<Match>>,
}

impl<'a> Judge<'a> {
    pub fn new(criteria: &'a [Criterion], reach: &'a Reach) -> Self {
        let mut by_device: HashMap<_, Lines> = HashMap::new();
        let mut by_reference: HashMap<_, Lines> = HashMap::new();
        let mut by_maker = Lines::default();
        for (place, criterion) in criteria.iter().enumerate() {
            if names_only_the_maker(criterion) {
                by_maker.add(place, &criterion.units);
            }
            if let Some(device) = &criterion.device {
                by_device.entry(device).or_default().add(place, &criterion.units);
            }
            if let Some(reference) = &criterion.reference {
                by_reference.entry(reference.trim()).or_default().add(place, &criterion.units);
            }
        }
        let names_serials = criteria.iter().any(|one| matches!(one.units, Units::Serial(_)));
        let names_dates = criteria.iter().any(|one| is_dated(&one.units));
        Self { criteria, by_device, by_reference, by_maker, names_serials, names_dates, reach, judged: HashMap::new() }
    }

    /// Maker and brand.
    pub fn name(&self, unit: &Seen<'_>) -> Option<String> {
        let known = self.reach.product(unit.product, unit.device().as_ref())?;
        Some(format!("{} {}", known.maker, known.brand))
    }

    /// The gravest match, if the notice is about this device at all.
    pub fn hold(&mut self, unit: &Seen<'_>) -> Option<Match> {
        let serial = unit.serial.filter(|_| self.names_serials);
        let dates = [unit.expiry, unit.manufacture].map(|date| date.filter(|_| self.names_dates));
        let key: Key = (unit.product, unit.device(), unit.lot.map(str::to_owned), serial.map(str::to_owned), dates);
        if let Some(known) = self.judged.get(&key) {
            return known.clone();
        }
        let found = self.hold_anew(unit);
        self.judged.insert(key, found.clone());
        found
    }

    fn hold_anew(&self, seen: &Seen<'_>) -> Option<Match> {
        let scanned = seen.device();
        let known = self.reach.product(seen.product, scanned.as_ref());
        let mut devices: Vec<DeviceIdentifier> = known.map(|known| known.devices.clone()).unwrap_or_default();
        if let Some(scanned) = scanned.filter(|scanned| !devices.contains(scanned)) {
            devices.push(scanned);
        }
        let unit = Unit {
            devices: &devices,
            maker: known.map(|known| known.maker.as_str()),
            reference: known.map(|known| known.reference.as_str()),
            lot: seen.lot,
            serial: seen.serial,
            expiry: seen.expiry,
            manufacture: seen.manufacture,
        };
        if devices.is_empty() && known.is_none() {
            return gravest(&unit, self.criteria).map(|(_, found)| found);
        }
        let by_device = devices.iter().filter_map(|device| self.by_device.get(device));
        let by_reference = unit.reference.and_then(|reference| self.by_reference.get(reference.trim()));
        let about: Vec<&Lines> = by_device.chain(by_reference).collect();
        let of_maker = self.by_maker.that_may_mean(seen);
        let places: BTreeSet<usize> =
            about.iter().flat_map(|lines| lines.that_may_mean(seen)).chain(of_maker).collect();
        let found = gravest(&unit, places.into_iter().map(|place| &self.criteria[place])).map(|(_, found)| found);
        // None of them does: then the first line about this device says why not.
        found.or_else(|| hold(&unit, &self.criteria[about.iter().filter_map(|lines| lines.first).min()?]))
    }
}
