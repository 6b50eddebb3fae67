//! Amendments in the database.

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::Criterion;
use tessera_scanner::verdict::london_date;

use super::model::{Amendment, AmendmentId, AmendmentState, Changed, CheckedAmendment, Concerned, sealed};
use crate::access::User;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::once::{Written, repeated};
use crate::recalls::alerts::model::AlertKind;
use crate::recalls::alerts::store as alerts;
use crate::recalls::model::{Recall, RecallId, RecallState};
use crate::recalls::work::store as work;
use crate::recalls::{quarantine, store as recalls};
use crate::store::columns::Moment;
use crate::store::read::affected::{self, Excluded};
use crate::store::schema::recall_amendments;
use crate::store::{AnyConnection, Transaction};

/// Days in which sites acknowledge an amended notice.
const DAYS: i64 = 7;

#[derive(Debug, Serialize)]
struct Detail<'a> {
    amendment: AmendmentId,
    reason: &'a str,
    lines: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

fn record(
    tx: &mut Transaction<'_>,
    user: &User,
    (action, recall): (&'static str, RecallId),
    detail: &Detail<'_>,
) -> Result<(), Problem> {
    let act = Act { action, subject_kind: "recall", subject: recall.to_string(), detail };
    audit::record(tx, &user.into(), &act)
}

fn active(connection: &mut AnyConnection, id: RecallId) -> Result<Recall, Problem> {
    let recall = recalls::show(connection, id)?;
    if recall.notice.state == RecallState::Active {
        return Ok(recall);
    }
    let detail = format!("{} is {}: an active recall is amended.", recall.notice.reference, recall.notice.state);
    Err(Problem::new(Code::WrongState, detail))
}

/// Enters an amendment, to be confirmed by a second person.
///
/// # Errors
/// [`Code::WrongState`] where the recall does not act or another amendment waits, [`Code::IdReused`].
pub fn enter(
    tx: &mut Transaction<'_>,
    user: &User,
    recall: RecallId,
    new: &CheckedAmendment,
) -> Result<(Amendment, Written), Problem> {
    let same = |there: &Amendment| there.is(recall, user.id, new);
    if let Some(there) = repeated(find(tx, new.id)?, same, || format!("amendment {}", new.id))? {
        return Ok((there, Written::Before));
    }
    let now = active(tx, recall)?;
    if now.criteria == new.criteria && (new.notice.is_empty() || new.notice == now.notice.notice) {
        return Err(Problem::invalid("Nothing differs from what the recall covers now."));
    }
    if of_recall(tx, recall)?.iter().any(|one| one.state == AmendmentState::Waiting) {
        return Err(Problem::new(
            Code::WrongState,
            "Another amendment of this recall waits: confirm or withdraw it first.",
        ));
    }
    let amendment = Amendment {
        id: new.id,
        recall_id: recall,
        state: AmendmentState::Waiting,
        reason: new.reason.clone(),
        notice: new.notice.clone(),
        criteria: sealed(&new.criteria)?,
        replaced: None,
        entered_at: Moment::now(),
        entered_by: user.id,
        settled_at: None,
        settled_by: None,
    };
    diesel::insert_into(recall_amendments::table).values(&amendment).execute(&mut **tx)?;
    let lines = new.criteria.len();
    let detail = Detail { amendment: new.id, reason: &new.reason, lines, changed: None };
    record(tx, user, ("recall-amendment-entered", recall), &detail)?;
    Ok((amendment, Written::Now))
}

/// Whom and what an amendment would add and take away, asked outside the change that makes it act: long lists take a while. A
/// device that is scanned in between raises an alert of its own.
///
/// # Errors
/// [`Code::WrongState`] where it does not wait, [`Code::NotFound`].
pub fn weigh(connection: &mut AnyConnection, recall: RecallId, id: AmendmentId) -> Result<Changed, Problem> {
    let lines = waiting(connection, recall, id)?.lines()?;
    let was = recalls::show(connection, recall)?.criteria;
    let mut concerned = |criteria: &[Criterion]| -> Result<Concerned, Problem> {
        let uses = affected::uses(connection, criteria, Excluded::LeftOut)?;
        Ok(Concerned::of(&uses, &affected::stock(connection, criteria, Excluded::LeftOut)?))
    };
    Ok(concerned(&was)?.changed(&concerned(&lines)?))
}

/// Confirms an amendment as its second reader: it takes the place of what the notice covered, as [`weigh`] found. Then
/// [`quarantine::run`] sets stock apart.
///
/// # Errors
/// [`Code::SecondPerson`] for the one who entered it, [`Code::WrongState`] where it does not wait, [`Code::NotFound`].
pub fn confirm(
    tx: &mut Transaction<'_>,
    user: &User,
    (recall, id): (RecallId, AmendmentId),
    changed: Changed,
) -> Result<Changed, Problem> {
    let mut amendment = waiting(tx, recall, id)?;
    if amendment.entered_by == user.id {
        return Err(Problem::new(Code::SecondPerson, "You entered this amendment yourself."));
    }
    let before = active(tx, recall)?;
    let lines = amendment.lines()?;
    recalls::replace_criteria(tx, recall, &lines, &amendment.notice)?;
    amendment.replaced = Some(sealed(&before.criteria)?);
    settle(tx, user, &amendment, AmendmentState::Confirmed)?;
    quarantine::store::begin(tx, user, recall)?;
    let due_on = london_date(Utc::now()) + TimeDelta::days(DAYS);
    work::ask_anew(tx, user, recall, due_on)?;
    let told = format!("{} {}", changed.words(), amendment.reason);
    alerts::raise(tx, &user.into(), &before.notice, (AlertKind::Amended, None), told)?;
    let detail = Detail { amendment: id, reason: &amendment.reason, lines: lines.len(), changed: Some(changed) };
    record(tx, user, ("recall-amended", recall), &detail)?;
    Ok(changed)
}

/// Takes an amendment back that nobody has confirmed.
///
/// # Errors
/// [`Code::WrongState`] where it does not wait, [`Code::NotFound`].
pub fn withdraw(tx: &mut Transaction<'_>, user: &User, recall: RecallId, id: AmendmentId) -> Result<(), Problem> {
    let amendment = waiting(tx, recall, id)?;
    settle(tx, user, &amendment, AmendmentState::Withdrawn)?;
    let lines = amendment.lines()?.len();
    let detail = Detail { amendment: id, reason: &amendment.reason, lines, changed: None };
    record(tx, user, ("recall-amendment-withdrawn", recall), &detail)
}

fn waiting(connection: &mut AnyConnection, recall: RecallId, id: AmendmentId) -> Result<Amendment, Problem> {
    let amendment = find(connection, id)?.filter(|one| one.recall_id == recall);
    let amendment = amendment.ok_or_else(|| Problem::not_found(format!("amendment {id}")))?;
    if amendment.state == AmendmentState::Waiting {
        return Ok(amendment);
    }
    Err(Problem::new(Code::WrongState, format!("This amendment is {}.", amendment.state)))
}

fn settle(tx: &mut Transaction<'_>, user: &User, amendment: &Amendment, state: AmendmentState) -> Result<(), Problem> {
    let waits = recall_amendments::table
        .filter(recall_amendments::id.eq(amendment.id))
        .filter(recall_amendments::state.eq(AmendmentState::Waiting));
    let changed = diesel::update(waits)
        .set((
            recall_amendments::state.eq(state),
            recall_amendments::replaced.eq(&amendment.replaced),
            recall_amendments::settled_at.eq(Moment::now()),
            recall_amendments::settled_by.eq(user.id),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "This amendment was just settled."));
    }
    Ok(())
}

/// One amendment, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: AmendmentId) -> Result<Option<Amendment>, Problem> {
    Ok(recall_amendments::table.find(id).select(Amendment::as_select()).first(connection).optional()?)
}

/// The amendments of a recall, the latest first.
///
/// # Errors
/// Those of the database.
pub fn of_recall(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<Amendment>, Problem> {
    Ok(recall_amendments::table
        .filter(recall_amendments::recall_id.eq(recall))
        .select(Amendment::as_select())
        .order((recall_amendments::entered_at.desc(), recall_amendments::id.desc()))
        .load(connection)?)
}
