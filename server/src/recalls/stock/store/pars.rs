//! How many packs of a product a site should have, in the database.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::User;
use crate::audit::{self, Act};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::store::Transaction;
use crate::store::columns::Moment;
use crate::store::schema::stock_pars;
use crate::theatre::organisations::site_name;

/// How many packs of a product a site should have at least; 0 for none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Par {
    /// The site (ODS code).
    pub site_code: String,
    /// The product.
    pub product_id: ProductId,
    /// So many packs that may be used.
    pub least: i32,
}

/// Sets how many packs a site should have.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a number out of bounds or a site that is not known,
/// [`Code::NotFound`](crate::error::Code::NotFound) for a product that is not.
pub fn set(tx: &mut Transaction<'_>, user: &User, par: &Par) -> Result<(), Problem> {
    if !(0..=100_000).contains(&par.least) {
        return Err(Problem::invalid("The least number of packs is 0 to 100,000."));
    }
    site_name(tx, &par.site_code)?;
    let product = catalogue::store::find_product(tx, par.product_id)?;
    product.ok_or_else(|| Problem::not_found(format!("product {}", par.product_id)))?;
    let row = stock_pars::table.find((&par.site_code, par.product_id));
    diesel::delete(row).execute(&mut **tx)?;
    if par.least > 0 {
        diesel::insert_into(stock_pars::table)
            .values((
                stock_pars::site_code.eq(&par.site_code),
                stock_pars::product_id.eq(par.product_id),
                stock_pars::least.eq(par.least),
                stock_pars::set_at.eq(Moment::now()),
                stock_pars::set_by.eq(user.id),
            ))
            .execute(&mut **tx)?;
    }
    let subject = par.product_id.to_string();
    audit::record(tx, &user.into(), &Act { action: "stock-par-set", subject_kind: "product", subject, detail: par })
}
