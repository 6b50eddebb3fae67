//! Cohorts over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::CohortAnswer;
use super::asking::Asking;
use super::comparison::Comparison;
use super::extract::{self, Format};
use super::league::{By, League};
use super::model::{CohortId, CohortShown, NewCohort, SavedCohort};
use super::reckoned::reckoned;
use super::store as cohorts_store;
use crate::access::{ExtractCohorts, Permit, ReadCohorts};

use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// A question.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct FilterQuery {
    /// The filter, such as `category:hip sex:female age:60..75`; empty for everything.
    #[serde(default)]
    pub filter: String,
}

/// How a cohort fared
///
/// Counts, rate, and both estimates of revision. The same `content_hash` stands for the same numbers.
#[utoipa::path(tag = "cohorts", params(FilterQuery), responses(
    (status = 200, body = CohortAnswer), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/answer")]
pub async fn answer_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<FilterQuery>,
) -> Result<web::Json<CohortAnswer>, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-asked").await?;
    let sight = asking.sight(&permit);
    Ok(web::Json(reckoned(move || CohortAnswer::of(&snapshot, &question, sight)).await?))
}

/// What a league table is made of.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct LeagueQuery {
    /// The filter.
    #[serde(default)]
    pub filter: String,
    /// `device`, `site` or `surgeon`.
    #[serde(default)]
    #[param(inline)]
    pub by: By,
}

/// Devices or sites side by side
#[utoipa::path(tag = "cohorts", params(LeagueQuery), responses(
    (status = 200, body = League), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/league")]
pub async fn league_table(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<LeagueQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "league-asked").await?;
    let (by, sight) = (query.by, asking.sight(&permit));
    let league = reckoned(move || snapshot.league(&question, by, sight)).await?;
    Ok(HttpResponse::Ok().json(&*league))
}

/// Which devices are compared.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ComparisonQuery {
    /// Two to six product identifiers, separated by commas; the first is what the others are held against.
    #[serde(default)]
    pub devices: String,
    /// A filter of their implants.
    #[serde(default)]
    pub filter: String,
}

impl ComparisonQuery {
    /// The products named.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for what is no identifier.
    pub fn products(&self) -> Result<Vec<Uuid>, Problem> {
        let named = self.devices.split(',').map(str::trim).filter(|text| !text.is_empty());
        let id =
            |text: &str| text.parse().map_err(|_| Problem::invalid(format!("\"{text}\" is no product's identifier.")));
        named.map(id).collect()
    }
}

/// Two to six devices compared
#[utoipa::path(tag = "cohorts", params(ComparisonQuery), responses(
    (status = 200, body = Comparison), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/comparison")]
pub async fn compare_devices(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<ComparisonQuery>,
) -> Result<web::Json<Comparison>, Problem> {
    let products = query.products()?;
    let (snapshot, question) = asking.ask(&permit, &query.filter, "comparison-asked").await?;
    let sight = asking.sight(&permit);
    Ok(web::Json(reckoned(move || Comparison::of(&snapshot, &question, &products, sight)).await??))
}

/// Which rows are taken away, and in which form.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ExtractQuery {
    /// The filter.
    #[serde(default)]
    pub filter: String,
    /// `csv`, `parquet` or `json`; CSV where it is left away.
    #[serde(default)]
    #[param(inline)]
    pub format: Format,
}

/// The implants of a cohort as CSV, Parquet or JSON
///
/// One row an implant, without patient or date, to be analysed elsewhere. Every extract is in the audit. Analysts get bands of age, and of
/// rows that few others are like only what they share; of a cohort whose counts they are not told they get nothing (403).
#[utoipa::path(tag = "cohorts", params(ExtractQuery), responses(
    (status = 200, description = "CSV, or what was asked for", content_type = "text/csv", body = String), (status = 403, body = ProblemDetails),
    (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/extract")]
pub async fn extract_cohort(
    asking: Asking,
    permit: Permit<ExtractCohorts>,
    query: web::Query<ExtractQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-extracted").await?;
    let names = asking.names(&question.products).await?;
    let body = extract::taken(&snapshot, &question, &names, asking.sight(&permit), query.format)?;
    let (kind, ending) = query.format.kind();
    let file = ("Content-Disposition", format!("attachment; filename=\"cohort.{ending}\""));
    Ok(HttpResponse::Ok().content_type(kind).insert_header(file).body(body))
}

/// The R script that reproduces a cohort's figures from its extract
#[utoipa::path(tag = "cohorts", params(FilterQuery), responses(
    (status = 200, description = "R", content_type = "text/plain", body = String), (status = 422, body = ProblemDetails)))]
#[get("/cohorts/script")]
pub async fn script_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<FilterQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-asked").await?;
    let file = ("Content-Disposition", "attachment; filename=\"cohort.R\"");
    let script = extract::r_script(&snapshot, &question);
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(file).body(script))
}

/// Saved cohorts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedCohorts {
    cohorts: Vec<CohortShown>,
}

/// Save a cohort
///
/// Frozen, it keeps its snapshot: asked again years later it gives the same numbers.
#[utoipa::path(tag = "cohorts", request_body = NewCohort, responses(
    (status = 201, body = CohortShown, description = "Saved"),
    (status = 200, body = CohortShown, description = "The same cohort was there already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/cohorts")]
pub async fn save_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    new: web::Json<NewCohort>,
) -> Result<HttpResponse, Problem> {
    let (saved, written) = asking.save(&permit, new.into_inner()).await?;
    Ok(written.answer().json(saved.shown()))
}

/// Saved cohorts, one's own and shared ones
#[utoipa::path(tag = "cohorts", responses((status = 200, body = SavedCohorts)))]
#[get("/cohorts")]
pub async fn list_cohorts(
    store: web::Data<Store>,
    permit: Permit<ReadCohorts>,
) -> Result<web::Json<SavedCohorts>, Problem> {
    let user = permit.user().id;
    let all = store.read(move |connection| cohorts_store::list(connection, user)).await?;
    Ok(web::Json(SavedCohorts { cohorts: all.iter().map(SavedCohort::shown).collect() }))
}

/// Ask a saved cohort again
#[utoipa::path(tag = "cohorts", params(("id" = CohortId, Path)), responses(
    (status = 200, body = CohortAnswer), (status = 404, body = ProblemDetails)))]
#[get("/cohorts/{id}/answer")]
pub async fn answer_saved(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<CohortId>,
) -> Result<web::Json<CohortAnswer>, Problem> {
    let (user, id) = (permit.user().id, id.into_inner());
    let saved = asking.store.read(move |connection| cohorts_store::seen_by(connection, user, id)).await?;
    Ok(web::Json(asking.answer_saved(&permit, &saved).await?))
}
