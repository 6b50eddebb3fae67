//! Snapshots over HTTP.

use actix_web::http::header::{CacheControl, CacheDirective, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use super::{SignedStatement, Snapshots};
use crate::access::{Permit, Record};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// For whom.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SnapshotQuery {
    /// The site (ODS code) whose shelves are wanted too; without it none are.
    site: Option<String>,
}

/// The data that a theatre judges by without the registry
#[utoipa::path(tag = "theatre", params(SnapshotQuery), responses((status = 200, body = SignedStatement),
    (status = 304, description = "Nothing newer was read than what the ETag stands for")))]
#[get("/theatre/snapshot")]
pub async fn show_snapshot(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    _permit: Permit<Record>,
    query: web::Query<SnapshotQuery>,
) -> Result<HttpResponse, Problem> {
    let taken = snapshots.into_inner().current(&store, &config, query.into_inner().site).await?;
    let tag = EntityTag::new_strong(hex::encode(&Sha256::digest(taken.signed.statement.as_bytes())[..16]));
    let known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|one| one.weak_eq(&tag)),
        _ => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(tag))
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::NoCache]));
    Ok(if known { response.finish() } else { response.json(&taken.signed) })
}

/// One part of the snapshot
///
/// By the SHA-256 of its bytes. A part that is no longer of the newest snapshot is not found: ask for the snapshot again.
#[utoipa::path(tag = "theatre", params(SnapshotQuery, ("hash" = String, Path, description = "SHA-256 of the part, in hexadecimal digits")),
    responses((status = 200, description = "The part as JSON"), (status = 404, body = ProblemDetails)))]
#[get("/theatre/snapshot/parts/{hash}")]
pub async fn show_part(
    store: web::Data<Store>,
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    _permit: Permit<Record>,
    hash: web::Path<String>,
    query: web::Query<SnapshotQuery>,
) -> Result<HttpResponse, Problem> {
    let taken = snapshots.into_inner().current(&store, &config, query.into_inner().site).await?;
    let part = taken.parts.get(hash.as_str()).ok_or_else(|| Problem::not_found(format!("part {hash}")))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::MaxAge(86_400)]))
        .body(part.to_string()))
}
