//! Stock over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{NewStock, SetApartFor, StockId, StockItem, StockState};
use super::store::{self as stock, Standing, StockFilter};
use crate::access::{ChangeStock, Permit, ReadStock};
use crate::catalogue::model::Agency;
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// Receive packs into stock
#[utoipa::path(tag = "stock", request_body = NewStock, responses(
    (status = 201, body = StockItem, description = "Received; quarantined where an active recall names it"),
    (status = 200, body = StockItem, description = "The same packs were received already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/stock")]
pub async fn receive_stock(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    new: web::Json<NewStock>,
) -> Result<HttpResponse, Problem> {
    let (new, actor) = (new.checked()?, permit.actor());
    let (item, entered) = store.write(move |tx| stock::receive(tx, &actor, &new)).await?;
    Ok(entered.answer().json(item))
}

/// Which packs.
#[derive(Debug, Deserialize, IntoParams)]
pub struct StockQuery {
    /// Only at this site (ODS code).
    site: Option<String>,
    /// Only in this state.
    state: Option<StockState>,
    /// Whose identifier the next one is; GS1 unless told.
    issuer: Option<Agency>,
    /// Only with this device identifier.
    identifier: Option<String>,
    /// Only of this lot, exactly.
    lot: Option<String>,
    /// At the most this many (1 to 1,000; 200 unless told).
    limit: Option<i64>,
}

impl StockQuery {
    fn filter(self) -> Result<StockFilter, Problem> {
        let issuer = self.issuer.unwrap_or(Agency::Gs1);
        let device = self.identifier.map(|text| issuer.identifier(&text)).transpose()?;
        Ok(StockFilter {
            site: self.site,
            state: self.state,
            identifier: device.map(|device| (device.issuer.into(), device.text)),
            lot: self.lot,
            limit: self.limit.unwrap_or(200).clamp(1, 1000),
        })
    }
}

/// Packs, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockList {
    items: Vec<StockItem>,
}

/// Packs in stock
#[utoipa::path(tag = "stock", params(StockQuery), responses((status = 200, body = StockList), (status = 422, body = ProblemDetails)))]
#[get("/stock")]
pub async fn list_stock(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<StockQuery>,
) -> Result<web::Json<StockList>, Problem> {
    let filter = query.into_inner().filter()?;
    let items = store.read(move |connection| stock::list(connection, &filter)).await?;
    Ok(web::Json(StockList { items }))
}

/// Where packs are to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockMove {
    /// The new state.
    state: StockState,
    /// Why they are set apart: theatre stops on packs that are damaged or recalled, and asks to look at others.
    #[serde(default)]
    set_apart_for: Option<SetApartFor>,
    /// Why, in words.
    reason: String,
}

/// Quarantine packs, release them, or write them off
#[utoipa::path(tag = "stock", params(("id" = StockId, Path)), request_body = StockMove, responses(
    (status = 200, body = StockItem), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/stock/{id}/state")]
pub async fn move_stock(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    id: web::Path<StockId>,
    to: web::Json<StockMove>,
) -> Result<web::Json<StockItem>, Problem> {
    let (actor, id, to) = (permit.actor(), id.into_inner(), to.into_inner());
    let standing = Standing { state: to.state, set_apart_for: to.set_apart_for };
    let item = store.write(move |tx| stock::change_state(tx, &actor, id, standing, &to.reason)).await?;
    Ok(web::Json(item))
}
