//! The chart that waits for no fixed time: a CGR-CUSUM of a cohort, which tells how much worse it has become and since when. Pure.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::expectation::Expectation;
use super::monitor::{FALSE_ALARMS, MOST, MonitorLimit, SEEDS};
use super::question::Question;
use crate::analysis::cohort::Cohort;
use crate::analysis::cusum::continuous::{Followed, Point, Watched};
use crate::analysis::cusum::{limit_of, reached};
use crate::small_numbers::Sight;

/// Operations simulated for one limit, over all its series.
const SIMULATED: u64 = 2_000_000;
/// Series simulated at the least, and at the most.
const SERIES: (u64, u64) = (200, 1_000);

/// The chart on one day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ContinuousPoint {
    /// The day.
    pub on: NaiveDate,
    /// The largest generalised log-likelihood ratio.
    pub height: f64,
}

/// How much worse it has become, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Worse {
    /// Among those operated on from this day on.
    pub since: NaiveDate,
    /// As many times the revisions that were due.
    pub times: f64,
}

/// A cohort as it was watched without waiting for a fixed time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Continuous {
    /// The limit.
    pub limit: MonitorLimit,
    /// The height on the last day.
    pub latest: f64,
    /// The first day on which the limit was reached; null where it never was.
    pub signal: Option<NaiveDate>,
    /// What the chart makes of it on the last day; null where it sees nothing worse.
    pub worse: Option<Worse>,
    /// The chart, step by step of a month or more; empty for a role that is not to see small numbers, for its steps would tell them.
    pub points: Vec<ContinuousPoint>,
    /// How it was computed.
    pub method: &'static str,
}

const METHOD: &str = "CGR-CUSUM (Gomon et al. 2022): on each day and for each start, the revisions of those operated on since then are held \
                      against those due by the cumulative hazard of their kind (Nelson–Aalen), times how their sex and band of age fares. \
                      Starts and days are steps of a month or more. The limit is the height that the wanted share of simulated series \
                      reaches in which nothing is wrong.";

impl Continuous {
    /// Watches a cohort; none where nobody is in it, or too many are.
    pub fn of(due: &Expectation, cohort: &Cohort, question: &Question, sight: Sight) -> Option<Self> {
        let (first, rows) = due.followed(cohort, &question.products, &question.selections);
        let first = first.filter(|_| rows.len() <= MOST)?;
        let (limit, chart) = charted(&rows, &due.hazards, first, question.until, FALSE_ALARMS)?;
        let day = |days: f64| first + whole_days(days);
        let last = *chart.last()?;
        let worse = (last.ratio > 1.0).then(|| Worse { since: day(last.since), times: last.ratio });
        let signal =
            chart.iter().find(|point| point.height >= limit.height).map(|point| day(point.day).min(question.until));
        let round = |value: f64| if sight.is_all() { value } else { (10.0 * value).round() / 10.0 };
        let point = |point: &Point| ContinuousPoint { on: day(point.day).min(question.until), height: point.height };
        Some(Self {
            limit,
            latest: round(last.height),
            signal,
            worse: worse.map(|worse| Worse { times: round(worse.times), ..worse }),
            points: if sight.is_all() { chart.iter().map(point).collect() } else { Vec::new() },
            method: METHOD,
        })
    }
}

/// The chart of operations with a limit that a share of series reaches where nothing is wrong.
pub fn charted(
    rows: &[Followed],
    hazards: &[Vec<f64>],
    first: NaiveDate,
    until: NaiveDate,
    false_alarms: f64,
) -> Option<(MonitorLimit, Vec<Point>)> {
    let days = u32::try_from((until - first).num_days()).ok().filter(|days| *days > 0)?;
    let watched = Watched::of(rows, hazards, f64::from(days));
    let series = (SIMULATED / (rows.len() as u64).max(1)).clamp(SERIES.0, SERIES.1);
    let runs = u32::try_from(series).unwrap_or(u32::MAX);
    let height = limit_of(&watched.heights_by_chance(runs, SEEDS.0), false_alarms);
    let measured = reached(&watched.heights_by_chance(runs, SEEDS.1), height);
    Some((MonitorLimit { height, wanted: false_alarms, measured, series }, watched.chart()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "days of a chart")]
fn whole_days(days: f64) -> Days {
    Days::new(days.max(0.0) as u64)
}
