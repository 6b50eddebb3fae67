//! Devices, makers or sites side by side: rate, percent revised at five years, and the ratio to what was expected, each with its
//! interval. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::disclosure::Disclosure;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Classes, Cohort, Column, DAYS_PER_YEAR, RevisedBy, Sex, SiteCode, Value};
use crate::analysis::funnel::{Limits, Overdispersion, Ratio, Unit};
use crate::analysis::life_table::float;
use crate::analysis::rates::Rate;
use crate::analysis::signals::Experience;
use crate::analysis::survival::{Confidence, PercentRevised};
use crate::small_numbers::Sight;
use crate::small_numbers::crossing::Told;

/// What stands side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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

impl By {
    /// The column of which the units are values.
    pub fn column(self) -> Column {
        match self {
            Self::Device => Column::Product,
            Self::Site => Column::Site,
            Self::Surgeon => Column::Surgeon,
        }
    }
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
        let disclosure = Disclosure::of(snapshot, question, Some(by), sight);
        let units = Units::of(cohort, question, by);
        let groups = units.by_group(cohort, question);
        let reference = Reference::of(&groups);
        let at_five_years = units.at_five_years(cohort, question);
        let table = units.values.iter().zip(groups.chunks_exact(GROUPS)).zip(&at_five_years);
        let mut rows: Vec<(LeagueRow, Unit)> = table
            .map(|((&value, groups), five)| (value, sum(groups), reference.expected(groups), five))
            .map(|(value, all, expected, five)| (value, all, expected, five, disclosure.of_value(value)))
            // Where it is not told how many a unit has, neither is whether it has any.
            .filter(|(_, all, _, _, told)| all.primaries > 0 || !told.implants)
            .map(|(value, all, expected, five, told)| row(value, all, expected, five, told, sight))
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

/// What stands in the rows.
struct Units {
    by: By,
    /// In order.
    values: Vec<Value>,
}

impl Units {
    fn of(cohort: &Cohort, question: &Question, by: By) -> Self {
        let filter = &question.filter;
        let values = match by {
            By::Device => question.products.iter().copied().map(Value::Product).collect(),
            By::Site => {
                let asked = |site: &&SiteCode| filter.sites.is_empty() || filter.sites.contains(site);
                cohort.sites().iter().filter(asked).copied().map(Value::Site).collect()
            }
            By::Surgeon => {
                let asked = |surgeon: &&Uuid| filter.surgeons.is_empty() || filter.surgeons.contains(surgeon);
                cohort.surgeons().iter().filter(asked).map(|&surgeon| Value::Surgeon(Some(surgeon))).collect()
            }
        };
        Self { by, values }
    }

    /// The question's products, and a class for each unit and one for what is in none of them.
    fn axes(&self, cohort: &Cohort, question: &Question) -> Vec<Classes> {
        let asked = |value| matches!(value, Value::Product(one) if question.products.binary_search(&one).is_ok());
        let products = cohort.classes(Column::Product, 1, |value| asked(value).then_some(0));
        let place = |value| Some(self.values.binary_search(&value).unwrap_or(self.values.len()));
        vec![products, cohort.classes(self.by.column(), self.values.len() + 1, place)]
    }

    /// Each unit's experience by sex and band of age, [`GROUPS`] of them, and at last that of what is in no unit.
    fn by_group(&self, cohort: &Cohort, question: &Question) -> Vec<Experience> {
        let mut axes = self.axes(cohort, question);
        axes.push(cohort.classes(Column::Sex, SEXES, |value| Some(sex_group(value))));
        axes.push(cohort.classes(Column::Age, BANDS, |value| Some(age_group(value))));
        cohort.tally(&question.selections, &axes).into_iter().map(Experience::from).collect()
    }

    fn at_five_years(&self, cohort: &Cohort, question: &Question) -> Vec<RevisedBy> {
        cohort.revised_by(&question.selections, &self.axes(cohort, question), FIVE_YEARS, Confidence::default())
    }
}

/// The last whole day of five years.
const FIVE_YEARS: u16 = 1826;
/// Female, male, and whoever is neither or not known.
const SEXES: usize = 3;
/// The bands of age, and whose age is not known.
const BANDS: usize = AGES.len() + 1;
/// Groups within which rates are taken to be alike.
const GROUPS: usize = SEXES * BANDS;

fn sex_group(value: Value) -> usize {
    match value {
        Value::Sex(Sex::Female) => 0,
        Value::Sex(Sex::Male) => 1,
        _ => SEXES - 1,
    }
}

fn age_group(value: Value) -> usize {
    let age = if let Value::Age(age) = value { age } else { None };
    let band = age.and_then(|age| AGES.iter().position(|&(youngest, oldest)| (youngest..=oldest).contains(&age)));
    band.unwrap_or(AGES.len())
}

fn sum(groups: &[Experience]) -> Experience {
    let mut sum = Experience::default();
    for group in groups {
        sum.primaries += group.primaries;
        sum.revisions += group.revisions;
        sum.years += group.years;
    }
    sum
}

fn row(value: Value, all: Experience, expected: f64, five: &RevisedBy, told: Told, sight: Sight) -> (LeagueRow, Unit) {
    let unit = Unit { observed: all.revisions, expected };
    let open = told.implants && told.revised && all.primaries > 0;
    let tells_five = sight.is_all() || sight.tells_beside(five.revisions, all.revisions);
    let five =
        PercentRevised { at_risk: sight.at_risk(five.estimate.at_risk), time: 5.0 * DAYS_PER_YEAR, ..five.estimate };
    let row = LeagueRow {
        key: key(value),
        n: told.implants.then_some(all.primaries),
        revised: told.revised.then_some(all.revisions),
        years: open.then_some(all.years),
        rate: open.then(|| Rate::per_hundred(all.revisions, all.years, 0.95)),
        at_five_years: Some(five).filter(|five| open && tells_five && five.at_risk > 0),
        ratio: open.then(|| unit.ratio()),
        limits: open.then(|| Limits::exact(expected)),
    };
    (row, unit)
}

/// A unit as its key.
fn key(value: Value) -> String {
    match value {
        Value::Site(site) => site.text(),
        Value::Product(id) | Value::Surgeon(Some(id)) => id.to_string(),
        _ => String::new(),
    }
}

/// The rates of all in the table, for each sex and band of age: what a unit is held against (indirect standardisation).
struct Reference {
    rates: [f64; GROUPS],
    /// Of everyone, for those whose sex or age is not known.
    overall: f64,
}

impl Reference {
    fn of(groups: &[Experience]) -> Self {
        let rate = |all: Experience| if all.years > 0.0 { float(all.revisions) / all.years } else { 0.0 };
        let of_group = |group: usize| sum(&groups.iter().skip(group).step_by(GROUPS).copied().collect::<Vec<_>>());
        Self { rates: std::array::from_fn(|group| rate(of_group(group))), overall: rate(sum(groups)) }
    }

    fn expected(&self, groups: &[Experience]) -> f64 {
        let known = |group: usize| group / BANDS < SEXES - 1 && group % BANDS < AGES.len();
        let rate = |group: usize| if known(group) { self.rates[group] } else { self.overall };
        groups.iter().enumerate().map(|(group, all)| all.years * rate(group)).sum()
    }
}
