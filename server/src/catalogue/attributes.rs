//! Attributes of products, such as a taper or a lens's power: what the rules of compatibility compare.

use std::collections::{BTreeMap, HashMap};

use actix_web::{get, put, web};
use diesel::prelude::*;
use serde::Deserialize;
use tessera_scanner::verdict::Part;

use super::model::{Agency, Product, ProductId};
use super::store as catalogue;
use crate::access::{Actor, ChangeCatalogue, Permit, ReadCatalogue};
use crate::audit::{self, Act};
use crate::error::{Problem, ProblemDetails};
use crate::store::schema::{product_attributes, products};
use crate::store::{AnyConnection, Store, Transaction};

/// Attributes by name.
pub type Attributes = BTreeMap<String, String>;

/// Most attributes of one product.
const MOST: usize = 40;

/// The same attributes trimmed.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the first that cannot be used.
pub fn checked(attributes: Attributes) -> Result<Attributes, Problem> {
    if attributes.len() > MOST {
        return Err(Problem::invalid(format!("A product has {MOST} attributes at the most.")));
    }
    let one = |(name, value): (String, String)| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=40).contains(&name.len()) || !name.chars().all(plain) {
            return Err(Problem::invalid(format!(
                "\"{name}\" is no name of an attribute: small letters, digits and hyphens, such as head-diameter."
            )));
        }
        let value = value.trim().to_owned();
        if value.is_empty() || value.chars().count() > 80 {
            return Err(Problem::invalid(format!("The attribute {name} is to have 1 to 80 characters.")));
        }
        Ok((name, value))
    };
    attributes.into_iter().map(one).collect()
}

/// Gives a product these attributes in place of those that it had.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub fn replace(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    product: ProductId,
    attributes: &Attributes,
) -> Result<(), Problem> {
    catalogue::product(tx, product)?;
    let before = of_products(tx, &[product])?.remove(&product).unwrap_or_default();
    if before == *attributes {
        return Ok(());
    }
    diesel::delete(product_attributes::table.filter(product_attributes::product_id.eq(product))).execute(&mut **tx)?;
    for (name, value) in attributes {
        diesel::insert_into(product_attributes::table)
            .values((
                product_attributes::product_id.eq(product),
                product_attributes::name.eq(name),
                product_attributes::value.eq(value),
            ))
            .execute(&mut **tx)?;
    }
    let act = Act {
        action: "attributes-changed",
        subject_kind: "product",
        subject: product.to_string(),
        detail: &(before, attributes),
    };
    audit::record(tx, actor, &act)
}

/// Attributes of several products; those without any are left out.
///
/// # Errors
/// Those of the database.
pub fn of_products(
    connection: &mut AnyConnection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Attributes>, Problem> {
    let rows: Vec<(ProductId, String, String)> = product_attributes::table
        .filter(product_attributes::product_id.eq_any(products))
        .select((product_attributes::product_id, product_attributes::name, product_attributes::value))
        .load(connection)?;
    Ok(by_product(rows))
}

/// Attributes of every product of these categories; those without any are left out.
///
/// # Errors
/// Those of the database.
pub fn of_categories(
    connection: &mut AnyConnection,
    categories: &[&str],
) -> Result<HashMap<ProductId, Attributes>, Problem> {
    let rows: Vec<(ProductId, String, String)> = product_attributes::table
        .inner_join(products::table)
        .filter(products::category.eq_any(categories))
        .select((product_attributes::product_id, product_attributes::name, product_attributes::value))
        .load(connection)?;
    Ok(by_product(rows))
}

fn by_product(rows: Vec<(ProductId, String, String)>) -> HashMap<ProductId, Attributes> {
    let mut found: HashMap<ProductId, Attributes> = HashMap::new();
    for (product, name, value) in rows {
        found.entry(product).or_default().insert(name, value);
    }
    found
}

/// A product as the rules of compatibility see it.
pub fn part(product: &Product, attributes: Attributes) -> Part {
    let name = format!("{} {}", product.name(), product.reference);
    Part { name, category: product.category.clone(), attributes }
}

/// One line of a file of attributes: `issuer,identifier,name,value`.
#[derive(Debug, Deserialize)]
struct Line {
    issuer: Agency,
    identifier: String,
    name: String,
    value: String,
}

/// Gives products the attributes of a file with the columns `issuer,identifier,name,value`. Answers how many products it
/// was about.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) naming the line; nothing is then changed.
pub fn import(tx: &mut Transaction<'_>, actor: &Actor, text: &str) -> Result<usize, Problem> {
    let mut by_product: BTreeMap<(Agency, String), Attributes> = BTreeMap::new();
    for (number, line) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
        let wrong = |why: String| Problem::invalid(format!("Line {} of the attributes: {why}", number + 2));
        let Line { issuer, identifier, name, value } = line.map_err(|error| wrong(error.to_string()))?;
        let key = issuer.identifier(&identifier).map_err(|problem| wrong(problem.detail().to_owned()))?.text;
        by_product.entry((issuer, key)).or_default().insert(name, value);
    }
    let count = by_product.len();
    for ((issuer, identifier), attributes) in by_product {
        let device = issuer.identifier(&identifier)?;
        let product = catalogue::by_identifier(tx, &device)?
            .ok_or_else(|| Problem::invalid(format!("The catalogue has no product {identifier} of {issuer}.")))?;
        replace(tx, actor, product.id, &checked(attributes)?)?;
    }
    Ok(count)
}

/// The attributes of a product
#[utoipa::path(tag = "catalogue", responses((status = 200, body = Object), (status = 404, body = ProblemDetails)))]
#[get("/products/{id}/attributes")]
pub async fn show_attributes(
    store: web::Data<Store>,
    _permit: Permit<ReadCatalogue>,
    id: web::Path<ProductId>,
) -> Result<web::Json<Attributes>, Problem> {
    let id = id.into_inner();
    let found = store
        .read(move |connection| {
            catalogue::product(connection, id)?;
            of_products(connection, &[id])
        })
        .await?;
    Ok(web::Json(found.into_values().next().unwrap_or_default()))
}

/// Give a product attributes in place of those it had
#[utoipa::path(tag = "catalogue", request_body = Object, responses(
    (status = 200, body = Object), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[put("/products/{id}/attributes")]
pub async fn put_attributes(
    store: web::Data<Store>,
    permit: Permit<ChangeCatalogue>,
    id: web::Path<ProductId>,
    body: web::Json<Attributes>,
) -> Result<web::Json<Attributes>, Problem> {
    let (actor, id, attributes) = (permit.actor(), id.into_inner(), checked(body.into_inner())?);
    let kept = attributes.clone();
    store.write(move |tx| replace(tx, &actor, id, &attributes)).await?;
    Ok(web::Json(kept))
}
