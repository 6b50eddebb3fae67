//! Holds every device against its group, by every rule. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::model::{CheckSeen, Counts, Evidence, RuleWord};
use crate::analysis::cohort::{Cohort, Selection};
use crate::analysis::signals::{self, Experience, Signal};

/// What a rule says of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The device.
    pub product: Uuid,
    /// The rule.
    pub rule: RuleWord,
    /// Whether it is met.
    pub met: bool,
    /// What it saw.
    pub evidence: Evidence,
}

/// Every rule for every device that anyone has, in groups of devices of one kind.
pub fn judge(cohort: &Cohort, groups: &BTreeMap<String, Vec<Uuid>>, until: NaiveDate) -> Vec<Finding> {
    let selection = Selection::until(until);
    let mut findings = Vec::new();
    for (name, products) in groups {
        let each: Vec<(Uuid, Experience)> = products
            .iter()
            .map(|&product| (product, cohort.experience([product], &selection)))
            .filter(|(_, one)| one.primaries > 0)
            .collect();
        let group = each.iter().fold(Experience::default(), |sum, (_, one)| Experience {
            primaries: sum.primaries + one.primaries,
            revisions: sum.revisions + one.revisions,
            years: sum.years + one.years,
        });
        for (product, device) in each {
            let [first, second] = signals::njr(device, group, signals::Evidence::Rate);
            for signal in [first, second, signals::aoanjrr_stage_1(device, group)] {
                findings.push(Finding {
                    product,
                    rule: signal.rule.into(),
                    met: signal.raised,
                    evidence: evidence(name, device, group, &signal),
                });
            }
        }
    }
    findings
}

fn evidence(group: &str, device: Experience, of_group: Experience, signal: &Signal) -> Evidence {
    let counts = |one: Experience| Counts { primaries: one.primaries, revisions: one.revisions, years: one.years };
    let number = |value: f64| value.is_finite().then_some(value);
    Evidence {
        group: group.to_owned(),
        device: counts(device),
        of_group: counts(of_group),
        checks: signal
            .checks
            .iter()
            .map(|check| CheckSeen {
                what: check.what.to_owned(),
                value: number(check.value),
                threshold: number(check.threshold),
                met: check.met,
            })
            .collect(),
    }
}
