//! Alerts in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::model::{Alert, AlertId, AlertKind};
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::notifications::{EventKind, Happening, tell};
use crate::recalls::model::{Notice, RecallId, RecallState};
use crate::recalls::work::stage::Stage;
use crate::recalls::work::store as work;
use crate::store::columns::Moment;
use crate::store::schema::recall_alerts;
use crate::store::{AnyConnection, Transaction};
use crate::theatre::model::DeviceUseId;

/// Alerts of one answer at the most.
const MOST: i64 = 1000;

#[derive(Debug, Serialize)]
struct Detail<'a> {
    alert: AlertId,
    text: &'a str,
}

/// Raises an alert. A recall that was signed off is under way again.
///
/// # Errors
/// Those of the database.
pub fn raise(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    notice: &Notice,
    (kind, device_use): (AlertKind, Option<DeviceUseId>),
    text: String,
) -> Result<(), Problem> {
    let alert = Alert {
        id: AlertId::new(),
        recall_id: notice.id,
        kind,
        device_use_id: device_use,
        text,
        raised_at: Moment::now(),
        taken_at: None,
        taken_by: None,
        note: String::new(),
    };
    diesel::insert_into(recall_alerts::table).values(&alert).execute(&mut **tx)?;
    if work::stage(tx, notice.id, notice.state)? == Stage::SignedOff {
        let why = format!("Open again: {}", alert.text);
        work::advance(tx, actor, (notice.id, RecallState::Active), Stage::UnderWay, &why)?;
    }
    record(tx, actor, "recall-alert-raised", &alert)?;
    tell(tx, &told(kind, notice))
}

/// What others hear of an alert: of the patient nothing.
fn told(kind: AlertKind, notice: &Notice) -> Happening<'_> {
    match kind {
        AlertKind::Patient => {
            Happening::of(EventKind::PatientMatched, notice, "A device in a patient is meant by a recall.")
        }
        AlertKind::Gone => Happening::of(
            EventKind::PatientMatched,
            notice,
            "A record was corrected: a device in a patient is no longer meant by a recall.",
        ),
        AlertKind::Shelf => Happening::of(EventKind::PacksReceived, notice, "Packs came in that a recall names."),
        AlertKind::Amended => {
            Happening::of(EventKind::Amended, notice, "A recall was amended. Every site acknowledges it again.")
        }
    }
}

fn record(tx: &mut Transaction<'_>, actor: &Actor, action: &'static str, alert: &Alert) -> Result<(), Problem> {
    let detail = Detail { alert: alert.id, text: &alert.text };
    let act = Act { action, subject_kind: "recall", subject: alert.recall_id.to_string(), detail: &detail };
    audit::record(tx, actor, &act)
}

/// Somebody takes an alert: it is theirs now. Taking it again changes nothing.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where somebody else has it.
pub fn take(tx: &mut Transaction<'_>, user: &User, id: AlertId, note: &str) -> Result<Alert, Problem> {
    let alert = recall_alerts::table.find(id).select(Alert::as_select()).first(&mut **tx).optional()?;
    let mut alert: Alert = alert.ok_or_else(|| Problem::not_found(format!("alert {id}")))?;
    match alert.taken_by {
        Some(by) if by == user.id => return Ok(alert),
        Some(_) => return Err(Problem::new(Code::WrongState, "Somebody else has taken this alert.")),
        None => {}
    }
    (alert.taken_at, alert.taken_by) = (Some(Moment::now()), Some(user.id));
    note.clone_into(&mut alert.note);
    let free = recall_alerts::table.filter(recall_alerts::id.eq(id)).filter(recall_alerts::taken_by.is_null());
    let changed = diesel::update(free)
        .set((
            recall_alerts::taken_at.eq(alert.taken_at),
            recall_alerts::taken_by.eq(alert.taken_by),
            recall_alerts::note.eq(note),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "Somebody else has taken this alert."));
    }
    record(tx, &user.into(), "recall-alert-taken", &alert)?;
    Ok(alert)
}

/// Alerts that nobody has taken, of one recall or of all; the latest first, up to 1,000.
///
/// # Errors
/// Those of the database.
pub fn open(connection: &mut AnyConnection, recall: Option<RecallId>) -> Result<Vec<Alert>, Problem> {
    let mut query =
        recall_alerts::table.filter(recall_alerts::taken_by.is_null()).select(Alert::as_select()).into_boxed();
    if let Some(recall) = recall {
        query = query.filter(recall_alerts::recall_id.eq(recall));
    }
    Ok(query.order((recall_alerts::raised_at.desc(), recall_alerts::id.desc())).limit(MOST).load(connection)?)
}

/// Every alert of a recall, the latest first, up to 1,000.
///
/// # Errors
/// Those of the database.
pub fn of_recall(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<Alert>, Problem> {
    Ok(recall_alerts::table
        .filter(recall_alerts::recall_id.eq(recall))
        .select(Alert::as_select())
        .order((recall_alerts::raised_at.desc(), recall_alerts::id.desc()))
        .limit(MOST)
        .load(connection)?)
}

/// How many alerts nobody has taken.
///
/// # Errors
/// Those of the database.
pub fn count_open(connection: &mut AnyConnection) -> Result<usize, Problem> {
    let many: i64 = recall_alerts::table.filter(recall_alerts::taken_by.is_null()).count().get_result(connection)?;
    Ok(usize::try_from(many).unwrap_or_default())
}
