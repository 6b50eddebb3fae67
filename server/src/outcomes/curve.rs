//! How long one device lasts: its implants as columns, its curve, its rate. Pure: implants and today go in.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::comparator::Comparator;
use crate::analysis::chart::{Figure, Limits, Series};
use crate::analysis::cohort::{Builder, Cohort, DAYS_PER_YEAR, REVISED, Selection};
use crate::analysis::rates::Rate;
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::catalogue::ProductId;
use crate::store::read::implants::Implant;

/// The years since the implantation at which registries report.
pub const YEARS: [u32; 5] = [1, 3, 5, 10, 15];

/// From this many implants on, the curve ends where the settings say (fewer than 40 at risk, as in the registries' reports). Of
/// fewer implants it is drawn to its end, in grey.
const ENOUGH_TO_STOP: u64 = 100;

/// What is known of one device's life, with the hash of the implants that it was computed from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceCurve {
    /// The product.
    pub product: ProductId,
    /// How many implants.
    pub n: u64,
    /// How many of them were revised.
    pub revised: u64,
    /// How many ended with their person's death.
    pub died: u64,
    /// At how many sites.
    pub sites: usize,
    /// The first implantation.
    pub first: Option<NaiveDate>,
    /// The latest.
    pub last: Option<NaiveDate>,
    /// Years of use, all together.
    pub years: f64,
    /// Revisions per 100 years of use, with its exact Poisson interval.
    #[schema(value_type = Object)]
    pub rate: Rate,
    /// The curve, one point for each day on which an implant was revised.
    pub curve: Vec<CurvePoint>,
    /// The curve at 1, 3, 5, 10 and 15 years.
    pub at_years: Vec<YearPoint>,
    /// How it was computed.
    pub method: &'static str,
    /// The last day that was counted.
    pub until: NaiveDate,
    /// SHA-256 of the implants that these figures come from.
    pub snapshot: String,
    /// Implants whose dates contradict each other: they are in none of these figures.
    pub left_out: u64,
    #[serde(skip)]
    estimate: Curve,
}

/// A step of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurvePoint {
    /// Days since the implantation.
    pub day: f64,
    /// Still followed just before.
    pub at_risk: u64,
    /// Revised that day.
    pub revised: u64,
    /// Cumulative percent revised.
    pub percent: f64,
    /// Lower 95 % limit; null where none is defined.
    pub lower: f64,
    /// Upper 95 % limit; null where none is defined.
    pub upper: f64,
}

/// The curve at one of the years.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct YearPoint {
    /// Years since the implantation.
    pub year: u32,
    /// Still followed then.
    pub at_risk: u64,
    /// Cumulative percent revised; null where nobody was followed so long.
    pub percent: Option<f64>,
    /// Lower 95 % limit; null where none is defined.
    pub lower: Option<f64>,
    /// Upper 95 % limit; null where none is defined.
    pub upper: Option<f64>,
}

impl DeviceCurve {
    /// Computes everything from the implants of one product.
    pub fn of(product: ProductId, implants: &[Implant], today: NaiveDate) -> Self {
        let (cohort, left_out) = cohort(product, implants);
        let selection = Selection::until(today);
        let table = cohort.life_table(product.uuid(), &selection);
        let experience = cohort.experience([product.uuid()], &selection);
        let estimate = kaplan_meier(&table, REVISED, Confidence::default());
        let sites: std::collections::BTreeSet<&str> = implants.iter().map(|one| one.site.as_str()).collect();
        Self {
            product,
            n: table.n,
            revised: experience.revisions,
            died: implants.iter().filter(|one| one.ended_on().is_some() && !one.is_revised()).count() as u64,
            sites: sites.len(),
            first: implants.iter().map(|one| one.implanted_on).min(),
            last: implants.iter().map(|one| one.implanted_on).max(),
            years: experience.years,
            rate: Rate::per_hundred(experience.revisions, experience.years, 0.95),
            curve: points(&estimate),
            at_years: at_years(&estimate),
            method: "One minus Kaplan–Meier with log(−log) 95 % limits; a death ends the observation.",
            until: today,
            snapshot: hex::encode(cohort.hash()),
            left_out,
            estimate,
        }
    }

    /// The curve as an SVG, beside that of other devices where there are any; `limits` as the settings have them.
    pub fn svg(&self, title: &str, limits: Limits, others: Option<&Comparator>) -> String {
        let note =
            format!("{} implants until {}, snapshot {}", self.n, self.until.format("%-d %B %Y"), self.short_hash());
        let stop_at = if self.n < ENOUGH_TO_STOP { 1 } else { limits.stop_at };
        Figure {
            id: "device-curve",
            title,
            note: &note,
            device: Series { name: "This device", curve: &self.estimate },
            comparator: others.map(|others| Series { name: "All other devices of its kind", curve: &others.estimate }),
            more: &[],
            limits: Limits { stop_at, ..limits },
        }
        .to_svg()
    }

    /// The hash as people compare it.
    pub fn short_hash(&self) -> &str {
        &self.snapshot[..16]
    }
}

fn cohort(product: ProductId, implants: &[Implant]) -> (Cohort, u64) {
    let mut builder = Builder::default();
    let mut left_out = 0;
    for implant in implants {
        if implant.row(product).and_then(|row| builder.push(&row).ok()).is_none() {
            left_out += 1;
        }
    }
    (builder.finish(), left_out)
}

fn points(curve: &Curve) -> Vec<CurvePoint> {
    (0..curve.time.len())
        .filter(|&row| curve.n_event[row] > 0)
        .map(|row| CurvePoint {
            day: curve.time[row],
            at_risk: curve.n_risk[row],
            revised: curve.n_event[row],
            percent: 100.0 * (1.0 - curve.surv[row]),
            lower: 100.0 * (1.0 - curve.upper[row]),
            upper: 100.0 * (1.0 - curve.lower[row]),
        })
        .collect()
}

pub(super) fn at_years(curve: &Curve) -> Vec<YearPoint> {
    let days = YEARS.map(|year| f64::from(year) * DAYS_PER_YEAR);
    let known = |value: f64, at_risk: u64| (at_risk > 0 && value.is_finite()).then_some(value);
    YEARS
        .into_iter()
        .zip(curve.percent_revised(&days))
        .map(|(year, at)| YearPoint {
            year,
            at_risk: at.at_risk,
            percent: known(at.percent, at.at_risk),
            lower: known(at.lower, at.at_risk),
            upper: known(at.upper, at.at_risk),
        })
        .collect()
}
