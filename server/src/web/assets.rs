//! Styles, scripts and pictures of the pages, embedded from `server/web/dist` (`npm run build` makes it).
//!
//! An address carries the file's hash as `?v=…`, so that a browser may keep it for ever and never shows an old one.

use actix_web::http::header::{CacheControl, CacheDirective, ContentType};
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;

#[derive(Debug, RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// The address of a file of `dist`, with its hash.
pub fn url(name: &str) -> String {
    match Dist::get(name) {
        Some(file) => format!("/assets/{name}?v={}", hex::encode(&file.metadata.sha256_hash()[..6])),
        None => format!("/assets/{name}"),
    }
}

/// `GET /service-worker.js`: at the root, so that it may look after the theatre's pages; asked for anew each time, so that a
/// new version takes over.
pub async fn service_worker() -> HttpResponse {
    let Some(file) = Dist::get("service-worker.js") else { return HttpResponse::NotFound().finish() };
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(CacheControl(vec![CacheDirective::NoCache]))
        .body(file.data.into_owned())
}

/// `GET /assets/{name:.*}`
pub async fn serve(name: web::Path<String>) -> HttpResponse {
    let Some(file) = Dist::get(&name) else { return HttpResponse::NotFound().finish() };
    let kind = file.metadata.mimetype().parse().map_or_else(|_| ContentType::octet_stream(), ContentType);
    HttpResponse::Ok()
        .insert_header(kind)
        .insert_header(CacheControl(vec![
            CacheDirective::Public,
            CacheDirective::MaxAge(31_536_000),
            CacheDirective::Extension("immutable".into(), None),
        ]))
        .body(file.data.into_owned())
}
