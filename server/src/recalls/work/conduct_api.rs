//! The conduct of a recall over HTTP: how far it is, the sites, the signature, the report.

use actix_web::{HttpResponse, get, post, web};
use chrono::{NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;

use super::opening::{Open, open};
use super::picture::Picture;
use super::report::{Report, report};
use super::site::SiteAsked;
use super::stage::{Stage, StageEntered};
use super::{chase, sign_off};
use crate::access::{AcknowledgeRecall, ConfirmRecall, Permit, ReadAffected, SignOffRecall};
use crate::error::{Problem, ProblemDetails};
use crate::recalls::model::RecallId;
use crate::spreadsheet::attached;
use crate::store::Store;

/// How far a recall has come, and what is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct Progress {
    /// The stage.
    stage: Stage,
    /// The way there, first to last.
    stages: Vec<StageEntered>,
    /// The sites that were asked.
    sites: Vec<SiteAsked>,
    /// What is open.
    open: Vec<Open>,
}

impl From<Picture> for Progress {
    fn from(picture: Picture) -> Self {
        let open = open(&picture, london_date(Utc::now()));
        Self { stage: picture.stage, stages: picture.stages, sites: picture.sites, open }
    }
}

/// How far a recall has come, and what is open
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = Progress), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/progress")]
pub async fn show_progress(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<web::Json<Progress>, Problem> {
    let id = id.into_inner();
    Ok(web::Json(store.read(move |connection| Picture::of(connection, id)).await?.into()))
}

/// By when sites are to answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The last day.
    due_on: NaiveDate,
}

/// Ask every site to acknowledge the recall
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = Deadline, responses(
    (status = 200, body = Vec<SiteAsked>), (status = 404, body = ProblemDetails),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/sites")]
pub async fn ask_sites(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    deadline: web::Json<Deadline>,
) -> Result<web::Json<Vec<SiteAsked>>, Problem> {
    let (user, id, due_on) = (permit.user().clone(), id.into_inner(), deadline.due_on);
    Ok(web::Json(store.write(move |tx| chase::ask_sites(tx, &user, id, due_on)).await?))
}

/// What a site says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// In a few words; may be empty.
    #[serde(default)]
    note: String,
}

/// Acknowledge a recall for a site
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), ("site" = String, Path)), request_body = Acknowledgement,
    responses((status = 200, body = SiteAsked), (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
#[post("/recalls/{id}/sites/{site}/acknowledgement")]
pub async fn acknowledge_recall(
    store: web::Data<Store>,
    permit: Permit<AcknowledgeRecall>,
    path: web::Path<(RecallId, String)>,
    said: web::Json<Acknowledgement>,
) -> Result<web::Json<SiteAsked>, Problem> {
    let (user, (id, site), note) = (permit.user().clone(), path.into_inner(), said.into_inner().note);
    Ok(web::Json(store.write(move |tx| chase::acknowledge(tx, &user, id, &site, &note)).await?))
}

/// What somebody signs for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// In a few words.
    statement: String,
}

/// Sign a recall off; refused while anything is open
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = Statement, responses(
    (status = 200, body = Progress), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/sign-off")]
pub async fn sign_off_recall(
    store: web::Data<Store>,
    permit: Permit<SignOffRecall>,
    id: web::Path<RecallId>,
    statement: web::Json<Statement>,
) -> Result<web::Json<Progress>, Problem> {
    let (user, id, statement) = (permit.user().clone(), id.into_inner(), statement.into_inner().statement);
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    store.write(move |tx| sign_off::sign_off(tx, &user, &picture, &statement)).await?;
    Ok(web::Json(store.read(move |connection| Picture::of(connection, id)).await?.into()))
}

/// The report on a recall, for the Central Alerting System
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = Report), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/report")]
pub async fn show_report(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<web::Json<Report>, Problem> {
    Ok(web::Json(report_of(&store, id.into_inner()).await?))
}

/// The same as CSV
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = String, content_type = "text/csv"), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/report.csv")]
pub async fn export_report(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    Ok(attached(&format!("recall-report-{id}.csv"), report_of(&store, id).await?.csv()?))
}

/// The report as it stands today.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn report_of(store: &Store, id: RecallId) -> Result<Report, Problem> {
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    Ok(report(&picture, london_date(Utc::now())))
}
