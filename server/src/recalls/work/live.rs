//! The live list beside what was frozen of it, and beside what was done about it.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Contact, Difference, FrozenListId, difference, frozen_lines};
use super::store as work;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::recalls::model::RecallId;
use crate::recalls::store as recalls;
use crate::store::AnyConnection;
use crate::store::read::affected::{self, Excluded};

/// The live list held against a frozen one.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub fn live_difference(
    connection: &mut AnyConnection,
    recall: RecallId,
    list: FrozenListId,
) -> Result<Difference, Problem> {
    let frozen = work::find(connection, list)?
        .filter(|frozen| frozen.recall_id == recall)
        .ok_or_else(|| Problem::not_found(format!("frozen list {list}")))?;
    let criteria = recalls::show(connection, recall)?.criteria;
    let live = frozen_lines(&affected::uses(connection, &criteria, Excluded::LeftOut)?);
    Ok(difference(&frozen.lines()?, &live))
}

/// Who was reached, and who still waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactLog {
    /// Every attempt, the latest first.
    pub contacts: Vec<Contact>,
    /// Patients of the live list whom nobody has reached yet.
    pub waiting: Vec<PatientId>,
}

/// Contacts, and the patients of the live list who wait for one.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub fn contact_log(connection: &mut AnyConnection, recall: RecallId) -> Result<ContactLog, Problem> {
    let criteria = recalls::show(connection, recall)?.criteria;
    let contacts = work::contacts(connection, recall)?;
    let settled: HashSet<PatientId> =
        contacts.iter().filter(|one| one.outcome.settles()).map(|one| one.patient_id).collect();
    let uses = affected::uses(connection, &criteria, Excluded::LeftOut)?;
    let mut seen = HashSet::new();
    let waiting = uses.iter().filter(|one| one.in_patient && !settled.contains(&one.person) && seen.insert(one.person));
    Ok(ContactLog { waiting: waiting.map(|one| one.person).collect(), contacts })
}
