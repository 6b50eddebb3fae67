//! Sets and trays whose parts carry no label: what lies in them, and how many of each went into the patient.

use std::collections::BTreeMap;

use actix_web::{get, put, web};
use chrono::Utc;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::udi::Entry;
use utoipa::ToSchema;
use uuid::Uuid;

use super::again::unit_id;
use super::arrival::Arrived;
use super::model::{NewScan, ProcedureId, ScanAnswer, ScannedSymbol};
use super::scans::{self, Recorder};
use crate::access::{Actor, ChangeCatalogue, Permit, ReadCatalogue};
use crate::audit::{self, Act};
use crate::catalogue;
use crate::catalogue::model::{Agency, IdentifierKind, ProductId};
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::{tray_products, trays};
use crate::store::{AnyConnection, Store, Transaction};

crate::record_id! {
    /// One tray.
    TrayId
}

/// Most units of one pick.
const MOST: u32 = 60;

/// A tray and what lies in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Tray {
    /// Identifier (UUIDv7), made by the client.
    pub id: TrayId,
    /// What people call it.
    pub name: String,
    /// Its products, in the order in which they lie.
    pub products: Vec<ProductId>,
}

/// Keeps a tray, in place of what was known of it.
///
/// # Errors
/// [`Code::InvalidInput`] for a name or a list that cannot be used, [`Code::WrongState`] where another tray has the name,
/// [`Code::NotFound`] for an unknown product.
pub fn keep(tx: &mut Transaction<'_>, actor: &Actor, tray: &Tray) -> Result<(), Problem> {
    let name = tray.name.trim();
    if name.is_empty() || name.chars().count() > 80 || tray.products.is_empty() || tray.products.len() > 400 {
        return Err(Problem::invalid("A tray has a name of 1 to 80 characters and 1 to 400 products."));
    }
    let taken: i64 =
        trays::table.filter(trays::name.eq(name).and(trays::id.ne(tray.id))).count().get_result(&mut **tx)?;
    if taken > 0 {
        return Err(Problem::new(Code::WrongState, format!("There is another tray called {name}.")));
    }
    for product in &tray.products {
        catalogue::store::product(tx, *product)?;
        gtin_of(tx, *product)?;
    }
    diesel::delete(tray_products::table.filter(tray_products::tray_id.eq(tray.id))).execute(&mut **tx)?;
    diesel::delete(trays::table.find(tray.id)).execute(&mut **tx)?;
    diesel::insert_into(trays::table)
        .values((
            trays::id.eq(tray.id),
            trays::name.eq(name),
            trays::changed_at.eq(Moment::now()),
            trays::changed_by.eq(actor.user_id()),
        ))
        .execute(&mut **tx)?;
    for (place, product) in (0_i32..).zip(&tray.products) {
        diesel::insert_into(tray_products::table)
            .values((
                tray_products::tray_id.eq(tray.id),
                tray_products::product_id.eq(product),
                tray_products::place.eq(place),
            ))
            .execute(&mut **tx)?;
    }
    let act = Act { action: "tray-changed", subject_kind: "tray", subject: tray.id.to_string(), detail: tray };
    audit::record(tx, actor, &act)
}

/// Every tray, by name.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<Tray>, Problem> {
    let named: Vec<(TrayId, String)> =
        trays::table.order(trays::name).select((trays::id, trays::name)).load(connection)?;
    let rows: Vec<(TrayId, ProductId)> = tray_products::table
        .order((tray_products::tray_id, tray_products::place))
        .select((tray_products::tray_id, tray_products::product_id))
        .load(connection)?;
    let mut lying: BTreeMap<TrayId, Vec<ProductId>> = BTreeMap::new();
    for (tray, product) in rows {
        lying.entry(tray).or_default().push(product);
    }
    let tray = |(id, name)| Tray { id, name, products: lying.remove(&id).unwrap_or_default() };
    Ok(named.into_iter().map(tray).collect())
}

/// The GTIN by which a part is recorded.
fn gtin_of(connection: &mut AnyConnection, product: ProductId) -> Result<String, Problem> {
    let known = catalogue::store::list_identifiers(connection, product)?;
    let gtin = known.into_iter().find(|one| one.issuer == Agency::Gs1 && one.kind == IdentifierKind::Primary);
    gtin.map(|one| one.identifier)
        .ok_or_else(|| Problem::invalid(format!("The product {product} has no GTIN: a tray's parts need one.")))
}

/// So many of each product went into the patient. Each unit is a scan of its own, said to be typed, under an id that follows
/// from the pick: sent twice, it is recorded once.
///
/// # Errors
/// [`Code::InvalidInput`] where nothing or too much is picked, and those of [`scans::record`].
pub fn pick(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    procedure: ProcedureId,
    pick: Uuid,
    counts: &[(ProductId, u32)],
) -> Result<Vec<ScanAnswer>, Problem> {
    let units: u32 = counts.iter().map(|(_, count)| *count).fold(0, u32::saturating_add);
    if !(1..=MOST).contains(&units) {
        return Err(Problem::invalid(format!("Say how many of each were used: 1 to {MOST} in all.")));
    }
    let mut answers = Vec::new();
    for (product, count) in counts {
        let gtin = gtin_of(tx, *product)?;
        for unit in 0..*count {
            let id = unit_id(pick, product.uuid(), unit);
            if let Some(known) = scans::answer_if_known(tx, id)? {
                answers.push(known);
                continue;
            }
            let scan = NewScan {
                id,
                procedure,
                scanned_at: Utc::now(),
                entry: Entry::Typed,
                symbols: vec![ScannedSymbol { bytes: format!("01{gtin}").into_bytes(), aim: Some("]d2".to_owned()) }],
                supersedes_scan: None,
                follows: None,
                reading: None,
                again_of: None,
                profile: None,
                workstation: None,
            };
            answers.push(scans::record(tx, recorder, &Arrived::new(&recorder.keys, scan, None)?)?.answer);
        }
    }
    Ok(answers)
}

/// Trays and what lies in them
#[utoipa::path(tag = "catalogue", responses((status = 200, body = Vec<Tray>)))]
#[get("/trays")]
pub async fn list_trays(
    store: web::Data<Store>,
    _permit: Permit<ReadCatalogue>,
) -> Result<web::Json<Vec<Tray>>, Problem> {
    store.read(list).await.map(web::Json)
}

/// Say what lies in a tray
#[utoipa::path(tag = "catalogue", request_body = Tray, responses(
    (status = 200, body = Tray), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[put("/trays")]
pub async fn put_tray(
    store: web::Data<Store>,
    permit: Permit<ChangeCatalogue>,
    body: web::Json<Tray>,
) -> Result<web::Json<Tray>, Problem> {
    let (actor, tray) = (permit.actor(), body.into_inner());
    let kept = tray.clone();
    store.write(move |tx| keep(tx, &actor, &tray)).await?;
    Ok(web::Json(kept))
}
