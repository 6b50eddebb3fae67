//! Implants counted by classes of what they have (device, site, sex), all of them in one pass over the columns.
//!
//! Reach for it where one figure of many groups is asked for: a question to each group would read the columns once for each.

use std::ops::AddAssign;
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::device::Device;
use super::device::cells::{NOWHERE, Offsets};
use super::row::{self, NO_AGE};
use super::{Cohort, DAYS_PER_YEAR, DIED, Indication, Opcs4, REVISED, Selection, Sex, Side, SiteCode};
use crate::analysis::life_table::float;
use crate::analysis::signals::Experience;
use crate::analysis::survival::{Confidence, PercentRevised};

/// What implants have by which they may be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The product.
    Product,
    /// Where it was implanted.
    Site,
    /// In which procedure.
    Procedure,
    /// On which side.
    Side,
    /// The patient's sex.
    Sex,
    /// Who led the operation.
    Surgeon,
    /// Why it was done.
    Indication,
    /// The patient's ASA grade.
    Asa,
    /// The patient's age in years.
    Age,
    /// The patient's body mass index.
    Bmi,
    /// The day of the implantation.
    Day,
}

/// A value of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Of [`Column::Product`].
    Product(Uuid),
    /// Of [`Column::Site`].
    Site(SiteCode),
    /// Of [`Column::Procedure`].
    Procedure(Opcs4),
    /// Of [`Column::Side`].
    Side(Side),
    /// Of [`Column::Sex`].
    Sex(Sex),
    /// Of [`Column::Surgeon`]; None where it is not known.
    Surgeon(Option<Uuid>),
    /// Of [`Column::Indication`]; None where it is not known.
    Indication(Option<Indication>),
    /// Of [`Column::Asa`]; None where it is not known.
    Asa(Option<u8>),
    /// Of [`Column::Age`]; None where it is not known.
    Age(Option<u8>),
    /// Of [`Column::Bmi`]; None where it is not known.
    Bmi(Option<u8>),
    /// Of [`Column::Day`].
    Day(NaiveDate),
}

/// Into which classes the values of a column fall; an implant whose value is in none is not counted.
#[derive(Clone, Debug)]
pub struct Classes {
    column: Column,
    count: u32,
    /// By the number that stands for a value in the columns; [`NOWHERE`] for none.
    of: Vec<u32>,
}

/// What is counted of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Implants.
    pub implants: u64,
    /// Those of them that were revised.
    pub revised: u64,
    /// Those that ended with their person's death.
    pub died: u64,
    /// Days that all of them were observed.
    pub days: u64,
}

/// A cell while it is counted: implants by why their observation ended, and their days.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    ends: [u32; 4],
    days: u64,
}

impl AddAssign for Counted {
    fn add_assign(&mut self, more: Self) {
        self.ends.iter_mut().zip(more.ends).for_each(|(ends, more)| *ends += more);
        self.days += more.days;
    }
}

impl From<Counted> for Tally {
    fn from(Counted { ends, days }: Counted) -> Self {
        let [implants, revised, died] = [ends.iter().sum(), ends[REVISED], ends[DIED]].map(u64::from);
        Self { implants, revised, died, days }
    }
}

impl From<Tally> for Experience {
    fn from(tally: Tally) -> Self {
        Self { primaries: tally.implants, revisions: tally.revised, years: float(tally.days) / DAYS_PER_YEAR }
    }
}

/// How many of a class were revised by some day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RevisedBy {
    /// How many.
    pub revisions: u64,
    /// One minus Kaplan–Meier; at risk are those who were observed for longer.
    pub estimate: PercentRevised,
}

/// Implants that are worth a thread of their own.
const ENOUGH: usize = 500_000;
/// Counts of days that are made in one pass: 32 MB.
const COUNTS_AT_ONCE: usize = 8_000_000;

/// Days on which those leave who were observed for longer than is asked.
const DAYS_AFTER: u16 = 8;

impl Cohort {
    /// The values that a column may have, in the order of the numbers that stand for them; not each of them has an implant.
    pub fn values(&self, column: Column) -> Vec<Value> {
        let grades = |value: fn(Option<u8>) -> Value| {
            std::iter::once(None).chain((0..u8::MAX).map(Some)).map(value).collect::<Vec<_>>()
        };
        match column {
            Column::Product => self.devices.keys().copied().map(Value::Product).collect(),
            Column::Site => self.sites.iter().copied().map(Value::Site).collect(),
            Column::Procedure => Opcs4::all().map(Value::Procedure).collect(),
            Column::Side => [Side::None, Side::Left, Side::Right, Side::Bilateral].map(Value::Side).to_vec(),
            Column::Sex => [Sex::Unknown, Sex::Female, Sex::Male, Sex::Other].map(Value::Sex).to_vec(),
            Column::Surgeon => known_or_not(&self.surgeons).map(Value::Surgeon).collect(),
            Column::Indication => known_or_not(&self.indications).map(Value::Indication).collect(),
            Column::Asa => grades(Value::Asa),
            Column::Bmi => grades(Value::Bmi),
            Column::Age => (0..=u8::MAX).map(|age| Value::Age((age != NO_AGE).then_some(age))).collect(),
            Column::Day => (0..=u16::MAX).map(|day| Value::Day(row::date(day))).collect(),
        }
    }

    /// Classes 0 to `count` − 1 of the values of a column.
    pub fn classes(&self, column: Column, count: usize, class: impl Fn(Value) -> Option<usize>) -> Classes {
        let number = |value| class(value).and_then(|class| u32::try_from(class).ok()).unwrap_or(NOWHERE);
        let of = self.values(column).into_iter().map(number).collect();
        Classes { column, count: u32::try_from(count).unwrap_or(NOWHERE), of }
    }

    /// A class for each value of a column.
    pub fn each_value(&self, column: Column) -> Classes {
        let count = self.values(column).len();
        let count = u32::try_from(count).unwrap_or(NOWHERE);
        Classes { column, count, of: (0..count).collect() }
    }

    /// Counts whoever is in any of several selections, of which no two share an implant: a cell for each combination of classes, those of
    /// the last axis side by side.
    pub fn tally(&self, selections: &[Selection], axes: &[Classes]) -> Vec<Tally> {
        let counted = self.counted(selections, axes, combinations(axes), |cells: &mut [Counted], cell, days, why| {
            if let Some(cell) = cells.get_mut(cell) {
                cell.ends[usize::from(why & 0b11)] += 1;
                cell.days += u64::from(days);
            }
        });
        counted.into_iter().map(Tally::from).collect()
    }

    /// How many were revised within so many days, for each combination of classes.
    pub fn revised_by(
        &self,
        selections: &[Selection],
        axes: &[Classes],
        day: u16,
        level: Confidence,
    ) -> Vec<RevisedBy> {
        // For each day who left without a revision and who with one; whoever was observed for longer leaves on one of the days after: on one
        // and the same each would have to wait for the one before.
        let width = 2 * (usize::from(day) + 1 + usize::from(DAYS_AFTER));
        let all = combinations(axes);
        let at_once = (COUNTS_AT_ONCE / width).max(1);
        let mut out = Vec::with_capacity(all);
        for first in (0..all).step_by(at_once) {
            let some = first..(first + at_once).min(all);
            let counts = self.counted(selections, axes, some.len() * width, |counts: &mut [u32], cell, days, why| {
                if some.contains(&cell) {
                    let revised = usize::from(usize::from(why) == REVISED);
                    counts[(cell - some.start) * width
                        + 2 * usize::from(days.min(day + 1 + days % DAYS_AFTER))
                        + revised] += 1;
                }
            });
            out.extend(counts.chunks_exact(width).map(|counts| RevisedBy::of(counts, day, level)));
        }
        out
    }

    /// Counts implants by the number of their combination of classes into so many counts, on several threads where there is much to count.
    fn counted<Count: Clone + Default + Send + AddAssign>(
        &self,
        selections: &[Selection],
        axes: &[Classes],
        counts: usize,
        count: impl Fn(&mut [Count], usize, u16, u8) + Sync,
    ) -> Vec<Count> {
        let wanted = self.wanted(selections);
        let offsets = offsets(axes);
        let of_product =
            |rank: usize| offsets.iter().filter_map(|one| one.of_product(rank)).try_fold(0, u32::checked_add);
        let devices: Vec<(u32, &Device)> = (self.devices.values().enumerate())
            .filter_map(|(rank, device)| {
                Some((of_product(rank).filter(|&first| first < NOWHERE)?, Arc::as_ref(device)))
            })
            .collect();
        in_parts(&devices, rayon::current_num_threads(), ENOUGH, &|devices| {
            let mut all = vec![Count::default(); counts];
            for &(first, device) in devices {
                for wanted in &wanted {
                    device.each_cell(wanted, first, &offsets, |cell, days, why| {
                        count(&mut all, cell as usize, days, why);
                    });
                }
            }
            all
        })
    }
}

fn known_or_not<T: Copy>(names: &[T]) -> impl Iterator<Item = Option<T>> + '_ {
    std::iter::once(None).chain(names.iter().copied().map(Some))
}

fn combinations(axes: &[Classes]) -> usize {
    axes.iter().map(|axis| axis.count as usize).product()
}

/// What each value adds to the number of a combination of classes.
fn offsets(axes: &[Classes]) -> Vec<Offsets> {
    let mut stride = 1;
    let mut offsets: Vec<Offsets> = (axes.iter().rev())
        .map(|axis| {
            let of = axis.of.iter().map(|&class| if class == NOWHERE { NOWHERE } else { class * stride }).collect();
            stride *= axis.count;
            Offsets { column: axis.column, of }
        })
        .collect();
    offsets.reverse();
    offsets
}

/// The sum of what is counted of parts of the devices, each part on a thread of its own: so many of them at the most, none of fewer
/// implants than are enough.
fn in_parts<Count: Send + AddAssign>(
    devices: &[(u32, &Device)],
    most: usize,
    enough: usize,
    count: &(impl Fn(&[(u32, &Device)]) -> Vec<Count> + Sync),
) -> Vec<Count> {
    let implants: usize = devices.iter().map(|(_, device)| device.len()).sum();
    if most < 2 || implants < 2 * enough || devices.len() < 2 {
        return count(devices);
    }
    let mut before = 0;
    let half = devices.iter().take_while(|(_, device)| {
        before += device.len();
        before <= implants / 2
    });
    let half = half.count().clamp(1, devices.len() - 1);
    let (one, other) = devices.split_at(half);
    let part = |devices| in_parts(devices, most / 2, enough, count);
    let (mut sum, more) = rayon::join(|| part(one), || part(other));
    sum.iter_mut().zip(more).for_each(|(count, more)| *count += more);
    sum
}

impl RevisedBy {
    /// From those who left on each day: of each, how many were not revised then, and how many were.
    fn of(counts: &[u32], day: u16, level: Confidence) -> Self {
        let mut at_risk: u64 = counts.iter().copied().map(u64::from).sum();
        let n = at_risk;
        let (mut surv, mut greenwood, mut revisions) = (1.0, 0.0, 0);
        for pair in counts.chunks_exact(2).take(usize::from(day) + 1) {
            if pair[1] > 0 {
                let (n, d) = (float(at_risk), f64::from(pair[1]));
                surv *= (n - d) / n;
                greenwood += d / (n * (n - d));
                revisions += u64::from(pair[1]);
            }
            at_risk -= u64::from(pair[0]) + u64::from(pair[1]);
        }
        // As a curve has it: before anybody left, all are there for certain.
        let (lower, upper) = if at_risk == n { (1.0, 1.0) } else { level.interval(surv, greenwood.sqrt()) };
        let estimate = PercentRevised {
            time: f64::from(day),
            at_risk,
            percent: 100.0 * (1.0 - surv),
            lower: 100.0 * (1.0 - upper),
            upper: 100.0 * (1.0 - lower),
        };
        Self { revisions, estimate }
    }
}

#[cfg(test)]
mod tests;
