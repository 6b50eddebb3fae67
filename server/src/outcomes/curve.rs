//! How long one device lasts: its implants as columns, its curve, its rate. Pure: implants and today go in.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::comparator::Comparator;
use super::device_tables::{
    ReasonCount, SiteUse, YearsRate, at_sites, by_years, reasons, reasons_seen, sites_seen, years_seen,
};
use crate::analysis::chart::{Figure, Limits, Series};
use crate::analysis::cohort::{DIED, REVISED, Selection};
use crate::analysis::rates::Rate;
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::catalogue::ProductId;
use crate::cohorts::answer::year_days;
use crate::cohorts::disclosure::Disclosure;
use crate::small_numbers::Sight;
use crate::store::read::cohort::StoredCohort;

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
    /// How many implants; null where they are too few to be told.
    pub n: Option<u64>,
    /// How many of them were revised; null where they are too few to be told.
    pub revised: Option<u64>,
    /// How many ended with their person's death; null where they are too few to be told.
    pub died: Option<u64>,
    /// Counts below this are not told to this role.
    pub small_numbers_below: u64,
    /// At how many sites.
    pub sites: usize,
    /// The first implantation.
    pub first: Option<NaiveDate>,
    /// The latest.
    pub last: Option<NaiveDate>,
    /// Years of use, all together.
    pub years: Option<f64>,
    /// Revisions per 100 years of use, with its exact Poisson interval.
    #[schema(value_type = Object)]
    pub rate: Option<Rate>,
    /// The curve, one point for each day on which an implant was revised.
    pub curve: Vec<CurvePoint>,
    /// The curve at 1, 3, 5, 10 and 15 years.
    pub at_years: Vec<YearPoint>,
    /// Revisions and rates by years since the implantation.
    pub by_years: Vec<YearsRate>,
    /// Why they were revised, the most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// The sites that use it; empty where its implants are too few to be told.
    pub at_sites: Vec<SiteUse>,
    /// Revisions of patients who have it that name no device of the registry: any of them may be one of its own, and they are in no other
    /// figure here. Null where they are too few to be told.
    pub unlinked_revisions: Option<u64>,
    /// How it was computed.
    pub method: &'static str,
    /// The last day that was counted.
    pub until: NaiveDate,
    /// SHA-256 of the implants that these figures come from.
    pub snapshot: String,
    /// Implants whose dates contradict each other: they are in none of these figures. Null where they are too few to be told.
    pub left_out: Option<u64>,
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
    /// Computes everything from what is stored of one product alone.
    pub fn of(product: ProductId, stored: &StoredCohort, today: NaiveDate) -> Self {
        let (cohort, id) = (&stored.cohort, product.uuid());
        let selection = Selection::until(today);
        let table = cohort.life_table(id, &selection);
        let experience = cohort.experience([id], &selection);
        let estimate = kaplan_meier(&table, REVISED, Confidence::default());
        let at_sites = at_sites(cohort, today);
        let beside = stored.beside.get(&id).cloned().unwrap_or_default();
        let (first, last) = cohort.implanted_on(id, today).unzip();
        Self {
            product,
            n: Some(table.n),
            revised: Some(experience.revisions),
            died: Some((0..table.time.len()).map(|row| table.events_at(row, DIED)).sum()),
            small_numbers_below: 0,
            sites: at_sites.len(),
            first,
            last,
            years: Some(experience.years),
            rate: Some(Rate::per_hundred(experience.revisions, experience.years, 0.95)),
            curve: points(&estimate),
            at_years: at_years(&estimate, &[true; YEARS.len()]),
            by_years: by_years(&table),
            reasons: reasons(&beside.reasons, experience.revisions),
            at_sites,
            unlinked_revisions: Some(beside.unlinked_revisions),
            method: "One minus Kaplan–Meier with log(−log) 95 % limits; a death ends the observation.",
            until: today,
            snapshot: hex::encode(cohort.hash()),
            left_out: Some(stored.left_out()),
            estimate,
        }
    }

    /// The same as a role may see it. `disclosure` says what may be told of devices beside each other.
    #[must_use]
    pub fn seen(mut self, sight: Sight, disclosure: &Disclosure) -> Self {
        if sight.is_all() {
            return self;
        }
        self.small_numbers_below = sight.least;
        let (n, revised, died) = (self.n.unwrap_or(0), self.revised.unwrap_or(0), self.died.unwrap_or(0));
        self.left_out = self.left_out.and_then(|count| sight.told(count));
        self.unlinked_revisions = self.unlinked_revisions.and_then(|count| sight.told(count));
        if n == 0 {
            return self;
        }
        let product = self.product.uuid();
        let told = disclosure.device(product);
        let parts = sight.parts(n, &[revised, died]);
        self.n = sight.told(n).filter(|_| told.implants);
        let shown = |part: Option<u64>, told| part.filter(|&part| told && (self.n.is_some() || part == 0));
        (self.revised, self.died) = (shown(parts[0], told.revised), shown(parts[1], told.died));
        self.at_sites =
            if self.n.is_some() { sites_seen(self.at_sites, product, disclosure, sight) } else { Vec::new() };
        if self.n.is_some() && self.revised.is_some() {
            (self.by_years, self.reasons) = (years_seen(self.by_years, sight), reasons_seen(self.reasons, sight));
            let (estimate, tells) = sight.curve(self.estimate, &year_days());
            (self.curve, self.at_years) = (points(&estimate), at_years(&estimate, &tells));
            self.estimate = estimate;
        } else {
            (self.years, self.rate, self.first, self.last) = (None, None, None, None);
            (self.curve, self.at_years, self.estimate) = (Vec::new(), Vec::new(), Curve::default());
            (self.by_years, self.reasons) = (Vec::new(), Vec::new());
            self.at_sites.iter_mut().for_each(|site| site.revised = None);
        }
        self
    }

    /// Whether there is a curve that may be told.
    pub fn is_drawn(&self) -> bool {
        !self.estimate.time.is_empty()
    }

    /// The curve as an SVG, beside that of other devices where there are any; `limits` as the settings have them.
    pub fn svg(&self, title: &str, limits: Limits, others: Option<&Comparator>) -> String {
        let note = format!(
            "{} implants until {}, snapshot {}",
            self.n.unwrap_or(0),
            self.until.format("%-d %B %Y"),
            self.short_hash()
        );
        let stop_at = if self.n.unwrap_or(0) < ENOUGH_TO_STOP { 1 } else { limits.stop_at };
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

/// The curve at the years at which it may be told.
pub(super) fn at_years(curve: &Curve, tells: &[bool]) -> Vec<YearPoint> {
    let days = year_days();
    YEARS
        .into_iter()
        .zip(curve.percent_revised(&days))
        .zip(tells)
        .map(|((year, at), tells)| {
            let known = |value: f64| (*tells && at.at_risk > 0 && value.is_finite()).then_some(value);
            YearPoint {
                year,
                at_risk: at.at_risk,
                percent: known(at.percent),
                lower: known(at.lower),
                upper: known(at.upper),
            }
        })
        .collect()
}
