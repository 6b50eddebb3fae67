//! The work with stock over HTTP: labels in, places, par levels, movements, and the questions that people ask of a shelf.

use actix_web::{HttpResponse, get, post, put, web};
use chrono::{Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::{IntoParams, ToSchema};

use super::labels::{self, Labelled, NewLabel};
use super::model::{StockId, StockItem};
use super::movement::{Movement, NewMovement};
use super::place::{NewPlace, Place};
use super::store::movements;
use super::store::pars::{self, Par};
use super::store::{self as stock, places};
use super::terms::Terms;
use crate::access::{ChangeStock, Permit, ReadStock};
use crate::error::{Problem, ProblemDetails};
use crate::spreadsheet;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::stock::{PacksWanted, ParStanding, ShelvedPacks, Wasted, packs, pars as standing, wasted};

/// Receive packs by scanning their label
#[utoipa::path(tag = "stock", request_body = NewLabel, responses(
    (status = 201, body = Labelled, description = "Received; quarantined where an active recall names it"),
    (status = 200, body = Labelled, description = "The same packs were received already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/stock/labels")]
pub async fn receive_label(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    new: web::Json<NewLabel>,
) -> Result<HttpResponse, Problem> {
    let (actor, new) = (permit.actor(), new.into_inner());
    let (labelled, written) = store.write(move |tx| labels::receive(tx, &actor, &new)).await?;
    Ok(written.answer().json(labelled))
}

/// Add a place where packs lie
#[utoipa::path(tag = "stock", request_body = NewPlace, responses(
    (status = 201, body = Place), (status = 200, body = Place), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/stock/places")]
pub async fn add_place(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    new: web::Json<NewPlace>,
) -> Result<HttpResponse, Problem> {
    let (actor, new) = (permit.actor(), new.checked()?);
    let (place, written) = store.write(move |tx| places::add(tx, &actor, &new)).await?;
    Ok(written.answer().json(place))
}

/// Every place.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceList {
    places: Vec<Place>,
}

/// Places where packs lie
#[utoipa::path(tag = "stock", responses((status = 200, body = PlaceList)))]
#[get("/stock/places")]
pub async fn list_places(store: web::Data<Store>, _permit: Permit<ReadStock>) -> Result<web::Json<PlaceList>, Problem> {
    Ok(web::Json(PlaceList { places: store.read(places::list).await? }))
}

/// Set how many packs of a product a site should have
#[utoipa::path(tag = "stock", request_body = Par, responses(
    (status = 200, body = Par), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[put("/stock/pars")]
pub async fn put_par(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    par: web::Json<Par>,
) -> Result<web::Json<Par>, Problem> {
    let (user, par) = (permit.user().clone(), par.into_inner());
    let set = par.clone();
    store.write(move |tx| pars::set(tx, &user, &set)).await?;
    Ok(web::Json(par))
}

/// Which site.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AtSite {
    /// Only this one (ODS code).
    site: Option<String>,
}

/// Par levels with how many packs there are, those furthest below first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParList {
    pars: Vec<ParStanding>,
}

/// Which products run short
#[utoipa::path(tag = "stock", params(AtSite), responses((status = 200, body = ParList)))]
#[get("/stock/pars")]
pub async fn list_pars(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<AtSite>,
) -> Result<web::Json<ParList>, Problem> {
    let site = query.into_inner().site;
    Ok(web::Json(ParList { pars: store.read(move |connection| standing(connection, site.as_deref())).await? }))
}

/// Use, waste, send back or move packs, or say that they are missing
#[utoipa::path(tag = "stock", params(("id" = StockId, Path)), request_body = NewMovement, responses(
    (status = 201, body = Movement), (status = 200, body = Movement), (status = 404, body = ProblemDetails),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/stock/{id}/movements")]
pub async fn take_packs(
    store: web::Data<Store>,
    permit: Permit<ChangeStock>,
    id: web::Path<StockId>,
    new: web::Json<NewMovement>,
) -> Result<HttpResponse, Problem> {
    let (user, id, new) = (permit.user().clone(), id.into_inner(), new.into_inner().checked()?);
    let (movement, written) = store.write(move |tx| movements::make(tx, &user, id, &new)).await?;
    Ok(written.answer().json(movement))
}

/// A stock item with its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockHistory {
    /// The packs as they are now.
    item: StockItem,
    /// On which terms they came.
    terms: Option<Terms>,
    /// What became of them.
    movements: Vec<Movement>,
}

/// One stock item: on which terms it came, and what became of it
#[utoipa::path(tag = "stock", params(("id" = StockId, Path)), responses(
    (status = 200, body = StockHistory), (status = 404, body = ProblemDetails)))]
#[get("/stock/{id}")]
pub async fn show_stock(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    id: web::Path<StockId>,
) -> Result<web::Json<StockHistory>, Problem> {
    let id = id.into_inner();
    let history = store.read(move |connection| {
        let item = stock::find(connection, id)?.ok_or_else(|| Problem::not_found(format!("stock item {id}")))?;
        Ok(StockHistory { item, terms: stock::terms(connection, id)?, movements: movements::of_item(connection, id)? })
    });
    Ok(web::Json(history.await?))
}

/// Which packs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct PacksQuery {
    /// Only at this site (ODS code).
    pub site: String,
    /// Only of this lot or serial; O for 0, I for 1, capitals, spaces and hyphens make no difference.
    pub unit: String,
    /// Only with this device identifier.
    pub identifier: String,
    /// Only those that expire within so many days, or are too old already.
    pub expiring: Option<u64>,
    /// Only loans and consignments that go back within so many days, or are late already.
    pub going_back: Option<u64>,
    /// Also packs that are gone.
    pub gone: bool,
}

impl PacksQuery {
    /// As the question wants it, today.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for days beyond ten years.
    pub fn wanted(self) -> Result<PacksWanted, Problem> {
        let today = london_date(Utc::now());
        let within = |days: Option<u64>| -> Result<Option<NaiveDate>, Problem> {
            match days {
                Some(days) if days > 3653 => Err(Problem::invalid("Days are 0 to 3,653: ten years.")),
                Some(days) => Ok(today.checked_add_days(Days::new(days))),
                None => Ok(None),
            }
        };
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(PacksWanted {
            expiring: within(self.expiring)?,
            going_back: within(self.going_back)?,
            site: given(self.site),
            unit: given(self.unit),
            identifier: given(self.identifier),
            gone: self.gone,
        })
    }
}

/// Packs, the first to expire first; up to 2,000.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackList {
    packs: Vec<ShelvedPacks>,
}

/// Where is this lot? What expires soon? What goes back?
#[utoipa::path(tag = "stock", params(PacksQuery), responses((status = 200, body = PackList), (status = 422, body = ProblemDetails)))]
#[get("/stock/packs")]
pub async fn list_packs(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<PacksQuery>,
) -> Result<web::Json<PackList>, Problem> {
    let wanted = query.into_inner().wanted()?;
    Ok(web::Json(PackList { packs: store.read(move |connection| packs(connection, &wanted)).await? }))
}

/// The same as CSV
#[utoipa::path(tag = "stock", params(PacksQuery), responses(
    (status = 200, body = String, content_type = "text/csv"), (status = 422, body = ProblemDetails)))]
#[get("/stock/packs.csv")]
pub async fn export_packs(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<PacksQuery>,
) -> Result<HttpResponse, Problem> {
    let wanted = query.into_inner().wanted()?;
    let found = store.read(move |connection| packs(connection, &wanted)).await?;
    Ok(spreadsheet::attached("stock.csv", packs_csv(&found)?))
}

const PACK_COLUMNS: [&str; 14] = [
    "stock",
    "site",
    "location",
    "device",
    "issuer",
    "identifier",
    "lot",
    "serial",
    "expiry",
    "quantity",
    "state",
    "supplier",
    "ownership",
    "unit_price_pence",
];

fn packs_csv(found: &[ShelvedPacks]) -> Result<String, Problem> {
    let row = |one: &ShelvedPacks| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            one.id.to_string(),
            one.site.clone(),
            one.location.clone(),
            text(&one.device),
            one.issuer.to_string(),
            one.identifier.clone(),
            text(&one.lot),
            text(&one.serial),
            one.expiry.map(|day| day.to_string()).unwrap_or_default(),
            one.quantity.to_string(),
            one.state.to_string(),
            text(&one.supplier),
            one.ownership.map(|word| word.to_string()).unwrap_or_default(),
            one.unit_price.map(|pence| pence.to_string()).unwrap_or_default(),
        ]
    };
    spreadsheet::written(&PACK_COLUMNS, found.iter().map(row))
}

/// Between which days, at which site.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct WasteQuery {
    /// The first day; a year ago unless told.
    pub from: Option<NaiveDate>,
    /// The last day; today unless told.
    pub to: Option<NaiveDate>,
    /// Only this site (ODS code).
    #[serde(default)]
    pub site: String,
}

impl WasteQuery {
    /// The days, with what was left out filled in.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where the last day is before the first.
    pub fn days(&self) -> Result<(NaiveDate, NaiveDate), Problem> {
        let to = self.to.unwrap_or_else(|| london_date(Utc::now()));
        let from = self.from.unwrap_or(to - Days::new(365));
        if to < from {
            return Err(Problem::invalid(format!("{to} is before {from}.")));
        }
        Ok((from, to))
    }

    /// From the beginning of the first day to the end of the last (UTC).
    ///
    /// # Errors
    /// Those of [`WasteQuery::days`].
    pub fn moments(&self) -> Result<(Moment, Moment), Problem> {
        let (from, to) = self.days()?;
        let start = |day: NaiveDate| Moment::from(day.and_time(chrono::NaiveTime::MIN).and_utc());
        Ok((start(from), start(to.succ_opt().unwrap_or(to))))
    }

    pub(super) fn at(&self) -> Option<String> {
        Some(self.site.trim().to_owned()).filter(|site| !site.is_empty())
    }
}

/// What was wasted.
#[derive(Debug, Serialize, ToSchema)]
pub struct WasteList {
    /// By place and reason, the dearest first.
    reasons: Vec<Wasted>,
}

/// What was wasted, why, and what it cost
#[utoipa::path(tag = "stock", params(WasteQuery), responses((status = 200, body = WasteList), (status = 422, body = ProblemDetails)))]
#[get("/stock/waste")]
pub async fn list_waste(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<WasteQuery>,
) -> Result<web::Json<WasteList>, Problem> {
    let (between, site) = (query.moments()?, query.at());
    let reasons = store.read(move |connection| wasted(connection, between, site.as_deref())).await?;
    Ok(web::Json(WasteList { reasons }))
}

/// The same as CSV
#[utoipa::path(tag = "stock", params(WasteQuery), responses(
    (status = 200, body = String, content_type = "text/csv"), (status = 422, body = ProblemDetails)))]
#[get("/stock/waste.csv")]
pub async fn export_waste(
    store: web::Data<Store>,
    _permit: Permit<ReadStock>,
    query: web::Query<WasteQuery>,
) -> Result<HttpResponse, Problem> {
    let (between, site) = (query.moments()?, query.at());
    let reasons = store.read(move |connection| wasted(connection, between, site.as_deref())).await?;
    let row = |one: &Wasted| {
        [
            one.place.to_owned(),
            one.reason.clone(),
            one.packs.to_string(),
            one.pence.to_string(),
            one.unpriced.to_string(),
        ]
    };
    let head = ["place", "reason", "packs", "pence", "packs_without_price"];
    Ok(spreadsheet::attached("waste.csv", spreadsheet::written(&head, reasons.iter().map(row))?))
}
