//! Outcomes by procedure as a role may see them: small numbers, and those from which they follow, are kept back.

use super::by_procedure::{DeviceUsed, Group, ProcedureOutcomes};
use crate::small_numbers::Sight;

impl ProcedureOutcomes {
    /// The same as a role may see it. The sum over the groups of one code is a question away, and so is that over devices.
    #[must_use]
    pub fn seen(mut self, sight: Sight) -> Self {
        if sight.is_all() {
            return self;
        }
        self.small_numbers_below = sight.least;
        self.unlinked_revisions = self.unlinked_revisions.and_then(|count| sight.told(count));
        for groups in self.groups.chunk_by_mut(|a, b| a.opcs4 == b.opcs4) {
            keep_back(groups, sight);
        }
        let counts = |count: fn(&DeviceUsed) -> Option<u64>| -> Vec<u64> {
            self.devices.iter().map(|device| count(device).unwrap_or(0)).collect()
        };
        let (implanted, revised) = (counts(|one| one.implanted), counts(|one| one.revised));
        let nearly_all: Vec<bool> = implanted.iter().zip(&revised).map(|(n, r)| !sight.tells(n - r)).collect();
        let (no_count, no_revised) = (sight.withheld(&implanted), sight.withheld_with(&revised, &nearly_all));
        for (place, device) in self.devices.iter_mut().enumerate() {
            device.implanted = device.implanted.filter(|_| !no_count[place]);
            device.revised = device.revised.filter(|_| !no_revised[place]);
        }
        self
    }
}

/// A count of a group.
type Count = fn(&mut Group) -> &mut Option<u64>;

/// Groups of one code: of each count those that would tell a small one, then within each group what lies within something else.
fn keep_back(groups: &mut [Group], sight: Sight) {
    let counts: [Count; 7] = [
        |group| &mut group.procedures,
        |group| &mut group.implanted,
        |group| &mut group.revised_procedures,
        |group| &mut group.deaths_30,
        |group| &mut group.deaths_90,
        |group| &mut group.deaths_365,
        |group| &mut group.complications,
    ];
    let of = |groups: &mut [Group], count: Count| -> Vec<u64> {
        groups.iter_mut().map(|group| count(group).unwrap_or(0)).collect()
    };
    let [procedures, _, revised, d30, d90, d365, _] = counts.map(|count| of(groups, count));
    // A count within another: neither the one nor the rest may be small.
    let mut within = counts.map(|_| vec![false; groups.len()]);
    for place in 0..groups.len() {
        within[2][place] = sight.parts(procedures[place], &[revised[place]])[0].is_none();
        let deaths = sight.chain(&[d30[place], d90[place], d365[place]], procedures[place]);
        for (which, tells) in deaths.into_iter().enumerate() {
            within[3 + which][place] = !tells;
        }
    }
    for (which, count) in counts.into_iter().enumerate() {
        let withheld = sight.withheld_with(&of(groups, count), &within[which]);
        for (group, withheld) in groups.iter_mut().zip(withheld) {
            let count = count(group);
            *count = count.filter(|_| !withheld);
        }
    }
    for group in groups {
        let told = group.procedures.is_some() && group.implanted.is_some() && group.revised_procedures.is_some();
        group.revision_rate = group.revision_rate.filter(|_| told);
        group.proms.retain(|prom| sight.tells(prom.n) && group.procedures.is_some());
    }
}
