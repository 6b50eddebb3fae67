//! Ratings and benchmarks over HTTP.

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use serde::Serialize;
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;
use uuid::Uuid;

use super::benchmark::{BenchmarkYear, Class};
use super::model::{NewRating, RatingRow};
use super::store as ratings;
use crate::access::{JudgeSignals, Permit, ReadCohorts, SignedIn};
use crate::analysis::cohort::Selection;
use crate::catalogue::{ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// One device: its rating as published, and the benchmark by the registry's own curves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceBenchmark {
    /// The device.
    pub product: ProductId,
    /// Its class: devices of one kind.
    pub class: String,
    /// The rating in force, such as `10A*`; null where none was entered.
    pub rating: Option<String>,
    /// The benchmark at 3, 5, 7, 10, 13 and 15 years.
    pub years: Vec<BenchmarkYear>,
    /// Hash of the snapshot that the curves come from.
    pub snapshot: String,
}

/// All devices of which there is an implant or a rating.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Benchmarks {
    /// Percentage points that are added to the percent of the class.
    pub margin: f64,
    /// One for each device, by class.
    pub devices: Vec<DeviceBenchmark>,
}

/// One device with all its ratings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ratings {
    /// The benchmark.
    #[serde(flatten)]
    pub benchmark: DeviceBenchmark,
    /// The ratings entered, the one in force first.
    pub ratings: Vec<RatingRow>,
}

/// Benchmarks of some devices, or of all.
pub(super) async fn benchmarks(
    asking: &Asking,
    who: &SignedIn,
    of: Option<ProductId>,
) -> Result<Vec<DeviceBenchmark>, Problem> {
    asking.look(who, "odep-asked", "odep", of.map(|id| id.to_string()).unwrap_or_default()).await?;
    let snapshot = asking.cohorts.clone().into_inner().needed(&asking.store).await?;
    let (kinds, in_force) =
        asking.store.read(|connection| Ok((catalogue::kinds(connection)?, ratings::in_force(connection)?))).await?;
    let (sight, cohort) = (asking.sight(who), snapshot.cohort());
    let shown = |product: &ProductId| match of {
        Some(of) => of == *product,
        None => cohort.implants_of(product.uuid()) > 0 || in_force.contains_key(product),
    };
    let told = asking.devices_told(who).await?;
    let selection = Selection::until(london_date(Utc::now()));
    let mut devices = Vec::new();
    for (name, kind) in kinds {
        let members: Vec<Uuid> = kind.iter().map(|product| product.uuid()).collect();
        let some: Vec<ProductId> = kind.into_iter().filter(|product| shown(product)).collect();
        if some.is_empty() {
            continue;
        }
        let class = Class::of(cohort, &members, selection);
        devices.extend(some.into_iter().map(|product| DeviceBenchmark {
            product,
            class: name.clone(),
            rating: in_force.get(&product).map(|row| row.rating.clone()),
            years: class.benchmark(cohort, product.uuid(), !told.tells(product.uuid()), sight),
            snapshot: snapshot.hash_text(),
        }));
    }
    Ok(devices)
}

/// Devices against the ODEP benchmark
///
/// At each of ODEP's years the upper 95 % limit of the percent revised, and the threshold that it must lie below: the percent of the class
/// and two points.
#[utoipa::path(tag = "signals", responses((status = 200, body = Benchmarks), (status = 429, body = ProblemDetails)))]
#[get("/odep")]
pub async fn list_benchmarks(asking: Asking, permit: Permit<ReadCohorts>) -> Result<web::Json<Benchmarks>, Problem> {
    let devices = benchmarks(&asking, &permit, None).await?;
    Ok(web::Json(Benchmarks { margin: super::benchmark::MARGIN, devices }))
}

/// One device against the ODEP benchmark, with the ratings entered
#[utoipa::path(tag = "signals", params(("id" = ProductId, Path)), responses(
    (status = 200, body = Ratings), (status = 404, body = ProblemDetails)))]
#[get("/products/{id}/odep")]
pub async fn show_ratings(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<ProductId>,
) -> Result<web::Json<Ratings>, Problem> {
    Ok(web::Json(of_device(&asking, &permit, id.into_inner()).await?))
}

/// One device with its ratings.
pub(super) async fn of_device(asking: &Asking, who: &SignedIn, id: ProductId) -> Result<Ratings, Problem> {
    let rows = asking
        .store
        .read(move |connection| {
            catalogue::product(connection, id)?;
            ratings::of_product(connection, id)
        })
        .await?;
    let benchmark = benchmarks(asking, who, Some(id)).await?.pop();
    let benchmark = benchmark.ok_or_else(|| Problem::not_found(format!("product {id}")))?;
    Ok(Ratings { benchmark, ratings: rows })
}

/// Enter a device's ODEP rating, as published
#[utoipa::path(tag = "signals", params(("id" = ProductId, Path)), request_body = NewRating, responses(
    (status = 201, body = RatingRow, description = "Entered"),
    (status = 200, body = RatingRow, description = "The same rating was there already"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/products/{id}/odep")]
pub async fn enter_rating(
    store: web::Data<Store>,
    permit: Permit<JudgeSignals>,
    id: web::Path<ProductId>,
    new: web::Json<NewRating>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let new = new.into_inner().checked(london_date(Utc::now()))?;
    let (row, written) = store.write(move |tx| ratings::enter(tx, &user, id, &new)).await?;
    Ok(written.answer().json(row))
}
