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
    /// As R's `quantile` has it: where the curve is level at just that share the answer is the middle of the level; and since a
    /// limit may turn back up (where people come late, the first limits are wide), the level nearest to the share counts, and
    /// not the first that passes it.
    #[must_use]
    pub fn quantiles(&self, p: &[f64]) -> Quantiles {
        let of = |column: &[f64]| {
            let failed = Failed::of(&self.time, column);
            let least = p.iter().copied().fold(f64::INFINITY, f64::min);
            p.iter().map(|&p| failed.reaches(p, least)).collect()
        };
        Quantiles { p: p.to_vec(), q: of(&self.surv), lower: of(&self.lower), upper: of(&self.upper) }
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

/// The share that has failed, level by level.
struct Failed {
    /// Each level once, in ascending order, with the first time at which it holds.
    levels: Vec<(f64, f64)>,
    /// The level that begins last; NaN where that has none.
    last: f64,
    /// The last time.
    end: f64,
}

impl Failed {
    /// From the curve or one of its limits.
    fn of(time: &[f64], column: &[f64]) -> Self {
        let start = std::iter::once((0.0, 0.0));
        let mut levels: Vec<(f64, f64, usize)> = start
            .chain(time.iter().zip(column).map(|(&time, &share)| (1.0 - share, time)))
            .zip(0..)
            .map(|((level, time), place)| (level, time, place))
            .collect();
        let first_unknown = levels.iter().find(|level| level.0.is_nan()).map(|level| level.2);
        levels.retain(|level| !level.0.is_nan());
        levels.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        levels.dedup_by(|b, a| a.0.total_cmp(&b.0).is_eq());
        let newest = levels.iter().max_by_key(|level| level.2);
        let last = newest.map_or(f64::NAN, |level| {
            if first_unknown.is_some_and(|unknown| unknown > level.2) { f64::NAN } else { level.0 }
        });
        let end = time.last().copied().unwrap_or(f64::NAN);
        Self { levels: levels.into_iter().map(|(level, time, _)| (level, time)).collect(), last, end }
    }

    /// When the share reaches `p`; NaN where it does not. `least` is the smallest share asked for.
    fn reaches(&self, p: f64, least: f64) -> f64 {
        // Rounding must not decide whether a curve is level at a half.
        const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;
        let from = |level: f64| self.levels.get(self.levels.partition_point(|l| l.0 < level)).map(|level| level.1);
        if self.levels.last().is_none_or(|highest| highest.0 < least) {
            return f64::NAN;
        }
        if p == 0.0 {
            return 0.0;
        }
        let Some(first) = from(p - TOLERANCE) else { return f64::NAN };
        if (p - self.last).abs() < TOLERANCE {
            return f64::midpoint(first, self.end);
        }
        from(p + TOLERANCE).map_or(f64::NAN, |next| f64::midpoint(first, next))
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
