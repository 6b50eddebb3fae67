//! Is it alive, is it ready, what does it count, what does it offer.

use actix_web::{HttpResponse, get, web};
use utoipa::openapi::OpenApi;

use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::web::page_problem::{PageProblem, show};
use crate::web::{ApiDocsPage, Page, ProblemsPage};

/// The process answers
#[utoipa::path(tag = "health", responses((status = 200, body = String)))]
#[get("/healthz")]
pub async fn healthz() -> &'static str {
    "alive"
}

/// The process can do its work: the database answers
#[utoipa::path(tag = "health", responses((status = 200, body = String), (status = 503, body = ProblemDetails)))]
#[get("/readyz")]
pub async fn readyz(store: web::Data<Store>) -> Result<&'static str, Problem> {
    store.ping().await?;
    Ok("ready")
}

/// Counts for Prometheus.
#[get("/metrics")]
pub async fn metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(metrics.text())
}

/// The interface's description.
#[get("/api/openapi.json")]
pub async fn openapi(description: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(description.get_ref())
}

/// The interface's description to browse; public, like the description itself.
///
/// # Errors
/// Where the page cannot be drawn.
#[get("/api/docs")]
pub async fn browse_api(config: web::Data<Config>) -> Result<HttpResponse, PageProblem> {
    show(&ApiDocsPage { page: public_page(&config, "The interface for programs") })
}

/// What each problem code means.
///
/// # Errors
/// Where the page cannot be drawn.
#[get("/problems")]
pub async fn problems(config: web::Data<Config>) -> Result<HttpResponse, PageProblem> {
    show(&ProblemsPage { page: public_page(&config, "Problems"), codes: Code::ALL })
}

fn public_page(config: &Config, title: &str) -> Page {
    Page { title: title.to_owned(), demonstration: config.demonstration, ..Page::default() }
}

/// Where no route matches.
///
/// # Errors
/// Always [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound, "There is nothing at this address."))
}
