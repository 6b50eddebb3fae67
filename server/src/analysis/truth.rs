//! Estimates against a registry whose truth is known.

use uuid::Uuid;

use tessera_registry_fixture::{Registry, Sex as PatientSex, Side as BodySide};

use super::cohort::{
    Builder, Cohort, DAYS_PER_YEAR, End, Exit, ImplantRow, Opcs4, REVISED, Selection, Sex, Side, SiteCode,
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
