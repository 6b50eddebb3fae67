//! Runs over the shelves in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::Recalled;
use super::model::QuarantineRun;
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::notifications::{EventKind, Happening, tell};
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::stock::model::StockId;
use crate::recalls::stock::store as stock;
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::schema::recall_quarantines;
use crate::store::{AnyConnection, Transaction};
use crate::web;

#[derive(Debug, Serialize)]
struct Finished<'a> {
    reference: &'a str,
    quarantined: i64,
}

/// Begins a run, in the transaction that makes the recall act. One that was there begins anew.
///
/// # Errors
/// Those of the database.
pub fn begin(tx: &mut Transaction<'_>, user: &User, recall: RecallId) -> Result<(), Problem> {
    let now = Moment::now();
    let run = QuarantineRun {
        recall_id: recall,
        begun_at: now,
        begun_by: user.id,
        found: None,
        done: 0,
        touched_at: now,
        finished_at: None,
    };
    diesel::delete(recall_quarantines::table.find(recall)).execute(&mut **tx)?;
    diesel::insert_into(recall_quarantines::table).values(&run).execute(&mut **tx)?;
    Ok(())
}

/// The run of a recall; none for one from before runs were kept, and for one that never acted.
///
/// # Errors
/// Those of the database.
pub fn of_recall(connection: &mut AnyConnection, recall: RecallId) -> Result<Option<QuarantineRun>, Problem> {
    let run = recall_quarantines::table.find(recall).select(QuarantineRun::as_select());
    Ok(run.get_result(connection).optional()?)
}

/// Recalls whose run was not touched since then and is not finished.
///
/// # Errors
/// Those of the database.
pub fn left(connection: &mut AnyConnection, since: Moment) -> Result<Vec<RecallId>, Problem> {
    Ok(recall_quarantines::table
        .filter(recall_quarantines::finished_at.is_null())
        .filter(recall_quarantines::touched_at.lt(since))
        .select(recall_quarantines::recall_id)
        .load(connection)?)
}

/// Writes how far a run came.
///
/// # Errors
/// [`Code::WrongState`] where it began anew or was finished meanwhile.
fn keep(tx: &mut Transaction<'_>, run: &QuarantineRun) -> Result<(), Problem> {
    let same = recall_quarantines::table
        .filter(recall_quarantines::recall_id.eq(run.recall_id))
        .filter(recall_quarantines::begun_at.eq(run.begun_at))
        .filter(recall_quarantines::finished_at.is_null());
    let changed = diesel::update(same)
        .set((
            recall_quarantines::found.eq(run.found),
            recall_quarantines::done.eq(run.done),
            recall_quarantines::touched_at.eq(Moment::now()),
            recall_quarantines::finished_at.eq(run.finished_at),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "Another run sets the stock of this recall apart."));
    }
    Ok(())
}

/// Writes how many stock items wait to be set apart, beside those that this run has set apart already.
///
/// # Errors
/// [`Code::WrongState`] where the run began anew or was finished meanwhile.
pub fn found(tx: &mut Transaction<'_>, run: &QuarantineRun, waiting: usize) -> Result<QuarantineRun, Problem> {
    let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
    let run = QuarantineRun { found: Some(run.done.saturating_add(waiting)), ..run.clone() };
    keep(tx, &run)?;
    Ok(run)
}

/// Sets some stock items apart.
///
/// # Errors
/// [`Code::WrongState`] where the recall acts no more, or the run began anew.
pub fn set_apart(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    run: &QuarantineRun,
    some: &[(StockId, Recalled)],
) -> Result<QuarantineRun, Problem> {
    let notice = recalls::notice(tx, run.recall_id)?;
    if notice.state != RecallState::Active {
        return Err(Problem::new(Code::WrongState, format!("{} is {}.", notice.reference, notice.state)));
    }
    let many = stock::quarantine(tx, actor, some)?;
    let run = QuarantineRun { done: run.done + i64::try_from(many).unwrap_or_default(), ..run.clone() };
    keep(tx, &run)?;
    Ok(run)
}

/// Ends a run.
///
/// # Errors
/// [`Code::WrongState`] where it began anew or was finished meanwhile.
pub fn finish(tx: &mut Transaction<'_>, actor: &Actor, run: &QuarantineRun) -> Result<QuarantineRun, Problem> {
    let run = QuarantineRun { finished_at: Some(Moment::now()), ..run.clone() };
    keep(tx, &run)?;
    let notice = recalls::notice(tx, run.recall_id)?;
    let detail = Finished { reference: &notice.reference, quarantined: run.done };
    let subject = run.recall_id.to_string();
    let act = Act { action: "recall-stock-set-apart", subject_kind: "recall", subject, detail: &detail };
    audit::record(tx, actor, &act)?;
    let many = web::words::count(usize::try_from(run.done).unwrap_or_default(), "stock item was", "stock items were");
    let told = Happening::of(EventKind::StockSetApart, &notice, format!("{many} set apart because of a recall."));
    tell(tx, &told.counting(run.done))?;
    Ok(run)
}
