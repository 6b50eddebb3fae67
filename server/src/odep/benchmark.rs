//! The benchmark of an A* rating, year by year, with its thresholds in view. Pure.
//!
//! A device meets it at a year where the upper 95 % limit of its percent revised (one minus Kaplan–Meier, log(−log) limits) lies below the
//! percent of its class plus [`MARGIN`]. The class is all devices of its kind, itself among them. ODEP weighs more than this (how many
//! were followed, how the data were gathered); what is shown is the one condition that a registry's own curves can answer.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::YEARS;
use crate::analysis::cohort::{Cohort, DAYS_PER_YEAR, REVISED, Selection};
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::cohorts::answer::year_days;
use crate::small_numbers::Sight;

/// Percentage points above the class.
pub const MARGIN: f64 = 2.0;

/// A device against its class at one year.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct BenchmarkYear {
    /// Years since the operation.
    pub year: u32,
    /// Still followed then.
    pub at_risk: u64,
    /// Percent revised; null where nobody was followed so long, or where it is not told.
    pub percent: Option<f64>,
    /// Its upper 95 % limit.
    pub upper: Option<f64>,
    /// Percent revised in its class.
    pub class_percent: Option<f64>,
    /// What the upper limit must lie below.
    pub threshold: Option<f64>,
    /// Whether it does; null where it cannot be said.
    pub met: Option<bool>,
}

/// The curve of a class, asked once for all its devices.
#[derive(Clone, Debug)]
pub struct Class {
    curve: Curve,
    selection: Selection,
}

impl Class {
    /// Of all devices of a kind.
    pub fn of(cohort: &Cohort, kind: &[Uuid], selection: Selection) -> Self {
        let table = cohort.life_table_of(kind.iter().copied(), &selection);
        Self { curve: kaplan_meier(&table, REVISED, Confidence::default()), selection }
    }

    /// A device of it against it. `hidden` says that the device's counts are not told to this role.
    pub fn benchmark(&self, cohort: &Cohort, product: Uuid, hidden: bool, sight: Sight) -> Vec<BenchmarkYear> {
        let table = cohort.life_table(product, &self.selection);
        let curve = kaplan_meier(&table, REVISED, Confidence::default());
        let (own, class) = (told(&curve, sight), told(&self.curve, sight));
        let days = YEARS.map(|year| f64::from(year) * DAYS_PER_YEAR);
        let (of_device, of_class) = (curve.percent_revised(&days), self.curve.percent_revised(&days));
        let year = |(place, year): (usize, u32)| {
            let (device, all) = (of_device[place], of_class[place]);
            let tells = (sight.is_all() || !hidden) && own[place] && class[place];
            let known = |value: f64, at_risk: u64| (tells && at_risk > 0 && value.is_finite()).then_some(value);
            let upper = known(device.upper, device.at_risk);
            let class_percent = known(all.percent, all.at_risk);
            let threshold = class_percent.map(|percent| percent + MARGIN);
            BenchmarkYear {
                year,
                at_risk: if tells { sight.at_risk(device.at_risk) } else { 0 },
                percent: known(device.percent, device.at_risk),
                upper,
                class_percent,
                threshold,
                met: upper.zip(threshold).map(|(upper, threshold)| upper < threshold),
            }
        };
        YEARS.into_iter().enumerate().map(year).collect()
    }
}

/// At which of the years a curve may be told: where it is told anyway at the years of every curve, and between those only where so many
/// were revised since the last and until the next that is told that no small number follows.
fn told(curve: &Curve, sight: Sight) -> [bool; YEARS.len()] {
    if sight.is_all() {
        return [true; YEARS.len()];
    }
    let whole = curve.n_event.iter().sum();
    let every = year_days();
    let counts = curve.events_until(&every);
    let mut known: Vec<(f64, u64)> = sight
        .chain(&counts, whole)
        .into_iter()
        .zip(every.into_iter().zip(counts))
        .filter_map(|(tells, count)| tells.then_some(count))
        .collect();
    known.push((f64::INFINITY, whole));
    YEARS.map(|year| {
        let day = f64::from(year) * DAYS_PER_YEAR;
        let at = known.partition_point(|(known, _)| *known < day);
        if known.get(at).is_some_and(|(known, _)| (known - day).abs() < 1e-9) {
            return true;
        }
        if every.iter().any(|known| (known - day).abs() < 1e-9) {
            return false;
        }
        let count = curve.events_until(&[day])[0];
        let before = at.checked_sub(1).map_or(0, |before| known[before].1);
        let tells = sight.tells(count - before) && sight.tells(known[at].1 - count);
        if tells {
            known.insert(at, (day, count));
        }
        tells
    })
}
