//! What else is known of one device: that its pack was opened, that it is on loan, what happens to it after it was taken out.

use actix_web::{HttpResponse, post, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::device_uses;
use super::model::{DeviceUseId, Fate, ProcedureId};
use crate::access::{Actor, Permit, Record, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{device_use_marks, device_uses as device_uses_table};
use crate::store::{AnyConnection, Store, Transaction};

crate::record_id! {
    /// One mark of a device.
    MarkId
}

crate::word_list! {
    /// What is known of a device beside its fate.
    Mark {
        /// Its pack was opened: from then on it is implanted or wasted, and does not go back on the shelf.
        Opened = "opened",
        /// It is loan or consignment stock; the note says whose.
        Loan = "loan",
        /// Taken out and kept by the hospital.
        Retained = "retained",
        /// Taken out and sent to its maker.
        ReturnedToMaker = "returned-to-maker",
        /// Taken out and sent for analysis.
        SentForAnalysis = "sent-for-analysis",
        /// Taken out and disposed of.
        DisposedOf = "disposed-of",
        /// Taken out and given to the patient.
        GivenToPatient = "given-to-patient",
    }
}

impl Mark {
    /// It says what happens to a device after it was taken out.
    pub fn of_an_explant(self) -> bool {
        !matches!(self, Self::Opened | Self::Loan)
    }
}

/// A mark to be made.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewMark {
    /// Made by the client (UUIDv7).
    pub id: MarkId,
    /// Which one.
    pub mark: Mark,
    /// More, such as whose loan it is or the laboratory's reference.
    #[serde(default)]
    pub note: String,
}

/// Marks a device. A mark holds for the device whatever its record is corrected to.
///
/// # Errors
/// [`Code::InvalidInput`] for a note that is too long or missing, [`Code::WrongState`] where the mark does not go with the
/// device's fate, [`Code::NotFound`], [`Code::IdReused`].
pub fn make(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    of: DeviceUseId,
    new: &NewMark,
) -> Result<Written, Problem> {
    let note = new.note.trim();
    if note.chars().count() > 200 {
        return Err(Problem::invalid("The note has 200 characters at the most."));
    }
    if new.mark == Mark::Loan && note.is_empty() {
        return Err(Problem::invalid("Say whose loan or consignment it is."));
    }
    let known: Option<(DeviceUseId, Mark)> = device_use_marks::table
        .find(new.id)
        .select((device_use_marks::device_use_id, device_use_marks::mark))
        .first(&mut **tx)
        .optional()?;
    if repeated(known, |known| *known == (of, new.mark), || format!("mark {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    let device = device_uses::find(tx, of)?;
    if (device.fate == Fate::Explanted) != new.mark.of_an_explant() {
        let why = if device.fate == Fate::Explanted {
            "This device was taken out: say what happens to it."
        } else {
            "Only a device that was taken out can be marked so."
        };
        return Err(Problem::new(Code::WrongState, why));
    }
    diesel::insert_into(device_use_marks::table)
        .values((
            device_use_marks::id.eq(new.id),
            device_use_marks::device_use_id.eq(of),
            device_use_marks::mark.eq(new.mark),
            device_use_marks::note.eq(note),
            device_use_marks::marked_at.eq(Moment::now()),
            device_use_marks::marked_by.eq(user),
        ))
        .execute(&mut **tx)?;
    let act =
        Act { action: "device-marked", subject_kind: "device-use", subject: of.to_string(), detail: &(new.mark, note) };
    audit::record(tx, actor, &act)?;
    Ok(Written::Now)
}

/// The marks of the devices of a procedure, with the row that they were made on.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
) -> Result<Vec<(DeviceUseId, Mark, String)>, Problem> {
    Ok(device_use_marks::table
        .inner_join(device_uses_table::table)
        .filter(device_uses_table::procedure_id.eq(procedure))
        .order(device_use_marks::id)
        .select((device_use_marks::device_use_id, device_use_marks::mark, device_use_marks::note))
        .load(connection)?)
}

/// Whether the pack of a device was marked as opened, on this row or one that it corrects.
///
/// # Errors
/// Those of the database.
pub fn was_opened(connection: &mut AnyConnection, device: DeviceUseId) -> Result<bool, Problem> {
    let mut at = Some(device);
    while let Some(id) = at {
        let marks: i64 = device_use_marks::table
            .filter(device_use_marks::device_use_id.eq(id).and(device_use_marks::mark.eq(Mark::Opened)))
            .count()
            .get_result(connection)?;
        if marks > 0 {
            return Ok(true);
        }
        at = device_uses::find(connection, id)?.supersedes;
    }
    Ok(false)
}

/// Mark a device: opened, on loan, or what happens to it after it was taken out
#[utoipa::path(tag = "theatre", request_body = NewMark, responses(
    (status = 201, description = "Marked"), (status = 200, description = "It was marked"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/device-uses/{id}/marks")]
pub async fn mark_device(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<DeviceUseId>,
    body: web::Json<NewMark>,
) -> Result<HttpResponse, Problem> {
    let (actor, user, id, new) = (permit.actor(), permit.user().id, id.into_inner(), body.into_inner());
    let written = store.write(move |tx| make(tx, &actor, user, id, &new)).await?;
    Ok(written.answer().finish())
}
