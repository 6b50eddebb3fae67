//! What of a cohort, and of each device, site or surgeon in it, may be told because no small number follows from it and from what else
//! may be asked.
//!
//! A cohort is counted beside everything that the same terms with other values would name: a [`Crossing`] with an axis for each thing that
//! the filter says. The trees of its axes are of all that was ever implanted, so that they are the same for every question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use self::counting::Placed;
use super::league::By;
use super::question::{Kind, Question};
use super::snapshot::Snapshot;
use super::totals::{COLUMNS, Totals};
use crate::analysis::cohort::{Cohort, Column, Selection, SiteCode, Value};
use crate::small_numbers::Sight;
use crate::small_numbers::crossing::{Axis, Counts, Crossing, Judged, Told, Tree};

mod counting;

/// The columns of which a filter names a range.
const RANGES: [Column; 3] = [Column::Age, Column::Bmi, Column::Day];

/// Whether a question chooses a value.
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
        Value::Age(one) => filter.ages.is_none_or(|(least, most)| one.is_some_and(|one| (least..=most).contains(&one))),
        Value::Bmi(one) => filter.bmi.is_none_or(|(least, most)| one.is_some_and(|one| (least..=most).contains(&one))),
        Value::Day(one) => filter.from.is_none_or(|from| one >= from) && filter.to.is_none_or(|to| one <= to),
    }
}

/// Whether a question says anything of a column.
fn asks(question: &Question, of: Column) -> bool {
    let filter = &question.filter;
    match of {
        Column::Product => filter.is_about_products(),
        Column::Site => !filter.sites.is_empty(),
        Column::Procedure => !filter.procedures.is_empty(),
        Column::Side => !filter.sides.is_empty(),
        Column::Sex => !filter.sexes.is_empty(),
        Column::Surgeon => !filter.surgeons.is_empty(),
        Column::Indication => !filter.indications.is_empty(),
        Column::Asa => !filter.asa.is_empty(),
        Column::Age => filter.ages.is_some(),
        Column::Bmi => filter.bmi.is_some(),
        Column::Day => filter.from.is_some() || filter.to.is_some(),
    }
}

/// What is counted, each with trees of its own: devices of which few were revised stand beside each other, however many there are of them.
const COUNTED: [fn(Counts) -> u64; 3] = [|all| all.implants, |all| all.revised, |all| all.died];

/// The values of a column with a tree for each count.
#[derive(Clone, Debug)]
struct Values {
    of: Column,
    places: BTreeMap<Value, usize>,
    trees: [Tree; COUNTED.len()],
}

impl Values {
    fn of(of: Column, totals: &Totals, kinds: &[Kind]) -> Self {
        let totals: BTreeMap<Value, Counts> = totals.in_column(of).iter().copied().collect();
        let all: Vec<Value> = totals.keys().copied().collect();
        let groups = if of == Column::Product { grouped(kinds, &all) } else { vec![vec![all]] };
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
    pub fn of(snapshot: &Snapshot, question: &Question, by: Option<By>, sight: Sight) -> Self {
        if sight.is_all() {
            return Self::default();
        }
        let each = by.map(By::column);
        let named = COLUMNS.into_iter().filter(|&of| each == Some(of) || asks(question, of));
        let values: Vec<Values> = named.map(|of| Values::of(of, snapshot.totals(), &question.kinds)).collect();
        let ranges: Vec<Column> = RANGES.into_iter().filter(|&of| asks(question, of)).collect();
        let axes = |count: usize| -> Vec<Axis> {
            let axis = |values: &Values| {
                if each == Some(values.of) { Axis::each(&values.trees[count]) } else { values.choice(question, count) }
            };
            values.iter().map(axis).chain(ranges.iter().map(|_| Axis::in_or_out())).collect()
        };
        let axes = std::array::from_fn(axes);
        let inside = |value| chooses(question, value);
        Self::counted(snapshot.cohort(), question.until, axes, values, (&ranges, &inside), sight)
    }

    /// Of each device, and of each at each site, without any other term.
    pub fn of_devices(snapshot: &Snapshot, kinds: &[Kind], until: NaiveDate, sight: Sight) -> Self {
        let values = [Column::Product, Column::Site].map(|of| Values::of(of, snapshot.totals(), kinds));
        let axes = std::array::from_fn(|count| values.iter().map(|values| Axis::each(&values.trees[count])).collect());
        Self::counted(snapshot.cohort(), until, axes, values.into(), (&[], &|_| true), sight)
    }

    fn counted(
        cohort: &Cohort,
        until: NaiveDate,
        axes: [Vec<Axis>; COUNTED.len()],
        values: Vec<Values>,
        (ranges, inside): (&[Column], &dyn Fn(Value) -> bool),
        sight: Sight,
    ) -> Self {
        let Some(mut crossings) = axes.into_iter().map(Crossing::of).collect::<Option<Vec<_>>>() else {
            return Self { otherwise: Told::NONE, ..Self::default() };
        };
        let named = values.iter().map(|values| Placed {
            column: values.of,
            places: values.places.len(),
            place: Box::new(|value| values.place(value)),
        });
        let within = ranges.iter().map(|&column| Placed {
            column,
            places: 2,
            place: Box::new(|value| Some(usize::from(!inside(value)))),
        });
        let placed: Vec<Placed> = named.chain(within).collect();
        counting::count(cohort, Selection::until(until), &placed, &mut crossings);
        drop(placed);
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

    /// Of one device, site or surgeon.
    pub fn of_value(&self, value: Value) -> Told {
        self.at(&[value])
    }

    /// Of one device.
    pub fn device(&self, product: Uuid) -> Told {
        self.of_value(Value::Product(product))
    }

    /// Whether a device's implants and revisions, and so all that follows from them, may be told.
    pub fn tells(&self, product: Uuid) -> bool {
        let told = self.device(product);
        told.implants && told.revised
    }

    /// Of one device at one site.
    pub fn device_at(&self, product: Uuid, site: SiteCode) -> Told {
        self.at(&[Value::Product(product), Value::Site(site)])
    }

    /// The sites of which it is not told how many of a device were implanted there: some, few, or none.
    pub fn sites_kept_back(&self, product: Uuid) -> Vec<SiteCode> {
        let sites =
            self.values.iter().filter(|values| values.of == Column::Site).flat_map(|values| values.places.keys());
        let site = |value: &Value| if let Value::Site(site) = value { Some(*site) } else { None };
        sites.filter_map(site).filter(|&site| !self.device_at(product, site).implants).collect()
    }
}

/// Devices as a role may be told of them, alone and at each site.
pub type DevicesTold = Arc<Disclosure>;

#[cfg(test)]
mod tests;
