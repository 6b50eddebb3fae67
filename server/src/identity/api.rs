//! Opening an identity; linking patients and taking a link back.

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys::IdentityKeys;
use super::links;
use super::model::{Identity, LinkId, PatientId};
use super::store::open_identity as open;
use crate::access::{LinkPatients, OpenIdentity, Permit};
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Reason {
    /// In a few words; goes into the audit row.
    reason: String,
}

/// Open one patient's identity
#[utoipa::path(tag = "patients", request_body = Reason, responses(
    (status = 200, body = Identity), (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
#[post("/patients/{id}/identity")]
pub async fn open_identity(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<OpenIdentity>,
    id: web::Path<PatientId>,
    body: web::Json<Reason>,
) -> Result<web::Json<Identity>, Problem> {
    let (actor, id, keys, reason) = (permit.actor(), id.into_inner(), keys.into_inner(), body.into_inner().reason);
    store.write(move |tx| open(tx, &keys, &actor, id, &reason)).await.map(web::Json)
}

/// Two patients who are one person.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewLink {
    /// Made by the client.
    id: LinkId,
    /// One patient.
    patient: PatientId,
    /// The other.
    linked_to: PatientId,
    /// Why.
    reason: String,
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Linked {
    /// Its identifier, to take it back with.
    id: LinkId,
}

/// Link two patients who are one person
#[utoipa::path(tag = "patients", request_body = NewLink, responses(
    (status = 200, body = Linked), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/patients/links")]
pub async fn link_patients(
    store: web::Data<Store>,
    permit: Permit<LinkPatients>,
    body: web::Json<NewLink>,
) -> Result<web::Json<Linked>, Problem> {
    let (actor, user, new) = (permit.actor(), permit.user().id, body.into_inner());
    let pair = (new.patient, new.linked_to);
    let id = store.write(move |tx| links::link(tx, &actor, user, new.id, pair, &new.reason)).await?;
    Ok(web::Json(Linked { id }))
}

/// Take a link back
#[utoipa::path(tag = "patients", request_body = Reason, responses(
    (status = 204, description = "Taken back"), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/patients/links/{id}/undo")]
pub async fn unlink_patients(
    store: web::Data<Store>,
    permit: Permit<LinkPatients>,
    id: web::Path<LinkId>,
    body: web::Json<Reason>,
) -> Result<HttpResponse, Problem> {
    let (actor, user, id, reason) = (permit.actor(), permit.user().id, id.into_inner(), body.into_inner().reason);
    store.write(move |tx| links::unlink(tx, &actor, user, id, &reason)).await?;
    Ok(HttpResponse::NoContent().finish())
}
