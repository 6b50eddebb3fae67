//! How a cohort fared: counts, rate, and both estimates of revision side by side. Pure: a snapshot and a question go in.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::counts::CohortCounts;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{DAYS_PER_YEAR, REVISED};
use crate::analysis::competing::{Incidence, Variance, aalen_johansen};
use crate::analysis::rates::Rate;
use crate::analysis::signals::Experience;
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::outcomes::curve::YEARS;
use crate::small_numbers::Sight;

/// How a cohort fared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CohortAnswer {
    /// The filter in its one form.
    pub filter: String,
    /// Hash of the snapshot that was asked.
    pub snapshot: String,
    /// When the snapshot was taken.
    pub taken: chrono::DateTime<chrono::Utc>,
    /// The last day that was counted.
    pub until: NaiveDate,
    /// Hash of filter, products, cut-off and snapshot: the same hash, the same numbers.
    pub content_hash: String,
    /// How many products.
    pub products: usize,
    /// How many implants; null where they are too few to be told.
    pub n: Option<u64>,
    /// How many were revised; null where they are too few to be told.
    pub revised: Option<u64>,
    /// How many ended with their person's death; null where they are too few to be told.
    pub died: Option<u64>,
    /// Counts below this are not told to this role.
    pub small_numbers_below: u64,
    /// Years of use.
    pub years: Option<f64>,
    /// Revisions per 100 years of use.
    #[schema(value_type = Object)]
    pub rate: Option<Rate>,
    /// At 1, 3, 5, 10 and 15 years.
    pub at_years: Vec<YearEstimates>,
    /// One minus Kaplan–Meier, step by step.
    pub curve: Option<StepCurve>,
    /// How it was computed.
    pub method: &'static str,
    /// The whole curve, to be drawn.
    #[serde(skip)]
    pub estimate: Option<Curve>,
}

/// Both estimates at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct YearEstimates {
    /// Years since the implantation.
    pub year: u32,
    /// Still followed then.
    pub at_risk: u64,
    /// One minus Kaplan–Meier: percent revised if nobody died.
    pub net: Option<Estimate>,
    /// Cumulative incidence: percent revised, death competing.
    pub crude: Option<Estimate>,
}

/// A percent with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Estimate {
    /// Percent.
    pub percent: f64,
    /// Lower limit; null where none is defined.
    pub lower: f64,
    /// Upper limit; null where none is defined.
    pub upper: f64,
}

/// The steps of a curve as columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct StepCurve {
    /// Days since the implantation.
    pub day: Vec<f64>,
    /// Still followed just before.
    pub at_risk: Vec<u64>,
    /// Revised that day.
    pub revised: Vec<u64>,
    /// Cumulative percent revised.
    pub percent: Vec<f64>,
    /// Lower 95 % limit.
    pub lower: Vec<f64>,
    /// Upper 95 % limit.
    pub upper: Vec<f64>,
}

const METHOD: &str = "net: one minus Kaplan–Meier, a death ends the observation; crude: Aalen–Johansen, a death competes, standard error by the \
                      infinitesimal jackknife. Both with log(−log) 95 % limits.";

impl CohortAnswer {
    /// Asks a snapshot. Where revisions are too few to be told, so is what would tell their number: rate and curve.
    pub fn of(snapshot: &Snapshot, question: &Question, sight: Sight) -> Self {
        let (counts, all) = CohortCounts::of(snapshot, question, sight);
        let (open, CohortCounts { n, revised, died }) = (counts.is_open(), counts);
        let experience = Experience::from(all);
        let table = snapshot.cohort().life_table_of_any(question.products.iter().copied(), &question.selections);
        let incidence = aalen_johansen(&table, REVISED, Variance::Ij, Confidence::default());
        let (curve, tells) = sight.curve(kaplan_meier(&table, REVISED, Confidence::default()), &year_days());
        Self {
            filter: question.filter.to_string(),
            snapshot: snapshot.hash_text(),
            taken: snapshot.taken,
            until: question.until,
            content_hash: hex::encode(question.content_hash(snapshot)),
            products: question.products.len(),
            n,
            revised,
            died,
            small_numbers_below: sight.least,
            years: open.then_some(experience.years),
            rate: open.then(|| Rate::per_hundred(experience.revisions, experience.years, 0.95)),
            at_years: if open { at_years(&curve, &incidence, &tells) } else { Vec::new() },
            curve: open.then(|| StepCurve::of(&curve)),
            method: METHOD,
            estimate: open.then_some(curve),
        }
    }
}

impl CohortAnswer {
    /// Whether its numbers are told.
    pub fn is_open(&self) -> bool {
        self.estimate.is_some()
    }
}

/// The years at which registries report, in days.
pub fn year_days() -> [f64; YEARS.len()] {
    YEARS.map(|year| f64::from(year) * DAYS_PER_YEAR)
}

fn at_years(curve: &Curve, incidence: &Incidence, tells: &[bool]) -> Vec<YearEstimates> {
    let days = year_days();
    let crude = incidence.at(&days);
    let rows = YEARS.into_iter().zip(curve.percent_revised(&days)).enumerate();
    rows.map(|(place, (year, net))| {
        let followed = net.at_risk > 0 && tells[place];
        let (percent, lower, upper) =
            (100.0 * crude.est[place], 100.0 * crude.lower[place], 100.0 * crude.upper[place]);
        YearEstimates {
            year,
            at_risk: net.at_risk,
            net: followed.then_some(Estimate { percent: net.percent, lower: net.lower, upper: net.upper }),
            crude: followed.then_some(Estimate { percent, lower, upper }),
        }
    })
    .collect()
}

impl StepCurve {
    fn of(curve: &Curve) -> Self {
        let mut steps = Self::default();
        for row in (0..curve.time.len()).filter(|&row| curve.n_event[row] > 0) {
            steps.day.push(curve.time[row]);
            steps.at_risk.push(curve.n_risk[row]);
            steps.revised.push(curve.n_event[row]);
            steps.percent.push(100.0 * (1.0 - curve.surv[row]));
            steps.lower.push(100.0 * (1.0 - curve.upper[row]));
            steps.upper.push(100.0 * (1.0 - curve.lower[row]));
        }
        steps
    }
}
