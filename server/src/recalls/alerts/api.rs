//! Alerts over HTTP.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Alert, AlertId, Take};
use super::store as alerts;
use crate::access::{ConfirmRecall, Permit, ReadAffected};
use crate::error::{Problem, ProblemDetails};
use crate::recalls::model::RecallId;
use crate::store::Store;

/// Which alerts.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct AlertQuery {
    /// All alerts of this recall, taken or not; without it those of every recall that nobody has taken.
    recall: Option<RecallId>,
}

/// Alerts, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    alerts: Vec<Alert>,
}

/// Alerts about recalls
#[utoipa::path(tag = "recalls", params(AlertQuery), responses((status = 200, body = AlertList)))]
#[get("/recall-alerts")]
pub async fn list_alerts(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    query: web::Query<AlertQuery>,
) -> Result<web::Json<AlertList>, Problem> {
    let recall = query.recall;
    let alerts = store
        .read(move |connection| match recall {
            Some(recall) => alerts::of_recall(connection, recall),
            None => alerts::open(connection, None),
        })
        .await?;
    Ok(web::Json(AlertList { alerts }))
}

/// Take an alert
#[utoipa::path(tag = "recalls", params(("id" = AlertId, Path)), request_body = Take, responses(
    (status = 200, body = Alert), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recall-alerts/{id}/taken")]
pub async fn take_alert(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<AlertId>,
    take: web::Json<Take>,
) -> Result<web::Json<Alert>, Problem> {
    let (user, id, note) = (permit.user().clone(), id.into_inner(), take.checked()?);
    Ok(web::Json(store.write(move |tx| alerts::take(tx, &user, id, &note)).await?))
}
