//! What a curve says in one number: the time by which a share has failed, and the mean time until a horizon.

use serde::Serialize;

use super::{Curve, RMean};
use crate::analysis::life_table::{LifeTable, float};

/// Times by which given shares have failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quantiles {
    /// The shares asked for.
    pub p: Vec<f64>,
    /// The time; NaN where the curve does not fall so far.
    pub q: Vec<f64>,
    /// Lower limit: where the lower limit of the curve falls so far.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
}

impl Curve {
    /// The times by which shares `p` have failed, with intervals read off the curve's own limits (Brookmeyer & Crowley 1982).
    ///
    /// Where the curve is level at just that share the answer is the middle of the level, as R's `quantile` has it.
    #[must_use]
    pub fn quantiles(&self, p: &[f64]) -> Quantiles {
        let of = |column: &[f64]| p.iter().map(|&p| self.falls_to(column, 1.0 - p)).collect();
        Quantiles { p: p.to_vec(), q: of(&self.surv), lower: of(&self.lower), upper: of(&self.upper) }
    }

    /// When a column (the curve or one of its limits) first falls to `share`.
    fn falls_to(&self, column: &[f64], share: f64) -> f64 {
        // Rounding must not decide whether a curve is level at a half.
        const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;
        let known = || (0..column.len()).filter(|&row| !column[row].is_nan());
        let Some(first) = known().find(|&row| column[row] <= share + TOLERANCE) else { return f64::NAN };
        if column[first] < share - TOLERANCE {
            return self.time[first];
        }
        let below = known().find(|&row| column[row] < share - TOLERANCE);
        let end = below.or_else(|| self.time.len().checked_sub(1)).unwrap_or(first);
        f64::midpoint(self.time[first], self.time[end])
    }

    /// The mean time until `until` of those who fail or reach it, with the standard error of Klein & Moeschberger 2003 (§4.5), as R's
    /// `survmean`. After the last time the curve is taken to stay where it is.
    pub fn restricted_mean(&self, until: f64) -> RMean {
        // From the end: the area right of each event, whose square weighs the event's share of Greenwood's sum.
        let start = self.time.first().map_or(0.0, |first| first.min(0.0));
        let rows = self.time.partition_point(|&time| time <= until);
        let (mut area, mut variance, mut right) = (0.0, 0.0, until);
        for row in (0..rows).rev() {
            area += self.surv[row] * (right - self.time[row]);
            right = self.time[row];
            let (n, d) = (float(self.n_risk[row]), float(self.n_event[row]));
            if n > d {
                variance += area * area * d / (n * (n - d));
            }
        }
        RMean { until, mean: area + (right - start), se: variance.sqrt() }
    }
}

/// The cumulative hazard at each distinct time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hazard {
    /// The time.
    pub time: Vec<f64>,
    /// The estimate.
    pub est: Vec<f64>,
    /// Its standard error.
    pub se: Vec<f64>,
}

/// The cumulative hazard of one cause (Nelson 1969; Aalen 1978) with R's standard error, √Σ d⁄n².
pub fn nelson_aalen(table: &LifeTable, cause: usize) -> Hazard {
    let mut hazard = Hazard { time: table.time.clone(), ..Hazard::default() };
    let (mut sum, mut variance) = (0.0, 0.0);
    for row in 0..table.time.len() {
        let (n, d) = (float(table.n_risk[row]), float(table.events_at(row, cause)));
        if d > 0.0 {
            sum += d / n;
            variance += d / (n * n);
        }
        hazard.est.push(sum);
        hazard.se.push(variance.sqrt());
    }
    hazard
}

#[cfg(test)]
mod tests {
    use crate::analysis::life_table::{LifeTable, Observation};
    use crate::analysis::survival::{Confidence, kaplan_meier};

    #[test]
    fn by_hand() {
        let rows = [(1.0, 1), (2.0, 1), (3.0, 0), (4.0, 1)].map(|(t, c)| Observation::new(t, c));
        let curve = kaplan_meier(&LifeTable::from_observations(&rows, 1), 1, Confidence::default());
        let quantiles = curve.quantiles(&[0.25, 0.5, 0.9]);
        // Level at 3/4 from 1 to 2, at 1/2 from 2 to 4.
        assert_eq!(quantiles.q, [1.5, 3.0, 4.0]);
        let mean = curve.restricted_mean(4.0);
        // 1 + 3/4 + 1/2 · 2
        assert!((mean.mean - 2.75).abs() < 1e-15);
        let greenwood = 1.75_f64.powi(2) / 12.0 + 1.0 / 6.0;
        assert!((mean.se - greenwood.sqrt()).abs() < 1e-15);
        assert!((curve.restricted_mean(0.5).mean - 0.5).abs() < 1e-15);
    }
}
