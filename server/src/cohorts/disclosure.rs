//! What of a cohort, and of each device, site or surgeon in it, may be told because no small number follows from it and from what else
//! may be asked.
//!
//! A cohort is counted beside everything that the same terms with other values would name: a [`Crossing`] with an axis for each thing that
//! the filter says. The trees of its axes are of all that was ever implanted, so that they are the same for every question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::league::By;
use super::question::{Kind, Question};
use crate::analysis::cohort::{Cohort, End, Indication, Listed, Opcs4, Selection, Sex, Side, SiteCode};
use crate::small_numbers::Sight;
use crate::small_numbers::crossing::{Axis, Counts, Crossing, Judged, Told, Tree};

/// What a filter says by naming values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trait {
    Product,
    Site,
    Procedure,
    Side,
    Sex,
    Surgeon,
    Indication,
    Asa,
}

/// All of them but the product.
const TRAITS: [Trait; 7] =
    [Trait::Site, Trait::Procedure, Trait::Side, Trait::Sex, Trait::Surgeon, Trait::Indication, Trait::Asa];

/// A value of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Product(Uuid),
    Site(SiteCode),
    Procedure(Opcs4),
    Side(Side),
    Sex(Sex),
    Surgeon(Option<Uuid>),
    Indication(Option<Indication>),
    Asa(Option<u8>),
}

impl Trait {
    fn of(self, one: &Listed) -> Value {
        match self {
            Self::Product => Value::Product(one.product),
            Self::Site => Value::Site(one.site),
            Self::Procedure => Value::Procedure(one.procedure),
            Self::Side => Value::Side(one.side),
            Self::Sex => Value::Sex(one.sex),
            Self::Surgeon => Value::Surgeon(one.operation.surgeon),
            Self::Indication => Value::Indication(one.operation.indication),
            Self::Asa => Value::Asa(one.operation.asa),
        }
    }
}

impl By {
    fn named(self) -> Trait {
        match self {
            Self::Device => Trait::Product,
            Self::Site => Trait::Site,
            Self::Surgeon => Trait::Surgeon,
        }
    }
}

/// What a question says of one trait: whether it asks of it at all, and whether it chooses a value.
fn chooses(question: &Question, value: Value) -> bool {
    let filter = &question.filter;
    match value {
        Value::Product(one) => question.products.binary_search(&one).is_ok(),
        Value::Site(one) => filter.sites.contains(&one),
        Value::Procedure(one) => filter.procedures.contains(&one),
        Value::Side(one) => filter.sides.contains(&one),
        Value::Sex(one) => filter.sexes.contains(&one),
        Value::Surgeon(one) => one.is_some_and(|one| filter.surgeons.contains(&one)),
        Value::Indication(one) => one.is_some_and(|one| filter.indications.contains(&one)),
        Value::Asa(one) => one.is_some_and(|one| filter.asa.contains(&one)),
    }
}

fn asks(question: &Question, of: Trait) -> bool {
    let filter = &question.filter;
    match of {
        Trait::Product => filter.is_about_products(),
        Trait::Site => !filter.sites.is_empty(),
        Trait::Procedure => !filter.procedures.is_empty(),
        Trait::Side => !filter.sides.is_empty(),
        Trait::Sex => !filter.sexes.is_empty(),
        Trait::Surgeon => !filter.surgeons.is_empty(),
        Trait::Indication => !filter.indications.is_empty(),
        Trait::Asa => !filter.asa.is_empty(),
    }
}

/// What is counted, each with trees of its own: devices of which few were revised stand beside each other, however many there are of them.
const COUNTED: [fn(Counts) -> u64; 3] = [|all| all.implants, |all| all.revised, |all| all.died];

fn counts(one: &Listed) -> Counts {
    Counts {
        implants: 1,
        revised: u64::from(one.end == Some(End::Revised)),
        died: u64::from(one.end == Some(End::Died)),
    }
}

/// The values of a trait with a tree for each count.
#[derive(Clone, Debug)]
struct Values {
    of: Trait,
    places: BTreeMap<Value, usize>,
    trees: [Tree; COUNTED.len()],
}

impl Values {
    fn of(of: Trait, cohort: &Cohort, kinds: &[Kind]) -> Self {
        let mut totals: BTreeMap<Value, Counts> = BTreeMap::new();
        let ever = Selection::until(NaiveDate::MAX);
        cohort.each_implant(cohort.products(), &[ever], |one| {
            totals.entry(of.of(&one)).or_default().add(counts(&one));
        });
        let all: Vec<Value> = totals.keys().copied().collect();
        let groups = if of == Trait::Product { grouped(kinds, &all) } else { vec![vec![all]] };
        let tree = |count: fn(Counts) -> u64| {
            let total = |value: &Value| totals.get(value).map_or(0, |&all| count(all));
            let of_group = |group: &Vec<Vec<Value>>| -> Vec<Vec<u64>> {
                group.iter().map(|values| values.iter().map(total).collect()).collect()
            };
            Tree::nested(&groups.iter().map(of_group).collect::<Vec<_>>())
        };
        let trees = COUNTED.map(tree);
        Self { of, places: groups.into_iter().flatten().flatten().zip(0..).collect(), trees }
    }

    fn place(&self, value: Value) -> Option<usize> {
        self.places.get(&value).copied()
    }

    fn choice(&self, question: &Question, count: usize) -> Axis {
        let mut chosen = vec![false; self.places.len()];
        self.places.iter().for_each(|(&value, &place)| chosen[place] = chooses(question, value));
        Axis::choice(&self.trees[count], |place| chosen[place])
    }
}

/// Products by kind, kinds by category; those of no kind by themselves.
fn grouped(kinds: &[Kind], all: &[Value]) -> Vec<Vec<Vec<Value>>> {
    let values = |kind: &Kind| kind.products.iter().copied().map(Value::Product).collect::<Vec<_>>();
    let known: BTreeSet<Value> = kinds.iter().flat_map(values).collect();
    let of_no_kind = all.iter().copied().filter(|value| !known.contains(value)).collect();
    let categories = kinds.chunk_by(|a, b| a.category == b.category);
    categories.map(|category| category.iter().map(values).collect()).chain([vec![of_no_kind]]).collect()
}

/// Whether an implant is inside a range.
type Inside<'a> = Box<dyn Fn(&Listed) -> bool + 'a>;

/// What may be told of a question's cohort and of each unit in it.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// The table by the trees of each count; none for a role that sees all, and where it is too large.
    judged: Vec<Judged>,
    values: Vec<Values>,
    /// Axes that stand for ranges.
    ranges: usize,
    /// What is told where nothing was judged.
    otherwise: Told,
}

impl Default for Disclosure {
    /// Everything.
    fn default() -> Self {
        Self { judged: Vec::new(), values: Vec::new(), ranges: 0, otherwise: Told::ALL }
    }
}

impl Disclosure {
    /// Of a question, and of each of its devices, sites or surgeons.
    pub fn of(cohort: &Cohort, question: &Question, by: Option<By>, sight: Sight) -> Self {
        if sight.is_all() {
            return Self::default();
        }
        let each = by.map(By::named);
        let named = std::iter::once(Trait::Product).chain(TRAITS).filter(|&of| each == Some(of) || asks(question, of));
        let values: Vec<Values> = named.map(|of| Values::of(of, cohort, &question.kinds)).collect();
        let filter = &question.filter;
        let within = |range: Option<(u8, u8)>, value: Option<u8>| {
            range.is_none_or(|(least, most)| value.is_some_and(|value| (least..=most).contains(&value)))
        };
        let day = |one: &Listed| {
            filter.from.is_none_or(|from| one.implanted_on >= from) && filter.to.is_none_or(|to| one.implanted_on <= to)
        };
        let mut ranges: Vec<Inside> = Vec::new();
        if filter.ages.is_some() {
            ranges.push(Box::new(|one| within(filter.ages, one.age)));
        }
        if filter.bmi.is_some() {
            ranges.push(Box::new(|one| within(filter.bmi, one.operation.bmi)));
        }
        if filter.from.is_some() || filter.to.is_some() {
            ranges.push(Box::new(day));
        }
        let axes = |count: usize| -> Vec<Axis> {
            let axis = |values: &Values| {
                if each == Some(values.of) { Axis::each(&values.trees[count]) } else { values.choice(question, count) }
            };
            values.iter().map(axis).chain(ranges.iter().map(|_| Axis::in_or_out())).collect()
        };
        let axes = std::array::from_fn(axes);
        Self::counted(cohort, question.until, axes, values, &ranges, sight)
    }

    /// Of each device, and of each at each site, without any other term.
    pub fn of_devices(cohort: &Cohort, kinds: &[Kind], until: NaiveDate, sight: Sight) -> Self {
        let values: Vec<Values> = [Trait::Product, Trait::Site].map(|of| Values::of(of, cohort, kinds)).into();
        let axes = std::array::from_fn(|count| values.iter().map(|values| Axis::each(&values.trees[count])).collect());
        Self::counted(cohort, until, axes, values, &[], sight)
    }

    fn counted(
        cohort: &Cohort,
        until: NaiveDate,
        axes: [Vec<Axis>; COUNTED.len()],
        values: Vec<Values>,
        ranges: &[Inside],
        sight: Sight,
    ) -> Self {
        let Some(mut crossings) = axes.into_iter().map(Crossing::of).collect::<Option<Vec<_>>>() else {
            return Self { otherwise: Told::NONE, ..Self::default() };
        };
        let mut at = Vec::with_capacity(values.len() + ranges.len());
        cohort.each_implant(cohort.products(), &[Selection::until(until)], |one| {
            at.clear();
            at.extend(values.iter().filter_map(|values| values.place(values.of.of(&one))));
            at.extend(ranges.iter().map(|inside| usize::from(!inside(&one))));
            for crossing in &mut crossings {
                crossing.add(&at, counts(&one));
            }
        });
        let judged = crossings.into_iter().map(|crossing| crossing.judged(sight)).collect();
        Self { judged, values, ranges: ranges.len(), otherwise: Told::ALL }
    }

    fn at(&self, chosen: &[Value]) -> Told {
        let [implants, revised, died] = &self.judged[..] else { return self.otherwise };
        let place = |values: &Values| chosen.iter().find_map(|&value| values.place(value));
        let places: Vec<_> = self.values.iter().map(place).chain((0..self.ranges).map(|_| None)).collect();
        Told {
            implants: implants.tells(&places).implants,
            revised: revised.tells(&places).revised,
            died: died.tells(&places).died,
        }
    }

    /// Of the whole cohort.
    pub fn whole(&self) -> Told {
        self.at(&[])
    }

    /// Of one device.
    pub fn device(&self, product: Uuid) -> Told {
        self.at(&[Value::Product(product)])
    }

    /// Whether a device's implants and revisions, and so all that follows from them, may be told.
    pub fn tells(&self, product: Uuid) -> bool {
        let told = self.device(product);
        told.implants && told.revised
    }

    /// Of one site.
    pub fn site(&self, site: SiteCode) -> Told {
        self.at(&[Value::Site(site)])
    }

    /// Of one surgeon.
    pub fn surgeon(&self, surgeon: Uuid) -> Told {
        self.at(&[Value::Surgeon(Some(surgeon))])
    }

    /// Of one device at one site.
    pub fn device_at(&self, product: Uuid, site: SiteCode) -> Told {
        self.at(&[Value::Product(product), Value::Site(site)])
    }

    /// The sites of which it is not told how many of a device were implanted there: some, few, or none.
    pub fn sites_kept_back(&self, product: Uuid) -> Vec<SiteCode> {
        let sites =
            self.values.iter().filter(|values| values.of == Trait::Site).flat_map(|values| values.places.keys());
        let site = |value: &Value| if let Value::Site(site) = value { Some(*site) } else { None };
        sites.filter_map(site).filter(|&site| !self.device_at(product, site).implants).collect()
    }
}

/// Devices as a role may be told of them, alone and at each site.
pub type DevicesTold = Arc<Disclosure>;

#[cfg(test)]
mod tests;
