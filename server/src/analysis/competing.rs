//! Aalen–Johansen: the share of devices revised by a time, where death takes patients before a revision can.
//!
//! Reach for it beside [`super::survival`] and never instead of it: 1 − KM answers "what would be revised if nobody died", this
//! answers "what is revised". The two published standard errors differ by a few percent in the tail, so each is named:
//! the infinitesimal jackknife of R's `survfit`, and Aalen's, which `cmprsk::cuminc` prints.

use serde::Serialize;

use super::life_table::{LifeTable, float};
use super::survival::Confidence;
use jackknife::Jackknife;

mod batch;
mod jackknife;
pub use batch::IncidenceSteps;

/// Which standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Variance {
    /// Infinitesimal jackknife: the squared influence of each observation, summed (R `survfit`).
    #[default]
    Ij,
    /// Aalen's estimator as in `cmprsk::cuminc`: it moves only where the cause itself has an event.
    Aalen,
}

/// The cumulative incidence of one cause, at each distinct time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Incidence {
    /// The time.
    pub time: Vec<f64>,
    /// The share to whom the cause has happened.
    pub est: Vec<f64>,
    /// Its standard error.
    pub se: Vec<f64>,
    /// Lower limit.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
}

impl Incidence {
    /// The same with nothing after the last time, as `cmprsk::timepoints` has it: there its estimates are NA.
    #[must_use]
    pub fn at_within(&self, times: &[f64]) -> Self {
        let mut out = self.at(times);
        let last = self.time.last().copied().unwrap_or(f64::NEG_INFINITY);
        for (place, _) in times.iter().enumerate().filter(|(_, time)| **time > last) {
            for column in [&mut out.est, &mut out.se, &mut out.lower, &mut out.upper] {
                column[place] = f64::NAN;
            }
        }
        out
    }

    /// The incidence at chosen times; nothing has happened before the first, and after the last it stays, as in R's `survfit`.
    #[must_use]
    pub fn at(&self, times: &[f64]) -> Self {
        let mut out = Self::default();
        for &time in times {
            let row = self.time.partition_point(|&t| t <= time).checked_sub(1);
            let value = |column: &[f64]| row.map_or(0.0, |row| column[row]);
            out.time.push(time);
            out.est.push(value(&self.est));
            out.se.push(value(&self.se));
            out.lower.push(value(&self.lower));
            out.upper.push(value(&self.upper));
        }
        out
    }
}

/// The cumulative incidence of `cause` (from 1), every other cause competing.
pub fn aalen_johansen(table: &LifeTable, cause: usize, variance: Variance, confidence: Confidence) -> Incidence {
    let mut out = Incidence { time: table.time.clone(), ..Incidence::default() };
    let (mut free, mut est) = (1.0, 0.0);
    let mut only_ours = true;
    let mut jackknife = Jackknife::of(table);
    let mut aalen = Aalen::default();
    for row in 0..table.time.len() {
        let now = Step {
            free,
            at_risk: float(table.n_risk[row]),
            ours: float(table.events_at(row, cause)),
            all: float(table.all_events_at(row)),
        };
        if now.at_risk > 0.0 {
            est += free * now.ours / now.at_risk;
            free *= (now.at_risk - now.all) / now.at_risk;
        }
        // It has happened to everyone: told by the counts, not left to the roundings of the sum.
        only_ours &= table.all_events_at(row) == table.events_at(row, cause);
        let certain = only_ours && free <= 0.0;
        if certain {
            est = 1.0;
        }
        let square = match variance {
            Variance::Ij if certain => 0.0,
            Variance::Ij => jackknife.step(&now, table.n_censor[row], row, cause),
            Variance::Aalen => aalen.step(&now, est, free),
        };
        // Where all have left, rounding may fall below zero.
        let se = if square < 0.0 { 0.0 } else { square.sqrt() };
        // The interval is made about the incidence itself, whose logarithm has standard error se / est.
        let (lower, upper) = confidence.interval(est, if se == 0.0 { 0.0 } else { se / est });
        out.est.push(est);
        out.se.push(se);
        out.lower.push(lower);
        out.upper.push(upper);
    }
    out
}

/// The share to whom nothing has happened yet, every cause counting: the curve that stands over those of the causes.
///
/// Its error is that of the share to whom anything has happened.
pub fn event_free(table: &LifeTable, variance: Variance, confidence: Confidence) -> Incidence {
    let all = (0..table.time.len()).map(|row| table.all_events_at(row)).collect();
    let left = table.left.iter().map(|row| row.iter().map(|&(k, cause)| (k, cause.min(1))).collect()).collect();
    let any = aalen_johansen(&LifeTable { events: vec![all], left, ..table.clone() }, 1, variance, confidence);
    let mut out = Incidence { time: any.time, se: any.se, ..Incidence::default() };
    let mut free = 1.0;
    for row in 0..table.time.len() {
        let (at_risk, events) = (float(table.n_risk[row]), float(table.all_events_at(row)));
        free *= (at_risk - events) / at_risk;
        // Where nobody is left there is nothing that an observation could move.
        let se = if free > 0.0 { out.se[row] } else { 0.0 };
        out.se[row] = se;
        let (lower, upper) = confidence.interval(free, if se == 0.0 { 0.0 } else { se / free });
        out.est.push(free);
        out.lower.push(lower);
        out.upper.push(upper);
    }
    out
}

/// What one distinct time brings.
struct Step {
    /// Free of every event just before.
    free: f64,
    at_risk: f64,
    /// Events of the cause in question.
    ours: f64,
    /// Events of any cause.
    all: f64,
}

/// Aalen's variance: three sums over the event times, combined at the times of the cause itself.
#[derive(Default)]
struct Aalen {
    v1: f64,
    v2: f64,
    v3: f64,
    value: f64,
}

impl Aalen {
    fn step(&mut self, now: &Step, est: f64, free: f64) -> f64 {
        let others = now.all - now.ours;
        if others > 0.0 && free > 0.0 {
            self.add(now, others, est / free, 1.0 / free);
        }
        if now.ours > 0.0 {
            let inverse = if free > 0.0 { 1.0 / free } else { 0.0 };
            self.add(now, now.ours, 1.0 + est * inverse, inverse);
            self.value = self.v1 + est * est * self.v3 - 2.0 * est * self.v2;
        }
        self.value
    }

    fn add(&mut self, now: &Step, events: f64, a: f64, b: f64) {
        // Ties take the variance of sampling without replacement.
        let ties = if events > 1.0 { 1.0 - (events - 1.0) / (now.at_risk - 1.0) } else { 1.0 };
        let weight = now.free * now.free * ties * events / (now.at_risk * now.at_risk);
        self.v1 += a * a * weight;
        self.v2 += a * b * weight;
        self.v3 += b * b * weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::life_table::Observation;
    use crate::analysis::survival::{Scale, kaplan_meier};

    #[test]
    fn without_a_competing_cause_it_is_one_minus_kaplan_meier() {
        let observations: Vec<_> =
            (1..40).map(|i| Observation::new(f64::from(i / 2), usize::from(i % 3 == 0))).collect();
        let table = LifeTable::from_observations(&observations, 2);
        let curve = kaplan_meier(&table, 1, Confidence::default());
        let incidence = aalen_johansen(&table, 1, Variance::Ij, Confidence::default());
        for (survival, incidence) in curve.surv.iter().zip(&incidence.est) {
            assert!((1.0 - survival - incidence).abs() < 1e-14);
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the times are copies of each other, not computed")]
    fn the_jackknife_is_the_sum_of_influences_taken_one_by_one() {
        // Weight each observation up by a hair, see how the estimate moves, square and add.
        let rows: Vec<_> = (0..30_u32).map(|i| (f64::from(i * 7 % 11), (i * 5 % 3) as usize)).collect();
        let table =
            LifeTable::from_observations(&rows.iter().map(|&(t, c)| Observation::new(t, c)).collect::<Vec<_>>(), 2);
        let ours = aalen_johansen(&table, 1, Variance::Ij, Scale::Plain.into());
        let weighted = |heavy: usize, by: f64, until: f64| {
            let weight = |i: usize| if i == heavy { 1.0 + by } else { 1.0 };
            let sum = |keep: &dyn Fn(f64, usize) -> bool| {
                rows.iter().enumerate().filter(|(_, (t, c))| keep(*t, *c)).map(|(i, _)| weight(i)).sum::<f64>()
            };
            let (mut free, mut est) = (1.0, 0.0);
            for &time in table.time.iter().filter(|&&t| t <= until) {
                let at_risk = sum(&|t, _| t >= time);
                est += free * sum(&|t, c| t == time && c == 1) / at_risk;
                free *= 1.0 - sum(&|t, c| t == time && c > 0) / at_risk;
            }
            est
        };
        for (row, &time) in table.time.iter().enumerate() {
            let square: f64 = (0..rows.len())
                .map(|i| (weighted(i, 1e-5, time) - weighted(i, -1e-5, time)) / 2e-5)
                .map(|influence| influence * influence)
                .sum();
            assert!(
                (square.sqrt() - ours.se[row]).abs() < 1e-8,
                "at {time}: {} is not {}",
                ours.se[row],
                square.sqrt()
            );
        }
    }

    #[test]
    fn whoever_enters_before_the_first_time_enters_at_the_start() {
        let row =
            |i: u32, entry: f64| Observation { entry, time: f64::from(i * 7 % 11 + 1), cause: (i * 5 % 3) as usize };
        let of = |entry: f64| {
            let rows: Vec<_> = (0..30).map(|i| row(i, if i % 2 == 0 { entry } else { f64::NEG_INFINITY })).collect();
            aalen_johansen(&LifeTable::from_observations(&rows, 2), 1, Variance::Ij, Confidence::default())
        };
        let (start, late) = (of(f64::NEG_INFINITY), of(0.5));
        for (a, b) in start.se.iter().zip(&late.se) {
            assert!((a - b).abs() < 1e-14);
        }
    }
}
