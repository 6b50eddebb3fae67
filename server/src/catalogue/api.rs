//! Products over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{NewProduct, Product, ProductId, ProductIdentifier};
use super::store as catalogue;
use crate::access::{ChangeCatalogue, Permit, ReadCatalogue};
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// A product with everything that it is known by.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductRecord {
    /// The product.
    #[serde(flatten)]
    product: Product,
    /// Its identifiers.
    identifiers: Vec<ProductIdentifier>,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ProductQuery {
    /// Words of maker, brand, reference, description, category, or digits of an identifier; all of them must occur.
    #[serde(default)]
    query: String,
    /// At the most this many (1 to 500; 100 unless told).
    limit: Option<i64>,
}

/// Products found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Products {
    products: Vec<Product>,
}

/// Add a product to the catalogue
#[utoipa::path(tag = "catalogue", request_body = NewProduct, responses(
    (status = 201, body = ProductRecord, description = "Added"),
    (status = 200, body = ProductRecord, description = "The same product was there already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/products")]
pub async fn add_product(
    store: web::Data<Store>,
    permit: Permit<ChangeCatalogue>,
    new: web::Json<NewProduct>,
) -> Result<HttpResponse, Problem> {
    let new = new.into_inner().checked()?;
    let (actor, identifiers) = (permit.actor(), new.identifiers.clone());
    let (product, added) = store.write(move |tx| catalogue::add_product(tx, &actor, &new)).await?;
    Ok(added.answer().json(ProductRecord { product, identifiers }))
}

/// Look for products
#[utoipa::path(tag = "catalogue", params(ProductQuery), responses((status = 200, body = Products)))]
#[get("/products")]
pub async fn list_products(
    store: web::Data<Store>,
    _permit: Permit<ReadCatalogue>,
    query: web::Query<ProductQuery>,
) -> Result<web::Json<Products>, Problem> {
    let ProductQuery { query, limit } = query.into_inner();
    let limit = limit.unwrap_or(100).clamp(1, 500);
    let products = store.read(move |connection| catalogue::search(connection, &query, limit)).await?;
    Ok(web::Json(Products { products }))
}

/// One product
#[utoipa::path(tag = "catalogue", params(("id" = ProductId, Path)), responses(
    (status = 200, body = ProductRecord), (status = 404, body = ProblemDetails)))]
#[get("/products/{id}")]
pub async fn show_product(
    store: web::Data<Store>,
    _permit: Permit<ReadCatalogue>,
    id: web::Path<ProductId>,
) -> Result<web::Json<ProductRecord>, Problem> {
    let id = id.into_inner();
    let (product, identifiers) = store
        .read(move |connection| Ok((catalogue::product(connection, id)?, catalogue::list_identifiers(connection, id)?)))
        .await?;
    Ok(web::Json(ProductRecord { product, identifiers }))
}
