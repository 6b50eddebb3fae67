//! What is counted of a cell, and what of it may be told.

use crate::analysis::cohort::Tally;
use crate::small_numbers::Sight;

/// What is counted of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Implants.
    pub implants: u64,
    /// Those of them that were revised.
    pub revised: u64,
    /// Those that ended with their person's death.
    pub died: u64,
}

impl From<Tally> for Counts {
    fn from(Tally { implants, revised, died, .. }: Tally) -> Self {
        Self { implants, revised, died }
    }
}

impl Counts {
    /// Adds others.
    pub fn add(&mut self, more: Self) {
        self.implants += more.implants;
        self.revised += more.revised;
        self.died += more.died;
    }
}

/// What may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many implants.
    pub implants: bool,
    /// How many were revised.
    pub revised: bool,
    /// How many ended with death.
    pub died: bool,
}

impl Told {
    /// Everything.
    pub const ALL: Self = Self { implants: true, revised: true, died: true };
    /// Nothing.
    pub const NONE: Self = Self { implants: false, revised: false, died: false };

    /// Of a corner: where there is nobody to be moved.
    pub(super) fn empty(Counts { implants, revised, died }: Counts) -> Self {
        Self { implants: implants == 0, revised: revised == 0, died: died == 0 }
    }

    /// What either has.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            implants: self.implants || other.implants,
            revised: self.revised || other.revised,
            died: self.died || other.died,
        }
    }

    /// Of a corner: neither a count nor what it leaves of another that is told is small.
    pub(super) fn of(corner: Counts, sight: Sight) -> Self {
        let Counts { implants, revised, died } = corner;
        let not_revised = implants.saturating_sub(revised);
        let leaves = |rest: u64| !sight.tells(implants) || sight.tells(rest);
        Self {
            implants: sight.tells(implants),
            revised: sight.tells(revised) && leaves(not_revised),
            died: sight.tells(died) && leaves(not_revised.saturating_sub(died)),
        }
    }

    /// What both may tell.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            implants: self.implants && other.implants,
            revised: self.revised && other.revised,
            died: self.died && other.died,
        }
    }
}
