//! What was due: each operation's risk by how others of its kind fared, of its sex and band of age.
//!
//! A group of few is drawn towards its kind as a whole: for revisions within a fixed time as if it had had [`DRAWN_BY`] operations more at
//! the share of the kind, for those at any time as if two more had been due and two had come.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::league::AGES;
use crate::analysis::cohort::{Cohort, End, Listed, REVISED, Selection, Sex};
use crate::analysis::cusum::continuous::Followed;
use crate::analysis::life_table::{LifeTable, float};

/// Operations at the share of the whole kind that each group is given on top of its own.
const DRAWN_BY: f64 = 10.0;
/// Failures, come and due, that each group is given on top of its own.
const DRAWN_BY_FAILURES: f64 = 2.0;

/// One operation whose fixed time is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operated {
    /// The day.
    pub on: NaiveDate,
    /// Whether it was revised in time.
    pub failed: bool,
    /// The share of operations like it that were.
    pub risk: f64,
}

/// A kind of device, and one of its groups: sex and band of age.
type Group = (usize, usize);

/// What is due of operations on devices of some kinds.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    kind_of: HashMap<Uuid, usize>,
    within: u16,
    until: NaiveDate,
    /// Operations whose time is over, and those of them that were revised in it.
    groups: HashMap<Group, (u64, u64)>,
    kinds: HashMap<usize, (u64, u64)>,
    /// Cumulative hazard of revision by day since the operation (Nelson–Aalen).
    pub hazards: Vec<Vec<f64>>,
    /// How many times that hazard a group has.
    risks: HashMap<Group, f64>,
}

impl Expectation {
    /// By everybody who has a device of these kinds, as of a day.
    pub fn of<'a>(
        cohort: &Cohort,
        kinds: impl IntoIterator<Item = &'a Vec<Uuid>>,
        within: u16,
        until: NaiveDate,
    ) -> Self {
        let kinds: Vec<&Vec<Uuid>> = kinds.into_iter().collect();
        let members = |(kind, place): (&&'a Vec<Uuid>, usize)| kind.iter().map(move |product| (*product, place));
        let mut all =
            Self { within, until, kind_of: kinds.iter().zip(0..).flat_map(members).collect(), ..Self::default() };
        let everyone = Selection::until(until);
        let by_day = |kind: &&Vec<Uuid>| cumulative(&cohort.life_table_of(kind.iter().copied(), &everyone));
        all.hazards = kinds.iter().map(by_day).collect();
        let last = all.last();
        let mut at_any_time: HashMap<Group, (u64, f64)> = HashMap::new();
        cohort.each_implant(all.kind_of.keys().copied(), &[everyone], |one| {
            let kind = all.kind_of[&one.product];
            let of_group = at_any_time.entry((kind, group(&one))).or_default();
            of_group.0 += u64::from(one.end == Some(End::Revised));
            of_group.1 += hazard(&all.hazards[kind], one.days);
            if last.is_some_and(|last| one.implanted_on <= last) {
                let failed = u64::from(failed_within(&one, within));
                for count in [all.groups.entry((kind, group(&one))).or_default(), all.kinds.entry(kind).or_default()] {
                    *count = (count.0 + 1, count.1 + failed);
                }
            }
        });
        let times = |(failed, due): (u64, f64)| (float(failed) + DRAWN_BY_FAILURES) / (due + DRAWN_BY_FAILURES);
        all.risks = at_any_time.into_iter().map(|(group, counts)| (group, times(counts))).collect();
        all
    }

    /// The last day of operations whose time is over.
    fn last(&self) -> Option<NaiveDate> {
        self.until.checked_sub_days(Days::new(u64::from(self.within)))
    }

    /// The operations whose time is over, in the order of their days.
    pub fn operated(&self, cohort: &Cohort, products: &[Uuid], selections: &[Selection]) -> Vec<Operated> {
        let Some(last) = self.last() else { return Vec::new() };
        let share = |(n, failed): (u64, u64)| if n > 0 { float(failed) / float(n) } else { 0.0 };
        let mut operated = Vec::new();
        cohort.each_implant(products.iter().copied(), selections, |one| {
            let Some(&kind) = self.kind_of.get(&one.product).filter(|_| one.implanted_on <= last) else { return };
            let (n, failed) = self.groups.get(&(kind, group(&one))).copied().unwrap_or_default();
            let of_kind = share(self.kinds.get(&kind).copied().unwrap_or_default());
            let risk = (float(failed) + DRAWN_BY * of_kind) / (float(n) + DRAWN_BY);
            operated.push(Operated { on: one.implanted_on, failed: failed_within(&one, self.within), risk });
        });
        // What happened on one day has no order: who was not revised comes first, so that the chart is no higher than any order makes it then.
        operated.sort_by(|a, b| (a.on, a.failed).cmp(&(b.on, b.failed)).then(a.risk.total_cmp(&b.risk)));
        operated
    }

    /// All operations with how they were followed, and the day of the first.
    pub fn followed(
        &self,
        cohort: &Cohort,
        products: &[Uuid],
        selections: &[Selection],
    ) -> (Option<NaiveDate>, Vec<Followed>) {
        let mut listed = Vec::new();
        cohort.each_implant(products.iter().copied(), selections, |one| {
            if let Some(&kind) = self.kind_of.get(&one.product) {
                listed.push((one, kind));
            }
        });
        let Some(first) = listed.iter().map(|(one, _)| one.implanted_on).min() else { return (None, Vec::new()) };
        let days = |from: NaiveDate, to: NaiveDate| float(u64::try_from((to - from).num_days()).unwrap_or(0));
        let followed = |(one, kind): (Listed, usize)| {
            let failed = (one.end == Some(End::Revised)).then(|| float(u64::from(one.days)));
            // Who was revised would have been followed until the cut-off.
            let until = failed.map_or_else(|| float(u64::from(one.days)), |_| days(one.implanted_on, self.until));
            let risk = self.risks.get(&(kind, group(&one))).copied().unwrap_or(1.0);
            Followed { entry: days(first, one.implanted_on), until, failed, risk, kind }
        };
        (Some(first), listed.into_iter().map(followed).collect())
    }
}

fn failed_within(one: &Listed, within: u16) -> bool {
    one.end == Some(End::Revised) && one.days <= within
}

/// Sex and band of age.
fn group(one: &Listed) -> usize {
    let sex = match one.sex {
        Sex::Female => 0,
        Sex::Male => 1,
        Sex::Other | Sex::Unknown => 2,
    };
    let band = one.age.and_then(|age| AGES.iter().position(|&(from, to)| (from..=to).contains(&age)));
    sex * (AGES.len() + 1) + band.unwrap_or(AGES.len())
}

/// Nelson–Aalen's cumulative hazard of revision on each day.
fn cumulative(table: &LifeTable) -> Vec<f64> {
    let mut by_day: Vec<f64> = Vec::new();
    for row in 0..table.time.len() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times of a cohort are whole days")]
        let day = table.time[row] as usize;
        let before = by_day.last().copied().unwrap_or(0.0);
        by_day.resize(day, before);
        by_day.push(before + float(table.events_at(row, REVISED)) / float(table.n_risk[row].max(1)));
    }
    by_day
}

fn hazard(by_day: &[f64], days: u16) -> f64 {
    by_day.get(usize::from(days)).or(by_day.last()).copied().unwrap_or(0.0)
}
