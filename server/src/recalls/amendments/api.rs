//! Amendments over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Amendment, AmendmentId, AmendmentState, Changed, NewAmendment};
use super::{confirming, store as amendments};
use crate::access::{ConfirmRecall, EnterRecall, Permit, ReadRecalls, UserId};
use crate::error::{Problem, ProblemDetails};
use crate::recalls::criteria::CriterionForm;
use crate::recalls::model::RecallId;
use crate::store::Store;
use crate::store::columns::Moment;

/// An amendment of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmendmentRecord {
    id: AmendmentId,
    recall: RecallId,
    state: AmendmentState,
    reason: String,
    /// The new text; empty where it stayed.
    notice: String,
    /// Everything that it covers.
    criteria: Vec<CriterionForm>,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    entered_at: Moment,
    entered_by: UserId,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    settled_at: Option<Moment>,
    settled_by: Option<UserId>,
}

impl TryFrom<Amendment> for AmendmentRecord {
    type Error = Problem;

    fn try_from(one: Amendment) -> Result<Self, Problem> {
        let criteria = one.lines()?.iter().map(CriterionForm::from).collect();
        let Amendment { id, recall_id, state, reason, notice, entered_at, entered_by, settled_at, settled_by, .. } =
            one;
        Ok(Self {
            id,
            recall: recall_id,
            state,
            reason,
            notice,
            criteria,
            entered_at,
            entered_by,
            settled_at,
            settled_by,
        })
    }
}

/// Enter an amendment of an active recall: everything that it covers now
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = NewAmendment, responses(
    (status = 201, body = AmendmentRecord), (status = 200, body = AmendmentRecord, description = "Entered before"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/amendments")]
pub async fn enter_amendment(
    store: web::Data<Store>,
    permit: Permit<EnterRecall>,
    id: web::Path<RecallId>,
    new: web::Json<NewAmendment>,
) -> Result<HttpResponse, Problem> {
    let (user, id, new) = (permit.user().clone(), id.into_inner(), new.checked()?);
    let (amendment, written) = store.write(move |tx| amendments::enter(tx, &user, id, &new)).await?;
    Ok(written.answer().json(AmendmentRecord::try_from(amendment)?))
}

/// The amendments of a recall, the latest first
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses((status = 200, body = Vec<AmendmentRecord>)))]
#[get("/recalls/{id}/amendments")]
pub async fn list_amendments(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
    id: web::Path<RecallId>,
) -> Result<web::Json<Vec<AmendmentRecord>>, Problem> {
    let id = id.into_inner();
    let rows = store.read(move |connection| amendments::of_recall(connection, id)).await?;
    rows.into_iter().map(AmendmentRecord::try_from).collect::<Result<_, _>>().map(web::Json)
}

/// Confirm an amendment as its second reader; answers what it changed
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), ("amendment" = AmendmentId, Path)), responses(
    (status = 200, body = Changed), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/amendments/{amendment}/confirm")]
pub async fn confirm_amendment(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    path: web::Path<(RecallId, AmendmentId)>,
) -> Result<web::Json<Changed>, Problem> {
    let (recall, id) = path.into_inner();
    confirming::confirm(&store, permit.user().clone(), recall, id).await.map(web::Json)
}

/// Take an amendment back that nobody has confirmed
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), ("amendment" = AmendmentId, Path)), responses(
    (status = 204), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/amendments/{amendment}/withdraw")]
pub async fn withdraw_amendment(
    store: web::Data<Store>,
    permit: Permit<EnterRecall>,
    path: web::Path<(RecallId, AmendmentId)>,
) -> Result<HttpResponse, Problem> {
    let (user, (recall, id)) = (permit.user().clone(), path.into_inner());
    store.write(move |tx| amendments::withdraw(tx, &user, recall, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
