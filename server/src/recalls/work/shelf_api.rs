//! The quarantine list over HTTP.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::finding::{Finding, FindingOutcome, NewShelfScan, NewUnaccounted, ShelfLine, shelf_lines};
use super::findings;
use super::shelf_scan::{self, ShelfAnswer};
use crate::access::{AcknowledgeRecall, Permit, ReadStock};
use crate::error::{Problem, ProblemDetails};
use crate::recalls::model::RecallId;
use crate::recalls::store as recalls;
use crate::store::read::affected::{self, Excluded};
use crate::store::{AnyConnection, Store};

/// Which site.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SiteQuery {
    /// Only this one (ODS code).
    site: Option<String>,
}

/// The quarantine list of a recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantineList {
    /// Packs that should be there.
    pub lines: Vec<ShelfLine>,
    /// Packs in hand that no record had.
    pub unexpected: Vec<Finding>,
}

/// The list, of one site or of all.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub fn quarantine_list(
    connection: &mut AnyConnection,
    id: RecallId,
    site: Option<&str>,
) -> Result<QuarantineList, Problem> {
    let criteria = recalls::show(connection, id)?.criteria;
    let mut expected = affected::stock(connection, &criteria, Excluded::LeftOut)?;
    expected.retain(|one| site.is_none_or(|site| one.site == site));
    let mut known = findings::of_recall(connection, id)?;
    let lines = shelf_lines(expected, &known);
    known.retain(|one| one.outcome == FindingOutcome::Unexpected && site.is_none_or(|site| one.site_code == site));
    Ok(QuarantineList { lines, unexpected: known })
}

/// Packs that a recall concerns: expected, found, unaccounted for
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), SiteQuery), responses(
    (status = 200, body = QuarantineList), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/quarantine")]
pub async fn show_quarantine(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    id: web::Path<RecallId>,
    query: web::Query<SiteQuery>,
) -> Result<web::Json<QuarantineList>, Problem> {
    let (id, site) = (id.into_inner(), query.into_inner().site);
    Ok(web::Json(store.read(move |connection| quarantine_list(connection, id, site.as_deref())).await?))
}

/// Scan a pack: set apart and counted where the recall means it
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = NewShelfScan, responses(
    (status = 200, body = ShelfAnswer), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/quarantine/scans")]
pub async fn scan_shelf(
    store: web::Data<Store>,
    permit: Permit<AcknowledgeRecall>,
    id: web::Path<RecallId>,
    new: web::Json<NewShelfScan>,
) -> Result<web::Json<ShelfAnswer>, Problem> {
    let (user, id, new) = (permit.user().clone(), id.into_inner(), new.into_inner());
    Ok(web::Json(store.write(move |tx| shelf_scan::scan(tx, &user, id, &new)).await?))
}

/// Record packs that were searched for in vain
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = NewUnaccounted, responses(
    (status = 200, body = Finding), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/quarantine/unaccounted")]
pub async fn record_unaccounted(
    store: web::Data<Store>,
    permit: Permit<AcknowledgeRecall>,
    id: web::Path<RecallId>,
    new: web::Json<NewUnaccounted>,
) -> Result<web::Json<Finding>, Problem> {
    let (user, id, new) = (permit.user().clone(), id.into_inner(), new.into_inner());
    Ok(web::Json(store.write(move |tx| shelf_scan::unaccounted(tx, &user, id, &new)).await?))
}
