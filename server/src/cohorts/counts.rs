//! How many a cohort has, as far as a role may be told: what an answer begins with, and all that is said while somebody types a filter.

use super::disclosure::Disclosure;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Column, Tally, Value};
use crate::small_numbers::Sight;

/// Counts of a cohort; none where they are too few to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CohortCounts {
    /// Implants.
    pub n: Option<u64>,
    /// Those of them that were revised.
    pub revised: Option<u64>,
    /// Those that ended with their person's death.
    pub died: Option<u64>,
}

impl CohortCounts {
    /// Asks a snapshot. Beside what may be told: everything, for those who reckon on with it.
    pub fn of(snapshot: &Snapshot, question: &Question, sight: Sight) -> (Self, Tally) {
        let cohort = snapshot.cohort();
        let asked = |value| matches!(value, Value::Product(one) if question.products.binary_search(&one).is_ok());
        let products = cohort.classes(Column::Product, 1, |value| asked(value).then_some(0));
        let all = cohort.tally(&question.selections, &[products]).into_iter().next().unwrap_or_default();
        let told = Disclosure::of(snapshot, question, None, sight).whole();
        let n = sight.told(all.implants).filter(|_| told.implants);
        let of_those = |part: Option<u64>, told| part.filter(|&part| told && (n.is_some() || part == 0));
        let parts = sight.parts(all.implants, &[all.revised, all.died]);
        (Self { n, revised: of_those(parts[0], told.revised), died: of_those(parts[1], told.died) }, all)
    }

    /// Whether all that follows from implants and revisions may be told: rates and curves.
    pub fn is_open(self) -> bool {
        self.n.is_some() && self.revised.is_some()
    }
}
