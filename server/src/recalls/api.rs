//! Recalls over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::criteria::CriterionForm;
use super::export;
use super::model::{NewRecall, Notice, Recall, RecallId};
use super::quarantine::model::QuarantineRun;
use super::quarantine::{run, store as runs};
use super::store as recalls;
use crate::access::{ConfirmRecall, EnterRecall, Permit, ReadAffected, ReadRecalls, ReadStock};
use crate::error::{Code, Problem, ProblemDetails};
use crate::spreadsheet::attached;
use crate::store::read::affected::{self, AffectedStock, AffectedUse, Excluded};
use crate::store::{AnyConnection, Store};

/// A recall with what it covers.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecallRecord {
    /// The notice.
    #[serde(flatten)]
    notice: Notice,
    /// How many lines it covers.
    lines: usize,
    /// What it covers: the first 5,000 lines.
    criteria: Vec<CriterionForm>,
}

/// Lines of one answer at the most.
const MOST_LINES: usize = 5000;

impl From<Recall> for RecallRecord {
    fn from(recall: Recall) -> Self {
        let criteria = recall.criteria.iter().take(MOST_LINES).map(CriterionForm::from).collect();
        Self { lines: recall.criteria.len(), criteria, notice: recall.notice }
    }
}

/// Recalls, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecallList {
    recalls: Vec<Notice>,
}

/// Enter a recall, to be confirmed by a second person
#[utoipa::path(tag = "recalls", request_body = NewRecall, responses(
    (status = 201, body = RecallRecord, description = "Entered"),
    (status = 200, body = RecallRecord, description = "The same recall was entered already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls")]
pub async fn enter_recall(
    store: web::Data<Store>,
    permit: Permit<EnterRecall>,
    new: web::Json<NewRecall>,
) -> Result<HttpResponse, Problem> {
    let (new, user) = (new.checked()?, permit.user().clone());
    let (recall, entered) = store
        .write(move |tx| {
            let entered = recalls::enter(tx, &user, &new)?;
            Ok((recalls::show(tx, new.id())?, entered))
        })
        .await?;
    Ok(entered.answer().json(RecallRecord::from(recall)))
}

/// All recalls
#[utoipa::path(tag = "recalls", responses((status = 200, body = RecallList)))]
#[get("/recalls")]
pub async fn list_recalls(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
) -> Result<web::Json<RecallList>, Problem> {
    Ok(web::Json(RecallList { recalls: store.read(recalls::list).await? }))
}

/// One recall
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = RecallRecord), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}")]
pub async fn show_recall(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
    id: web::Path<RecallId>,
) -> Result<web::Json<RecallRecord>, Problem> {
    let id = id.into_inner();
    Ok(web::Json(store.read(move |connection| recalls::show(connection, id)).await?.into()))
}

/// Confirm a recall as its second reader: from then on it acts
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = RecallRecord), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/confirm")]
pub async fn confirm_recall(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
) -> Result<web::Json<RecallRecord>, Problem> {
    let id = id.into_inner();
    run::confirm(&store, permit.user().clone(), id).await?;
    Ok(web::Json(store.read(move |connection| recalls::show(connection, id)).await?.into()))
}

/// How far the stock of a confirmed recall is set apart
///
/// A recall acts in theatres from its confirmation on; its stock is set apart in short steps.
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = QuarantineRun), (status = 404, body = ProblemDetails, description = "It was never confirmed")))]
#[get("/recalls/{id}/quarantine/run")]
pub async fn show_quarantine_run(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    id: web::Path<RecallId>,
) -> Result<web::Json<QuarantineRun>, Problem> {
    let id = id.into_inner();
    let run = store.read(move |connection| runs::of_recall(connection, id)).await?;
    run.map(web::Json).ok_or_else(|| Problem::not_found(format!("quarantine of recall {id}")))
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// In a few words.
    reason: String,
}

/// Close a recall that is done with, or withdrawn
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = Closing, responses(
    (status = 200, body = RecallRecord), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/recalls/{id}/close")]
pub async fn close_recall(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    why: web::Json<Closing>,
) -> Result<web::Json<RecallRecord>, Problem> {
    let (user, id, reason) = (permit.user().clone(), id.into_inner(), why.into_inner().reason);
    store.write(move |tx| recalls::close(tx, &user, id, &reason)).await?;
    Ok(web::Json(store.read(move |connection| recalls::show(connection, id)).await?.into()))
}

/// How much to tell.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct AffectedQuery {
    /// Tell also of units of the same devices that the notice does not mean, with the reason.
    #[serde(default)]
    excluded: bool,
}

impl AffectedQuery {
    /// As the question wants it.
    pub fn excluded(self) -> Excluded {
        if self.excluded { Excluded::Shown } else { Excluded::LeftOut }
    }
}

/// What and who is affected, as far as this user may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Affected {
    /// The notice.
    pub recall: Notice,
    /// Packs in stock; none where the user may not see stock.
    pub stock: Option<Vec<AffectedStock>>,
    /// Devices in patients, by pseudonym; none where the user may not see them.
    pub patients: Option<Vec<AffectedUse>>,
}

/// What the signed-in user may see of the affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The stock.
    pub stock: bool,
    /// The patients, by pseudonym.
    pub patients: bool,
}

/// Asks for all that is affected and may be seen.
///
/// # Errors
/// [`Code::NotFound`], and those of the database.
pub fn ask(
    connection: &mut AnyConnection,
    id: RecallId,
    sight: Sight,
    excluded: Excluded,
) -> Result<(Recall, Affected), Problem> {
    let recall = recalls::show(connection, id)?;
    let stock = if sight.stock { Some(affected::stock(connection, &recall.criteria, excluded)?) } else { None };
    let patients = if sight.patients { Some(affected::uses(connection, &recall.criteria, excluded)?) } else { None };
    let affected = Affected { recall: recall.notice.clone(), stock, patients };
    Ok((recall, affected))
}

/// What and who a recall concerns
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), AffectedQuery), responses(
    (status = 200, body = Affected), (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/affected")]
pub async fn show_affected(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
    stock: Option<Permit<ReadStock>>,
    patients: Option<Permit<ReadAffected>>,
    id: web::Path<RecallId>,
    query: web::Query<AffectedQuery>,
) -> Result<web::Json<Affected>, Problem> {
    let sight = Sight { stock: stock.is_some(), patients: patients.is_some() };
    if !sight.stock && !sight.patients {
        return Err(Problem::new(Code::NotPermitted, "Your role may see neither stock nor the patients of a recall."));
    }
    let (id, excluded) = (id.into_inner(), query.excluded());
    let (_, affected) = store.read(move |connection| ask(connection, id, sight, excluded)).await?;
    Ok(web::Json(affected))
}

/// The same as CSV; taking it out of the registry leaves an audit row
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), AffectedQuery), responses(
    (status = 200, body = String, content_type = "text/csv"),
    (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/affected.csv")]
pub async fn export_affected(
    store: web::Data<Store>,
    permit: Permit<ReadAffected>,
    stock: Option<Permit<ReadStock>>,
    id: web::Path<RecallId>,
    query: web::Query<AffectedQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, excluded, actor) = (id.into_inner(), query.excluded(), permit.actor());
    let sight = Sight { stock: stock.is_some(), patients: true };
    let (_, affected) = store.read(move |connection| ask(connection, id, sight, excluded)).await?;
    let (stock, patients) = (affected.stock.unwrap_or_default(), affected.patients.unwrap_or_default());
    let (text, rows) = (export::csv(&stock, &patients)?, stock.len() + patients.len());
    store.write(move |tx| recalls::record_export(tx, &actor, &affected.recall, rows)).await?;
    Ok(attached(&format!("recall-{id}.csv"), text))
}
