//! Suppliers, and devices, side by side: what came, what it cost, what became of it.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::waste::wasted_in_theatre;
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::recalls::stock::model::{StockId, StockState};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{product_identifiers, recall_criteria, stock_items, stock_movements, stock_terms};

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
