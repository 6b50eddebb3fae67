//! How many packs of a product a site should have, and what panels say of products.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::User;
use crate::audit::{self, Act};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{product_ratings, stock_pars};
use crate::store::{AnyConnection, Transaction};
use crate::theatre::organisations::site_name;

crate::record_id! {
    /// One rating.
    RatingId
}

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

/// What a panel says of a product, as somebody enters it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    /// Identifier (UUIDv7), made by the client.
    pub id: RatingId,
    /// The product.
    pub product_id: ProductId,
    /// Whose rating, such as `ODEP`.
    pub scheme: String,
    /// The rating, such as `10A*`.
    pub rating: String,
    /// As of which day.
    pub rated_on: NaiveDate,
}

/// A rating, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = product_ratings)]
pub struct Rating {
    /// Identifier.
    pub id: RatingId,
    /// The product.
    pub product_id: ProductId,
    /// Whose rating.
    pub scheme: String,
    /// The rating.
    pub rating: String,
    /// As of which day.
    pub rated_on: NaiveDate,
    /// When it was entered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub entered_at: Moment,
    /// By whom.
    pub entered_by: crate::access::UserId,
}

/// Records a rating; of one scheme the latest day counts.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a text that is empty or too long,
/// [`Code::NotFound`](crate::error::Code::NotFound), [`Code::IdReused`](crate::error::Code::IdReused).
pub fn rate(tx: &mut Transaction<'_>, user: &User, new: &NewRating) -> Result<(Rating, Written), Problem> {
    let (scheme, rating) = (new.scheme.trim().to_owned(), new.rating.trim().to_owned());
    if scheme.is_empty() || rating.is_empty() || scheme.chars().count() > 40 || rating.chars().count() > 40 {
        return Err(Problem::invalid("Scheme and rating have 1 to 40 characters each, such as ODEP and 10A*."));
    }
    let known = product_ratings::table.find(new.id).select(Rating::as_select()).first(&mut **tx).optional()?;
    let same = |there: &Rating| {
        (there.product_id, &there.scheme, &there.rating, there.rated_on)
            == (new.product_id, &scheme, &rating, new.rated_on)
    };
    if let Some(there) = repeated(known, same, || format!("rating {}", new.id))? {
        return Ok((there, Written::Before));
    }
    let product = catalogue::store::find_product(tx, new.product_id)?;
    product.ok_or_else(|| Problem::not_found(format!("product {}", new.product_id)))?;
    let (id, product_id, rated_on) = (new.id, new.product_id, new.rated_on);
    let kept = Rating { id, product_id, scheme, rating, rated_on, entered_at: Moment::now(), entered_by: user.id };
    diesel::insert_into(product_ratings::table).values(&kept).execute(&mut **tx)?;
    let subject = product_id.to_string();
    audit::record(tx, &user.into(), &Act { action: "product-rated", subject_kind: "product", subject, detail: &kept })?;
    Ok((kept, Written::Now))
}

/// The latest rating of each product by each scheme.
///
/// # Errors
/// Those of the database.
pub fn ratings(connection: &mut AnyConnection) -> Result<Vec<Rating>, Problem> {
    let order = (product_ratings::product_id, product_ratings::scheme, product_ratings::rated_on.desc());
    let all = product_ratings::table.select(Rating::as_select()).order((
        order.0,
        order.1,
        order.2,
        product_ratings::id.desc(),
    ));
    let mut rows: Vec<Rating> = all.load(connection)?;
    rows.dedup_by(|later, first| (later.product_id, &later.scheme) == (first.product_id, &first.scheme));
    Ok(rows)
}
