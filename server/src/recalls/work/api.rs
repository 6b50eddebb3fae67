//! Frozen lists and contacts over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::live::{ContactLog, contact_log, live_difference};
use super::model::{Contact, Difference, FrozenLine, FrozenList, FrozenListId, NewContact};
use super::store as work;
use crate::access::{ConfirmRecall, Permit, ReadAffected, UserId};
use crate::error::{Problem, ProblemDetails};
use crate::recalls::model::RecallId;
use crate::store::Store;
use crate::store::columns::Moment;

/// The id under which the list is frozen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Identifier (UUIDv7), made by the client.
    id: FrozenListId,
}

/// A patient list as it stood at a moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrozenRecord {
    id: FrozenListId,
    recall: RecallId,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    frozen_at: Moment,
    frozen_by: UserId,
    /// SHA-256, in hexadecimal, of the lines as JSON.
    hash: String,
    lines: Vec<FrozenLine>,
}

impl TryFrom<FrozenList> for FrozenRecord {
    type Error = Problem;

    fn try_from(list: FrozenList) -> Result<Self, Problem> {
        let lines = list.lines()?;
        let FrozenList { id, recall_id: recall, frozen_at, frozen_by, hash, .. } = list;
        Ok(Self { id, recall, frozen_at, frozen_by, hash, lines })
    }
}

/// Freeze the patient list of a recall as it stands now
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = Freeze, responses(
    (status = 201, body = FrozenRecord), (status = 200, body = FrozenRecord, description = "Frozen before"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/frozen")]
pub async fn freeze_list(
    store: web::Data<Store>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
    freeze: web::Json<Freeze>,
) -> Result<HttpResponse, Problem> {
    let (user, recall, list) = (permit.user().clone(), id.into_inner(), freeze.id);
    let taken = store.read(move |connection| work::taken(connection, recall)).await?;
    let (list, written) = store.write(move |tx| work::freeze(tx, &user, (list, recall), &taken)).await?;
    Ok(written.answer().json(FrozenRecord::try_from(list)?))
}

/// The frozen patient lists of a recall, the latest first
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses((status = 200, body = Vec<FrozenRecord>)))]
#[get("/recalls/{id}/frozen")]
pub async fn list_frozen(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<web::Json<Vec<FrozenRecord>>, Problem> {
    let id = id.into_inner();
    let lists = store.read(move |connection| work::frozen(connection, id)).await?;
    lists.into_iter().map(FrozenRecord::try_from).collect::<Result<_, _>>().map(web::Json)
}

/// How the live patient list differs from a frozen one
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), ("list" = FrozenListId, Path)), responses(
    (status = 200, body = Difference), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/frozen/{list}/difference")]
pub async fn show_difference(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    path: web::Path<(RecallId, FrozenListId)>,
) -> Result<web::Json<Difference>, Problem> {
    let (recall, list) = path.into_inner();
    Ok(web::Json(store.read(move |connection| live_difference(connection, recall, list)).await?))
}

/// Record an attempt to reach a patient
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = NewContact, responses(
    (status = 201, body = Contact), (status = 200, body = Contact, description = "Recorded before"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/contacts")]
pub async fn record_contact(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    new: web::Json<NewContact>,
) -> Result<HttpResponse, Problem> {
    let user = permit.user().clone();
    let contact = new.checked(id.into_inner(), user.id)?;
    let (contact, written) = store.write(move |tx| work::record_contact(tx, &user, &contact)).await?;
    Ok(written.answer().json(contact))
}

/// The contact log of a recall
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = ContactLog), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/contacts")]
pub async fn list_contacts(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<web::Json<ContactLog>, Problem> {
    let id = id.into_inner();
    Ok(web::Json(store.read(move |connection| contact_log(connection, id)).await?))
}
