//! Devices, makers or sites side by side: rate, percent revised at five years, and the ratio to what was expected, each with its
//! interval. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::disclosure::Disclosure;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Cohort, DAYS_PER_YEAR, REVISED, Selection, SiteCode};
use crate::analysis::funnel::{Limits, Overdispersion, Ratio, Unit};
use crate::analysis::life_table::float;
use crate::analysis::rates::Rate;
use crate::analysis::signals::Experience;
use crate::analysis::survival::{Confidence, PercentRevised, kaplan_meier};
use crate::small_numbers::Sight;
use crate::small_numbers::crossing::Told;

/// What stands side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Products.
    #[default]
    Device,
    /// Sites.
    Site,
    /// Surgeons, by the registry's own identifiers; operations without one on record are in no row.
    Surgeon,
}

/// One unit of the table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeagueRow {
    /// The product's id, or the site's code.
    pub key: String,
    /// How many implants; null where they are too few to be told.
    pub n: Option<u64>,
    /// How many were revised; null where they are too few to be told.
    pub revised: Option<u64>,
    /// Years of use.
    pub years: Option<f64>,
    /// Revisions per 100 years of use.
    #[schema(value_type = Object)]
    pub rate: Option<Rate>,
    /// Percent revised at five years, one minus Kaplan–Meier.
    #[schema(value_type = Object)]
    pub at_five_years: Option<PercentRevised>,
    /// Revisions against those expected at the rate of all in the table, for the same sexes and bands of age.
    #[schema(value_type = Object)]
    pub ratio: Option<Ratio>,
    /// Limits of chance at its expected count.
    #[schema(value_type = Object)]
    pub limits: Option<Limits>,
}

/// The table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct League {
    /// What stands side by side.
    pub by: By,
    /// The filter in its one form.
    pub filter: String,
    /// Hash of the snapshot that was asked.
    pub snapshot: String,
    /// Hash of filter, products, cut-off and snapshot.
    pub content_hash: String,
    /// The highest ratio first; units that may not be told last.
    pub rows: Vec<LeagueRow>,
    /// How much more the units vary than chance explains.
    #[schema(value_type = Object)]
    pub overdispersion: Overdispersion,
}

/// Bands of age within which rates are taken to be alike, and each sex.
pub(super) const AGES: [(u8, u8); 5] = [(0, 54), (55, 64), (65, 74), (75, 84), (85, 254)];

impl League {
    /// Asks a snapshot.
    pub fn of(snapshot: &Snapshot, question: &Question, by: By, sight: Sight) -> Self {
        let cohort = snapshot.cohort();
        let units = units(cohort, question, by);
        let reference = Reference::of(cohort, question);
        let disclosure = Disclosure::of(cohort, question, Some(by), sight);
        let mut rows: Vec<(LeagueRow, Unit)> = units
            .into_iter()
            .map(|unit| (cohort.experience_of_any(unit.products.iter().copied(), &unit.selections), unit))
            .map(|(all, unit)| (all, unit.who.told(&disclosure), unit))
            // Where it is not told how many a unit has, neither is whether it has any.
            .filter(|(all, told, _)| all.primaries > 0 || !told.implants)
            .map(|(all, told, unit)| row(cohort, &unit, all, &reference, told, sight))
            .collect();
        let spread = Overdispersion::among(&rows.iter().map(|(_, unit)| *unit).collect::<Vec<_>>());
        let height =
            |row: &LeagueRow| row.ratio.map_or(-1.0, |ratio| if ratio.ratio.is_nan() { -0.5 } else { ratio.ratio });
        rows.sort_by(|(a, _), (b, _)| height(b).total_cmp(&height(a)).then_with(|| a.key.cmp(&b.key)));
        Self {
            by,
            filter: question.filter.to_string(),
            snapshot: snapshot.hash_text(),
            content_hash: hex::encode(question.content_hash(snapshot)),
            rows: rows.into_iter().map(|(row, _)| row).collect(),
            overdispersion: spread,
        }
    }
}

/// What stands in a row.
#[derive(Clone, Copy)]
enum Who {
    Device(Uuid),
    Site(SiteCode),
    Surgeon(Uuid),
}

impl Who {
    fn key(self) -> String {
        match self {
            Self::Device(id) | Self::Surgeon(id) => id.to_string(),
            Self::Site(site) => site.text(),
        }
    }

    fn told(self, disclosure: &Disclosure) -> Told {
        match self {
            Self::Device(id) => disclosure.device(id),
            Self::Site(site) => disclosure.site(site),
            Self::Surgeon(id) => disclosure.surgeon(id),
        }
    }
}

/// A row's implants.
struct Of {
    who: Who,
    products: Vec<Uuid>,
    selections: Vec<Selection>,
}

fn units(cohort: &Cohort, question: &Question, by: By) -> Vec<Of> {
    /// The selections that one value more leaves, where they leave any.
    fn narrowed(
        question: &Question,
        fits: impl Fn(&Selection) -> bool,
        set: impl Fn(&mut Selection),
    ) -> Vec<Selection> {
        let mut here: Vec<Selection> = question.selections.iter().filter(|one| fits(one)).copied().collect();
        here.iter_mut().for_each(set);
        here
    }
    match by {
        By::Surgeon => cohort
            .surgeons()
            .iter()
            .filter(|surgeon| question.filter.surgeons.is_empty() || question.filter.surgeons.contains(surgeon))
            .map(|&surgeon| {
                let fits = |one: &Selection| one.surgeon.is_none_or(|other| other == surgeon);
                let selections = narrowed(question, fits, |one| one.surgeon = Some(surgeon));
                Of { who: Who::Surgeon(surgeon), products: question.products.clone(), selections }
            })
            .collect(),
        By::Device => {
            let one = |&product: &Uuid| Of {
                who: Who::Device(product),
                products: vec![product],
                selections: question.selections.clone(),
            };
            question.products.iter().map(one).collect()
        }
        By::Site => cohort
            .sites()
            .iter()
            .filter(|site| question.filter.sites.is_empty() || question.filter.sites.contains(site))
            .map(|&site| {
                let fits = |one: &Selection| one.site.is_none_or(|other| other == site);
                let selections = narrowed(question, fits, |one| one.site = Some(site));
                Of { who: Who::Site(site), products: question.products.clone(), selections }
            })
            .collect(),
    }
}

fn row(
    cohort: &Cohort,
    Of { who, products, selections }: &Of,
    all: Experience,
    reference: &Reference,
    told: Told,
    sight: Sight,
) -> (LeagueRow, Unit) {
    let expected = reference.expected(cohort, products, selections);
    let unit = Unit { observed: all.revisions, expected };
    let open = told.implants && told.revised && all.primaries > 0;
    let five = || {
        let (table, day) = (cohort.life_table_of_any(products.iter().copied(), selections), 5.0 * DAYS_PER_YEAR);
        let (curve, tells) = sight.curve(kaplan_meier(&table, REVISED, Confidence::default()), &[day]);
        tells[0].then(|| curve.percent_revised(&[day])[0])
    };
    let row = LeagueRow {
        key: who.key(),
        n: told.implants.then_some(all.primaries),
        revised: told.revised.then_some(all.revisions),
        years: open.then_some(all.years),
        rate: open.then(|| Rate::per_hundred(all.revisions, all.years, 0.95)),
        at_five_years: open.then(five).flatten().filter(|at| at.at_risk > 0),
        ratio: open.then(|| unit.ratio()),
        limits: open.then(|| Limits::exact(expected)),
    };
    (row, unit)
}

/// The rates of all in the table, for each sex and band of age: what a unit is held against (indirect standardisation).
struct Reference {
    rates: BTreeMap<usize, f64>,
    /// Of everyone, for those whose sex or age is not known.
    overall: f64,
}

impl Reference {
    fn of(cohort: &Cohort, question: &Question) -> Self {
        let rate = |all: Experience| if all.years > 0.0 { float(all.revisions) / all.years } else { 0.0 };
        let all = || question.products.iter().copied();
        let rates = strata(&question.selections)
            .into_iter()
            .map(|(stratum, selections)| (stratum, rate(cohort.experience_of_any(all(), &selections))))
            .collect();
        Self { rates, overall: rate(cohort.experience_of_any(all(), &question.selections)) }
    }

    fn expected(&self, cohort: &Cohort, products: &[Uuid], selections: &[Selection]) -> f64 {
        let years = |selections: &[Selection]| cohort.experience_of_any(products.iter().copied(), selections).years;
        let (mut expected, mut known) = (0.0, 0.0);
        for (stratum, selections) in strata(selections) {
            let years = years(&selections);
            known += years;
            expected += years * self.rates.get(&stratum).copied().unwrap_or(self.overall);
        }
        expected + (years(selections) - known).max(0.0) * self.overall
    }
}

/// The selections cut by sex and band of age; what is empty is left out.
fn strata(selections: &[Selection]) -> Vec<(usize, Vec<Selection>)> {
    use crate::analysis::cohort::Sex;
    let mut out = Vec::new();
    for (place, sex) in [Sex::Female, Sex::Male].into_iter().enumerate() {
        for (band, &(youngest, oldest)) in AGES.iter().enumerate() {
            let cut = |one: &Selection| {
                let (from, to) = one.ages.unwrap_or((0, 254));
                let ages = (from.max(youngest), to.min(oldest));
                let fits = ages.0 <= ages.1 && one.sex.is_none_or(|other| other == sex);
                fits.then_some(Selection { ages: Some(ages), sex: Some(sex), ..*one })
            };
            let part: Vec<Selection> = selections.iter().filter_map(cut).collect();
            if !part.is_empty() {
                out.push((place * AGES.len() + band, part));
            }
        }
    }
    out
}
