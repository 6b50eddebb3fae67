//! Of which products a site runs short.

use diesel::dsl::sum;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::recalls::stock::model::StockState;
use crate::store::AnyConnection;
use crate::store::schema::{products, stock_items, stock_pars};

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
