//! Questions about stock that join packs with their terms, the catalogue and what was wasted in theatre.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{count_star, exists, not, sql, sum};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use tessera_scanner::recall_match::alike;
use utoipa::ToSchema;

use crate::catalogue::model::{Agency, ProductId};
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::recalls::stock::model::{StockId, StockState};
use crate::recalls::stock::movement::WasteCause;
use crate::recalls::stock::terms::Ownership;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{
    device_uses, procedures, product_identifiers, products, recall_criteria, stock_items, stock_movements, stock_pars,
    stock_terms,
};

diesel::alias!(device_uses as later_uses: LaterUses);

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

/// A product of which a site has fewer packs than it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ParStanding {
    /// Site (ODS code).
    pub site: String,
    /// The product.
    pub product: ProductId,
    /// Maker, brand and description.
    pub device: String,
    /// So many packs there should be at least.
    pub least: i32,
    /// So many there are that may be used.
    pub there: i64,
}

/// Every par level with how many packs there are, those furthest below first.
///
/// # Errors
/// Those of the database.
pub fn pars(connection: &mut AnyConnection, site: Option<&str>) -> Result<Vec<ParStanding>, Problem> {
    let mut wanted = stock_pars::table
        .inner_join(products::table)
        .select((
            stock_pars::site_code,
            stock_pars::product_id,
            stock_pars::least,
            products::maker,
            products::brand,
            products::description,
        ))
        .into_boxed();
    if let Some(site) = site {
        wanted = wanted.filter(stock_pars::site_code.eq(site.to_owned()));
    }
    let rows: Vec<(String, ProductId, i32, String, String, String)> = wanted.load(connection)?;
    let mut standing = Vec::with_capacity(rows.len());
    for (site, product, least, maker, brand, description) in rows {
        let here = stock_items::table
            .filter(stock_items::product_id.eq(product))
            .filter(stock_items::site_code.eq(&site))
            .filter(stock_items::state.eq(StockState::Available));
        let there: Option<i64> = here.select(sum(stock_items::quantity)).first(connection)?;
        let device = format!("{maker} {brand}, {description}");
        standing.push(ParStanding { site, product, device, least, there: there.unwrap_or_default() });
    }
    standing.sort_by_key(|one| (one.there - i64::from(one.least), one.site.clone(), one.product));
    Ok(standing)
}

/// Packs that were wasted for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Wasted {
    /// `theatre` or `shelf`.
    pub place: &'static str,
    /// Why.
    pub reason: String,
    /// Packs.
    pub packs: i64,
    /// What they cost together, in pence, as far as it is known.
    pub pence: i64,
    /// Packs of which nobody knows what they cost.
    pub unpriced: i64,
}

/// What one pack of each product cost when it came last.
fn latest_prices(connection: &mut AnyConnection) -> Result<HashMap<ProductId, i64>, Problem> {
    let rows: Vec<(Option<ProductId>, Option<i64>)> = stock_terms::table
        .inner_join(stock_items::table)
        .filter(stock_terms::unit_price.is_not_null())
        .order(stock_items::received_at)
        .select((stock_items::product_id, stock_terms::unit_price))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(product, price)| product.zip(price)).collect())
}

/// Product, what was written down, packs.
type WastedInTheatre = (Option<ProductId>, Option<String>, i64);

/// Packs opened in theatre and not implanted, by product and what was written down.
fn wasted_in_theatre(
    connection: &mut AnyConnection,
    (from, to): (Moment, Moment),
    site: Option<&str>,
) -> Result<Vec<WastedInTheatre>, Problem> {
    let mut query = device_uses::table
        .inner_join(procedures::table)
        .filter(sql::<Bool>("device_uses.fate = 'wasted'"))
        .filter(not(exists(
            later_uses.filter(later_uses.field(device_uses::supersedes).eq(device_uses::id.nullable())),
        )))
        .filter(procedures::started_at.ge(from))
        .filter(procedures::started_at.lt(to))
        .group_by((device_uses::product_id, device_uses::reason))
        .select((device_uses::product_id, device_uses::reason, count_star()))
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(procedures::site_code.eq(site.to_owned()));
    }
    Ok(query.load(connection)?)
}

/// What was wasted between two moments, by place and reason, the dearest first.
///
/// A pack wasted in theatre is reckoned at what a pack of its product cost when it came last.
///
/// # Errors
/// Those of the database.
pub fn wasted(
    connection: &mut AnyConnection,
    (from, to): (Moment, Moment),
    site: Option<&str>,
) -> Result<Vec<Wasted>, Problem> {
    let mut found: BTreeMap<(&'static str, String), Wasted> = BTreeMap::new();
    let mut add = |place: &'static str, reason: String, packs: i64, price: Option<i64>| {
        let one = found.entry((place, reason.clone())).or_insert_with(|| Wasted { place, reason, ..Wasted::default() });
        one.packs += packs;
        match price {
            Some(price) => one.pence = one.pence.saturating_add(packs.saturating_mul(price)),
            None => one.unpriced += packs,
        }
    };
    let mut off_shelf = stock_movements::table
        .inner_join(stock_items::table.left_join(stock_terms::table))
        .filter(stock_movements::kind.eq("wasted"))
        .filter(stock_movements::moved_at.ge(from))
        .filter(stock_movements::moved_at.lt(to))
        .select((stock_movements::cause, stock_movements::quantity, stock_terms::unit_price.nullable()))
        .into_boxed();
    if let Some(site) = site {
        off_shelf = off_shelf.filter(stock_items::site_code.eq(site.to_owned()));
    }
    let rows: Vec<(Option<WasteCause>, i32, Option<i64>)> = off_shelf.load(connection)?;
    for (cause, quantity, price) in rows {
        add("shelf", cause.unwrap_or(WasteCause::Other).in_words().to_owned(), i64::from(quantity), price);
    }
    let prices = latest_prices(connection)?;
    for (product, reason, packs) in wasted_in_theatre(connection, (from, to), site)? {
        let reason =
            reason.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "Opened, not implanted".to_owned());
        add("theatre", reason, packs, product.and_then(|product| prices.get(&product).copied()));
    }
    let mut rows: Vec<Wasted> = found.into_values().collect();
    rows.sort_by_key(|one| (std::cmp::Reverse((one.pence, one.packs)), one.place, one.reason.clone()));
    Ok(rows)
}

/// What a supplier delivered, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupplierStanding {
    /// Who; empty for packs that came without a name.
    pub supplier: String,
    /// Packs that came.
    pub packs: i64,
    /// What those with a price cost together, in pence.
    pub pence: i64,
    /// Packs with a price.
    pub priced: i64,
    /// Packs wasted off the shelf.
    pub wasted: i64,
    /// Packs sent back.
    pub returned: i64,
    /// Packs that are set apart now.
    pub quarantined: i64,
}

/// The same of one product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceStanding {
    /// Its suppliers, by name.
    pub suppliers: Vec<String>,
    /// Packs that came.
    pub packs: i64,
    /// What those with a price cost together, in pence.
    pub pence: i64,
    /// Packs with a price.
    pub priced: i64,
    /// The lowest and the highest price of a pack, in pence.
    pub prices: Option<(i64, i64)>,
    /// Packs wasted off the shelf.
    pub wasted: i64,
    /// Packs opened in theatre and not implanted.
    pub wasted_in_theatre: i64,
    /// Notices that name it.
    pub recalls: i64,
}

#[derive(Queryable)]
struct Came {
    id: StockId,
    product: Option<ProductId>,
    state: StockState,
    now: i32,
    supplier: String,
    quantity: i32,
    price: Option<i64>,
}

/// Suppliers by name, and products that came or were wasted, by all that was ever recorded.
///
/// # Errors
/// Those of the database.
pub fn compared(
    connection: &mut AnyConnection,
) -> Result<(Vec<SupplierStanding>, BTreeMap<ProductId, DeviceStanding>), Problem> {
    let came: Vec<Came> = stock_terms::table
        .inner_join(stock_items::table)
        .select((
            stock_items::id,
            stock_items::product_id,
            stock_items::state,
            stock_items::quantity,
            stock_terms::supplier,
            stock_terms::quantity,
            stock_terms::unit_price,
        ))
        .load(connection)?;
    let moves: Vec<(StockId, String, i32, Option<StockId>)> = stock_movements::table
        .select((
            stock_movements::stock_id,
            stock_movements::kind,
            stock_movements::quantity,
            stock_movements::to_stock,
        ))
        .load(connection)?;
    // Packs that were only moved came once.
    let moved: std::collections::HashSet<StockId> = moves.iter().filter_map(|(.., to)| *to).collect();
    let mut gone: HashMap<StockId, [i64; 2]> = HashMap::new();
    for (id, kind, quantity, _) in &moves {
        let place = match kind.as_str() {
            "wasted" => 0,
            "returned" => 1,
            _ => continue,
        };
        gone.entry(*id).or_default()[place] += i64::from(*quantity);
    }
    let mut suppliers: BTreeMap<String, SupplierStanding> = BTreeMap::new();
    let mut devices: BTreeMap<ProductId, DeviceStanding> = BTreeMap::new();
    for one in came {
        let [wasted, returned] = gone.get(&one.id).copied().unwrap_or_default();
        let packs = if moved.contains(&one.id) { 0 } else { i64::from(one.quantity) };
        let paid = one.price.map(|price| packs.saturating_mul(price));
        let of = suppliers
            .entry(one.supplier.clone())
            .or_insert_with(|| SupplierStanding { supplier: one.supplier.clone(), ..SupplierStanding::default() });
        of.packs += packs;
        of.pence = of.pence.saturating_add(paid.unwrap_or_default());
        of.priced += one.price.map_or(0, |_| packs);
        of.wasted += wasted;
        of.returned += returned;
        of.quarantined += if one.state == StockState::Quarantined { i64::from(one.now) } else { 0 };
        let Some(product) = one.product else { continue };
        let device = devices.entry(product).or_default();
        if !one.supplier.is_empty() && !device.suppliers.contains(&one.supplier) {
            device.suppliers.push(one.supplier);
        }
        device.packs += packs;
        device.pence = device.pence.saturating_add(paid.unwrap_or_default());
        device.priced += one.price.map_or(0, |_| packs);
        device.wasted += wasted;
        if let Some(price) = one.price {
            let (least, most) = device.prices.unwrap_or((price, price));
            device.prices = Some((least.min(price), most.max(price)));
        }
    }
    let ever = (chrono::DateTime::UNIX_EPOCH.into(), Moment::now());
    for (product, _, packs) in wasted_in_theatre(connection, ever, None)? {
        if let Some(product) = product {
            devices.entry(product).or_default().wasted_in_theatre += packs;
        }
    }
    for (product, recalls) in notices_by_product(connection)? {
        if let Some(device) = devices.get_mut(&product) {
            device.recalls = recalls;
        }
    }
    for device in devices.values_mut() {
        device.suppliers.sort();
    }
    Ok((suppliers.into_values().collect(), devices))
}

/// How many notices name each product by one of its identifiers.
fn notices_by_product(connection: &mut AnyConnection) -> Result<HashMap<ProductId, i64>, Problem> {
    let same = recall_criteria::identifier.eq(product_identifiers::identifier.nullable());
    let named: Vec<(ProductId, RecallId)> = recall_criteria::table
        .inner_join(product_identifiers::table.on(same))
        .select((product_identifiers::product_id, recall_criteria::recall_id))
        .distinct()
        .load(connection)?;
    let mut notices: HashMap<ProductId, i64> = HashMap::new();
    for (product, _) in named {
        *notices.entry(product).or_default() += 1;
    }
    Ok(notices)
}
