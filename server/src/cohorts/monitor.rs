//! A cohort watched as it grows: a risk-adjusted CUSUM of revisions within a fixed time, with a limit whose rate of false alarms is
//! measured by simulation. Pure.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::CohortAnswer;
use super::expectation::{Expectation, Operated};
use super::monitor_continuous::Continuous;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cusum::{RiskAdjusted, limit_of, reached};
use crate::error::Problem;
use crate::small_numbers::Sight;

/// The share of series without anything wrong that may reach the limit.
pub const FALSE_ALARMS: f64 = 0.05;
/// Operations simulated for one limit, over all its series: more would keep the reader waiting.
const SIMULATED: u64 = 4_000_000;
/// Series simulated at the least, and at the most.
pub(super) const SERIES: (u64, u64) = (400, 4_000);
/// Operations in one chart at the most: the simulation of more would keep the reader waiting.
pub const MOST: usize = 200_000;
/// Seeds of the simulation that sets the limit and of the one that measures it: the same answer each time.
pub(super) const SEEDS: (u64, u64) = (20_261_127, 71_162_027);

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
pub struct Watch {
    /// Revised within so many days of the operation; 30 to 3,652.
    #[serde(default = "a_year")]
    pub within: u16,
    /// The odds ratio that the chart looks for; over 1 to 10.
    #[serde(default = "twice")]
    pub odds: f64,
}

fn a_year() -> u16 {
    365
}

fn twice() -> f64 {
    2.0
}

impl Default for Watch {
    fn default() -> Self {
        Self { within: a_year(), odds: twice() }
    }
}

impl Watch {
    /// Whether a chart can be made of it.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be.
    pub fn checked(self) -> Result<Self, Problem> {
        if !(30..=3_652).contains(&self.within) {
            return Err(Problem::invalid(format!("{} days cannot be watched: choose 30 to 3,652.", self.within)));
        }
        if !(self.odds > 1.0 && self.odds <= 10.0) {
            return Err(Problem::invalid(format!(
                "An odds ratio of {} cannot be looked for: choose over 1, up to 10.",
                self.odds
            )));
        }
        Ok(self)
    }
}

/// The chart on one day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MonitorPoint {
    /// The day of the operations.
    pub on: NaiveDate,
    /// Operations until then.
    pub operations: u64,
    /// Those of them that were revised in time.
    pub failed: u64,
    /// The sum at the end of that day, before it starts again from zero after a signal.
    pub cusum: f64,
}

/// The limit, and how often it is reached where nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MonitorLimit {
    /// The height that is a signal.
    pub height: f64,
    /// The share of false alarms that it was chosen for.
    pub wanted: f64,
    /// The share measured in other series than those that it was chosen by.
    pub measured: f64,
    /// How many series were simulated for each.
    pub series: u64,
}

/// A cohort as it was watched.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Monitor {
    /// The filter in its one form.
    pub filter: String,
    /// Hash of the snapshot that was asked.
    pub snapshot: String,
    /// Hash of filter, products, cut-off and snapshot.
    pub content_hash: String,
    /// What is watched.
    pub watch: Watch,
    /// The last day that was counted: operations after `until` less `within` days are not in the chart.
    pub until: NaiveDate,
    /// Operations in the chart; null where they are too few to be told.
    pub n: Option<u64>,
    /// Those revised in time; null where they are too few to be told.
    pub failed: Option<u64>,
    /// As many were due.
    pub expected: Option<f64>,
    /// The limit; null where nothing is told, and for more than 200,000 operations, of which no chart is made.
    pub limit: Option<MonitorLimit>,
    /// Days on which the limit was reached.
    pub signals: Vec<NaiveDate>,
    /// The chart, day by day; for a role that is not to see small numbers, only where enough has happened since.
    pub points: Vec<MonitorPoint>,
    /// The chart that waits for no fixed time; null where nothing is told, and for more than 200,000 operations.
    pub continuous: Option<Continuous>,
    /// How it was computed.
    pub method: &'static str,
}

const METHOD: &str = "Risk-adjusted CUSUM (Steiner et al. 2000): each operation adds the logarithm of the likelihood ratio of the odds looked \
                      for against its own risk; the sum never falls below zero and starts again from there after a signal. The risk is \
                      the share revised in time among operations of its kind of device, sex and band of age, its own cohort among them. \
                      The limit is the height that the wanted share of simulated series reaches in which nothing is wrong.";

impl Monitor {
    /// Watches a cohort.
    pub fn of(snapshot: &Snapshot, question: &Question, watch: Watch, sight: Sight) -> Self {
        let due = Expectation::of(snapshot.cohort(), question.kinds_touched(), watch.within, question.until);
        let operated = due.operated(snapshot.cohort(), &question.products, &question.selections);
        let mut monitor = Self {
            filter: question.filter.to_string(),
            snapshot: snapshot.hash_text(),
            content_hash: hex::encode(question.content_hash(snapshot)),
            watch,
            until: question.until,
            n: None,
            failed: None,
            expected: None,
            limit: None,
            signals: Vec::new(),
            points: Vec::new(),
            continuous: None,
            method: METHOD,
        };
        let n = operated.len() as u64;
        let failed = operated.iter().filter(|one| one.failed).count() as u64;
        let whole = CohortAnswer::of(snapshot, question, sight);
        let within =
            |part: u64, of: Option<u64>| of.is_some_and(|of| sight.tells(part) && sight.tells(of.saturating_sub(part)));
        if !(sight.is_all() || within(n, whole.n) && within(failed, whole.revised) && sight.tells(n - failed)) {
            return monitor;
        }
        monitor.n = Some(n);
        monitor.failed = Some(failed);
        monitor.expected = Some(operated.iter().map(|one| one.risk).sum());
        monitor.continuous = Continuous::of(&due, snapshot.cohort(), question, sight);
        if operated.is_empty() || operated.len() > MOST {
            return monitor;
        }
        let (limit, chart, signals) = charted(&operated, watch.odds, FALSE_ALARMS);
        monitor.limit = Some(limit);
        monitor.points = seen(by_day(&operated, &chart), sight);
        // A signal is told on the first day from then on that is told.
        let told = |on: &NaiveDate| monitor.points.iter().map(|point| point.on).find(|day| day >= on);
        monitor.signals = signals.iter().filter_map(told).collect();
        monitor.signals.dedup();
        monitor
    }
}

/// The chart of operations with a limit that a share of series reaches where nothing is wrong: the limit, the sums, and the days on which
/// it was reached.
pub fn charted(operated: &[Operated], odds_ratio: f64, false_alarms: f64) -> (MonitorLimit, Vec<f64>, Vec<NaiveDate>) {
    let risks: Vec<f64> = operated.iter().map(|one| one.risk).collect();
    let looked_for = RiskAdjusted { odds_ratio, limit: None };
    let limit = limit(&looked_for, &risks, false_alarms);
    let chart = RiskAdjusted { limit: Some(limit.height), ..looked_for }
        .chart(operated.iter().map(|one| (one.failed, one.risk)));
    (limit, chart.cusum, chart.signals.iter().map(|&at| operated[at].on).collect())
}

fn limit(looked_for: &RiskAdjusted, risks: &[f64], false_alarms: f64) -> MonitorLimit {
    let series = (SIMULATED / (risks.len() as u64).max(1)).clamp(SERIES.0, SERIES.1);
    let runs = u32::try_from(series).unwrap_or(u32::MAX);
    let height = limit_of(&looked_for.heights_by_chance(risks, runs, SEEDS.0), false_alarms);
    let measured = reached(&looked_for.heights_by_chance(risks, runs, SEEDS.1), height);
    MonitorLimit { height, wanted: false_alarms, measured, series }
}

/// The chart at the end of each day.
fn by_day(operated: &[Operated], cusum: &[f64]) -> Vec<MonitorPoint> {
    let mut points: Vec<MonitorPoint> = Vec::new();
    let mut failed = 0;
    for ((one, &cusum), operations) in operated.iter().zip(cusum).zip(1..) {
        failed += u64::from(one.failed);
        let point = MonitorPoint { on: one.on, operations, failed, cusum };
        match points.last_mut() {
            // A signal within a day is not to be lost in what came after it on that day.
            Some(last) if last.on == one.on => *last = MonitorPoint { cusum: cusum.max(last.cusum), ..point },
            _ => points.push(point),
        }
    }
    points
}

/// Of the chart what a role may see: no two points that are told differ by few operations or few failures.
fn seen(points: Vec<MonitorPoint>, sight: Sight) -> Vec<MonitorPoint> {
    if sight.is_all() {
        return points;
    }
    let mut told: Vec<MonitorPoint> = Vec::new();
    for point in points.into_iter().rev() {
        let beside = |count: fn(&MonitorPoint) -> u64| {
            told.last()
                .map_or_else(|| sight.tells(count(&point)), |outer| sight.tells_beside(count(&point), count(outer)))
        };
        if beside(|point| point.operations) && beside(|point| point.failed) {
            told.push(MonitorPoint { cusum: (100.0 * point.cusum).round() / 100.0, ..point });
        }
    }
    told.reverse();
    told
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    #[test]
    fn what_cannot_be_watched_is_told() {
        let watch = |within, odds| Watch { within, odds }.checked().map_err(|problem| problem.detail().to_owned());
        assert!(watch(365, 2.0).is_ok());
        assert_eq!(watch(3, 2.0).unwrap_err(), "3 days cannot be watched: choose 30 to 3,652.");
        assert!(watch(365, 1.0).unwrap_err().starts_with("An odds ratio of 1 cannot be looked for"));
        assert!(watch(365, f64::NAN).is_err());
    }

    #[test]
    fn points_that_are_told_lie_apart() {
        let start: NaiveDate = "2020-01-01".parse().unwrap();
        let point = |day: u64| MonitorPoint {
            on: start + Days::new(day),
            operations: 2 * (day + 1),
            failed: (day + 1) / 4,
            cusum: 1.234_567,
        };
        let points: Vec<MonitorPoint> = (0..60).map(point).collect();
        assert_eq!(seen(points.clone(), Sight::ALL), points);
        let told = seen(points.clone(), Sight { least: 5 });
        assert!(told.len() > 2 && told.len() < 30, "{told:?}");
        assert_eq!(told.last().unwrap().operations, 120, "the whole is told beside it");
        let apart = |a: u64, b: u64| b == a || b - a >= 5;
        for pair in told.windows(2) {
            assert!(apart(pair[0].operations, pair[1].operations) && apart(pair[0].failed, pair[1].failed), "{pair:?}");
        }
        assert!((told[0].cusum - 1.23).abs() < 1e-12);
    }

    #[test]
    fn a_day_is_as_high_as_it_was() {
        let on: NaiveDate = "2020-01-01".parse().unwrap();
        let one = |failed| Operated { on, failed, risk: 0.1 };
        let points = by_day(&[one(false), one(true), one(true)], &[0.0, 2.5, 0.7]);
        assert_eq!(
            points,
            [MonitorPoint { on, operations: 3, failed: 2, cusum: 2.5 }],
            "it started again within the day"
        );
    }

    #[test]
    fn false_alarms_are_as_rare_as_they_are_measured_to_be() {
        let risks: Vec<f64> = (0..400).map(|i| 0.01 + 0.0005 * f64::from(i % 50)).collect();
        let limit = limit(&RiskAdjusted { odds_ratio: 2.0, limit: None }, &risks, FALSE_ALARMS);
        assert_eq!(limit.series, SERIES.1);
        assert!((limit.measured - FALSE_ALARMS).abs() < 0.015, "{limit:?}");
    }
}
