//! A second person who was named without a network and could not be verified there: open until they say so themselves.

use actix_web::{HttpRequest, HttpResponse, post, web};
use diesel::prelude::*;

use super::model::{DeviceUseId, ProcedureId};
use super::overrides::{may_stand_by, witnessed};
use crate::access::{Actor, BadgeAndPin, Permit, Record, SignInThrottle, User, badge_check, badges};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, override_claims, override_follow_ups, override_witnesses};
use crate::store::{AnyConnection, Store, Transaction};

/// Records that the owner of this badge is said to have stood by, and that nobody has verified it.
///
/// # Errors
/// [`Code::SecondPerson`] where the badge is that of whoever records.
pub fn claim(tx: &mut Transaction<'_>, actor: &Actor, device_use: DeviceUseId, badge: &str) -> Result<(), Problem> {
    if let Some(owner) = badges::owner(tx, badge)? {
        may_stand_by(actor.user_id(), &owner)?;
    }
    diesel::insert_into(override_claims::table)
        .values((
            override_claims::device_use_id.eq(device_use),
            override_claims::badge.eq(badge),
            override_claims::claimed_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    tracing::warn!(%device_use, "recorded against a stop, the second person not verified");
    let subject = device_use.to_string();
    let act = Act { action: "override-not-verified", subject_kind: "device-use", subject, detail: &badge };
    audit::record(tx, actor, &act)
}

/// The named person says that they stood by.
///
/// # Errors
/// [`Code::NotFound`] where nobody is asked for, [`Code::SecondPerson`] where another person was named.
pub fn confirm(tx: &mut Transaction<'_>, device_use: DeviceUseId, badge: &str, witness: &User) -> Result<(), Problem> {
    let named: String = override_claims::table
        .find(device_use)
        .select(override_claims::badge)
        .first(&mut **tx)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("open second person for device use {device_use}")))?;
    if named != badge {
        return Err(Problem::new(Code::SecondPerson, "This is not the badge that was named when it was recorded."));
    }
    let recorder = device_uses::table.find(device_use).select(device_uses::recorded_by).first(&mut **tx)?;
    may_stand_by(recorder, witness)?;
    let known: i64 = override_witnesses::table.find(device_use).count().get_result(&mut **tx)?;
    if known > 0 {
        return Ok(());
    }
    witnessed(tx, device_use, witness, "confirmed later, with badge and PIN")
}

/// Device uses of a procedure whose second person is not verified, with the end of the badge's number.
///
/// # Errors
/// Those of the database.
pub fn open_in(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<(DeviceUseId, String)>, Problem> {
    let rows: Vec<(DeviceUseId, String)> = override_claims::table
        .inner_join(device_uses::table)
        .filter(device_uses::procedure_id.eq(procedure))
        .filter(
            override_claims::device_use_id.ne_all(override_witnesses::table.select(override_witnesses::device_use_id)),
        )
        .select((override_claims::device_use_id, override_claims::badge))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, badge)| (id, end_of(&badge))).collect())
}

/// The end of a badge's number: enough for its owner to know it.
pub(super) fn end_of(badge: &str) -> String {
    badge.chars().skip(badge.chars().count().saturating_sub(4)).collect()
}

/// A second person for whom somebody still waits.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// The device that was recorded against a stop.
    pub device_use: DeviceUseId,
    /// In which procedure.
    pub procedure: ProcedureId,
    /// The badge that was named.
    pub badge: String,
    /// When the registry had it.
    pub claimed_at: Moment,
}

/// Second persons who have not confirmed and whom nobody has followed up, oldest first.
///
/// # Errors
/// Those of the database.
pub fn waiting(connection: &mut AnyConnection) -> Result<Vec<Waiting>, Problem> {
    Ok(override_claims::table
        .inner_join(device_uses::table)
        .filter(
            override_claims::device_use_id.ne_all(override_witnesses::table.select(override_witnesses::device_use_id)),
        )
        .filter(
            override_claims::device_use_id
                .ne_all(override_follow_ups::table.select(override_follow_ups::device_use_id)),
        )
        .order(override_claims::claimed_at)
        .select((
            override_claims::device_use_id,
            device_uses::procedure_id,
            override_claims::badge,
            override_claims::claimed_at,
        ))
        .load(connection)?)
}

/// Procedures with such a second person, oldest first, each once.
///
/// # Errors
/// Those of the database.
pub fn open(connection: &mut AnyConnection) -> Result<Vec<ProcedureId>, Problem> {
    let mut procedures: Vec<ProcedureId> = waiting(connection)?.into_iter().map(|one| one.procedure).collect();
    let mut seen = std::collections::HashSet::new();
    procedures.retain(|procedure| seen.insert(*procedure));
    Ok(procedures)
}

/// Confirm that you stood by an override
///
/// For the person whose badge was scanned without a network, and whom the tablet could not verify.
#[utoipa::path(tag = "theatre", request_body = BadgeAndPin, responses(
    (status = 204, description = "On record"), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[post("/device-uses/{id}/second-person")]
pub async fn confirm_override(
    request: HttpRequest,
    store: web::Data<Store>,
    throttle: web::Data<SignInThrottle>,
    _permit: Permit<Record>,
    id: web::Path<DeviceUseId>,
    presented: web::Json<BadgeAndPin>,
) -> Result<HttpResponse, Problem> {
    let address = request.peer_addr().map(|address| address.ip());
    let presented = presented.into_inner();
    let (id, badge) = (id.into_inner(), presented.number()?);
    let witness = badge_check::check(&store, &throttle, address, presented).await?;
    store.write(move |tx| confirm(tx, id, &badge, &witness)).await?;
    Ok(HttpResponse::NoContent().finish())
}
