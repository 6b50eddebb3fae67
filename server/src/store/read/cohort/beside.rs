//! What is told of a device beside what columns hold: why its implants were revised, and revisions that may be of one of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use uuid::Uuid;

use super::CHUNK;
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::outcomes::model::{OutcomeId, OutcomeKind, RevisionReason};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::read::implants::Implant;
use crate::store::schema::{device_uses, outcomes, patients, procedures, revision_removals};
use crate::theatre::model::{DeviceUseId, Fate};

diesel::alias!(outcomes as corrected_by: CorrectedBy, device_uses as corrected_use: CorrectedUse);

/// What is told of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Implants that were revised, by why; those without a reason on record are not among them.
    pub reasons: BTreeMap<RevisionReason, u64>,
    /// Revisions of patients who have it that name no device of the registry.
    pub unlinked_revisions: u64,
}

/// The same of each device of which there is anything to tell.
pub type AllBeside = BTreeMap<Uuid, Beside>;

impl Beside {
    /// Of the implants of one device that columns hold.
    pub fn of<'a>(implants: impl IntoIterator<Item = &'a Implant>, unlinked_revisions: u64) -> Self {
        let mut beside = Self { unlinked_revisions, ..Self::default() };
        let revised = implants.into_iter().filter(|one| one.is_revised());
        revised.filter_map(|one| one.reason).for_each(|reason| beside.add(reason));
        beside
    }

    /// One more was revised for this reason.
    pub(super) fn add(&mut self, reason: RevisionReason) {
        *self.reasons.entry(reason).or_default() += 1;
    }

    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Adds to each device the revisions of its patients, on or after its day, that name no device.
pub(super) fn add_unlinked(connection: &mut AnyConnection, all: &mut AllBeside) -> Result<(), Problem> {
    let unlinked: Vec<(OutcomeId, PatientId, NaiveDate)> = outcomes::table
        .inner_join(patients::table)
        .filter(outcomes::kind.eq(OutcomeKind::Revision).and(outcomes::withdrawn.eq(false)))
        .filter(not(exists(corrected_by.filter(corrected_by.field(outcomes::supersedes).eq(outcomes::id.nullable())))))
        .filter(not(exists(revision_removals::table.filter(revision_removals::outcome_id.eq(outcomes::id)))))
        .select((outcomes::id, patients::person_id, outcomes::occurred_on))
        .load(connection)?;
    let mut of_person: HashMap<PatientId, Vec<(OutcomeId, NaiveDate)>> = HashMap::new();
    for (outcome, person, on) in unlinked {
        of_person.entry(person).or_default().push((outcome, on));
    }
    let mut pairs: BTreeSet<(ProductId, OutcomeId)> = BTreeSet::new();
    for persons in of_person.keys().copied().collect::<Vec<_>>().chunks(CHUNK) {
        let implanted: Vec<(DeviceUseId, Option<ProductId>, PatientId, Moment)> = device_uses::table
            .inner_join(procedures::table.inner_join(patients::table))
            .filter(patients::person_id.eq_any(persons))
            .filter(device_uses::fate.eq(Fate::Implanted))
            .filter(not(exists(
                corrected_use.filter(corrected_use.field(device_uses::supersedes).eq(device_uses::id.nullable())),
            )))
            .select((device_uses::id, device_uses::product_id, patients::person_id, procedures::started_at))
            .load(connection)?;
        for (_, product, person, at) in implanted {
            let later = of_person[&person].iter().filter(|(_, on)| *on >= london_date(at.utc()));
            pairs.extend(product.into_iter().flat_map(|product| later.clone().map(move |(id, _)| (product, *id))));
        }
    }
    for (product, _) in pairs {
        all.entry(product.uuid()).or_default().unlinked_revisions += 1;
    }
    Ok(())
}
