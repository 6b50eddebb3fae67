//! Ratings in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{NewRating, RatingRow};
use crate::access::User;
use crate::audit::{self, Act};
use crate::catalogue::ProductId;
use crate::catalogue::store as catalogue;
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::odep_ratings;
use crate::store::{AnyConnection, Transaction};

/// Enters a rating. The same id with the same content again is the same rating.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound) for an unknown product, [`Code::IdReused`](crate::error::Code::IdReused).
pub fn enter(
    tx: &mut Transaction<'_>,
    user: &User,
    product: ProductId,
    new: &NewRating,
) -> Result<(RatingRow, Written), Problem> {
    let known: Option<RatingRow> =
        odep_ratings::table.find(new.id).select(RatingRow::as_select()).get_result(&mut **tx).optional()?;
    let same = |row: &RatingRow| {
        (row.product_id, &row.rating, row.rated_on, &row.source) == (product, &new.rating, new.rated_on, &new.source)
    };
    if let Some(row) = repeated(known, same, || format!("rating {}", new.id))? {
        return Ok((row, Written::Before));
    }
    catalogue::product(tx, product)?;
    let row = RatingRow {
        id: new.id,
        product_id: product,
        rating: new.rating.clone(),
        rated_on: new.rated_on,
        source: new.source.clone(),
        entered_at: Moment::now(),
        entered_by: user.id,
    };
    diesel::insert_into(odep_ratings::table).values(&row).execute(&mut **tx)?;
    let act = Act {
        action: "odep-rating-entered",
        subject_kind: "product",
        subject: product.to_string(),
        detail: &format!("{} of {}", row.rating, row.rated_on),
    };
    audit::record(tx, &user.into(), &act)?;
    Ok((row, Written::Now))
}

/// The ratings of a product, the one in force first: the latest day, and of one day the one entered last.
///
/// # Errors
/// Those of the database.
pub fn of_product(connection: &mut AnyConnection, product: ProductId) -> Result<Vec<RatingRow>, Problem> {
    Ok(odep_ratings::table
        .filter(odep_ratings::product_id.eq(product))
        .order((odep_ratings::rated_on.desc(), odep_ratings::entered_at.desc(), odep_ratings::id.desc()))
        .select(RatingRow::as_select())
        .load(connection)?)
}

/// The rating in force of each product that has one.
///
/// # Errors
/// Those of the database.
pub fn in_force(connection: &mut AnyConnection) -> Result<HashMap<ProductId, RatingRow>, Problem> {
    let all: Vec<RatingRow> = odep_ratings::table
        .order((odep_ratings::rated_on, odep_ratings::entered_at, odep_ratings::id))
        .select(RatingRow::as_select())
        .load(connection)?;
    // A later one takes the place of an earlier one.
    Ok(all.into_iter().map(|row| (row.product_id, row)).collect())
}
