//! Which packs lie where, on which terms.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use tessera_scanner::recall_match::alike;
use utoipa::ToSchema;

use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::recalls::stock::model::{StockId, StockState};
use crate::recalls::stock::terms::Ownership;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{products, stock_items, stock_terms};

/// Packs of one answer at the most.
const MOST: i64 = 2_000;

/// Packs on a shelf with what is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShelvedPacks {
    /// The stock item.
    pub id: StockId,
    /// Site (ODS code).
    pub site: String,
    /// Where at the site.
    pub location: String,
    /// Maker and brand, where the catalogue has it.
    pub device: Option<String>,
    /// Whose identifier.
    pub issuer: Agency,
    /// Device identifier.
    pub identifier: String,
    /// Lot.
    pub lot: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Expiry date.
    pub expiry: Option<NaiveDate>,
    /// Packs; of packs that are gone, how many there were last.
    pub quantity: i32,
    /// Whether they may be used.
    pub state: StockState,
    /// Who delivered them.
    pub supplier: Option<String>,
    /// Whose they are.
    pub ownership: Option<Ownership>,
    /// What one pack cost, in pence.
    pub unit_price: Option<i64>,
    /// Until when a loan or consignment may stay.
    pub return_by: Option<NaiveDate>,
    /// When they came.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub received_at: Moment,
}

#[derive(Queryable)]
struct Row {
    id: StockId,
    site: String,
    location: String,
    issuer: Agency,
    identifier: String,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<NaiveDate>,
    quantity: i32,
    state: StockState,
    received_at: Moment,
    name: Option<(String, String)>,
    terms: Option<(String, Ownership, Option<i64>, Option<NaiveDate>)>,
}

impl From<Row> for ShelvedPacks {
    fn from(row: Row) -> Self {
        let (supplier, ownership, unit_price, return_by) = match row.terms {
            Some((supplier, ownership, price, by)) => (Some(supplier), Some(ownership), price, by),
            None => (None, None, None, None),
        };
        Self {
            id: row.id,
            site: row.site,
            location: row.location,
            device: row.name.map(|(maker, brand)| format!("{maker} {brand}")),
            issuer: row.issuer,
            identifier: row.identifier,
            lot: row.lot,
            serial: row.serial,
            expiry: row.expiry,
            quantity: row.quantity,
            state: row.state,
            supplier: supplier.filter(|name| !name.is_empty()),
            ownership,
            unit_price,
            return_by,
            received_at: row.received_at,
        }
    }
}

/// Which packs.
#[derive(Clone, Debug, Default)]
pub struct PacksWanted {
    /// Only at this site.
    pub site: Option<String>,
    /// Only of this lot or serial, as it looks.
    pub unit: Option<String>,
    /// Only with this identifier.
    pub identifier: Option<String>,
    /// Only those that expire on this day or before.
    pub expiring: Option<NaiveDate>,
    /// Only loans and consignments that go back by this day or before.
    pub going_back: Option<NaiveDate>,
    /// Also those that are gone.
    pub gone: bool,
}

/// Packs, the first to expire first; up to 2,000.
///
/// # Errors
/// Those of the database.
pub fn packs(connection: &mut AnyConnection, wanted: &PacksWanted) -> Result<Vec<ShelvedPacks>, Problem> {
    let mut query = stock_items::table
        .left_join(products::table)
        .left_join(stock_terms::table)
        .select((
            stock_items::id,
            stock_items::site_code,
            stock_items::location,
            stock_items::issuer,
            stock_items::identifier,
            stock_items::lot,
            stock_items::serial,
            stock_items::expiry,
            stock_items::quantity,
            stock_items::state,
            stock_items::received_at,
            (products::maker, products::brand).nullable(),
            (stock_terms::supplier, stock_terms::ownership, stock_terms::unit_price, stock_terms::return_by).nullable(),
        ))
        .into_boxed();
    if !wanted.gone {
        // Written out: a partial index serves only what the engine can read in the question.
        query = query.filter(sql::<Bool>("stock_items.state <> 'used'"));
    }
    if let Some(site) = &wanted.site {
        query = query.filter(stock_items::site_code.eq(site.clone()));
    }
    if let Some(identifier) = &wanted.identifier {
        query = query.filter(stock_items::identifier.eq(identifier.clone()));
    }
    if let Some(unit) = &wanted.unit {
        let unit = alike(unit);
        query = query.filter(stock_items::lot_alike.eq(unit.clone()).or(stock_items::serial_alike.eq(unit)));
    }
    if let Some(day) = wanted.expiring {
        query = query.filter(stock_items::expiry.le(day));
    }
    if let Some(day) = wanted.going_back {
        query = query.filter(stock_terms::return_by.le(day));
    }
    let rows: Vec<Row> = query.order((stock_items::expiry, stock_items::id)).limit(MOST).load(connection)?;
    Ok(rows.into_iter().map(ShelvedPacks::from).collect())
}
