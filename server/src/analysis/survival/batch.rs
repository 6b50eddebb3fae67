//! Many Kaplan–Meier curves at once, into columns that are used again: steps only, no allocation, several values at a time.
//!
//! Reach for it through a cohort's `each_curve`. The numbers are those of [`super::kaplan_meier`] at the times of events.

use crate::analysis::survival::{Confidence, Scale, normal_quantile};
use crate::analysis::vector::{exp, ln};

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
        // Quotients first: they do not wait for one another.
        for (((surv, se), &n), &d) in self.surv.iter_mut().zip(&mut self.se).zip(&self.n_risk).zip(&self.n_event) {
            let (n, d) = (f64::from(n), f64::from(d));
            *surv = (n - d) / n;
            *se = d / (n * (n - d));
        }
        let (mut product, mut sum) = (1.0, 0.0);
        for (surv, se) in self.surv.iter_mut().zip(&mut self.se) {
            product *= *surv;
            sum += *se;
            *surv = product;
            *se = sum;
        }
        let z = normal_quantile(0.5 + confidence.level / 2.0);
        let rows = self.surv.iter().zip(&mut self.se).zip(self.lower.iter_mut().zip(&mut self.upper));
        match confidence.scale {
            Scale::LogLog => rows.for_each(|((&surv, se), (lower, upper))| {
                let (root, log) = (se.sqrt(), ln(surv));
                let wide = exp(z * root / log);
                *lower = exp(log / wide);
                *upper = exp(log * wide);
                *se = surv * root;
            }),
            Scale::Log => rows.for_each(|((&surv, se), (lower, upper))| {
                let root = se.sqrt();
                let wide = exp(z * root);
                *lower = surv / wide;
                *upper = (surv * wide).min(1.0);
                *se = surv * root;
            }),
            Scale::Plain => rows.for_each(|((&surv, se), (lower, upper))| {
                *se = surv * se.sqrt();
                *lower = (surv - z * *se).max(0.0);
                *upper = (surv + z * *se).min(1.0);
            }),
        }
        // Where nobody is left no interval is defined.
        let gone = self.surv.partition_point(|&surv| surv > 0.0);
        for column in [&mut self.se, &mut self.lower, &mut self.upper] {
            column[gone..].fill(f64::NAN);
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
