//! What patients reported before an operation and after it: pairs of one questionnaire, and how much changed. Pure.
//!
//! Of several scores of one procedure the last until its day is the one before, and the last of all those after is the one after.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::analysis::proms::{Change, Share, change};
use crate::small_numbers::Sight;
use crate::theatre::model::ProcedureId;

/// The smallest change that one patient notices: of the Oxford Hip and Knee Scores Beard et al. 2015, J Clin Epidemiol 68:73; of the EQ-5D
/// index Walters & Brazier 2005, Qual Life Res 14:1523.
const MATTERS: [(&str, f64); 3] = [("oxford-hip", 8.0), ("oxford-knee", 7.0), ("eq-5d-index", 0.074)];

/// The scores of one questionnaire.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScoreSummary {
    /// The questionnaire.
    pub instrument: String,
    /// Of how many procedures there is a score after the operation; fewer than may be told are left out.
    pub n: u64,
    /// The mean of these scores, of each procedure the last.
    pub mean: f64,
    /// The change since before the operation; null where no procedure has both, and where they are too few to be told.
    pub change: Option<ScoreChange>,
}

/// The change of a score from before the operation to after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScoreChange {
    /// Of how many procedures there are both.
    pub pairs: u64,
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// Mean change.
    pub change: f64,
    /// Lower 95 % limit of the mean change, Student's; null for fewer than two pairs.
    pub lower: f64,
    /// Upper 95 % limit.
    pub upper: f64,
    /// How many changed by as much as one patient notices; null where no such change is known of the questionnaire, and where one of the
    /// counts is too small to be told.
    pub noticed: Option<Noticed>,
}

/// How many patients noticed a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Noticed {
    /// The smallest change that one patient notices.
    pub matters: f64,
    /// Better by at least as much.
    #[schema(value_type = Object)]
    pub better: Share,
    /// Worse by at least as much.
    #[schema(value_type = Object)]
    pub worse: Share,
}

/// Scores as they are gathered.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    of: BTreeMap<String, BTreeMap<ProcedureId, Pair>>,
}

/// The last score until the day of the operation, and the last after it, each with its day.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    before: Option<(NaiveDate, f64)>,
    after: Option<(NaiveDate, f64)>,
}

impl Scores {
    /// Takes a score of a procedure that was on a day.
    pub fn take(&mut self, procedure: ProcedureId, operated: NaiveDate, instrument: &str, on: NaiveDate, score: f64) {
        let pair = self.of.entry(instrument.to_owned()).or_default().entry(procedure).or_default();
        let place = if on <= operated { &mut pair.before } else { &mut pair.after };
        if place.is_none_or(|(known, _)| known <= on) {
            *place = Some((on, score));
        }
    }

    /// Summed up by questionnaire; one that nobody has filled in after an operation is left out.
    pub fn summed(self) -> Vec<ScoreSummary> {
        self.of.into_iter().filter_map(|(instrument, of)| summary(instrument, of.values())).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a registry are far below 2^53")]
fn summary<'a>(instrument: String, pairs: impl Iterator<Item = &'a Pair>) -> Option<ScoreSummary> {
    let followed: Vec<(Option<f64>, f64)> =
        pairs.filter_map(|pair| Some((pair.before.map(|(_, score)| score), pair.after?.1))).collect();
    let n = followed.len() as u64;
    if n == 0 {
        return None;
    }
    let both: Vec<(f64, f64)> = followed.iter().filter_map(|&(before, after)| Some((before?, after))).collect();
    let matters = MATTERS.iter().find(|(name, _)| *name == instrument).map(|(_, matters)| *matters);
    let mean = followed.iter().map(|(_, after)| after).sum::<f64>() / n as f64;
    Some(ScoreSummary { change: ScoreChange::of(&both, matters), instrument, n, mean })
}

impl ScoreChange {
    fn of(pairs: &[(f64, f64)], matters: Option<f64>) -> Option<Self> {
        if pairs.is_empty() {
            return None;
        }
        let Change { n, before, after, change, lower, upper, better, worse, .. } =
            change(pairs, matters.unwrap_or(f64::INFINITY));
        let noticed = matters.map(|matters| Noticed { matters, better, worse });
        Some(Self { pairs: n, before, after, change, lower, upper, noticed })
    }
}

impl ScoreSummary {
    /// The same as a role may see it; none where there are too few.
    pub fn seen(self, sight: Sight) -> Option<Self> {
        if !sight.tells(self.n) {
            return None;
        }
        let change = self.change.filter(|change| sight.tells_beside(change.pairs, self.n)).map(|change| ScoreChange {
            noticed: change.noticed.filter(|noticed| {
                let (better, worse) = (noticed.better.count, noticed.worse.count);
                sight.tells(better) && sight.tells(worse) && sight.tells(change.pairs - better - worse)
            }),
            ..change
        });
        Some(Self { change, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::testing::day;

    fn summed(scores: &[(&str, f64)]) -> ScoreSummary {
        let (procedure, mut all) = (ProcedureId::new(), Scores::default());
        for (on, score) in scores {
            all.take(procedure, day("2020-03-01"), "oxford-hip", day(on), *score);
        }
        all.summed().remove(0)
    }

    #[test]
    fn the_last_before_is_held_against_the_last_after() {
        let of = |scores: &[(&str, f64)]| {
            let all = summed(scores);
            (all.mean, all.change.map(|change| change.change))
        };
        let (before, day_of, months, year) =
            (("2019-11-01", 12.0), ("2020-03-01", 15.0), ("2020-09-01", 40.0), ("2021-03-01", 43.0));
        assert_eq!(of(&[year, before, months, day_of]), (43.0, Some(28.0)));
        assert_eq!(of(&[months]), (40.0, None));
    }

    #[test]
    fn few_pairs_and_few_who_noticed_are_not_told() {
        let many = |n: usize, pairs: usize, worse: usize| {
            let mut all = Scores::default();
            for at in 0..n {
                let procedure = ProcedureId::new();
                if at < pairs {
                    all.take(procedure, day("2020-03-01"), "oxford-knee", day("2020-02-01"), 20.0);
                }
                let after = if at < worse { 10.0 } else { 40.0 };
                all.take(procedure, day("2020-03-01"), "oxford-knee", day("2020-09-01"), after);
            }
            all.summed().remove(0).seen(Sight { least: 5 })
        };
        let noticed = |all: Option<ScoreSummary>| all?.change.map(|change| change.noticed.is_some());
        assert_eq!(many(4, 4, 0), None);
        assert_eq!(noticed(many(20, 18, 0)), None, "two have no score before");
        assert_eq!(noticed(many(20, 20, 3)), Some(false));
        assert_eq!(noticed(many(20, 10, 5)), Some(true));
    }
}
