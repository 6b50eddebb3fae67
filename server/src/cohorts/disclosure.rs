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

/// The values of a trait with their tree.
#[derive(Clone, Debug)]
struct Values {
    of: Trait,
    places: BTreeMap<Value, usize>,
    tree: Tree,
}

impl Values {
    /// Products, those of a kind beside each other, and kinds of a category.
    fn products(cohort: &Cohort, kinds: &[Kind]) -> Self {
        let known: BTreeSet<Uuid> = kinds.iter().flat_map(|kind| &kind.products).copied().collect();
        let of_no_kind: Vec<Uuid> = cohort.products().filter(|product| !known.contains(product)).collect();
        let totals = |products: &[Uuid]| -> Vec<u64> {
            products.iter().map(|&product| cohort.implants_of(product) as u64).collect()
        };
        let mut groups: Vec<Vec<Vec<u64>>> = kinds
            .chunk_by(|a, b| a.category == b.category)
            .map(|category| category.iter().map(|kind| totals(&kind.products)).collect())
            .collect();
        groups.push(vec![totals(&of_no_kind)]);
        let products = kinds.iter().flat_map(|kind| &kind.products).chain(&of_no_kind);
        let places = products.map(|&product| Value::Product(product)).zip(0..).collect();
        Self { of: Trait::Product, places, tree: Tree::nested(&groups) }
    }

    fn of(of: Trait, cohort: &Cohort) -> Self {
        let mut totals: BTreeMap<Value, u64> = BTreeMap::new();
        let ever = Selection::until(NaiveDate::MAX);
        cohort.each_implant(cohort.products(), &[ever], |one| *totals.entry(of.of(&one)).or_default() += 1);
        let tree = Tree::of(&[totals.values().copied().collect()]);
        Self { of, places: totals.into_keys().zip(0..).collect(), tree }
    }

    fn place(&self, value: Value) -> Option<usize> {
        self.places.get(&value).copied()
    }

    fn choice(&self, question: &Question) -> Axis {
        let mut chosen = vec![false; self.places.len()];
        self.places.iter().for_each(|(&value, &place)| chosen[place] = chooses(question, value));
        Axis::choice(&self.tree, |place| chosen[place])
    }
}

/// Whether an implant is inside a range.
type Inside<'a> = Box<dyn Fn(&Listed) -> bool + 'a>;

/// What may be told of a question's cohort and of each unit in it.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// None for a role that sees all, and for a table that is too large.
    judged: Option<Judged>,
    values: Vec<Values>,
    /// Axes that stand for ranges.
    ranges: usize,
    /// What is told where nothing was judged.
    otherwise: Told,
}

impl Default for Disclosure {
    /// Everything.
    fn default() -> Self {
        Self { judged: None, values: Vec::new(), ranges: 0, otherwise: Told::ALL }
    }
}

impl Disclosure {
    /// Of a question, and of each of its devices, sites or surgeons.
    pub fn of(cohort: &Cohort, question: &Question, by: Option<By>, sight: Sight) -> Self {
        if sight.is_all() {
            return Self::default();
        }
        let each = by.map(By::named);
        let mut axes = Vec::new();
        let mut values = Vec::new();
        for of in std::iter::once(Trait::Product).chain(TRAITS) {
            let whole = each == Some(of);
            if !whole && !asks(question, of) {
                continue;
            }
            let all =
                if of == Trait::Product { Values::products(cohort, &question.kinds) } else { Values::of(of, cohort) };
            axes.push(if whole { Axis::each(&all.tree) } else { all.choice(question) });
            values.push(all);
        }
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
        axes.extend(ranges.iter().map(|_| Axis::in_or_out()));
        Self::counted(cohort, question.until, axes, values, &ranges, sight)
    }

    /// Of each device, and of each at each site, without any other term.
    pub fn of_devices(cohort: &Cohort, kinds: &[Kind], until: NaiveDate, sight: Sight) -> Self {
        let values = vec![Values::products(cohort, kinds), Values::of(Trait::Site, cohort)];
        let axes = values.iter().map(|values| Axis::each(&values.tree)).collect();
        Self::counted(cohort, until, axes, values, &[], sight)
    }

    fn counted(
        cohort: &Cohort,
        until: NaiveDate,
        axes: Vec<Axis>,
        values: Vec<Values>,
        ranges: &[Inside],
        sight: Sight,
    ) -> Self {
        let Some(mut crossing) = Crossing::of(axes) else {
            return Self { otherwise: Told::NONE, ..Self::default() };
        };
        let mut at = Vec::with_capacity(values.len() + ranges.len());
        cohort.each_implant(cohort.products(), &[Selection::until(until)], |one| {
            at.clear();
            at.extend(values.iter().filter_map(|values| values.place(values.of.of(&one))));
            at.extend(ranges.iter().map(|inside| usize::from(!inside(&one))));
            let counts = Counts {
                implants: 1,
                revised: u64::from(one.end == Some(End::Revised)),
                died: u64::from(one.end == Some(End::Died)),
            };
            crossing.add(&at, counts);
        });
        Self { judged: Some(crossing.judged(sight)), values, ranges: ranges.len(), otherwise: Told::ALL }
    }

    fn at(&self, chosen: &[Value]) -> Told {
        let Some(judged) = &self.judged else { return self.otherwise };
        let place = |values: &Values| chosen.iter().find_map(|&value| values.place(value));
        let places: Vec<_> = self.values.iter().map(place).chain((0..self.ranges).map(|_| None)).collect();
        judged.tells(&places)
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
