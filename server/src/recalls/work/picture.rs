//! Everything that is known of one recall, gathered once: what its pages, its report and whoever signs it off look at.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::finding::{Finding, FindingOutcome, ShelfLine, shelf_lines};
use super::model::{Contact, FrozenSeen};
use super::site::SiteAsked;
use super::stage::{Stage, StageEntered};
use super::{findings, store as work};
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::recalls::alerts;
use crate::recalls::alerts::model::Alert;
use crate::recalls::model::{Recall, RecallId};
use crate::recalls::store as recalls;
use crate::store::AnyConnection;
use crate::store::read::affected::{self, AffectedUse, Excluded};
use crate::theatre::organisations::sites;

/// One recall with all that people did about it.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The notice and what it covers.
    pub recall: Recall,
    /// How far it has come.
    pub stage: Stage,
    /// The way there, first to last.
    pub stages: Vec<StageEntered>,
    /// Every site that was asked.
    pub sites: Vec<SiteAsked>,
    /// The packs that should be on the shelves.
    pub shelves: Vec<ShelfLine>,
    /// Every finding, the latest first.
    pub findings: Vec<Finding>,
    /// Devices in patients.
    pub uses: Vec<AffectedUse>,
    /// Attempts to reach patients, the latest first.
    pub contacts: Vec<Contact>,
    /// Alerts that nobody has taken, the latest first.
    pub alerts: Vec<Alert>,
    /// The latest frozen list.
    pub frozen: Option<FrozenSeen>,
    /// Names of sites by their codes.
    names: HashMap<String, String>,
}

impl Picture {
    /// Gathers it.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::error::Code::NotFound), and those of the database.
    pub fn of(connection: &mut AnyConnection, id: RecallId) -> Result<Self, Problem> {
        let recall = recalls::show(connection, id)?;
        let stages = work::stages(connection, id)?;
        let findings = findings::of_recall(connection, id)?;
        let expected = affected::stock(connection, &recall.criteria, Excluded::LeftOut)?;
        Ok(Self {
            stage: stages.last().map_or_else(|| recall.notice.state.into(), |last| last.stage),
            stages,
            sites: work::asked(connection, id)?,
            shelves: shelf_lines(expected, &findings),
            findings,
            uses: affected::uses(connection, &recall.criteria, Excluded::LeftOut)?,
            contacts: work::contacts(connection, id)?,
            alerts: alerts::store::open(connection, Some(id))?,
            frozen: work::latest_frozen(connection, id)?,
            names: sites(connection)?.into_iter().collect(),
            recall,
        })
    }

    /// A site's name.
    pub fn site<'a>(&'a self, code: &'a str) -> &'a str {
        self.names.get(code).map_or(code, String::as_str)
    }

    /// Every site of the registry, by code.
    pub fn all_sites(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.names.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
        all.sort_unstable();
        all
    }

    /// Everybody who has one of the devices now, each once, surest first.
    pub fn people(&self) -> Vec<PatientId> {
        let mut seen = HashSet::new();
        self.uses.iter().filter(|one| one.in_patient && seen.insert(one.person)).map(|one| one.person).collect()
    }

    /// Those of them whom nobody has reached yet.
    pub fn waiting(&self) -> Vec<PatientId> {
        let settled: HashSet<_> =
            self.contacts.iter().filter(|one| one.outcome.settles()).map(|one| one.patient_id).collect();
        self.people().into_iter().filter(|person| !settled.contains(person)).collect()
    }

    /// Steps that were to happen before this day, of the latest contact with each person.
    pub fn late_steps(&self, today: NaiveDate) -> Vec<(PatientId, &str, NaiveDate)> {
        let mut seen = HashSet::new();
        let latest = self.contacts.iter().filter(|one| seen.insert(one.patient_id));
        latest
            .filter_map(|one| {
                let on = one.next_on.filter(|on| *on < today)?;
                Some((one.patient_id, one.next_step.as_str(), on))
            })
            .collect()
    }

    /// Packs with this outcome.
    pub fn packs(&self, outcome: FindingOutcome) -> usize {
        let packs = self.findings.iter().filter(|one| one.outcome == outcome);
        packs.map(|one| usize::try_from(one.quantity).unwrap_or_default()).sum()
    }
}
