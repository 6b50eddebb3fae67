//! What of a cohort or of a device may not be told because a small number would follow from it and from what else is told.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::question::Question;
use crate::analysis::cohort::{Cohort, Selection};
use crate::analysis::signals::Experience;
use crate::small_numbers::Sight;

/// Devices of which counts are kept back, each among the devices of its kind: the sum of a kind is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Devices whose number of implants is kept back.
    pub implants: BTreeSet<Uuid>,
    /// Devices whose number of revisions is kept back.
    pub revisions: BTreeSet<Uuid>,
}

impl Hidden {
    /// Among these kinds of device.
    pub fn among(cohort: &Cohort, kinds: &[Vec<Uuid>], selections: &[Selection], sight: Sight) -> Self {
        let mut hidden = Self::default();
        if sight.is_all() {
            return hidden;
        }
        for kind in kinds {
            let counts: Vec<Experience> =
                kind.iter().map(|&product| cohort.experience_of_any([product], selections)).collect();
            let implants: Vec<u64> = counts.iter().map(|one| one.primaries).collect();
            let revisions: Vec<u64> = counts.iter().map(|one| one.revisions).collect();
            let nearly_all: Vec<bool> =
                counts.iter().map(|one| !sight.tells(one.primaries - one.revisions.min(one.primaries))).collect();
            let of = |withheld: Vec<bool>| kind.iter().zip(withheld).filter(|(_, is)| *is).map(|(&product, _)| product);
            hidden.implants.extend(of(sight.withheld(&implants)));
            hidden.revisions.extend(of(sight.withheld_with(&revisions, &nearly_all)));
        }
        hidden
    }

    /// Whether a device's counts and all that follows from them may be told.
    pub fn tells(&self, product: Uuid) -> bool {
        !self.implants.contains(&product) && !self.revisions.contains(&product)
    }
}

/// Whether the counts of a cohort are kept back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// How many implants it has.
    pub implants: bool,
    /// How many of them were revised.
    pub revisions: bool,
}

impl Withheld {
    /// A cohort is held against its neighbours, which are a question away: the same filter without one of its terms, or without one
    /// value of a term, and the other devices of its kinds. What differs from one of them by a small number is kept back.
    pub fn of(cohort: &Cohort, question: &Question, sight: Sight) -> Self {
        let mut withheld = Self::default();
        if sight.is_all() {
            return withheld;
        }
        let own = cohort.experience_of_any(question.products.iter().copied(), &question.selections);
        for (products, selections) in &question.neighbours {
            let other = cohort.experience_of_any(products.iter().copied(), selections);
            withheld.implants |= !sight.tells(own.primaries.abs_diff(other.primaries));
            withheld.revisions |= !sight.tells(own.revisions.abs_diff(other.revisions));
        }
        for kind in &question.kinds {
            let rest = kind.iter().copied().filter(|product| question.products.binary_search(product).is_err());
            let rest = cohort.experience_of_any(rest, &question.selections);
            withheld.implants |= !sight.tells(rest.primaries);
            withheld.revisions |= !sight.tells(rest.revisions);
        }
        if let ([product], [_]) = (&question.products[..], &question.kinds[..]) {
            let hidden = Hidden::among(cohort, &question.kinds, &question.selections, sight);
            withheld.implants |= hidden.implants.contains(product);
            withheld.revisions |= hidden.revisions.contains(product);
        }
        withheld
    }
}
