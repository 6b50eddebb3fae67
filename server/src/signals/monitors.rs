//! Each device watched as its operations come: alarms of both charts as findings. Pure.
//!
//! A published rule looks at a device's whole rate on one day; a chart looks at the order of what happened. Its alarm is met where fewer
//! than one in a hundred simulated series of the same operations, in which nothing is wrong, climb as high: the share of false alarms of
//! one device is that hundredth, and is shown with the evidence.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rayon::prelude::*;
use uuid::Uuid;

use super::judge::Finding;
use super::model::{CheckSeen, Counts, Evidence, RuleWord};
use crate::analysis::cohort::{Cohort, Selection};
use crate::analysis::cusum::continuous::Watched;
use crate::analysis::cusum::{RiskAdjusted, reached};
use crate::analysis::life_table::float;
use crate::cohorts::expectation::Expectation;
use crate::cohorts::monitor::Watch;

/// The share of series without anything wrong that may raise an alarm.
pub const FALSE_ALARMS: f64 = 0.01;
/// Operations that a chart needs.
const LEAST: usize = 10;
/// Operations of a chart at the most: of more it would take too long to tell chance from the device.
const MOST: usize = 200_000;
/// Series simulated at first, and the share of them that settles that a height is nothing out of the way.
const FIRST: (u32, f64) = (100, 0.05);
/// Operations simulated for one chart, over all its series; and series at the least and at the most.
const SIMULATED: (usize, usize, usize) = (4_000_000, 500, 4_000);
/// The same answer each night.
const SEED: u64 = 20_261_127;

/// Both charts of every device, each against the operations on all devices of its kind.
pub fn watch(cohort: &Cohort, groups: &BTreeMap<String, Vec<Uuid>>, until: NaiveDate) -> Vec<Finding> {
    let watch = Watch::default();
    let each = |(name, products): (&String, &Vec<Uuid>)| {
        let due = Expectation::of(cohort, [products], watch.within, until);
        let everyone = [Selection::until(until)];
        let whole = counts(cohort, products, until);
        let of_one = |&product: &Uuid| {
            let device = counts(cohort, &[product], until);
            let evidence = |checks| Evidence { group: name.clone(), device, of_group: whole, checks };
            let finding = |rule, checks: Vec<CheckSeen>| Finding {
                product,
                rule,
                met: checks.iter().all(|check| check.met),
                evidence: evidence(checks),
            };
            let alarms = [
                (RuleWord::Cusum, fixed(&due, cohort, product, &everyone, watch)),
                (RuleWord::CgrCusum, continuous(&due, cohort, product, &everyone, until)),
            ];
            alarms.into_iter().filter_map(|(rule, checks)| Some(finding(rule, checks?))).collect::<Vec<_>>()
        };
        products.par_iter().flat_map_iter(of_one).collect::<Vec<_>>()
    };
    groups.iter().flat_map(each).collect()
}

fn counts(cohort: &Cohort, products: &[Uuid], until: NaiveDate) -> Counts {
    let all = cohort.experience(products.iter().copied(), &Selection::until(until));
    Counts { primaries: all.primaries, revisions: all.revisions, years: all.years }
}

/// The chart of revisions within a year, which looks for twice the odds.
fn fixed(
    due: &Expectation,
    cohort: &Cohort,
    product: Uuid,
    everyone: &[Selection],
    watch: Watch,
) -> Option<Vec<CheckSeen>> {
    let operated = due.operated(cohort, &[product], everyone);
    let risks: Vec<f64> = operated.iter().map(|one| one.risk).collect();
    let chart = RiskAdjusted { odds_ratio: watch.odds, limit: None };
    let heights = chart.chart(operated.iter().map(|one| (one.failed, one.risk))).cusum;
    let highest = heights.into_iter().fold(0.0, f64::max);
    let failed = float(operated.iter().filter(|one| one.failed).count() as u64);
    let share = by_chance(operated.len(), highest, |runs, seed| chart.heights_by_chance(&risks, runs, seed))?;
    let told = [
        ("revised within a year of the operation", failed),
        ("as many were due by how others of its kind fare", risks.iter().sum()),
        ("how high the chart of revisions within a year climbed (it looks for twice the odds)", highest),
    ];
    Some(checks(&told, share))
}

/// The chart that waits for no fixed time.
fn continuous(
    due: &Expectation,
    cohort: &Cohort,
    product: Uuid,
    everyone: &[Selection],
    until: NaiveDate,
) -> Option<Vec<CheckSeen>> {
    let (first, rows) = due.followed(cohort, &[product], everyone);
    let days = u32::try_from((until - first?).num_days()).ok().filter(|days| *days > 0)?;
    if rows.len() > MOST {
        return None;
    }
    let watched = Watched::of(&rows, &due.hazards, f64::from(days));
    let chart = watched.chart();
    let top = chart.iter().copied().max_by(|a, b| a.height.total_cmp(&b.height))?;
    let share = by_chance(rows.len(), top.height, |runs, seed| watched.heights_by_chance(runs, seed))?;
    let told = [
        ("times the revisions that were due, where the chart was highest", top.ratio),
        ("years between that day and the first operation that it counts", (top.day - top.since) / 365.25),
        ("how high the chart of all revisions climbed", top.height),
    ];
    Some(checks(&told, share))
}

/// The share of simulated series that climb to a height: of few where these settle it, of many otherwise.
fn by_chance(operations: usize, height: f64, heights: impl Fn(u32, u64) -> Vec<f64>) -> Option<f64> {
    if !(LEAST..=MOST).contains(&operations) {
        return None;
    }
    let at_first = reached(&heights(FIRST.0, SEED), height);
    if at_first > FIRST.1 {
        return Some(at_first);
    }
    let (all, least, most) = SIMULATED;
    let runs = u32::try_from((all / operations).clamp(least, most)).unwrap_or(u32::MAX);
    Some(reached(&heights(runs, SEED + 1), height))
}

fn checks(told: &[(&str, f64)], share: f64) -> Vec<CheckSeen> {
    let told = told.iter().map(|&(what, value)| CheckSeen {
        what: what.to_owned(),
        value: Some(value),
        threshold: None,
        met: true,
    });
    let chance = CheckSeen {
        what: "share of simulated series without anything wrong that climb as high".to_owned(),
        value: Some(share),
        threshold: Some(FALSE_ALARMS),
        met: share < FALSE_ALARMS,
    };
    told.chain([chance]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::cohort::{Builder, End, Exit, ImplantRow, Opcs4, Operation, Sex, Side, SiteCode};

    /// Four devices of one kind, two hundred of each; of the last every fifth is revised after half a year, of the others every fortieth.
    fn registry() -> (Cohort, BTreeMap<String, Vec<Uuid>>, NaiveDate) {
        let (start, until) = ("2015-01-01".parse::<NaiveDate>().unwrap(), "2022-01-01".parse().unwrap());
        let mut builder = Builder::default();
        for i in 0..800_u32 {
            let (device, place) = (i % 4, i / 4);
            let on = start + chrono::Days::new(u64::from(place) * 9);
            let revised = place % if device == 3 { 5 } else { 40 } == 4;
            let row = ImplantRow {
                product: Uuid::from_u128(u128::from(device)),
                site: SiteCode::new("RXX01").unwrap(),
                procedure: Opcs4::new("W371").unwrap(),
                side: Side::Left,
                sex: Sex::Female,
                age: Some(70),
                implanted_on: on,
                operation: Operation::default(),
                exit: revised.then(|| Exit { on: on + chrono::Days::new(180), why: End::Revised }),
            };
            builder.push(&row).unwrap();
        }
        let products = (0..4).map(Uuid::from_u128).collect();
        (builder.finish(), BTreeMap::from([("hip".to_owned(), products)]), until)
    }

    #[test]
    fn a_device_that_fares_worse_raises_both_alarms_and_no_other_does() {
        let (cohort, groups, until) = registry();
        let met: Vec<(u128, RuleWord)> = watch(&cohort, &groups, until)
            .iter()
            .filter(|finding| finding.met)
            .map(|finding| (finding.product.as_u128(), finding.rule))
            .collect();
        assert_eq!(met, [(3, RuleWord::Cusum), (3, RuleWord::CgrCusum)]);
    }

    #[test]
    fn the_evidence_names_what_was_due_and_what_chance_does() {
        let (cohort, groups, until) = registry();
        let found = watch(&cohort, &groups, until);
        assert_eq!(found.len(), 8);
        let worst = found.iter().find(|one| one.product == Uuid::from_u128(3) && one.rule == RuleWord::Cusum).unwrap();
        let checks = &worst.evidence.checks;
        assert_eq!((checks[0].value, worst.evidence.device.primaries), (Some(40.0), 200));
        assert!(checks[1].value.unwrap() < 30.0 && checks[3].value.unwrap() < 0.01, "{checks:?}");
        assert_eq!(checks[3].threshold, Some(FALSE_ALARMS));
    }
}
