//! The active recalls that may mean a unit in hand: only their lines that name its lot or serial, or no unit at all.
//!
//! A device can have thousands of recalled lots; a scan is not to read them all. Lines are sought by device and unit in one index.
//! Where the pack shows no lot (or no serial), one line of each recall that names lots (or serials) stands for all of them: the match
//! can only be *possible*, whichever lot it is.

use std::collections::{BTreeMap, BTreeSet};

use tessera_scanner::recall_match::{Criterion, Units, alike, may_be_one_maker};
use tessera_scanner::udi::{DeviceIdentifier, Udi};
use tessera_scanner::verdict::RecallFacts;

use self::store::{Named, Row, Vague, exact, vague};
use super::criteria::UnitKind;
use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::store::AnyConnection;

mod store;

/// Which unit: the lots and serials of all its possible readings.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    lots: BTreeSet<String>,
    serials: BTreeSet<String>,
    without_lot: bool,
    without_serial: bool,
}

impl Shown {
    /// One unit that shows this lot and serial.
    pub fn of(lot: Option<&str>, serial: Option<&str>) -> Self {
        let mut shown = Self::default();
        shown.add(lot, serial);
        shown
    }

    /// A unit with several possible readings.
    pub fn readings<'a>(readings: impl IntoIterator<Item = &'a Udi>) -> Self {
        let mut shown = Self::default();
        for udi in readings {
            shown.add(udi.lot.as_ref().map(AsRef::as_ref), udi.serial.as_ref().map(AsRef::as_ref));
        }
        if shown.lots.is_empty() && shown.serials.is_empty() {
            (shown.without_lot, shown.without_serial) = (true, true);
        }
        shown
    }

    fn add(&mut self, lot: Option<&str>, serial: Option<&str>) {
        for (text, found, without) in
            [(lot, &mut self.lots, &mut self.without_lot), (serial, &mut self.serials, &mut self.without_serial)]
        {
            match text.map(alike).filter(|text| !text.is_empty()) {
                Some(text) => drop(found.insert(text)),
                None => *without = true,
            }
        }
    }

    /// Kinds of units of which any may be this one.
    fn vague(&self) -> Vec<UnitKind> {
        let kinds = [(self.without_lot, UnitKind::Lot), (self.without_serial, UnitKind::Serial)];
        kinds.into_iter().filter(|(without, _)| *without).map(|(_, kind)| kind).collect()
    }
}

/// Active recalls that may mean this unit: by one of these identifiers, by the catalogue number, or only by the maker of its lot.
///
/// # Errors
/// Those of the database.
pub fn active_about_unit(
    connection: &mut AnyConnection,
    devices: &[DeviceIdentifier],
    (maker, reference): (Option<&str>, Option<&str>),
    shown: &Shown,
) -> Result<Vec<RecallFacts>, Problem> {
    let texts: BTreeSet<&str> = devices.iter().map(|device| device.text.as_str()).collect();
    let mut facts = Facts::default();
    let of_agency = |issuer: Option<Agency>| {
        issuer.is_none_or(|issuer| devices.iter().any(|device| Agency::from(device.issuer) == issuer))
    };
    // One question for each of the few identifiers: databases plan a question of fixed length only once.
    for text in texts {
        let named = Named::Identifier(text.to_owned());
        facts.add(exact(connection, &named, shown)?.into_iter().filter(|(_, _, row)| of_agency(row.issuer())))?;
        facts.add_vague(vague(connection, &named, shown)?.into_iter().filter(|row| of_agency(row.3)));
    }
    if let Some(reference) = reference.map(str::trim).filter(|text| !text.is_empty()) {
        let named = Named::Reference(reference.to_owned());
        facts.add(exact(connection, &named, shown)?)?;
        facts.add_vague(vague(connection, &named, shown)?);
    }
    let of_maker = exact(connection, &Named::OnlyTheMaker, shown)?
        .into_iter()
        .filter(|(_, _, row)| row.maker().zip(maker).is_none_or(|(theirs, ours)| may_be_one_maker(theirs, ours)));
    facts.add(of_maker)?;
    Ok(facts.recalls())
}

/// Lines by the notice's reference and title; the same line found twice is one.
#[derive(Debug, Default)]
struct Facts {
    found: BTreeMap<(String, String), Vec<Criterion>>,
}

impl Facts {
    fn add(&mut self, rows: impl IntoIterator<Item = Row>) -> Result<(), Problem> {
        for (reference, title, row) in rows {
            self.keep((reference, title), row.try_into()?);
        }
        Ok(())
    }

    fn add_vague(&mut self, rows: impl IntoIterator<Item = Vague>) {
        for (notice, title, kind, issuer, identifier, maker, reference, value) in rows {
            let value = value.unwrap_or_default();
            let units = if kind == UnitKind::Serial { Units::Serial(value) } else { Units::Lot(value) };
            let device = identifier.map(|text| DeviceIdentifier { issuer: issuer.unwrap_or(Agency::Gs1).into(), text });
            self.keep((notice, title), Criterion { device, maker, reference, units });
        }
    }

    fn keep(&mut self, notice: (String, String), criterion: Criterion) {
        let lines = self.found.entry(notice).or_default();
        if !lines.contains(&criterion) {
            lines.push(criterion);
        }
    }

    fn recalls(self) -> Vec<RecallFacts> {
        self.found
            .into_iter()
            .map(|((reference, title), criteria)| RecallFacts { reference, title, criteria })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recalls::criteria::CriterionForm;
    use crate::recalls::store as all_recalls;
    use crate::recalls::testing::*;
    use crate::store::testing::on_both_engines;
    use tessera_scanner::recall_match::{Tier, Unit, gravest};
    use tessera_scanner::udi::Issuer;

    /// The narrow question answers like the wide one that reads every line of a device, for every kind of unit.
    #[test]
    fn the_verdict_is_that_of_all_lines() {
        on_both_engines(|store| {
            ready(store);
            let with = |reference: &str, maker: &str, units, value| CriterionForm {
                reference: Some(reference.to_owned()).filter(|text| !text.is_empty()),
                maker: Some(maker.to_owned()),
                ..line("", units, value)
            };
            let notices = [
                vec![line(STEM, UnitKind::Lot, Some("L1")), line(STEM, UnitKind::Lot, Some("L-2"))],
                vec![line(CARTON, UnitKind::Serial, Some("S1")), line(STEM, UnitKind::Serial, Some("SO"))],
                vec![line(STEM, UnitKind::Manufacture, Some("../2026-01-31"))],
                vec![with(REFERENCE, "Harrowmere Orthopaedics", UnitKind::Lot, Some("L3"))],
                vec![with("", "Harrowmere Ltd", UnitKind::Lot, Some("L4"))],
                vec![with(REFERENCE, "Tarn", UnitKind::All, None)],
            ];
            for criteria in notices {
                let new = notice(criteria);
                enter(store, &person(store, "pat"), &new).unwrap();
                confirm(store, &person(store, "sam"), new.id).unwrap();
            }
            let device = |text: &str| DeviceIdentifier { issuer: Issuer::Gs1, text: text.to_owned() };
            let (both, maker, number) = ([device(STEM), device(CARTON)], "Harrowmere Orthopaedics", REFERENCE);
            let (mut held, mut tiers) = (0, BTreeSet::new());
            for lot in [None, Some("L1"), Some("LI"), Some("L2"), Some("L3"), Some("L4"), Some("L9")] {
                for serial in [None, Some("S1"), Some("S0"), Some("S9")] {
                    for (devices, maker, reference) in
                        [(&both[..], Some(maker), Some(number)), (&both[..1], None, None), (&[], Some(maker), None)]
                    {
                        let (wide, narrow) = store
                            .read_now(|connection| {
                                let shown = Shown::of(lot, serial);
                                let narrow = active_about_unit(connection, devices, (maker, reference), &shown)?;
                                Ok((all_recalls::active_about(connection, devices, maker, reference)?, narrow))
                            })
                            .unwrap();
                        let unit = Unit { devices, maker, reference, lot, serial, expiry: None, manufacture: None };
                        let judged = |recalls: &[RecallFacts]| -> Vec<(String, Tier)> {
                            let held = recalls.iter().filter_map(|recall| {
                                let (_, found) = gravest(&unit, &recall.criteria)?;
                                (found.tier > Tier::Excluded).then(|| (recall.reference.clone(), found.tier))
                            });
                            held.collect()
                        };
                        assert_eq!(judged(&narrow), judged(&wide), "{lot:?} {serial:?} {devices:?}");
                        tiers.extend(judged(&wide).into_iter().map(|(_, tier)| tier));
                        held += 1;
                    }
                }
            }
            assert_eq!((held, tiers.len()), (84, 3), "every tier came up");
        });
    }
}
