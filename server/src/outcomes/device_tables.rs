//! When a device's revisions fall, why, and who uses it: the tables beside its curve. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::RevisionReason;
use crate::analysis::cohort::{Cohort, Column, DAYS_PER_YEAR, REVISED, Selection, SiteCode, Tally};
use crate::analysis::life_table::{LifeTable, float};
use crate::analysis::rates::Rate;
use crate::cohorts::disclosure::Disclosure;
use crate::small_numbers::Sight;
use crate::small_numbers::crossing::Told;

/// Where the bands of years begin; each ends where the next begins, the last has no end. The same years at which the curve is told.
const BEGIN: [u32; 6] = [0, 1, 3, 5, 10, 15];

/// Revisions in some years since the implantation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct YearsRate {
    /// From the end of this year on.
    pub from_year: u32,
    /// To the end of this year; null for all after.
    pub to_year: Option<u32>,
    /// Revised then; null where they are too few to be told.
    pub revised: Option<u64>,
    /// Years of use then; null where too few were followed so long to be told.
    pub years: Option<f64>,
    /// Revisions per 100 years of use then, with its exact Poisson interval; null where there was no use or the count is not told.
    #[schema(value_type = Object)]
    pub rate: Option<Rate>,
    /// How many were followed into it.
    #[serde(skip)]
    reached: u64,
}

/// How many were revised for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCount {
    /// The reason; null for implants that were taken out without one on record.
    pub reason: Option<RevisionReason>,
    /// How many; null where they are too few to be told.
    pub revised: Option<u64>,
}

/// A device at one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteUse {
    /// ODS site code.
    pub site: String,
    /// How many were implanted there; null where they are too few to be told.
    pub implanted: Option<u64>,
    /// How many of those were revised; null where they are too few to be told.
    pub revised: Option<u64>,
}

impl SiteUse {
    /// Whether anything of it is told.
    pub fn is_told(&self) -> bool {
        self.implanted.is_some()
    }
}

/// Revisions and years of use by years since the implantation.
pub fn by_years(table: &LifeTable) -> Vec<YearsRate> {
    let ends = BEGIN.iter().skip(1).map(|&year| f64::from(year) * DAYS_PER_YEAR).chain([f64::INFINITY]);
    let bands = BEGIN.iter().zip(ends).enumerate().map(|(place, (&begin, to))| {
        let from = f64::from(begin) * DAYS_PER_YEAR;
        let (mut days, mut revised, mut reached) = (0.0, 0, 0);
        for (row, &day) in table.time.iter().enumerate() {
            let left = table.n_censor[row] + table.all_events_at(row);
            days += float(left) * (day.min(to) - from).max(0.0);
            // A revision on the very day of the implantation belongs to the first year.
            if day <= to && (day > from || place == 0) {
                revised += table.events_at(row, REVISED);
            }
            reached += if day > from { left } else { 0 };
        }
        let years = days / DAYS_PER_YEAR;
        YearsRate {
            from_year: begin,
            to_year: BEGIN.get(place + 1).copied(),
            revised: Some(revised),
            years: Some(years),
            reached,
            rate: (years > 0.0).then(|| Rate::per_hundred(revised, years, 0.95)),
        }
    });
    bands.collect()
}

/// The same as a role may see it. A band is told where both its ends are told of the curve, so that no two tables together say more
/// than one of them.
pub fn years_seen(mut years: Vec<YearsRate>, sight: Sight) -> Vec<YearsRate> {
    let mut sum = 0;
    let until: Vec<u64> = years
        .iter()
        .map(|row| {
            sum += row.revised.unwrap_or(0);
            sum
        })
        .collect();
    let (whole, inner) = until.split_last().map_or((0, &[][..]), |(whole, inner)| (*whole, inner));
    let told: Vec<bool> = std::iter::once(true).chain(sight.chain(inner, whole)).chain([true]).collect();
    for (row, ends) in years.iter_mut().zip(told.windows(2)) {
        if ends != [true, true] {
            (row.revised, row.rate) = (None, None);
        }
        if !sight.tells(row.reached) {
            (row.years, row.rate) = (None, None);
        }
    }
    years
}

/// Why implants were revised, the most frequent first. `revised` is how many there are: what no reason is known of is counted as such.
pub fn reasons(counts: &BTreeMap<RevisionReason, u64>, revised: u64) -> Vec<ReasonCount> {
    let unknown = revised.saturating_sub(counts.values().sum());
    let mut all: Vec<ReasonCount> = counts
        .iter()
        .map(|(&reason, &count)| ReasonCount { reason: Some(reason), revised: Some(count) })
        .chain((unknown > 0).then_some(ReasonCount { reason: None, revised: Some(unknown) }))
        .collect();
    all.sort_by_key(|row| (std::cmp::Reverse(row.revised), row.reason.is_none(), row.reason));
    all
}

/// The same as a role may see it: their sum is known. Those that are not told stand last, in the order of the list: their order tells
/// nothing.
pub fn reasons_seen(mut reasons: Vec<ReasonCount>, sight: Sight) -> Vec<ReasonCount> {
    let withheld = sight.withheld(&reasons.iter().map(|row| row.revised.unwrap_or(0)).collect::<Vec<_>>());
    for (row, withheld) in reasons.iter_mut().zip(withheld) {
        row.revised = row.revised.filter(|_| !withheld);
    }
    reasons.sort_by_key(|row| (std::cmp::Reverse(row.revised), row.reason.is_none(), row.reason));
    reasons
}

/// The sites of a device that is alone in a cohort, those with most first.
pub fn at_sites(cohort: &Cohort, until: NaiveDate) -> Vec<SiteUse> {
    let counts = cohort.tally(&[Selection::until(until)], &[cohort.each_value(Column::Site)]);
    let used = cohort.sites().iter().zip(counts).filter(|(_, tally)| tally.implants > 0);
    let site = |(site, tally): (&SiteCode, Tally)| SiteUse {
        site: site.text(),
        implanted: Some(tally.implants),
        revised: Some(tally.revised),
    };
    let mut sites: Vec<SiteUse> = used.map(site).collect();
    sites.sort_by(in_order);
    sites
}

/// Most first; those that are not told last, by their code: their order tells nothing.
fn in_order(a: &SiteUse, b: &SiteUse) -> std::cmp::Ordering {
    b.implanted.cmp(&a.implanted).then_with(|| a.site.cmp(&b.site))
}

/// The same as a role may see it. Where it is not told how many there are at a site, neither is whether there are any.
pub fn sites_seen(sites: Vec<SiteUse>, product: Uuid, disclosure: &Disclosure, sight: Sight) -> Vec<SiteUse> {
    let kept_back: Vec<String> = disclosure.sites_kept_back(product).iter().map(SiteCode::text).collect();
    let told = |site: SiteUse| {
        let told = SiteCode::new(&site.site).map_or(Told::NONE, |code| disclosure.device_at(product, code));
        // The record may have moved on since the snapshot that says what may be told.
        let tells = |count: &u64| sight.tells(*count);
        SiteUse {
            implanted: site.implanted.filter(tells),
            revised: site.revised.filter(|count| told.revised && tells(count)),
            ..site
        }
    };
    let mut seen: Vec<SiteUse> = sites.into_iter().filter(|site| !kept_back.contains(&site.site)).map(told).collect();
    seen.extend(kept_back.into_iter().map(|site| SiteUse { site, implanted: None, revised: None }));
    seen.sort_by(in_order);
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::cohort::{Builder, End, Exit, ImplantRow, Opcs4, Operation, Sex, Side};
    use crate::cohorts::question::Kind;
    use crate::cohorts::snapshot::Snapshot;
    use crate::outcomes::testing::day;
    use crate::store::read::cohort::StoredCohort;

    fn cohort(rows: &[(&str, &str, Option<&str>)]) -> Cohort {
        let mut builder = Builder::default();
        for (site, on, revised) in rows {
            let row = ImplantRow {
                product: Uuid::nil(),
                site: SiteCode::new(site).unwrap(),
                procedure: Opcs4::default(),
                side: Side::None,
                sex: Sex::Unknown,
                age: None,
                implanted_on: day(on),
                operation: Operation::default(),
                exit: revised.map(|on| Exit { on: day(on), why: End::Revised }),
            };
            builder.push(&row).unwrap();
        }
        builder.finish()
    }

    fn table(rows: &[(&str, &str, Option<&str>)], until: &str) -> LifeTable {
        cohort(rows).life_table(Uuid::nil(), &Selection::until(day(until)))
    }

    #[test]
    fn years_of_use_and_revisions_fall_into_their_bands() {
        let rows = [
            ("A", "2010-01-01", Some("2012-01-01")),
            ("A", "2020-01-01", Some("2020-01-01")),
            ("B", "2024-01-01", None),
        ];
        let years = by_years(&table(&rows, "2026-01-01"));
        assert_eq!(years.iter().map(|row| row.revised.unwrap()).collect::<Vec<_>>(), [1, 1, 0, 0, 0, 0]);
        let used: Vec<f64> = years.iter().map(|row| row.years.unwrap() * DAYS_PER_YEAR).collect();
        let want = [2.0 * 365.25, 730.0 + 731.0 - 2.0 * 365.25, 0.0, 0.0, 0.0, 0.0];
        assert!(used.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-9), "{used:?}");
        assert!(years[3].rate.is_none());
        let shy = years_seen(years.clone(), Sight { least: 5 });
        assert!(shy[0].years.is_none() && shy[3].years == Some(0.0), "two were followed at all, nobody for five years");
        assert!((years[1].rate.unwrap().rate - 100.0 / (730.5 / 365.25)).abs() < 1e-9);
    }

    #[test]
    fn a_band_is_told_where_the_curve_is_told_at_both_its_ends() {
        let row = |from_year, revised| YearsRate {
            from_year,
            to_year: None,
            revised: Some(revised),
            years: Some(9.0),
            rate: None,
            reached: 50,
        };
        let shy = |counts: [u64; 4]| -> Vec<Option<u64>> {
            let rows = counts.into_iter().zip(0..).map(|(count, from)| row(from, count)).collect();
            years_seen(rows, Sight { least: 5 }).iter().map(|row| row.revised).collect()
        };
        assert_eq!(shy([9, 7, 0, 5]), [Some(9), Some(7), Some(0), Some(5)]);
        assert_eq!(
            shy([9, 2, 7, 0]),
            [None, None, Some(7), Some(0)],
            "11 by the second are told, 9 by the first are not"
        );
    }

    #[test]
    fn a_small_site_does_not_follow_from_the_others() {
        let many = |site: &'static str, n| vec![(site, "2020-01-01", None); n];
        let rows = [many("A", 30), many("B", 3), many("C", 9)].concat();
        let sites = at_sites(&cohort(&rows), day("2026-01-01"));
        assert_eq!(sites.iter().map(|site| site.implanted.unwrap()).collect::<Vec<_>>(), [30, 9, 3]);
        let kind = Kind { category: "hip".to_owned(), products: vec![Uuid::nil()] };
        let stored = StoredCohort { cohort: cohort(&rows), ..StoredCohort::default() };
        let snapshot = Snapshot::new(stored, chrono::DateTime::UNIX_EPOCH);
        let told = Disclosure::of_devices(&snapshot, &[kind], day("2026-01-01"), Sight { least: 5 });
        let shy = sites_seen(sites, Uuid::nil(), &told, Sight { least: 5 });
        let told: Vec<_> = shy.iter().map(|site| (site.site.as_str(), site.implanted)).collect();
        assert_eq!(told, [("A", Some(30)), ("B", None), ("C", None)]);
    }

    #[test]
    fn reasons_that_are_few_are_kept_back_with_what_gives_them_away() {
        let row = |reason, count| ReasonCount { reason, revised: Some(count) };
        let all =
            vec![row(Some(RevisionReason::AsepticLoosening), 40), row(Some(RevisionReason::Wear), 9), row(None, 2)];
        let told: Vec<_> = reasons_seen(all, Sight { least: 5 }).iter().map(|row| row.revised).collect();
        assert_eq!(told, [Some(40), None, None], "2 would follow from 9");
    }
}
