//! Pages of ODEP: the benchmark table over all devices, and one device with its ratings.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use serde::Deserialize;
use tessera_scanner::verdict::london_date;

use super::api::{Ratings, benchmarks, of_device};
use super::benchmark::{BenchmarkYear, MARGIN};
use super::model::{NewRating, RatingId, YEARS};
use super::store as ratings;
use crate::access::{JudgeSignals, Permission as _, Permit, ReadCohorts, SignedForm, SignedIn};
use crate::catalogue::{Product, ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::error::{Code, Problem};
use crate::outcomes::pages::{name, thousands};
use crate::small_numbers;
use crate::web::Page;
use crate::web::odep::{BenchmarkCell, OdepDevicePage, OdepListPage, OdepRow, RatingShown, ThresholdRow};
use crate::web::page_problem::{PageProblem, see_other, show};

/// `GET /odep`
#[get("/odep")]
pub async fn show_odep(asking: Asking, permit: Permit<ReadCohorts>) -> Result<HttpResponse, PageProblem> {
    let devices = benchmarks(&asking, &permit, None).await?;
    let ids: Vec<ProductId> = devices.iter().map(|device| device.product).collect();
    let products: HashMap<ProductId, Product> =
        asking.store.read(move |connection| catalogue::products(connection, &ids)).await?;
    let row = |device: &super::api::DeviceBenchmark| OdepRow {
        href: format!("/devices/{}/odep", device.product),
        name: products.get(&device.product).map(name).unwrap_or_default(),
        class: products.get(&device.product).map(|product| in_class(product, &device.class)).unwrap_or_default(),
        rating: device.rating.clone().unwrap_or_else(|| "–".to_owned()),
        cells: device.years.iter().map(cell).collect(),
    };
    show(&OdepListPage {
        page: Page::of(&permit, &asking.config, "ODEP benchmark", "/signals"),
        years: YEARS.to_vec(),
        rows: devices.iter().map(row).collect(),
        note: note(&asking, &permit),
    })
}

/// Such as `hip (GMDN 99101)`: a class in the catalogue's word, and what makes it.
fn in_class(product: &Product, class: &str) -> String {
    if product.category == class { class.to_owned() } else { format!("{} ({class})", product.category) }
}

fn note(asking: &Asking, who: &SignedIn) -> String {
    format!(
        "Each cell: the upper 95% limit of the percent revised, and the threshold that it must lie below, which is the percent of the \
         class at that year and {MARGIN} points; bold where it does not. ODEP weighs more than this for a rating. {}",
        small_numbers::note(asking.sight(who))
    )
    .trim()
    .to_owned()
}

fn cell(year: &BenchmarkYear) -> BenchmarkCell {
    match (year.upper, year.threshold, year.met) {
        (Some(upper), Some(threshold), Some(met)) => BenchmarkCell {
            text: if met { format!("{upper:.1} < {threshold:.1}") } else { format!("{upper:.1} ≥ {threshold:.1}") },
            met: if met { "met".to_owned() } else { "missed".to_owned() },
        },
        _ => BenchmarkCell { text: "–".to_owned(), met: String::new() },
    }
}

/// `GET /devices/{id}/odep`
#[get("/devices/{id}/odep")]
pub async fn show_device_odep(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<ProductId>,
) -> Result<HttpResponse, PageProblem> {
    show(&device_page(&asking, &permit, id.into_inner(), String::new(), RatingForm::default()).await?)
}

async fn device_page(
    asking: &Asking,
    who: &SignedIn,
    id: ProductId,
    error: String,
    form: RatingForm,
) -> Result<OdepDevicePage, Problem> {
    let Ratings { benchmark, ratings } = of_device(asking, who, id).await?;
    let product = asking.store.read(move |connection| catalogue::product(connection, id)).await?;
    let name = name(&product);
    let percent = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}%"));
    let row = |year: &BenchmarkYear| ThresholdRow {
        year: year.year,
        at_risk: if year.percent.is_some() { thousands(year.at_risk) } else { "–".to_owned() },
        percent: percent(year.percent),
        upper: percent(year.upper),
        class_percent: percent(year.class_percent),
        threshold: percent(year.threshold),
        met: cell(year).met,
    };
    Ok(OdepDevicePage {
        page: Page::of(who, &asking.config, format!("ODEP: {name}"), "/signals"),
        href: format!("/devices/{id}"),
        id: id.to_string(),
        name,
        class: benchmark.class,
        rating: benchmark.rating.unwrap_or_else(|| "none entered".to_owned()),
        years: benchmark.years.iter().map(row).collect(),
        ratings: ratings
            .iter()
            .map(|row| RatingShown {
                rating: row.rating.clone(),
                on: row.rated_on.format("%-d %B %Y").to_string(),
                source: row.source.clone(),
            })
            .collect(),
        may_enter: JudgeSignals::ROLES.contains(&who.user().role),
        new_id: RatingId::new().to_string(),
        error,
        typed: (form.rating, form.rated_on, form.source),
        note: format!("{} Snapshot {}.", note(asking, who), &benchmark.snapshot[..16]),
    })
}

/// A rating as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RatingForm {
    #[serde(default)]
    id: RatingId,
    #[serde(default)]
    rating: String,
    #[serde(default)]
    rated_on: String,
    #[serde(default)]
    source: String,
}

impl RatingForm {
    fn read(&self) -> Result<NewRating, Problem> {
        let day = self.rated_on.trim();
        let rated_on =
            day.parse().map_err(|_| Problem::invalid(format!("\"{day}\" is no day: write the day of the rating.")))?;
        let new = NewRating { id: self.id, rating: self.rating.clone(), rated_on, source: self.source.clone() };
        new.checked(london_date(Utc::now()))
    }
}

/// `POST /devices/{id}/odep`
#[post("/devices/{id}/odep")]
pub async fn post_rating(
    asking: Asking,
    permit: Permit<JudgeSignals>,
    id: web::Path<ProductId>,
    form: SignedForm<RatingForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, form) = (permit.user().clone(), id.into_inner(), form.0);
    let entered = match form.read() {
        Ok(new) => asking.store.write(move |tx| ratings::enter(tx, &user, id, &new)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match entered {
        Ok(()) => Ok(see_other(&format!("/devices/{id}/odep"))),
        Err(problem) if problem.code() == Code::InvalidInput => {
            let error = problem.detail().to_owned();
            show(&device_page(&asking, &permit, id, error, form).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}
