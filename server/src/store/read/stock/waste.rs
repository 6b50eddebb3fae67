//! What was wasted, on shelves and in theatre, and what that cost.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::{count_star, exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::recalls::stock::movement::WasteCause;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, procedures, stock_items, stock_movements, stock_terms};

diesel::alias!(device_uses as later_uses: LaterUses);

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
pub(super) type WastedInTheatre = (Option<ProductId>, Option<String>, i64);

/// Packs opened in theatre and not implanted, by product and what was written down.
pub(super) fn wasted_in_theatre(
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
