//! Many Kaplan–Meier curves at once, into columns that are used again: steps only, no allocation, several values at a time.
//!
//! Reach for it through a cohort's `each_curve`. The numbers are those of [`super::kaplan_meier`] at the times of events.

use crate::analysis::survival::{Confidence, Scale};
use crate::analysis::vector::{exp, invert, ln_one_minus};

/// A count of people, of which there are fewer than 2³¹: signed numbers are converted several at a time.
fn float(count: u32) -> f64 {
    f64::from(count.cast_signed())
}

/// A curve as its steps: one entry per day with an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// Days since the start.
    pub day: Vec<u16>,
    /// At risk just before.
    pub n_risk: Vec<u32>,
    /// Events that day.
    pub n_event: Vec<u32>,
    /// The estimate.
    pub surv: Vec<f64>,
    /// Its standard error.
    pub se: Vec<f64>,
    /// Lower limit.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
    /// ln S, summed and not taken of the product.
    log: Vec<f64>,
    /// One over what the step divides by.
    inverse: Vec<f64>,
}

impl Steps {
    /// Of nobody, keeping the room.
    pub fn clear(&mut self) {
        self.day.clear();
        self.n_risk.clear();
        self.n_event.clear();
    }

    /// A day with events.
    #[inline]
    pub fn push(&mut self, day: u16, n_risk: u32, n_event: u32) {
        self.day.push(day);
        self.n_risk.push(n_risk);
        self.n_event.push(n_event);
    }

    /// Days with events all at once, column by column.
    pub fn fill(
        &mut self,
        day: impl Iterator<Item = u16>,
        n_risk: impl Iterator<Item = u32>,
        n_event: impl Iterator<Item = u32>,
    ) {
        self.clear();
        self.day.extend(day);
        self.n_risk.extend(n_risk);
        self.n_event.extend(n_event);
    }

    /// How many steps.
    pub fn len(&self) -> usize {
        self.day.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.day.is_empty()
    }

    /// The estimate with its error and interval, from the counts.
    pub fn estimate(&mut self, confidence: Confidence) {
        let steps = self.len();
        for column in [&mut self.surv, &mut self.se, &mut self.lower, &mut self.upper] {
            column.resize(steps, 0.0);
        }
        if confidence.scale != Scale::LogLog {
            self.one_by_one(confidence);
            return;
        }
        for column in [&mut self.log, &mut self.inverse] {
            column.resize(steps, 0.0);
        }
        let counts = || self.n_risk.iter().zip(&self.n_event).map(|(&n, &d)| (float(n), float(d)));
        self.inverse.iter_mut().zip(counts()).for_each(|(inverse, (n, d))| *inverse = n * (n - d));
        // Only at the last step can nobody be left.
        let whole = steps - usize::from(self.inverse.last().is_some_and(|&last| last <= 0.0));
        invert(&mut self.inverse[..whole]);
        self.inverse[whole..].fill(f64::INFINITY);
        // What does not wait for the step before comes first: quotient, logarithm and Greenwood's term, by one division.
        let columns = self.surv.iter_mut().zip(&mut self.log).zip(&mut self.se).zip(&self.inverse);
        for ((((surv, log), se), &inverse), (n, d)) in columns.zip(counts()) {
            let left = n - d;
            *surv = left * left * inverse;
            *log = ln_one_minus(d * left * inverse);
            *se = d * inverse;
        }
        // Late in a curve few are left, and the series of the logarithm needs more terms than it has.
        let most = self.n_event.iter().copied().max().unwrap_or(0);
        for step in (0..steps).rev().take_while(|&step| self.n_risk[step] / 100 <= most) {
            if u64::from(self.n_event[step]) * 100 > u64::from(self.n_risk[step]) {
                let (n, d) = (f64::from(self.n_risk[step]), f64::from(self.n_event[step]));
                self.surv[step] = (n - d) / n;
                self.log[step] = (-d / n).ln_1p();
            }
        }
        let (mut product, mut logs, mut sum) = (1.0, 0.0, 0.0);
        for ((surv, log), se) in self.surv.iter_mut().zip(&mut self.log).zip(&mut self.se) {
            product *= *surv;
            logs += *log;
            sum += *se;
            (*surv, *log, *se) = (product, logs, sum);
        }
        let z = confidence.reach();
        self.inverse.copy_from_slice(&self.log);
        invert(&mut self.inverse[..whole]);
        // An exponential at a time: in a loop with two of them the second would wait for the first.
        let roots = self.se.iter_mut().zip(&self.surv).zip(self.lower.iter_mut().zip(&self.inverse));
        roots.for_each(|((se, &surv), (wide, inverse))| {
            let root = se.sqrt();
            *wide = z * root * inverse;
            *se = surv * root;
        });
        self.lower.iter_mut().for_each(|wide| *wide = exp(*wide));
        let limits = |limits: &mut [f64], wide: &[f64], log: &[f64]| {
            limits.iter_mut().zip(wide).zip(log).for_each(|((limit, wide), log)| *limit = exp(log * wide));
        };
        limits(&mut self.upper, &self.lower, &self.log);
        invert(&mut self.lower[..whole]);
        self.lower.iter_mut().zip(&self.log).for_each(|(lower, &log)| *lower = exp(log * *lower));
        // Where nobody is left no interval is defined.
        let gone = self.surv.partition_point(|&surv| surv > 0.0);
        for column in [&mut self.se, &mut self.lower, &mut self.upper] {
            column[gone..].fill(f64::NAN);
        }
    }

    /// The scales that are rarely asked for, in the very order of [`super::kaplan_meier`]: a plain limit is a difference, in
    /// which the last digits of its parts would show.
    fn one_by_one(&mut self, confidence: Confidence) {
        let (mut surv, mut greenwood, reach) = (1.0, 0.0, confidence.reach());
        for step in 0..self.len() {
            let (n, d) = (f64::from(self.n_risk[step]), f64::from(self.n_event[step]));
            surv *= (n - d) / n;
            greenwood += d / (n * (n - d));
            self.surv[step] = surv;
            self.se[step] = surv * greenwood.sqrt();
            (self.lower[step], self.upper[step]) = confidence.interval_of(surv, reach * greenwood.sqrt());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::life_table::{LifeTable, Observation};
    use crate::analysis::survival::kaplan_meier;
    use proptest::prelude::*;

    proptest! {
        /// The steps of a curve are the curve.
        #[test]
        fn as_one_by_one(rows in proptest::collection::vec((0_u16..90, 0_usize..3), 1..200)) {
            let observations: Vec<_> = rows.iter().map(|&(t, c)| Observation::new(f64::from(t), c)).collect();
            let table = LifeTable::from_observations(&observations, 2);
            for scale in [Scale::LogLog, Scale::Log, Scale::Plain] {
                let curve = kaplan_meier(&table, 1, scale.into());
                let mut steps = Steps::default();
                for row in (0..curve.time.len()).filter(|&row| curve.n_event[row] > 0) {
                    let day = rows.iter().map(|row| row.0).find(|&day| f64::from(day).total_cmp(&curve.time[row]).is_eq());
                    steps.push(day.unwrap(), u32::try_from(curve.n_risk[row]).unwrap(), u32::try_from(curve.n_event[row]).unwrap());
                }
                steps.estimate(scale.into());
                let rows = (0..curve.time.len()).filter(|&row| curve.n_event[row] > 0);
                for (step, row) in rows.enumerate() {
                    for (got, want) in [
                        (steps.surv[step], curve.surv[row]),
                        (steps.se[step], curve.se[row]),
                        (steps.lower[step], curve.lower[row]),
                        (steps.upper[step], curve.upper[row]),
                    ] {
                        prop_assert_eq!(got.is_nan(), want.is_nan());
                        prop_assert!(got.is_nan() || (got - want).abs() <= 1e-13 * want.abs(), "{} for {}", got, want);
                    }
                }
            }
        }
    }
}
