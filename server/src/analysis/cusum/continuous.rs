//! The CGR-CUSUM of Gomon, Putter, Nelissen & van der Pas (arXiv:2205.07618): has it become worse for those operated on from some day
//! on, how much, and since when?
//!
//! For each start ν the failures N and the expected failures Λ of those operated on from ν on are compared: with θ = max(0, ln N⁄Λ)
//! the statistic is θ·N − (e^θ − 1)·Λ, and the chart is the largest over ν. Here starts and the days on which the chart is read are
//! the ends of equal steps of calendar time (a month, or more where the series is long), for the chart and for the simulation of
//! its limit alike, so that a limit keeps its rate of false alarms.

use serde::Serialize;

use super::Random;
use crate::analysis::life_table::float;

/// Steps of a chart at the most: its cost goes with their square.
const MOST_STEPS: f64 = 120.0;
/// Days in a step at the least.
const LEAST_STEP: f64 = 365.25 / 12.0;

/// One operation, as the chart sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Followed {
    /// Day of the operation, counted from the first.
    pub entry: f64,
    /// Days for which a failure would have been known.
    pub until: f64,
    /// Days after which it failed; none where it did not.
    pub failed: Option<f64>,
    /// Its risk against the average of its kind.
    pub risk: f64,
    /// Which hazard is that of its kind.
    pub kind: usize,
}

/// The chart on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    /// The day, counted from the first operation.
    pub day: f64,
    /// The largest generalised log-likelihood ratio.
    pub height: f64,
    /// How many times the expected failures there were since then; 1 where there is no sign of it.
    pub ratio: f64,
    /// From which day's operations on.
    pub since: f64,
}

/// Operations with the hazards of their kinds.
#[derive(Clone, Debug)]
pub struct Watched<'a> {
    rows: &'a [Followed],
    /// Cumulative hazard of the average operation of each kind, by days since it.
    hazards: &'a [Vec<f64>],
    steps: usize,
    /// Days in a step.
    step: f64,
    /// Expected failures by the end of a step (the second place) of those operated on in one (the first), as if nobody failed.
    expected: Vec<f64>,
}

/// A failure: whose, and how long after the operation.
type Failure = (usize, f64);

impl<'a> Watched<'a> {
    /// Operations until a day, counted from the first. A cumulative hazard stays where its days end.
    pub fn of(rows: &'a [Followed], hazards: &'a [Vec<f64>], last_day: f64) -> Self {
        let step = (last_day / MOST_STEPS).max(LEAST_STEP);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 121")]
        let steps = ((last_day / step).ceil() as usize).max(1);
        let mut watched = Self { rows, hazards, steps, step, expected: vec![0.0; steps * steps] };
        for row in rows {
            let first = watched.step_of(row.entry);
            for at in first..steps {
                let known = (watched.end(at) - row.entry).min(row.until);
                watched.expected[first * steps + at] += row.risk * watched.hazard(row.kind, known);
            }
        }
        watched
    }

    /// The chart of what happened.
    pub fn chart(&self) -> Vec<Point> {
        let failures: Vec<Failure> =
            self.rows.iter().zip(0..).filter_map(|(row, place)| Some((place, row.failed?))).collect();
        self.chart_of(&failures)
    }

    /// How high the chart climbs in each of `runs` series in which failures come at the hazards, in ascending order. The same seed gives
    /// the same.
    pub fn heights_by_chance(&self, runs: u32, seed: u64) -> Vec<f64> {
        let mut random = Random(seed);
        let due: Vec<f64> = self.rows.iter().map(|row| row.risk * self.hazard(row.kind, row.until)).collect();
        let mut heights: Vec<f64> = (0..runs)
            .map(|_| {
                let mut failures = Vec::new();
                for (place, (row, due)) in self.rows.iter().zip(&due).enumerate() {
                    // The time of failure has a standard exponential cumulative hazard.
                    let cumulative = -(1.0 - random.uniform()).ln();
                    if cumulative < *due {
                        failures.push((place, self.day_of(row.kind, cumulative / row.risk)));
                    }
                }
                self.chart_of(&failures).iter().map(|point| point.height).fold(0.0, f64::max)
            })
            .collect();
        heights.sort_by(f64::total_cmp);
        heights
    }

    fn chart_of(&self, failures: &[Failure]) -> Vec<Point> {
        let steps = self.steps;
        let mut expected = self.expected.clone();
        let mut failed = vec![0.0; steps * steps];
        for &(place, after) in failures {
            let row = &self.rows[place];
            let first = self.step_of(row.entry);
            // Whoever has failed is due for nothing more.
            for at in self.step_of(row.entry + after)..steps {
                let known = (self.end(at) - row.entry).min(row.until);
                let more = self.hazard(row.kind, known) - self.hazard(row.kind, after);
                expected[first * steps + at] -= row.risk * more.max(0.0);
                failed[first * steps + at] += 1.0;
            }
        }
        (0..steps)
            .map(|at| {
                let mut best = Point { day: self.end(at), ratio: 1.0, since: self.end(at), height: 0.0 };
                let (mut n, mut due) = (0.0, 0.0);
                for start in (0..=at).rev() {
                    n += failed[start * steps + at];
                    due += expected[start * steps + at];
                    if n > due && due > 0.0 {
                        let height = f64::ln(n / due) * n - (n - due);
                        if height > best.height {
                            let since = float(start as u64) * self.step;
                            best = Point { height, ratio: n / due, since, ..best };
                        }
                    }
                }
                best
            })
            .collect()
    }

    fn end(&self, step: usize) -> f64 {
        float(step as u64 + 1) * self.step
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days from the first on, cut to the steps"
    )]
    fn step_of(&self, day: f64) -> usize {
        ((day / self.step) as usize).min(self.steps - 1)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "days since an operation")]
    fn hazard(&self, kind: usize, days: f64) -> f64 {
        let by_day = &self.hazards[kind];
        by_day.get(days.max(0.0) as usize).or(by_day.last()).copied().unwrap_or(0.0)
    }

    fn day_of(&self, kind: usize, cumulative: f64) -> f64 {
        float(self.hazards[kind].partition_point(|&hazard| hazard < cumulative) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{limit_of, reached};
    use super::*;

    fn rows(n: u32, worse: f64, from: f64) -> Vec<Followed> {
        let mut random = Random(11);
        (0..n)
            .map(|i| {
                let entry = f64::from(i) * 3_650.0 / f64::from(n);
                let until = 3_650.0 - entry;
                let rate = 0.02 / 365.25 * if entry >= from { worse } else { 1.0 };
                let after = -(1.0 - random.uniform()).ln() / rate;
                Followed { entry, until, failed: Some(after).filter(|&after| after < until), risk: 1.0, kind: 0 }
            })
            .collect()
    }

    fn hazard() -> Vec<Vec<f64>> {
        vec![(0..3_651).map(|day| 0.02 / 365.25 * f64::from(day)).collect()]
    }

    #[test]
    fn by_hand() {
        let operated = |entry: f64, until, failed| Followed { entry, until, failed, risk: 1.0, kind: 0 };
        let hazards = vec![(0..400).map(|day| f64::from(day) / 1_000.0).collect()];
        let rows = [operated(0.0, 100.0, None), operated(40.0, 60.0, Some(20.0)), operated(50.0, 50.0, Some(30.0))];
        let watched = Watched::of(&rows, &hazards, 100.0);
        let chart = watched.chart();
        assert_eq!(chart.len(), 4);
        // At the end of the second month one of 40 has failed after 20, and 50 is followed for 10 days.
        let at = |n: f64, due: f64| (n / due).ln() * n - (n - due);
        assert!((chart[1].height - at(1.0, 0.02 + 0.010)).abs() < 1e-12, "{chart:?}");
        assert!((chart[1].since - LEAST_STEP).abs() < 1e-12 && chart[0].height.abs() < 1e-12);
        // At the end both have failed, after 20 and 30.
        assert!((chart[3].height - at(2.0, 0.05)).abs() < 1e-12 && (chart[3].ratio - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_limit_keeps_its_rate_and_twice_the_hazard_is_found() {
        let (hazards, good) = (hazard(), rows(600, 1.0, 0.0));
        let watched = Watched::of(&good, &hazards, 3_650.0);
        let limit = limit_of(&watched.heights_by_chance(500, 1), 0.05);
        let false_alarms = reached(&watched.heights_by_chance(500, 2), limit);
        assert!((0.02..0.09).contains(&false_alarms), "{false_alarms} at {limit}");
        let bad = rows(600, 3.0, 1_500.0);
        let chart = Watched::of(&bad, &hazards, 3_650.0).chart();
        let last = chart.last().unwrap();
        assert!(last.height > limit && (1.8..5.0).contains(&last.ratio), "{last:?}");
        assert!((last.since - 1_500.0).abs() < 900.0, "{last:?}");
    }
}
