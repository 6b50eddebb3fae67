//! Frozen lists, contacts, stages and sites in the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::model::{Contact, ContactId, FrozenLine, FrozenList, FrozenListId, FrozenSeen, frozen_lines, sealed};
use super::site::SiteAsked;
use super::stage::{Stage, StageEntered, StageId};
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, Excluded};
use crate::store::schema::{
    patients, recall_contacts, recall_frozen_lists, recall_sites, recall_stages, recalls as recalls_table,
};
use crate::store::{AnyConnection, Transaction};
use crate::theatre::organisations::sites;

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

/// The patient list of a recall as it stands now, to be frozen. Asked outside the change that keeps it: 93,000 patients take a
/// while, and nobody's scan is to wait for them.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub fn taken(connection: &mut AnyConnection, recall: RecallId) -> Result<(Moment, Vec<FrozenLine>), Problem> {
    let at = Moment::now();
    let criteria = recalls::show(connection, recall)?.criteria;
    Ok((at, frozen_lines(&affected::uses(connection, &criteria, Excluded::LeftOut)?)))
}

/// Keeps the patient list of a recall as it was [`taken`].
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), [`Code::IdReused`](crate::error::Code::IdReused).
pub fn freeze(
    tx: &mut Transaction<'_>,
    user: &User,
    (id, recall): (FrozenListId, RecallId),
    (at, lines): &(Moment, Vec<FrozenLine>),
) -> Result<(FrozenList, Written), Problem> {
    let same = |there: &FrozenList| there.recall_id == recall && there.frozen_by == user.id;
    if let Some(there) = repeated(find(tx, id)?, same, || format!("frozen list {id}"))? {
        return Ok((there, Written::Before));
    }
    let (content, hash) = sealed(lines)?;
    let list = FrozenList { id, recall_id: recall, frozen_at: *at, frozen_by: user.id, hash, content };
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
    recalls::notice(tx, new.recall_id)?;
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

/// The latest frozen list of a recall, without its content.
///
/// # Errors
/// Those of the database.
pub fn latest_frozen(connection: &mut AnyConnection, recall: RecallId) -> Result<Option<FrozenSeen>, Problem> {
    Ok(recall_frozen_lists::table
        .filter(recall_frozen_lists::recall_id.eq(recall))
        .select(FrozenSeen::as_select())
        .order(recall_frozen_lists::frozen_at.desc())
        .first(connection)
        .optional()?)
}

/// The stages that a recall went through, first to last. Those from before stages were kept are missing.
///
/// # Errors
/// Those of the database.
pub fn stages(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<StageEntered>, Problem> {
    Ok(recall_stages::table
        .filter(recall_stages::recall_id.eq(recall))
        .select(StageEntered::as_select())
        .order(recall_stages::id)
        .load(connection)?)
}

/// How far a recall has come; `before` is where it stands if no stage is kept of it.
///
/// # Errors
/// Those of the database.
pub fn stage(connection: &mut AnyConnection, recall: RecallId, before: RecallState) -> Result<Stage, Problem> {
    let last = stages(connection, recall)?.pop();
    Ok(last.map_or_else(|| before.into(), |last| last.stage))
}

/// Writes the first stage of a recall.
///
/// # Errors
/// Those of the database.
pub fn begin(tx: &mut Transaction<'_>, actor: &Actor, recall: RecallId) -> Result<(), Problem> {
    insert_stage(tx, actor, recall, Stage::Received, "")
}

/// Moves a recall on; `before` as for [`stage`]. The caller writes the audit row of what it does.
///
/// # Errors
/// [`Code::WrongState`](crate::error::Code::WrongState) where `next` may not follow.
pub fn advance(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    (recall, before): (RecallId, RecallState),
    next: Stage,
    note: &str,
) -> Result<(), Problem> {
    let next = stage(tx, recall, before)?.become_one(next)?;
    insert_stage(tx, actor, recall, next, note)
}

fn insert_stage(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    recall: RecallId,
    stage: Stage,
    note: &str,
) -> Result<(), Problem> {
    let entered = StageEntered {
        id: StageId::new(),
        recall_id: recall,
        stage,
        entered_at: Moment::now(),
        entered_by: actor.user_id(),
        note: note.to_owned(),
    };
    diesel::insert_into(recall_stages::table).values(&entered).execute(&mut **tx)?;
    Ok(())
}

/// The sites that were asked because of a recall, by code.
///
/// # Errors
/// Those of the database.
pub fn asked(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<SiteAsked>, Problem> {
    Ok(recall_sites::table
        .filter(recall_sites::recall_id.eq(recall))
        .select(SiteAsked::as_select())
        .order(recall_sites::site_code)
        .load(connection)?)
}

/// Asks every site of the registry that has not acknowledged; answers how many.
///
/// # Errors
/// Those of the database.
pub fn ask_every_site(
    tx: &mut Transaction<'_>,
    user: &User,
    recall: RecallId,
    due_on: NaiveDate,
) -> Result<usize, Problem> {
    let known: HashMap<String, SiteAsked> =
        asked(tx, recall)?.into_iter().map(|site| (site.site_code.clone(), site)).collect();
    let mut asked = 0;
    for (site_code, _) in sites(tx)? {
        let anew = SiteAsked {
            recall_id: recall,
            asked_at: Moment::now(),
            asked_by: user.id,
            due_on,
            acknowledged_at: None,
            acknowledged_by: None,
            note: String::new(),
            reminded_on: None,
            escalated_on: None,
            site_code,
        };
        match known.get(&anew.site_code) {
            Some(there) if there.acknowledged_at.is_some() => continue,
            Some(_) => update_asked(tx, &anew)?,
            None => {
                diesel::insert_into(recall_sites::table).values(&anew).execute(&mut **tx)?;
            }
        }
        asked += 1;
    }
    Ok(asked)
}

/// Writes what became of a site that was asked.
///
/// # Errors
/// Those of the database.
pub fn update_asked(tx: &mut Transaction<'_>, site: &SiteAsked) -> Result<(), Problem> {
    let row = recall_sites::table.find((site.recall_id, &site.site_code));
    diesel::update(row)
        .set((
            recall_sites::asked_at.eq(site.asked_at),
            recall_sites::asked_by.eq(site.asked_by),
            recall_sites::due_on.eq(site.due_on),
            recall_sites::acknowledged_at.eq(site.acknowledged_at),
            recall_sites::acknowledged_by.eq(site.acknowledged_by),
            recall_sites::note.eq(&site.note),
            recall_sites::reminded_on.eq(site.reminded_on),
            recall_sites::escalated_on.eq(site.escalated_on),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Sites that were asked because of an active recall and have not answered.
///
/// # Errors
/// Those of the database.
pub fn silent(connection: &mut AnyConnection) -> Result<Vec<SiteAsked>, Problem> {
    Ok(recall_sites::table
        .inner_join(recalls_table::table)
        .filter(recall_sites::acknowledged_at.is_null())
        .filter(recalls_table::state.eq(RecallState::Active))
        .select(SiteAsked::as_select())
        .order((recall_sites::recall_id, recall_sites::site_code))
        .load(connection)?)
}

/// Asks every site again, also those that acknowledged: the notice is another now. Nothing happens where none was asked.
///
/// # Errors
/// Those of the database.
pub fn ask_anew(tx: &mut Transaction<'_>, user: &User, recall: RecallId, due_on: NaiveDate) -> Result<(), Problem> {
    for mut site in asked(tx, recall)? {
        (site.asked_at, site.asked_by, site.due_on) = (Moment::now(), user.id, due_on);
        (site.acknowledged_at, site.acknowledged_by) = (None, None);
        (site.reminded_on, site.escalated_on) = (None, None);
        update_asked(tx, &site)?;
    }
    Ok(())
}
