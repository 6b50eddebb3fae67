//! What of cohorts and of devices may not be told because a small number would follow from it and from what else is told.
//!
//! All cohorts are parts of one table of the registry: by device, procedure, site, sex and whatever else a filter may name. A part is told
//! where the table's small cells stay hidden however told parts are added and taken away ([`Shifts`]): five counts are held against
//! that, each in a table of its own. Ages, body mass indices and days have levels of their own ([`Axis`]), so that no two ranges differ
//! by a year of age or by a day.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use uuid::Uuid;

use super::axis::Axis;
use super::filter::Filter;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Cohort, End, Listed, Selection, SiteCode};
use crate::analysis::signals::Experience;
use crate::small_numbers::Sight;
use crate::small_numbers::shifts::{MOST_AXES, Place, Shifts};

/// What of a part may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many implants it has.
    pub implants: bool,
    /// How many of them were revised.
    pub revisions: bool,
    /// How many ended with their person's death.
    pub deaths: bool,
}

impl Told {
    /// Everything.
    pub const ALL: Self = Self { implants: true, revisions: true, deaths: true };
    /// Nothing.
    pub const NOTHING: Self = Self { implants: false, revisions: false, deaths: false };
}

/// What numbers of the table's axes stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub devices: HashMap<Uuid, u32>,
    pub sites: Vec<SiteCode>,
    pub surgeons: Vec<Uuid>,
    pub indications: Vec<crate::analysis::cohort::Indication>,
}

impl Names {
    fn of(cohort: &Cohort) -> Self {
        Self {
            devices: cohort.products().zip(0..).collect(),
            sites: cohort.sites().to_vec(),
            surgeons: cohort.surgeons().to_vec(),
            indications: cohort.indications().to_vec(),
        }
    }
}

/// What of the parts of a table by some axes may be told.
#[derive(Clone, Debug)]
pub struct Disclosure {
    axes: Vec<Axis>,
    names: Names,
    /// Of implants, of revisions and of what was not revised, of deaths and of what is still in place.
    shifts: [Shifts; 5],
}

impl Disclosure {
    /// Of everybody in a snapshot by the end of a day.
    pub(super) fn of(cohort: &Cohort, kinds: &[Vec<Uuid>], until: NaiveDate, axes: &[Axis], sight: Sight) -> Self {
        let names = Names::of(cohort);
        let mut cells: BTreeMap<Place, [u64; 5]> = BTreeMap::new();
        if axes.len() <= MOST_AXES {
            let mut count = |one: Listed| {
                let mut place: Place = [0; MOST_AXES];
                for (level, axis) in place.iter_mut().zip(axes) {
                    *level = axis.level(&one, &names);
                }
                let (revised, died) = (one.end == Some(End::Revised), one.end == Some(End::Died));
                let of = [true, revised, !revised, died, !revised && !died];
                let counts = cells.entry(place).or_default();
                counts.iter_mut().zip(of).for_each(|(count, of)| *count += u64::from(of));
            };
            cohort.each_implant(cohort.products(), &[Selection::until(until)], &mut count);
        }
        let kind_of: HashMap<u32, usize> = kinds
            .iter()
            .zip(0..)
            .flat_map(|(kind, place)| kind.iter().map(move |product| (product, place)))
            .filter_map(|(product, place)| Some((*names.devices.get(product)?, place)))
            .collect();
        let alike = |axis: usize, one: u32, other: u32| {
            axes[axis] != Axis::Device || kind_of.get(&one).is_some_and(|kind| kind_of.get(&other) == Some(kind))
        };
        let shifts = [0, 1, 2, 3, 4].map(|measure| {
            let counts = cells.iter().map(|(place, counts)| (*place, counts[measure])).collect();
            Shifts::of(&counts, axes.len().min(MOST_AXES), sight.least, &alike)
        });
        Self { axes: axes.to_vec(), names, shifts }
    }

    /// What may be told of the implants of some products that a filter leaves; nothing where it cuts finer than the axes are.
    pub fn tells(&self, filter: &Filter, products: &[Uuid]) -> Told {
        let Some(bounds) = self.bounds(filter, products) else { return Told::NOTHING };
        let part: Vec<Option<&BTreeSet<u32>>> = bounds.iter().map(Option::as_ref).collect();
        let [implants, revised, not_revised, died, in_place] = [0, 1, 2, 3, 4].map(|of| self.shifts[of].leave(&part));
        Told { implants, revisions: implants && revised && not_revised, deaths: implants && died && in_place }
    }

    /// What may be told of the implants of some products at one site.
    pub fn tells_at(&self, site: SiteCode, products: &[Uuid]) -> Told {
        self.tells(&Filter { sites: BTreeSet::from([site]), ..Filter::default() }, products)
    }

    fn bounds(&self, filter: &Filter, products: &[Uuid]) -> Option<Vec<Option<BTreeSet<u32>>>> {
        if self.axes.len() > MOST_AXES || !filter.is_coarse() {
            return None;
        }
        let bound = |axis: &Axis| match axis {
            Axis::Device => Some(products.iter().filter_map(|id| self.names.devices.get(id).copied()).collect()),
            other => other.levels(filter, &self.names),
        };
        Some(self.axes.iter().map(bound).collect())
    }
}

/// Devices of which counts are kept back from a role.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// Devices whose number of implants is kept back.
    pub implants: BTreeSet<Uuid>,
    /// Devices whose number of revisions is kept back.
    pub revisions: BTreeSet<Uuid>,
    /// Devices whose number of deaths is kept back.
    pub deaths: BTreeSet<Uuid>,
    /// Devices of whose kind, or of the others of whose kind, the counts are kept back.
    pub others: BTreeSet<Uuid>,
    /// By site; none for a role that sees all.
    places: Option<Arc<Disclosure>>,
}

impl Hidden {
    /// Of some devices of a registry whose kinds these are, as of a day.
    pub fn of(snapshot: &Snapshot, kinds: &[Vec<Uuid>], asked: &[Uuid], until: NaiveDate, sight: Sight) -> Self {
        let mut hidden = Self::default();
        if sight.is_all() {
            return hidden;
        }
        let table = snapshot.disclosure(kinds, until, &[Axis::Device], sight);
        let tells = |products: &[Uuid]| table.tells(&Filter::default(), products);
        let both = |told: Told| told.implants && told.revisions;
        for &product in asked {
            let told = tells(&[product]);
            let keep_back = |of: &mut BTreeSet<Uuid>, told: bool| {
                if !told {
                    of.insert(product);
                }
            };
            keep_back(&mut hidden.implants, told.implants);
            keep_back(&mut hidden.revisions, told.revisions);
            keep_back(&mut hidden.deaths, told.deaths);
            let kind = kinds.iter().find(|kind| kind.contains(&product)).map_or(&[][..], Vec::as_slice);
            let others: Vec<Uuid> = kind.iter().copied().filter(|other| *other != product).collect();
            keep_back(&mut hidden.others, both(tells(kind)) && both(tells(&others)));
        }
        if let [_] = asked {
            hidden.places = Some(snapshot.disclosure(kinds, until, &[Axis::Device, Axis::Site], sight));
        }
        hidden
    }

    /// Whether a device's counts, those of its kind, and all that follows from them may be told.
    pub fn tells(&self, product: Uuid) -> bool {
        ![&self.implants, &self.revisions, &self.others].iter().any(|of| of.contains(&product))
    }

    /// What may be told of a device at one site.
    pub fn at_site(&self, product: Uuid, site: &str) -> Told {
        match (&self.places, SiteCode::new(site)) {
            (Some(table), Ok(site)) => table.tells_at(site, &[product]),
            _ => Told::ALL,
        }
    }
}

/// What may be told of a cohort.
pub fn told(snapshot: &Snapshot, question: &Question, sight: Sight) -> Told {
    if sight.is_all() {
        return Told::ALL;
    }
    let axes = Axis::of(&question.filter);
    let mut told = table(snapshot, question, &axes, sight).tells(&question.filter, &question.products);
    let own = experience(snapshot, question, question.until);
    for other in later(snapshot, question).map(|until| experience(snapshot, question, until)) {
        told.implants &= sight.tells(own.primaries.abs_diff(other.primaries));
        told.revisions &= told.implants && sight.tells(own.revisions.abs_diff(other.revisions));
        told.deaths &= told.implants;
    }
    told
}

/// The table by some axes as of a question's cut-off.
pub fn table(snapshot: &Snapshot, question: &Question, axes: &[Axis], sight: Sight) -> Arc<Disclosure> {
    snapshot.disclosure(&question.kinds, question.until, axes, sight)
}

/// The later cut-offs at which the same may be asked: the ends of years, and the day of the snapshot.
fn later(snapshot: &Snapshot, question: &Question) -> impl Iterator<Item = NaiveDate> + use<> {
    let (until, today) = (question.until, snapshot.day());
    let ends = (until.year()..today.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 12, 31));
    ends.chain([today]).filter(move |&day| day > until)
}

fn experience(snapshot: &Snapshot, question: &Question, until: NaiveDate) -> Experience {
    let moved = |one: &Selection| Selection { until, ..*one };
    let selections: Vec<Selection> = question.selections.iter().map(moved).collect();
    snapshot.cohort().experience_of_any(question.products.iter().copied(), &selections)
}
