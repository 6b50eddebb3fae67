//! Second persons who were named without a network and have not confirmed: what safety staff see of them, and how one is closed.
//!
//! Closing says what somebody found out; nobody is thereby recorded as having stood by.

use actix_web::{HttpResponse, get, post, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::device_uses::{self, DeviceUse};
use super::model::{DeviceUseId, ProcedureId};
use super::override_claims::{self, Waiting};
use crate::access::{ConfirmRecall, Permit, ReadAffected, SignedForm, User};
use crate::audit::{self, Act};
use crate::catalogue;
use crate::error::{Code, Problem, ProblemDetails};
use crate::recalls::recall_page::unit;
use crate::store::columns::Moment;
use crate::store::schema::{override_follow_ups, users};
use crate::store::{AnyConnection, Store, Transaction};
use crate::web::page_problem::{PageProblem, see_other};

/// A device that was recorded against a stop, and a second person who has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotVerified {
    /// The device use.
    pub device_use: DeviceUseId,
    /// In which procedure.
    pub procedure: ProcedureId,
    /// Maker, brand, lot, serial.
    pub device: String,
    /// Why it was recorded against the stop.
    pub reason: String,
    /// The end of the number of the badge that was named.
    pub badge_end: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When the registry had it.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub claimed_at: Moment,
}

/// All of them, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn open(connection: &mut AnyConnection) -> Result<Vec<NotVerified>, Problem> {
    let waiting = override_claims::waiting(connection)?;
    waiting.iter().map(|one| not_verified(connection, one)).collect()
}

fn not_verified(connection: &mut AnyConnection, waiting: &Waiting) -> Result<NotVerified, Problem> {
    let used = device_uses::find(connection, waiting.device_use)?;
    let recorded_by: Option<String> = match used.recorded_by {
        Some(user) => users::table.find(user).select(users::display_name).first(connection).optional()?,
        None => None,
    };
    Ok(NotVerified {
        device_use: waiting.device_use,
        procedure: waiting.procedure,
        device: device(connection, &used)?,
        reason: used.reason.unwrap_or_default(),
        badge_end: override_claims::end_of(&waiting.badge),
        recorded_by: recorded_by.unwrap_or_default(),
        claimed_at: waiting.claimed_at,
    })
}

fn device(connection: &mut AnyConnection, used: &DeviceUse) -> Result<String, Problem> {
    let product = match used.product_id {
        Some(product) => catalogue::store::find_product(connection, product)?,
        None => None,
    };
    let name = product.map(|product| product.name()).or_else(|| used.identifier.clone()).unwrap_or_default();
    let parts = [name, unit(used.lot.as_ref(), used.serial.as_ref(), used.expiry)];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
}

/// Nobody waits for a second person any more: the note says what was found out. The first one counts.
///
/// # Errors
/// [`Code::InvalidInput`] without a note, [`Code::NotFound`] where nobody is waited for.
pub fn close(tx: &mut Transaction<'_>, user: &User, device_use: DeviceUseId, note: &str) -> Result<(), Problem> {
    let note = note.trim();
    if note.is_empty() || note.chars().count() > 1000 {
        return Err(Problem::invalid("Say what you found out, in 1 to 1,000 characters."));
    }
    let closed: i64 = override_follow_ups::table.find(device_use).count().get_result(&mut **tx)?;
    if closed > 0 {
        return Ok(());
    }
    if override_claims::waiting(tx)?.iter().all(|one| one.device_use != device_use) {
        return Err(Problem::new(
            Code::NotFound,
            "No second person is waited for: they have confirmed, or none was named.",
        ));
    }
    diesel::insert_into(override_follow_ups::table)
        .values((
            override_follow_ups::device_use_id.eq(device_use),
            override_follow_ups::note.eq(note),
            override_follow_ups::closed_at.eq(Moment::now()),
            override_follow_ups::closed_by.eq(user.id),
        ))
        .execute(&mut **tx)?;
    let subject = device_use.to_string();
    let act = Act { action: "override-followed-up", subject_kind: "device-use", subject, detail: &note };
    audit::record(tx, &user.into(), &act)
}

/// Second persons who have not confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotVerifiedList {
    not_verified: Vec<NotVerified>,
}

/// Second persons who were named and have not confirmed
#[utoipa::path(tag = "theatre", responses((status = 200, body = NotVerifiedList)))]
#[get("/second-persons/not-verified")]
pub async fn list_not_verified(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
) -> Result<web::Json<NotVerifiedList>, Problem> {
    Ok(web::Json(NotVerifiedList { not_verified: store.read(open).await? }))
}

/// What was found out.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct FollowUp {
    /// In a few words.
    note: String,
}

/// Close a second person who has not confirmed
///
/// It stays on record that nobody verified them.
#[utoipa::path(tag = "theatre", params(("id" = DeviceUseId, Path)), request_body = FollowUp, responses(
    (status = 204, description = "On record"), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/device-uses/{id}/second-person/follow-up")]
pub async fn follow_up(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<DeviceUseId>,
    found: web::Json<FollowUp>,
) -> Result<HttpResponse, Problem> {
    let (user, id, note) = (permit.user().clone(), id.into_inner(), found.into_inner().note);
    store.write(move |tx| close(tx, &user, id, &note)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /recall-alerts/second-persons/{id}`
#[post("/recall-alerts/second-persons/{id}")]
pub async fn post_follow_up(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<DeviceUseId>,
    form: SignedForm<FollowUp>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, note) = (permit.user().clone(), id.into_inner(), form.0.note);
    store.write(move |tx| close(tx, &user, id, &note)).await?;
    Ok(see_other("/recall-alerts"))
}
