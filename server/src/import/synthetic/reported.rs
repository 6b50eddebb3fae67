//! What outcomes of the synthetic registry say beyond that they happened: why a device was taken out, what went wrong after an operation,
//! and what patients reported. Made of the numbers of patient and operation alone, so that a registry is the same each time.

use chrono::{Days, NaiveDate};
use tessera_registry_fixture::{Patient, Procedure};

use crate::outcomes::model::{OutcomeKind, RevisionReason};

/// How often each reason is given, of a hundred revisions of joints; the share of registries' annual reports, rounded.
const OF_JOINTS: [(RevisionReason, u64); 8] = [
    (RevisionReason::AsepticLoosening, 36),
    (RevisionReason::Infection, 17),
    (RevisionReason::Dislocation, 16),
    (RevisionReason::Fracture, 11),
    (RevisionReason::Wear, 8),
    (RevisionReason::Pain, 6),
    (RevisionReason::Malposition, 4),
    (RevisionReason::DeviceFailure, 2),
];
/// Of pacemakers and defibrillators.
const OF_PACEMAKERS: [(RevisionReason, u64); 3] =
    [(RevisionReason::Battery, 80), (RevisionReason::Infection, 8), (RevisionReason::DeviceFailure, 12)];
/// Of everything else.
const OF_OTHERS: [(RevisionReason, u64); 4] = [
    (RevisionReason::DeviceFailure, 45),
    (RevisionReason::Infection, 25),
    (RevisionReason::Malposition, 15),
    (RevisionReason::Pain, 15),
];

/// What went wrong after an operation, of a thousand operations; the rest went well.
const COMPLICATIONS: [(&str, u64); 5] =
    [("infection", 9), ("deep-vein-thrombosis", 8), ("bleeding", 6), ("wound", 12), ("readmission", 15)];

/// What patients of an operation are asked, and how they answer.
struct Questionnaire {
    /// The first letters of the operation's code.
    operation: &'static str,
    code: &'static str,
    /// Mean and deviation of the score before.
    before: (f64, f64),
    /// Of its change.
    change: (f64, f64),
}

const SCORES: [Questionnaire; 4] = [
    Questionnaire { operation: "W37", code: "oxford-hip", before: (17.5, 7.5), change: (21.0, 8.5) },
    Questionnaire { operation: "W38", code: "oxford-hip", before: (18.0, 7.5), change: (22.0, 8.0) },
    Questionnaire { operation: "W39", code: "oxford-hip", before: (17.8, 7.5), change: (21.5, 8.5) },
    Questionnaire { operation: "W40", code: "oxford-knee", before: (18.8, 7.0), change: (16.5, 9.0) },
];
/// The highest Oxford score.
const BEST: f64 = 48.0;

/// An outcome about one procedure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reported {
    pub kind: OutcomeKind,
    pub on: NaiveDate,
    pub code: &'static str,
    pub score: Option<f64>,
}

/// Why a revision was done; of one in forty nobody has said.
pub(super) fn reason(patient: &Patient, nth: usize) -> Option<RevisionReason> {
    let mut chance = Chance::of(patient, nth, 1);
    if chance.below(40) == 0 {
        return None;
    }
    let reasons = match &patient.procedures[nth].opcs4[..1] {
        "W" => &OF_JOINTS[..],
        "K" => &OF_PACEMAKERS,
        _ => &OF_OTHERS,
    };
    let mut left = chance.below(100);
    reasons
        .iter()
        .find(|(_, share)| left.checked_sub(*share).map(|rest| left = rest).is_none())
        .map(|(reason, _)| *reason)
}

/// What was reported about an operation until a day.
pub(super) fn about(patient: &Patient, nth: usize, until: NaiveDate) -> Vec<Reported> {
    let procedure = &patient.procedures[nth];
    let alive = |on: NaiveDate| on <= until && patient.died_on.is_none_or(|died| on < died);
    let mut all: Vec<Reported> = complication(patient, nth, procedure).into_iter().collect();
    all.extend(scores(patient, nth, procedure));
    all.retain(|one| alive(one.on));
    all
}

fn complication(patient: &Patient, nth: usize, procedure: &Procedure) -> Option<Reported> {
    let mut chance = Chance::of(patient, nth, 2);
    let mut left = chance.below(1_000);
    let (code, _) =
        COMPLICATIONS.into_iter().find(|(_, share)| left.checked_sub(*share).map(|rest| left = rest).is_none())?;
    let on = procedure.on + Days::new(1 + chance.below(29));
    Some(Reported { kind: OutcomeKind::Complication, on, code, score: None })
}

/// Two in five fill the questionnaire in before a first operation; three in four of them, and a few others, half a year after it.
fn scores(patient: &Patient, nth: usize, procedure: &Procedure) -> Vec<Reported> {
    let known = SCORES.iter().find(|one| procedure.opcs4.starts_with(one.operation));
    let first = known.filter(|_| procedure.removes.is_empty());
    let Some(&Questionnaire { code, before, change, .. }) = first else { return Vec::new() };
    let mut chance = Chance::of(patient, nth, 3);
    let first = (before.0 + before.1 * chance.normal()).clamp(0.0, BEST).round();
    let second = (first + change.0 + change.1 * chance.normal()).clamp(0.0, BEST).round();
    let asked = chance.below(100) < 40;
    let answered = chance.below(100) < if asked { 75 } else { 5 };
    let one = |on: NaiveDate, score| Reported { kind: OutcomeKind::Prom, on, code, score: Some(score) };
    let (days_before, days_after) = (chance.below(28), 170 + chance.below(40));
    let mut all = Vec::new();
    all.extend(asked.then(|| one(procedure.on - Days::new(days_before), first)));
    all.extend(answered.then(|| one(procedure.on + Days::new(days_after), second)));
    all
}

/// Numbers that look like chance and are the same each time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn of(patient: &Patient, nth: usize, purpose: u64) -> Self {
        Self(patient.number.wrapping_mul(64).wrapping_add(nth as u64).wrapping_mul(8).wrapping_add(purpose))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    /// About normal: the sum of twelve uniform numbers (Irwin–Hall).
    fn normal(&mut self) -> f64 {
        let uniform = |n: u64| f64::from(u32::try_from(n).unwrap_or(0)) / 1_000_000.0;
        (0..12).map(|_| uniform(self.below(1_000_000))).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use tessera_registry_fixture::Registry;

    use super::*;

    #[test]
    fn scores_are_on_their_scale_and_rise() {
        let registry = Registry::new(3);
        let (mut before, mut after, mut complications) = (Vec::new(), Vec::new(), 0);
        for patient in registry.patients().take(4_000) {
            for (nth, procedure) in patient.procedures.iter().enumerate() {
                for one in about(&patient, nth, registry.last_day()) {
                    assert!(one.on <= registry.last_day() && patient.died_on.is_none_or(|died| one.on < died));
                    match one.score {
                        Some(score) if one.on <= procedure.on => before.push(score),
                        Some(score) => after.push(score),
                        None => complications += 1,
                    }
                }
            }
        }
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / f64::from(u32::try_from(scores.len()).unwrap());
        assert!(before.iter().chain(&after).all(|score| (0.0..=BEST).contains(score)));
        assert!((14.0..22.0).contains(&mean(&before)) && (32.0..42.0).contains(&mean(&after)), "{}", mean(&after));
        assert!(complications > 50);
    }
}
