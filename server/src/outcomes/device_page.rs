//! One device: its curve beside that of others of its kind, when and why it is revised, and who uses it.

use actix_web::{HttpResponse, get, web};

use super::comparator::Comparator;
use super::curve::{DeviceCurve, YearPoint};
use super::curve_now::curve_now;
use super::device_tables::{ReasonCount, SiteUse, YearsRate};
use super::model::RevisionReason;
use super::pages::{in_words, name, thousands};
use crate::access::{Permit, ReadOutcomes};
use crate::analysis::chart::Limits;
use crate::catalogue::model::{IdentifierKind, ProductIdentifier};
use crate::catalogue::{Product, ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::error::Problem;
use crate::recalls::{model as recalls_model, store as recalls};
use crate::small_numbers::{self, Sight};
use crate::store::AnyConnection;
use crate::theatre::organisations::sites;
use crate::web::device::{DevicePage, RateRow, SiteUseRow, YearRow};
use crate::web::page_problem::{PageProblem, show};
use crate::web::{Fact, Figure, Link, Page};

/// `GET /devices/{id}`
#[get("/devices/{id}")]
pub async fn show_device(
    asking: Asking,
    permit: Permit<ReadOutcomes>,
    id: web::Path<ProductId>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    asking.look(&permit, "device-asked", "product", id.to_string()).await?;
    let columns = asking.columns().await;
    let asked = columns.clone();
    let (product, identifiers, recalls, kind, curve, sites) = asking
        .store
        .read(move |connection| {
            let product = catalogue::product(connection, id)?;
            let recalls = recall_links(connection, &product)?;
            let kind = catalogue::others_of_kind(connection, &product)?;
            let identifiers = catalogue::list_identifiers(connection, id)?;
            let curve = curve_now(connection, id, asked.as_ref())?;
            Ok((product, identifiers, recalls, kind, curve, sites(connection)?))
        })
        .await?;
    let (config, sight) = (&asking.config, asking.sight(&permit));
    let anyone = curve.n != Some(0);
    let curve = curve.seen(sight, &*asking.devices_told(&permit).await?);
    let others = columns
        .filter(|_| curve.is_drawn())
        .and_then(|snapshot| Comparator::of(&snapshot, id, &kind, curve.until, sight));
    let name = name(&product);
    let limits = Limits {
        stop_at: u64::from(config.curve_stops_at),
        grey_at: u64::from(config.curve_greys_at),
        ..Limits::default()
    };
    show(&DevicePage {
        page: Page::of(&permit, config, &name, "/devices"),
        id: id.to_string(),
        // The brand alone: a whole description would run out of the drawing.
        curve_svg: curve.svg(
            &format!("Cumulative percent revision: {} {}", product.brand, product.reference),
            limits,
            others.as_ref(),
        ),
        years: if curve.is_drawn() { year_rows(&curve, others.as_ref()) } else { Vec::new() },
        no_curve: if anyone {
            "Its implants or revisions are too few to be told to your role: a curve would tell how many.".to_owned()
        } else {
            "No implantation of this device is recorded, so there is no curve.".to_owned()
        },
        others: others.map(|others| others.source).unwrap_or_default(),
        by_years: curve.by_years.iter().map(rate_row).collect(),
        reasons: curve.reasons.iter().map(reason_row).collect(),
        sites: curve.at_sites.iter().filter(|site| site.is_told()).map(|site| site_row(site, &sites)).collect(),
        other_sites: other_sites(&curve.at_sites),
        unlinked: unlinked(curve.unlinked_revisions),
        figures: figures(&curve, sight),
        method: format!("{}{} {}", curve.method, left_out(curve.left_out.unwrap_or(0)), small_numbers::note(sight)),
        snapshot: curve.short_hash().to_owned(),
        identifiers: identifiers.iter().map(identifier_fact).collect(),
        recalls,
        reference: product.reference,
        maker: product.maker,
        name,
    })
}

/// The active recalls that name the product, by identifier or by catalogue number.
fn recall_links(connection: &mut AnyConnection, product: &Product) -> Result<Vec<Link>, Problem> {
    let identifiers = catalogue::identifiers_of(connection, product.id)?;
    let active = recalls::active_about(connection, &identifiers, Some(&product.maker), Some(&product.reference))?;
    if active.is_empty() {
        return Ok(Vec::new());
    }
    let notices = recalls::list(connection)?;
    let named = notices.into_iter().filter(|notice| active.iter().any(|recall| recall.reference == notice.reference));
    let link = |notice: recalls_model::Notice| Link {
        href: format!("/recalls/{}", notice.id),
        text: format!("{}: {}", notice.reference, notice.title),
        hint: String::new(),
    };
    Ok(named.map(link).collect())
}

fn figures(curve: &DeviceCurve, sight: Sight) -> Vec<Figure> {
    let mut figures = vec![
        Figure::new(small_numbers::in_words(curve.n, sight), "implanted"),
        Figure::new(thousands(curve.sites), "sites"),
        Figure::new(small_numbers::in_words(curve.revised, sight), "revised"),
    ];
    if let (Some(years), Some(rate)) = (curve.years, &curve.rate) {
        figures.push(Figure::new(format!("{years:.0}"), "years of use"));
        if years > 0.0 {
            let text = format!("revisions per 100 years ({:.2} to {:.2})", rate.lower, rate.upper);
            figures.push(Figure::new(format!("{:.2}", rate.rate), text));
        }
    }
    if let (Some(first), Some(last)) = (curve.first, curve.last) {
        figures.push(Figure::new(
            last.format("%-d %b %Y").to_string(),
            format!("latest implantation, the first on {}", in_words(first)),
        ));
    }
    figures
}

fn left_out(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => " One implant is left out because its dates contradict each other.".to_owned(),
        _ => format!(" {} implants are left out because their dates contradict each other.", thousands(count)),
    }
}

fn year_rows(curve: &DeviceCurve, others: Option<&Comparator>) -> Vec<YearRow> {
    let rows = curve.at_years.iter().map(year_row).enumerate().map(|(place, row)| {
        let others = others.and_then(|others| others.at_years.get(place)).map(year_row);
        let others =
            others.map(|other| (format!("{} ({} to {})", other.percent, other.lower, other.upper), other.at_risk));
        YearRow { others, ..row }
    });
    rows.collect()
}

fn year_row(point: &YearPoint) -> YearRow {
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    YearRow {
        year: point.year,
        percent: point.percent.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}%")),
        lower: shown(point.lower),
        upper: shown(point.upper),
        at_risk: thousands(point.at_risk),
        others: None,
    }
}

fn identifier_fact(one: &ProductIdentifier) -> Fact {
    let kind = match one.kind {
        IdentifierKind::Package => format!("{}, package of {}", one.issuer, one.quantity),
        kind => format!("{}, {kind}", one.issuer),
    };
    Fact::new(kind, &one.identifier)
}

fn rate_row(row: &YearsRate) -> RateRow {
    RateRow {
        years: row.to_year.map_or_else(|| format!("over {}", row.from_year), |to| format!("{} to {to}", row.from_year)),
        revised: small_numbers::in_cell(row.revised),
        in_use: row.years.map_or_else(|| "*".to_owned(), |years| format!("{years:.1}")),
        rate: row.rate.map_or_else(
            || "–".to_owned(),
            |rate| format!("{:.2} ({:.2} to {:.2})", rate.rate, rate.lower, rate.upper),
        ),
    }
}

fn reason_row(row: &ReasonCount) -> (String, String) {
    let reason = row.reason.map_or("No reason on record", RevisionReason::in_words);
    (reason.to_owned(), small_numbers::in_cell(row.revised))
}

/// Sites of which nothing is told, in one sentence; empty where there are none.
fn other_sites(sites: &[SiteUse]) -> String {
    match sites.iter().filter(|site| !site.is_told()).count() {
        0 => String::new(),
        1 => "Of one site it is not told whether it uses it, or how often.".to_owned(),
        many => format!("Of {} sites it is not told whether they use it, or how often.", thousands(many)),
    }
}

fn site_row(site: &SiteUse, names: &[(String, String)]) -> SiteUseRow {
    let name = names.iter().find(|(code, _)| *code == site.site);
    SiteUseRow {
        name: name.map_or_else(|| site.site.clone(), |(_, name)| name.clone()),
        implanted: small_numbers::in_cell(site.implanted),
        revised: small_numbers::in_cell(site.revised),
    }
}

/// What may have been its own and cannot be counted.
fn unlinked(count: Option<u64>) -> String {
    const REST: &str = "any of them may be one of this device's, and they are in none of these figures.";
    match count {
        Some(0) => "Every revision on record of its patients names its device.".to_owned(),
        Some(1) => {
            "One revision of its patients names no device of the registry: it may be one of this device's, and it \
                    is in none of these figures."
                .to_owned()
        }
        Some(count) => {
            format!("{} revisions of its patients name no device of the registry: {REST}", thousands(count))
        }
        None => format!("A few revisions of its patients name no device of the registry: {REST}"),
    }
}
