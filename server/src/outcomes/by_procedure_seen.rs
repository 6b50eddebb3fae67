//! Outcomes by procedure as a role may see them: small numbers, and those from which they follow, are kept back.

use super::by_procedure::{DeviceUsed, Group, ProcedureOutcomes};
use crate::analysis::rates::Rate;
use crate::outcomes::scores::ScoreSummary;
use crate::small_numbers::Sight;
use crate::theatre::model::OperatedSide;

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

impl ProcedureOutcomes {
    /// The same where they are some of others that may be asked for as well: a count that differs from theirs by a small number is kept
    /// back for all groups of its code, and for all devices.
    #[must_use]
    pub fn seen_among(self, mut others: Self, sight: Sight) -> Self {
        // What is not told of all tells nothing of the others.
        let differs = |own: Option<u64>, all: Option<u64>| {
            let (own, all) = (own.unwrap_or(0), all.unwrap_or(0));
            sight.tells(all) && !sight.tells(all.abs_diff(own))
        };
        let mut gives_away: Vec<(String, usize)> = Vec::new();
        for all in &mut others.groups {
            let mut own = self.groups.iter().find(|one| key(one) == key(all)).cloned();
            for (which, count) in COUNTS.into_iter().enumerate() {
                let own = own.as_mut().and_then(|own| *count(own));
                if differs(own, *count(all)) {
                    gives_away.push((all.opcs4.clone(), which));
                }
            }
        }
        let of = |devices: &[DeviceUsed], product, count: fn(&DeviceUsed) -> Option<u64>| {
            devices.iter().find(|one| one.product == product).and_then(count)
        };
        let any = |count: fn(&DeviceUsed) -> Option<u64>| {
            others.devices.iter().any(|all| differs(of(&self.devices, all.product, count), count(all)))
        };
        let (no_implanted, no_revised) = (any(|one| one.implanted), any(|one| one.revised));
        let unlinked = self.unlinked_revisions.filter(|&own| !differs(Some(own), others.unlinked_revisions));
        let mut seen = self.seen(sight);
        if sight.is_all() {
            return seen;
        }
        seen.unlinked_revisions = seen.unlinked_revisions.and(unlinked);
        for group in &mut seen.groups {
            for (which, count) in COUNTS.into_iter().enumerate() {
                if gives_away.contains(&(group.opcs4.clone(), which)) {
                    *count(group) = None;
                }
            }
            rest_follows(group, sight);
            let Some(all) = others.groups.iter().find(|all| key(all) == key(group)) else { continue };
            let events = |rate: Option<Rate>| rate.map(|rate| rate.events);
            group.revision_rate =
                group.revision_rate.filter(|own| !differs(Some(own.events), events(all.revision_rate)));
            let pairs = |scores: &ScoreSummary| scores.change.map(|change| change.pairs);
            group.proms.retain_mut(|own| {
                let of_all = all.proms.iter().find(|all| all.instrument == own.instrument);
                own.change = own.change.filter(|change| !differs(Some(change.pairs), of_all.and_then(pairs)));
                !differs(Some(own.n), of_all.map(|all| all.n))
            });
        }
        for device in &mut seen.devices {
            device.implanted = device.implanted.filter(|_| !no_implanted);
            device.revised = device.revised.filter(|_| !no_revised);
        }
        seen
    }
}

fn key(group: &Group) -> (&str, Option<OperatedSide>, &str) {
    (&group.opcs4, group.side, &group.site)
}

/// A count of a group.
type Count = fn(&mut Group) -> &mut Option<u64>;

/// All of them.
const COUNTS: [Count; 7] = [
    |group| &mut group.procedures,
    |group| &mut group.implanted,
    |group| &mut group.revised_procedures,
    |group| &mut group.deaths_30,
    |group| &mut group.deaths_90,
    |group| &mut group.deaths_365,
    |group| &mut group.complications,
];

/// Keeps back what follows from counts that are.
fn rest_follows(group: &mut Group, sight: Sight) {
    let told = group.procedures.is_some() && group.implanted.is_some() && group.revised_procedures.is_some();
    group.revision_rate = group.revision_rate.filter(|_| told);
    let scores = std::mem::take(&mut group.proms).into_iter().filter(|_| group.procedures.is_some());
    group.proms = scores.filter_map(|scores| scores.seen(sight)).collect();
}

/// Groups of one code: of each count those that would tell a small one, then within each group what lies within something else.
fn keep_back(groups: &mut [Group], sight: Sight) {
    let of = |groups: &mut [Group], count: Count| -> Vec<u64> {
        groups.iter_mut().map(|group| count(group).unwrap_or(0)).collect()
    };
    let [procedures, _, revised, d30, d90, d365, _] = COUNTS.map(|count| of(groups, count));
    // A count within another: neither the one nor the rest may be small.
    let mut within = COUNTS.map(|_| vec![false; groups.len()]);
    for place in 0..groups.len() {
        within[2][place] = sight.parts(procedures[place], &[revised[place]])[0].is_none();
        let deaths = sight.chain(&[d30[place], d90[place], d365[place]], procedures[place]);
        for (which, tells) in deaths.into_iter().enumerate() {
            within[3 + which][place] = !tells;
        }
    }
    for (which, count) in COUNTS.into_iter().enumerate() {
        let withheld = sight.withheld_with(&of(groups, count), &within[which]);
        for (group, withheld) in groups.iter_mut().zip(withheld) {
            let count = count(group);
            *count = count.filter(|_| !withheld);
        }
    }
    for group in groups {
        rest_follows(group, sight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(procedures: u64, complications: u64) -> ProcedureOutcomes {
        let group = Group {
            opcs4: "W371".to_owned(),
            side: None,
            site: "RXX01".to_owned(),
            procedures: Some(procedures),
            implanted: Some(procedures),
            revised_procedures: Some(10),
            revision_rate: Some(Rate::per_hundred(10, 100.0, 0.95)),
            deaths_30: Some(0),
            deaths_90: Some(0),
            deaths_365: Some(0),
            complications: Some(complications),
            proms: Vec::new(),
        };
        let devices = vec![DeviceUsed { product: None, implanted: Some(procedures), revised: Some(10) }];
        ProcedureOutcomes { groups: vec![group], devices, unlinked_revisions: Some(0), small_numbers_below: 0 }
    }

    #[test]
    fn some_of_a_group_do_not_tell_how_few_the_others_are() {
        let five = Sight { least: 5 };
        let shy = of(97, 20).seen_among(of(100, 40), five);
        assert_eq!((shy.groups[0].procedures, shy.groups[0].complications), (None, Some(20)));
        assert_eq!((shy.groups[0].revision_rate, shy.devices[0].implanted), (None, None));
        let open = of(60, 20).seen_among(of(100, 40), five);
        assert_eq!((open.groups[0].procedures, open.devices[0].revised), (Some(60), Some(10)));
        assert!(open.groups[0].revision_rate.is_some());
        assert_eq!(of(97, 20).seen_among(of(100, 40), Sight::ALL).groups[0].procedures, Some(97));
    }
}
