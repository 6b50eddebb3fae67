//! Estimates against a registry whose truth is known.

use uuid::Uuid;

use tessera_registry_fixture::{Registry, Sex as PatientSex, Side as BodySide};

use super::cohort::{
    Builder, Cohort, DAYS_PER_YEAR, End, Exit, ImplantRow, Opcs4, Operation, REVISED, Selection, Sex, Side, SiteCode,
};
use super::signals::{Evidence, njr};
use super::survival::{Confidence, kaplan_meier};

fn product(device: usize) -> Uuid {
    Uuid::from_u128(device as u128)
}

/// The registry as the store would tell it.
fn cohort_of(registry: &Registry, device_uses: u64) -> Cohort {
    let mut builder = Builder::default();
    for patient in registry.patients_with_device_uses(device_uses) {
        let removals: Vec<_> =
            patient.procedures.iter().flat_map(|p| p.removes.iter().map(|unit| (*unit, p.on))).collect();
        for (place, procedure) in patient.procedures.iter().enumerate() {
            for (i, device_use) in procedure.uses.iter().enumerate().filter(|(_, device_use)| !device_use.wasted) {
                let removed = removals.iter().find(|(unit, _)| unit.procedure == place && unit.device_use == i);
                let exit = removed
                    .map(|&(_, on)| Exit { on, why: End::Revised })
                    .or(patient.died_on.map(|on| Exit { on, why: End::Died }));
                let row = ImplantRow {
                    product: product(device_use.device),
                    site: SiteCode::new(&registry.sites()[procedure.site].code).unwrap(),
                    procedure: Opcs4::new(procedure.opcs4).unwrap(),
                    side: match procedure.side {
                        None => Side::None,
                        Some(BodySide::Left) => Side::Left,
                        Some(BodySide::Right) => Side::Right,
                    },
                    sex: if patient.sex == PatientSex::Female { Sex::Female } else { Sex::Male },
                    age: procedure.on.years_since(patient.born).and_then(|age| u8::try_from(age).ok()),
                    implanted_on: procedure.on,
                    operation: Operation::default(),
                    exit,
                };
                builder.push(&row).unwrap();
            }
        }
    }
    builder.finish()
}

#[test]
fn the_estimates_find_what_was_put_in() {
    let registry = Registry::new(2026);
    let cohort = cohort_of(&registry, 200_000);
    let until = Selection::until(registry.last_day());
    let (mut judged, mut covered, mut strayed) = (0_u32, 0_u32, Vec::new());
    for device in 0..registry.devices().len() {
        let curve = kaplan_meier(&cohort.life_table(product(device), &until), REVISED, Confidence::default());
        for years in [1.0, 5.0, 10.0] {
            let line = curve.percent_revised(&[years * DAYS_PER_YEAR])[0];
            if line.at_risk < 40 || line.lower.is_nan() || curve.n_event.iter().sum::<u64>() < 10 {
                continue;
            }
            let truth = 100.0 * registry.truth().revised_within(device, years);
            judged += 1;
            covered += u32::from((line.lower..=line.upper).contains(&truth));
            // Where the interval misses, it must not miss by much: no error of the estimator hides behind the 5 %.
            if truth < line.lower - (line.percent - line.lower) || truth > line.upper + (line.upper - line.percent) {
                strayed.push((device, years, truth, line));
            }
        }
    }
    println!("{covered} of {judged} intervals hold the truth");
    assert!(judged > 300, "{judged} intervals");
    assert!(f64::from(covered) > 0.925 * f64::from(judged), "{covered} of {judged} intervals hold the truth");
    assert!(strayed.len() <= 1, "{strayed:?}");
}

#[test]
fn outliers_that_were_planted_are_found() {
    let registry = Registry::new(2026);
    let cohort = cohort_of(&registry, 200_000);
    let until = Selection::until(registry.last_day());
    let (mut planted, mut found, mut others, mut false_alarms) = (0_u32, 0_u32, 0_u32, 0_u32);
    for device in 0..registry.devices().len() {
        let gmdn = &registry.devices()[device].gmdn;
        let group = (0..registry.devices().len()).filter(|&other| registry.devices()[other].gmdn == *gmdn).map(product);
        let (mine, all) = (cohort.experience([product(device)], &until), cohort.experience(group, &until));
        if mine.revisions < 10 || mine.primaries * 4 > all.primaries {
            continue;
        }
        let raised = njr(mine, all, Evidence::Rate).iter().any(|signal| signal.raised);
        if registry.truth().is_outlier(device) {
            planted += 1;
            found += u32::from(raised);
        } else {
            others += 1;
            false_alarms += u32::from(raised);
        }
    }
    println!("{found} of {planted} planted outliers found, {false_alarms} false alarms among {others} others");
    assert!(planted >= 3 && 10 * found >= 7 * planted, "{found} of {planted} planted outliers found");
    assert!(20 * false_alarms <= others, "{false_alarms} false alarms among {others} others");
}

/// What many simulated registries say of the intervals and of the outlier rules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    /// Intervals where at least ten revisions were due, and those of them that hold the truth.
    many: (u32, u32),
    /// The same where fewer were due.
    few: (u32, u32),
    /// Outliers with at least ten revisions due, and those of them that either rule of the NJR finds.
    planted: (u32, u32),
    /// Other devices, and those of them that a rule of the NJR raises.
    others: (u32, u32),
    /// The same for stage 1 of the AOANJRR.
    planted_aoanjrr: (u32, u32),
    others_aoanjrr: (u32, u32),
}

fn count(pair: &mut (u32, u32), holds: bool) {
    pair.0 += 1;
    pair.1 += u32::from(holds);
}

impl Tally {
    fn of(seed: u64) -> Self {
        let registry = Registry::new(seed);
        let cohort = cohort_of(&registry, 20_000);
        let until = Selection::until(registry.last_day());
        let mut tally = Self::default();
        for device in 0..registry.devices().len() {
            let table = cohort.life_table(product(device), &until);
            let curve = kaplan_meier(&table, REVISED, Confidence::default());
            for years in [1.0, 5.0, 10.0] {
                let line = curve.percent_revised(&[years * DAYS_PER_YEAR])[0];
                let truth = registry.truth().revised_within(device, years);
                // Which class an interval is in must not hang on what happened, or the count would be biased.
                if line.at_risk >= 40 {
                    let due = super::life_table::float(table.n) * truth;
                    let class = if due >= 10.0 { &mut tally.many } else { &mut tally.few };
                    // Without an interval nothing is claimed; with none revised the interval is a point, and misses.
                    count(class, (line.lower..=line.upper).contains(&(100.0 * truth)));
                }
            }
            let gmdn = &registry.devices()[device].gmdn;
            let alike = (0..registry.devices().len()).filter(|&other| registry.devices()[other].gmdn == *gmdn);
            let all = cohort.experience(alike.map(product), &until);
            let mine = cohort.experience([product(device)], &until);
            if all.years <= 0.0 || mine.primaries < 10 || mine.primaries * 4 > all.primaries {
                continue;
            }
            let due = mine.years * super::life_table::float(all.revisions) / all.years;
            let njr = njr(mine, all, Evidence::Rate).iter().any(|signal| signal.raised);
            let aoanjrr = super::signals::aoanjrr_stage_1(mine, all).raised;
            if registry.truth().is_outlier(device) {
                if 2.0 * due >= 10.0 {
                    count(&mut tally.planted, njr);
                    count(&mut tally.planted_aoanjrr, aoanjrr);
                }
            } else if due >= 5.0 {
                count(&mut tally.others, njr);
                count(&mut tally.others_aoanjrr, aoanjrr);
            }
        }
        tally
    }

    fn plus(self, other: Self) -> Self {
        let sum = |a: (u32, u32), b: (u32, u32)| (a.0 + b.0, a.1 + b.1);
        Self {
            many: sum(self.many, other.many),
            few: sum(self.few, other.few),
            planted: sum(self.planted, other.planted),
            others: sum(self.others, other.others),
            planted_aoanjrr: sum(self.planted_aoanjrr, other.planted_aoanjrr),
            others_aoanjrr: sum(self.others_aoanjrr, other.others_aoanjrr),
        }
    }
}

/// A few registries in every run, a thousand in a long one.
#[test]
fn intervals_cover_the_truth_at_their_rate() {
    use rayon::prelude::*;
    let registries: u64 = if std::env::var_os("TESSERA_LONG").is_some() { 1_000 } else { 8 };
    let all = (1..=registries).into_par_iter().map(Tally::of).reduce(Tally::default, Tally::plus);
    let share = |(of, found): (u32, u32)| 100.0 * f64::from(found) / f64::from(of.max(1));
    println!("{registries} registries of 20,000 device uses");
    println!("intervals with 10 revisions due or more: {:.2} % of {} hold the truth", share(all.many), all.many.0);
    println!("intervals with fewer due: {:.2} % of {} hold the truth", share(all.few), all.few.0);
    println!(
        "outliers found: NJR {:.1} %, AOANJRR {:.1} % of {}",
        share(all.planted),
        share(all.planted_aoanjrr),
        all.planted.0
    );
    println!(
        "false alarms: NJR {:.2} %, AOANJRR {:.2} % of {}",
        share(all.others),
        share(all.others_aoanjrr),
        all.others.0
    );
    // Three standard errors about 95 %.
    let error = 300.0 * (0.95 * 0.05 / f64::from(all.many.0)).sqrt();
    assert!((share(all.many) - 95.0).abs() < error + 0.5, "{:.2} %", share(all.many));
}
