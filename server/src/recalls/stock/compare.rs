//! Suppliers and devices side by side: price, wastage, recalls and, of devices, how they last.

use std::collections::{BTreeMap, HashMap};

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Permission, Permit, ReadOutcomes, ReadStock, SignedIn};
use crate::analysis::survival::PercentRevised;
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::cohorts::asking::Asking;
use crate::cohorts::league::{By, LeagueRow};
use crate::cohorts::reckoned::reckoned;
use crate::error::{Problem, ProblemDetails};
use crate::odep::model::RatingRow;
use crate::odep::store as odep;
use crate::spreadsheet;
use crate::store::read::stock::{DeviceStanding, SupplierStanding, compared};

/// One device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceCompared {
    /// The product.
    pub product: ProductId,
    /// Maker, brand and description.
    pub device: String,
    /// Price, wastage, recalls.
    #[serde(flatten)]
    pub standing: DeviceStanding,
    /// Implants that are followed; null where they are too few to be told, or there are none.
    pub implants: Option<u64>,
    /// Percent revised at five years, one minus Kaplan–Meier, with its 95 % interval; null where it may not be told.
    #[schema(value_type = Object)]
    pub at_five_years: Option<PercentRevised>,
    /// The ODEP rating in force, such as `10A*`.
    pub odep: Option<String>,
}

/// Everything side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockCompared {
    /// By name.
    pub suppliers: Vec<SupplierStanding>,
    /// Devices that came into stock or were wasted, those that cost most first.
    pub devices: Vec<DeviceCompared>,
    /// Hash of the cohort snapshot that revisions come from; empty where this user may not see outcomes.
    pub snapshot: String,
}

/// Compares, as far as this user may see.
///
/// # Errors
/// Those of the database and of asking about outcomes.
pub(super) async fn compare(asking: &Asking, who: &SignedIn) -> Result<StockCompared, Problem> {
    type Names = HashMap<ProductId, String>;
    type Told = (Vec<SupplierStanding>, BTreeMap<ProductId, DeviceStanding>, HashMap<ProductId, RatingRow>, Names);
    let told = asking.store.read(|connection| -> Result<Told, Problem> {
        let (suppliers, devices) = compared(connection)?;
        let mut names = Names::new();
        let ids: Vec<ProductId> = devices.keys().copied().collect();
        for some in ids.chunks(500) {
            let found = catalogue::store::products(connection, some)?;
            names.extend(found.into_iter().map(|(id, one)| (id, format!("{}, {}", one.name(), one.description))));
        }
        Ok((suppliers, devices, odep::in_force(connection)?, names))
    });
    let (suppliers, devices, rated, names) = told.await?;
    let (outcomes, snapshot) = outcomes(asking, who).await?;
    let mut devices: Vec<DeviceCompared> = devices
        .into_iter()
        .map(|(product, standing)| {
            let row = outcomes.get(&product.to_string());
            DeviceCompared {
                device: names.get(&product).cloned().unwrap_or_else(|| product.to_string()),
                implants: row.and_then(|row| row.n),
                at_five_years: row.and_then(|row| row.at_five_years),
                odep: rated.get(&product).map(|one| one.rating.clone()),
                product,
                standing,
            }
        })
        .collect();
    devices.sort_by(|a, b| b.standing.pence.cmp(&a.standing.pence).then_with(|| a.device.cmp(&b.device)));
    Ok(StockCompared { suppliers, devices, snapshot })
}

/// How devices last, by product id; nothing for those who may not look at outcomes.
async fn outcomes(asking: &Asking, who: &SignedIn) -> Result<(HashMap<String, LeagueRow>, String), Problem> {
    if !ReadOutcomes::ROLES.contains(&who.user().role) {
        return Ok((HashMap::new(), String::new()));
    }
    let (snapshot, question) = asking.ask(who, "", "stock-compared").await?;
    let sight = asking.sight(who);
    let league = reckoned(move || snapshot.league(&question, By::Device, sight)).await?;
    let rows = league.rows.iter().map(|row| (row.key.clone(), row.clone())).collect();
    Ok((rows, league.snapshot.clone()))
}

/// Suppliers and devices compared by price, wastage, recalls and outcome
#[utoipa::path(tag = "stock", responses((status = 200, body = StockCompared), (status = 429, body = ProblemDetails)))]
#[get("/stock/comparison")]
pub async fn compare_stock(
    asking: Asking,
    permit: Permit<ReadStock>,
) -> Result<actix_web::web::Json<StockCompared>, Problem> {
    Ok(actix_web::web::Json(compare(&asking, &permit).await?))
}

/// The devices of it as CSV
#[utoipa::path(tag = "stock", responses((status = 200, body = String, content_type = "text/csv"), (status = 429, body = ProblemDetails)))]
#[get("/stock/comparison.csv")]
pub async fn export_comparison(asking: Asking, permit: Permit<ReadStock>) -> Result<HttpResponse, Problem> {
    let told = compare(&asking, &permit).await?;
    let number = |number: f64| if number.is_finite() { format!("{number:.2}") } else { String::new() };
    let row = |one: &DeviceCompared| {
        let of = &one.standing;
        let five = one.at_five_years;
        [
            one.product.to_string(),
            one.device.clone(),
            of.suppliers.join("; "),
            of.packs.to_string(),
            of.prices.map(|(least, _)| least.to_string()).unwrap_or_default(),
            of.prices.map(|(_, most)| most.to_string()).unwrap_or_default(),
            of.pence.to_string(),
            of.wasted.to_string(),
            of.wasted_in_theatre.to_string(),
            of.recalls.to_string(),
            one.implants.map(|n| n.to_string()).unwrap_or_default(),
            five.map(|at| number(at.percent)).unwrap_or_default(),
            five.map(|at| number(at.lower)).unwrap_or_default(),
            five.map(|at| number(at.upper)).unwrap_or_default(),
            one.odep.clone().unwrap_or_default(),
        ]
    };
    let head = [
        "product",
        "device",
        "suppliers",
        "packs",
        "lowest_price_pence",
        "highest_price_pence",
        "paid_pence",
        "wasted",
        "wasted_in_theatre",
        "recalls",
        "implants",
        "percent_revised_5_years",
        "lower",
        "upper",
        "odep",
    ];
    Ok(spreadsheet::attached("comparison.csv", spreadsheet::written(&head, told.devices.iter().map(row))?))
}
