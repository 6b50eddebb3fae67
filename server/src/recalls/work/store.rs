//! Frozen lists and contacts in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::model::{Contact, ContactId, FrozenList, FrozenListId, frozen_lines, sealed};
use crate::access::User;
use crate::audit::{self, Act};
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::recalls::model::RecallId;
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, Excluded};
use crate::store::schema::{patients, recall_contacts, recall_frozen_lists};
use crate::store::{AnyConnection, Transaction};

#[derive(Debug, Serialize)]
struct Frozen<'a> {
    list: FrozenListId,
    lines: usize,
    hash: &'a str,
}

#[derive(Debug, Serialize)]
struct Contacted {
    contact: ContactId,
    outcome: super::model::ContactOutcome,
}

/// Freezes the patient list of a recall as it stands now.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), [`Code::IdReused`](crate::error::Code::IdReused).
pub fn freeze(
    tx: &mut Transaction<'_>,
    user: &User,
    id: FrozenListId,
    recall: RecallId,
) -> Result<(FrozenList, Written), Problem> {
    let same = |there: &FrozenList| there.recall_id == recall && there.frozen_by == user.id;
    if let Some(there) = repeated(find(tx, id)?, same, || format!("frozen list {id}"))? {
        return Ok((there, Written::Before));
    }
    let criteria = recalls::show(tx, recall)?.criteria;
    let lines = frozen_lines(&affected::uses(tx, &criteria, Excluded::LeftOut)?);
    let (content, hash) = sealed(&lines)?;
    let list = FrozenList { id, recall_id: recall, frozen_at: Moment::now(), frozen_by: user.id, hash, content };
    diesel::insert_into(recall_frozen_lists::table).values(&list).execute(&mut **tx)?;
    let detail = Frozen { list: id, lines: lines.len(), hash: &list.hash };
    let act =
        Act { action: "recall-list-frozen", subject_kind: "recall", subject: recall.to_string(), detail: &detail };
    audit::record(tx, &user.into(), &act)?;
    Ok((list, Written::Now))
}

/// One frozen list, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: FrozenListId) -> Result<Option<FrozenList>, Problem> {
    Ok(recall_frozen_lists::table.find(id).select(FrozenList::as_select()).first(connection).optional()?)
}

/// The frozen lists of a recall, the latest first.
///
/// # Errors
/// Those of the database.
pub fn frozen(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<FrozenList>, Problem> {
    Ok(recall_frozen_lists::table
        .filter(recall_frozen_lists::recall_id.eq(recall))
        .select(FrozenList::as_select())
        .order(recall_frozen_lists::frozen_at.desc())
        .load(connection)?)
}

/// Records an attempt to reach a patient.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound) without such a recall or patient, [`Code::IdReused`](crate::error::Code::IdReused).
pub fn record_contact(tx: &mut Transaction<'_>, user: &User, new: &Contact) -> Result<(Contact, Written), Problem> {
    let there = recall_contacts::table.find(new.id).select(Contact::as_select()).first(&mut **tx).optional()?;
    if let Some(there) = repeated(there, |there: &Contact| there.is(new), || format!("contact {}", new.id))? {
        return Ok((there, Written::Before));
    }
    recalls::show(tx, new.recall_id)?;
    let known: i64 = patients::table.filter(patients::id.eq(new.patient_id)).count().get_result(&mut **tx)?;
    if known == 0 {
        return Err(Problem::not_found(format!("patient {}", new.patient_id)));
    }
    diesel::insert_into(recall_contacts::table).values(new).execute(&mut **tx)?;
    let detail = Contacted { contact: new.id, outcome: new.outcome };
    let act =
        Act { action: "recall-contact", subject_kind: "patient", subject: new.patient_id.to_string(), detail: &detail };
    audit::record(tx, &user.into(), &act)?;
    Ok((new.clone(), Written::Now))
}

/// All attempts because of a recall, the latest first.
///
/// # Errors
/// Those of the database.
pub fn contacts(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<Contact>, Problem> {
    Ok(recall_contacts::table
        .filter(recall_contacts::recall_id.eq(recall))
        .select(Contact::as_select())
        .order((recall_contacts::made_at.desc(), recall_contacts::id.desc()))
        .load(connection)?)
}
