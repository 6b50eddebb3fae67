//! Outcomes by procedure code, side and site: a pure summary of [`Followed`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;

use crate::analysis::cohort::DAYS_PER_YEAR;
use crate::analysis::rates::Rate;
use crate::catalogue::ProductId;
use crate::outcomes::model::OutcomeKind;
use crate::outcomes::scores::{ScoreSummary, Scores};
use crate::store::read::implants::Implant;
use crate::store::read::procedure_outcomes::Followed;
use crate::theatre::model::{OperatedSide, ProcedureId};

/// What became of procedures, by code, side and site.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ProcedureOutcomes {
    /// One for each code, side and site, in that order.
    pub groups: Vec<Group>,
    /// The devices used, most used first.
    pub devices: Vec<DeviceUsed>,
    /// Revisions of the period that name no device of the registry: they are in no other figure here. Null where they are too few to be told.
    pub unlinked_revisions: Option<u64>,
    /// Counts below this are not told to this role.
    pub small_numbers_below: u64,
}

/// The procedures of one code, side and site. A count is null where it is too small to be told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Group {
    /// OPCS-4 without the dot.
    pub opcs4: String,
    /// Side.
    pub side: Option<OperatedSide>,
    /// ODS site code.
    pub site: String,
    /// How many procedures.
    pub procedures: Option<u64>,
    /// How many devices were implanted in them.
    pub implanted: Option<u64>,
    /// Procedures of which at least one device was revised.
    pub revised_procedures: Option<u64>,
    /// Revised devices per 100 years of use, with its exact Poisson interval.
    #[schema(value_type = Object)]
    pub revision_rate: Option<Rate>,
    /// Patients who died within 30 days.
    pub deaths_30: Option<u64>,
    /// Within 90 days.
    pub deaths_90: Option<u64>,
    /// Within 365 days.
    pub deaths_365: Option<u64>,
    /// Complications recorded.
    pub complications: Option<u64>,
    /// Scores that patients reported, by questionnaire, and how they changed.
    pub proms: Vec<ScoreSummary>,
}

/// A device used in the procedures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceUsed {
    /// The product; none for devices that the catalogue does not have, all together.
    pub product: Option<ProductId>,
    /// How many were implanted.
    pub implanted: Option<u64>,
    /// How many of them were revised.
    pub revised: Option<u64>,
}

type Key = (String, Option<OperatedSide>, String);

#[derive(Default)]
struct Tally {
    procedures: u64,
    implanted: u64,
    revised: u64,
    revised_procedures: BTreeSet<ProcedureId>,
    days: i64,
    deaths: [u64; 3],
    complications: u64,
    scores: Scores,
}

impl ProcedureOutcomes {
    /// Counts what became of procedures until today.
    pub fn of(followed: &Followed, today: NaiveDate) -> Self {
        let mut groups: BTreeMap<Key, Tally> = BTreeMap::new();
        let mut keys: HashMap<ProcedureId, (Key, NaiveDate)> = HashMap::with_capacity(followed.procedures.len());
        for procedure in &followed.procedures {
            let key = (procedure.opcs4.clone(), procedure.side, procedure.site.clone());
            let tally = groups.entry(key.clone()).or_default();
            let operated = london_date(procedure.started_at.utc());
            tally.procedures += 1;
            if let Some(died) = followed.deaths.get(&procedure.id) {
                let after = (*died - operated).num_days();
                for (count, within) in tally.deaths.iter_mut().zip([30, 90, 365]) {
                    *count += u64::from((0..=within).contains(&after));
                }
            }
            keys.insert(procedure.id, (key, operated));
        }
        for implant in &followed.implants {
            if let Some(tally) = keys.get(&implant.procedure).and_then(|(key, _)| groups.get_mut(key)) {
                tally.take(implant, today);
            }
        }
        for reported in &followed.reported {
            let Some((key, operated)) = keys.get(&reported.procedure) else { continue };
            let Some(tally) = groups.get_mut(key) else { continue };
            match (reported.kind, &reported.code, reported.score) {
                (OutcomeKind::Complication, ..) => tally.complications += 1,
                (OutcomeKind::Prom, Some(instrument), Some(score)) => {
                    tally.scores.take(reported.procedure, *operated, instrument, reported.on, score);
                }
                _ => {}
            }
        }
        Self {
            groups: groups.into_iter().map(|(key, tally)| tally.group(key)).collect(),
            devices: devices(&followed.implants),
            unlinked_revisions: Some(u64::try_from(followed.unlinked_revisions).unwrap_or(0)),
            small_numbers_below: 0,
        }
    }
}

impl Tally {
    fn take(&mut self, implant: &Implant, today: NaiveDate) {
        self.implanted += 1;
        let end = implant.ended_on().map_or(today, |on| on.min(today));
        self.days += (end - implant.implanted_on).num_days().max(0);
        if implant.is_revised() {
            self.revised += 1;
            self.revised_procedures.insert(implant.procedure);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "days of a registry are far below 2^53")]
    fn group(self, key: Key) -> Group {
        Group {
            opcs4: key.0,
            side: key.1,
            site: key.2,
            procedures: Some(self.procedures),
            implanted: Some(self.implanted),
            revised_procedures: Some(self.revised_procedures.len() as u64),
            revision_rate: Some(Rate::per_hundred(self.revised, self.days as f64 / DAYS_PER_YEAR, 0.95)),
            deaths_30: Some(self.deaths[0]),
            deaths_90: Some(self.deaths[1]),
            deaths_365: Some(self.deaths[2]),
            complications: Some(self.complications),
            proms: self.scores.summed(),
        }
    }
}

fn devices(implants: &[Implant]) -> Vec<DeviceUsed> {
    let mut counts: BTreeMap<Option<ProductId>, (u64, u64)> = BTreeMap::new();
    for implant in implants {
        let count = counts.entry(implant.product).or_default();
        *count = (count.0 + 1, count.1 + u64::from(implant.is_revised()));
    }
    let mut devices: Vec<DeviceUsed> = counts
        .into_iter()
        .map(|(product, (n, revised))| DeviceUsed { product, implanted: Some(n), revised: Some(revised) })
        .collect();
    devices.sort_by_key(|device| std::cmp::Reverse(device.implanted));
    devices
}
