//! The published outlier rules, side by side: a device whose revisions stand out from its group.
//!
//! Each rule answers with its checks, value against threshold, so that a reader sees why it was raised or not. A signal is a
//! reason to look, not a verdict on the device.

use serde::Serialize;

use super::life_table::float;
use super::rates::{Rate, poisson_at_least};

/// What is known of a device, or of the group that it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Experience {
    /// Primary procedures.
    pub primaries: u64,
    /// Revisions.
    pub revisions: u64,
    /// Component-years observed.
    pub years: f64,
}

impl Experience {
    fn per_hundred(self) -> f64 {
        100.0 * float(self.revisions) / self.years
    }

    /// The group without the device.
    fn without(self, device: Self) -> Self {
        Self {
            primaries: self.primaries.saturating_sub(device.primaries),
            revisions: self.revisions.saturating_sub(device.revisions),
            years: self.years - device.years,
        }
    }
}

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Rule {
    /// National Joint Registry, level 1.
    #[serde(rename = "NJR level 1")]
    NjrLevel1,
    /// National Joint Registry, level 2.
    #[serde(rename = "NJR level 2")]
    NjrLevel2,
    /// Australian registry, stage 1 of its three.
    #[serde(rename = "AOANJRR stage 1")]
    AoanjrrStage1,
}

/// What the NJR's "allowing for confidence intervals" means here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evidence {
    /// The rate itself is compared.
    #[default]
    Rate,
    /// The lower 95 % limit of the rate is compared: fewer signals, each surer.
    LowerLimit,
}

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// In plain words.
    pub what: &'static str,
    /// What was found.
    pub value: f64,
    /// What it is held against.
    pub threshold: f64,
    /// Whether it holds.
    pub met: bool,
}

/// A rule's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// The rule.
    pub rule: Rule,
    /// Whether the device stands out.
    pub raised: bool,
    /// Why, or why not.
    pub checks: Vec<Check>,
}

/// NJR: level 1 at twice the group's rate with at least 100 primaries; level 2 at twice with fewer, or at 1.5 times with at
/// least 100. A device at level 1 is not at level 2 as well.
pub fn njr(device: Experience, group: Experience, evidence: Evidence) -> [Signal; 2] {
    const MANY: u64 = 100;
    let value = match evidence {
        Evidence::Rate => device.per_hundred(),
        Evidence::LowerLimit => Rate::per_hundred(device.revisions, device.years, 0.95).lower,
    };
    let times = |factor: f64, what| Check {
        what,
        value,
        threshold: factor * group.per_hundred(),
        met: value >= factor * group.per_hundred() && value > 0.0,
    };
    let enough = |met: bool, what| Check { what, value: float(device.primaries), threshold: float(MANY), met };
    let many = device.primaries >= MANY;
    let twice = times(2.0, "revisions per 100 component-years, at least twice the group's");
    let half_more = times(1.5, "revisions per 100 component-years, at least 1.5 times the group's");
    let first = Signal {
        rule: Rule::NjrLevel1,
        raised: many && twice.met,
        checks: vec![enough(many, "primaries, at least 100"), twice.clone()],
    };
    let second = if many {
        vec![enough(true, "primaries, at least 100"), half_more]
    } else {
        vec![enough(true, "primaries, fewer than 100"), twice]
    };
    let raised = !first.raised && second.iter().all(|check| check.met);
    [first, Signal { rule: Rule::NjrLevel2, raised, checks: second }]
}

/// AOANJRR stage 1: more than twice the group's rate, not by chance (Poisson, 5 %), and enough of them: 10 primaries, or three
/// quarters of fewer revised and at least 2. A device that makes up more than a quarter of its group leaves the group's rate.
pub fn aoanjrr_stage_1(device: Experience, group: Experience) -> Signal {
    let dominant = float(device.primaries) > 0.25 * float(group.primaries);
    let comparator = if dominant { group.without(device) } else { group };
    let (rate, reference) = (device.per_hundred(), comparator.per_hundred());
    let chance = poisson_at_least(device.revisions, device.years * comparator.per_hundred() / 100.0);
    let revised = float(device.revisions) / float(device.primaries);
    let enough = if device.primaries >= 10 {
        Check { what: "primaries, at least 10", value: float(device.primaries), threshold: 10.0, met: true }
    } else {
        let met = revised >= 0.75 && device.revisions >= 2;
        Check {
            what: "share revised, at least 75 % and 2 revisions (fewer than 10 primaries)",
            value: revised,
            threshold: 0.75,
            met,
        }
    };
    let twice = if dominant {
        "revisions per 100 component-years, more than twice the rest of the group (it is over a quarter of it)"
    } else {
        "revisions per 100 component-years, more than twice the group's"
    };
    let checks = vec![
        Check { what: twice, value: rate, threshold: 2.0 * reference, met: rate > 2.0 * reference },
        Check {
            what: "probability of as many by chance, below 5 %",
            value: chance,
            threshold: 0.05,
            met: chance < 0.05,
        },
        enough,
    ];
    Signal { rule: Rule::AoanjrrStage1, raised: checks.iter().all(|check| check.met), checks }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: Experience = Experience { primaries: 20_000, revisions: 1_200, years: 100_000.0 }; // 1.2 per 100

    fn device(primaries: u64, revisions: u64, years: f64) -> Experience {
        Experience { primaries, revisions, years }
    }

    #[test]
    fn nine_in_210_years_stands_out() {
        let signal = aoanjrr_stage_1(device(60, 9, 210.0), GROUP);
        assert!(signal.raised);
        assert!((signal.checks[0].value - 4.285_714).abs() < 1e-6);
        assert!((signal.checks[1].value - 0.001_203_76).abs() < 5e-9);
    }

    #[test]
    fn aoanjrr_wants_each_of_its_conditions() {
        assert!(!aoanjrr_stage_1(device(60, 5, 210.0), GROUP).raised, "2.38 is not twice 1.2");
        assert!(!aoanjrr_stage_1(device(60, 1, 40.0), GROUP).raised, "2.5 is more than twice, but may be chance");
        assert!(!aoanjrr_stage_1(device(9, 5, 30.0), GROUP).raised, "nine primaries of which five revised");
        assert!(aoanjrr_stage_1(device(9, 7, 30.0), GROUP).raised, "nine primaries of which seven revised");
        assert!(!aoanjrr_stage_1(device(1, 1, 1.0), GROUP).raised, "one revision is not two");
    }

    #[test]
    fn a_dominant_component_leaves_its_groups_rate() {
        // 30 % of the group and bad: against the whole group it hides, against the rest it shows.
        let group = device(1_000, 100, 5_000.0); // 2 per 100
        let bad = device(300, 58, 1_500.0); // 3.87 per 100; the rest 1.2
        let signal = aoanjrr_stage_1(bad, group);
        assert!(signal.raised);
        assert!((signal.checks[0].threshold - 2.4).abs() < 1e-12);
        assert!(!aoanjrr_stage_1(device(250, 58, 1_500.0), group).raised, "a quarter exactly stays in");
    }

    #[test]
    fn njr_levels() {
        let raised = |d| njr(d, GROUP, Evidence::Rate).map(|signal| signal.raised);
        assert_eq!(raised(device(100, 12, 500.0)), [true, false], "2.4 is twice, with 100");
        assert_eq!(raised(device(99, 12, 500.0)), [false, true], "2.4 is twice, with 99");
        assert_eq!(raised(device(100, 9, 500.0)), [false, true], "1.8 is 1.5 times, with 100");
        assert_eq!(raised(device(99, 9, 500.0)), [false, false], "1.8 is not twice, with 99");
        assert_eq!(raised(device(500, 8, 500.0)), [false, false]);
    }

    #[test]
    fn njr_may_ask_for_the_lower_limit() {
        let [first, _] = njr(device(100, 12, 500.0), GROUP, Evidence::LowerLimit);
        assert!(!first.raised && first.checks[1].value < 1.3);
        assert!(
            njr(device(1_000, 120, 5_000.0), GROUP, Evidence::LowerLimit)[1].raised,
            "2.0 is over 1.8, not over 2.4"
        );
    }
}
