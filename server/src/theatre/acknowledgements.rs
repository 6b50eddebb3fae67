//! "I have looked": a verdict that asks to look is on record as looked at, by whom and when, before the procedure is
//! finished.

use actix_web::{HttpResponse, post, web};
use diesel::prelude::*;
use serde::Deserialize;
use tessera_scanner::verdict::Answer;
use utoipa::ToSchema;

use super::device_uses;
use super::model::{Fate, ProcedureId, ScanId};
use super::scans::{answer_to, procedure_of};
use crate::access::{Actor, Permit, Record, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{acknowledgements, scan_events, users};
use crate::store::{AnyConnection, Store, Transaction};

crate::record_id! {
    /// One acknowledgement.
    AcknowledgementId
}

/// A person has looked at what a scan was answered with.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// Made by the client.
    pub id: AcknowledgementId,
    /// The scan that was answered.
    pub scan: ScanId,
}

/// Records that a person has looked at a verdict's reasons; they are kept by their codes beside the name.
///
/// # Errors
/// [`Code::WrongState`] where the scan asked nobody to look, [`Code::NotFound`], [`Code::IdReused`].
pub fn acknowledge(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    new: &Acknowledgement,
) -> Result<Written, Problem> {
    let known: Option<ScanId> =
        acknowledgements::table.find(new.id).select(acknowledgements::scan_event_id).first(&mut **tx).optional()?;
    if repeated(known, |scan| *scan == new.scan, || format!("acknowledgement {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    procedure_of(tx, new.scan)?;
    let verdict = answer_to(tx, new.scan)?.verdict.filter(|verdict| verdict.answer == Answer::Look);
    let Some(verdict) = verdict else {
        return Err(Problem::new(Code::WrongState, "This scan was not answered with “Look at this”."));
    };
    let codes: Vec<String> = verdict.reasons.into_iter().map(|reason| reason.code).collect();
    let words = codes.join(" ");
    diesel::insert_into(acknowledgements::table)
        .values((
            acknowledgements::id.eq(new.id),
            acknowledgements::scan_event_id.eq(new.scan),
            acknowledgements::codes.eq(&words),
            acknowledgements::acknowledged_at.eq(Moment::now()),
            acknowledgements::acknowledged_by.eq(user),
        ))
        .execute(&mut **tx)?;
    let act =
        Act { action: "verdict-acknowledged", subject_kind: "scan", subject: new.scan.to_string(), detail: &words };
    audit::record(tx, actor, &act)?;
    Ok(Written::Now)
}

/// Who looked at which scan of a procedure, and when; the first of each.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
) -> Result<Vec<(ScanId, String, Moment)>, Problem> {
    let mut rows: Vec<(ScanId, String, Moment)> = acknowledgements::table
        .inner_join(scan_events::table)
        .inner_join(users::table)
        .filter(scan_events::procedure_id.eq(procedure))
        .order(acknowledgements::id)
        .select((acknowledgements::scan_event_id, users::display_name, acknowledgements::acknowledged_at))
        .load(connection)?;
    let mut seen = std::collections::HashSet::new();
    rows.retain(|(scan, ..)| seen.insert(*scan));
    Ok(rows)
}

/// Scans whose device is in the patient and whose "Look at this" nobody has acknowledged.
///
/// # Errors
/// Those of the database.
pub fn missing(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<ScanId>, Problem> {
    let rows = device_uses::of_procedure(connection, procedure)?;
    let superseded: Vec<_> = rows.iter().filter_map(|row| row.supersedes).collect();
    let looked: Vec<ScanId> = of_procedure(connection, procedure)?.into_iter().map(|(scan, ..)| scan).collect();
    Ok(rows
        .iter()
        .filter(|row| row.fate == Fate::Implanted && row.answer.as_deref() == Some("look"))
        .filter(|row| !superseded.contains(&row.id))
        .filter_map(|row| row.scan_event_id)
        .filter(|scan| !looked.contains(scan))
        .collect())
}

/// "I have looked at it."
#[derive(Debug, Deserialize, ToSchema)]
pub struct AcknowledgementBody {
    /// Made by the client (UUIDv7).
    id: AcknowledgementId,
}

/// Acknowledge a verdict that asks to look
#[utoipa::path(tag = "theatre", request_body = AcknowledgementBody, responses(
    (status = 201, description = "On record"), (status = 200, description = "It was on record"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/scans/{id}/acknowledgement")]
pub async fn acknowledge_scan(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<ScanId>,
    body: web::Json<AcknowledgementBody>,
) -> Result<HttpResponse, Problem> {
    let (actor, user) = (permit.actor(), permit.user().id);
    let new = Acknowledgement { id: body.id, scan: id.into_inner() };
    let written = store.write(move |tx| acknowledge(tx, &actor, user, &new)).await?;
    Ok(written.answer().finish())
}
