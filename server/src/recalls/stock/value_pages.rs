//! What stock cost: waste by reason, and suppliers and devices compared.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, web};

use super::compare::{DeviceCompared, compare};
use super::model::parsed;
use super::terms::pounds;
use super::work_api::WasteQuery;
use crate::access::{Permit, ReadStock};
use crate::cohorts::asking::Asking;
use crate::config::Config;
use crate::error::Problem;
use crate::outcomes::pages::form_urlencoded;
use crate::store::Store;
use crate::store::read::stock::{Wasted, wasted};
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, show};
use crate::web::stock::{ComparedRow, StockComparisonPage, WastePage};
use crate::web::words::grouped;
use crate::web::{Choice, Figure, Page};

/// `GET /stock/waste`
#[get("/stock/waste")]
pub async fn show_waste(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadStock>,
    query: web::Query<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let sent = |name: &str| query.get(name).cloned().unwrap_or_default();
    let read = || -> Result<WasteQuery, Problem> {
        Ok(WasteQuery { from: parsed(Some(&sent("from")))?, to: parsed(Some(&sent("to")))?, site: sent("site") })
    };
    let asked = read().and_then(|asked| asked.days().map(|_| asked));
    let (asked, error) = match asked {
        Ok(asked) => (asked, String::new()),
        Err(problem) => (WasteQuery { site: sent("site"), ..WasteQuery::default() }, problem.detail().to_owned()),
    };
    let ((from, to), between, site) = (asked.days()?, asked.moments()?, asked.at());
    let (found, all_sites) =
        store.read(move |connection| Ok((wasted(connection, between, site.as_deref())?, sites(connection)?))).await?;
    let packs: i64 = found.iter().map(|one| one.packs).sum();
    let value: i64 = found.iter().map(|one| one.pence).sum();
    let csv = format!("/stock/waste.csv?from={from}&to={to}&site={}", form_urlencoded(&asked.site));
    show(&WastePage {
        page: Page::of(&permit, &config, "Waste", "/stock"),
        error,
        sites: Choice::with_all(Choice::list(all_sites, &asked.site), &asked.site),
        from: from.to_string(),
        to: to.to_string(),
        figures: vec![
            Figure::new(grouped(usize::try_from(packs).unwrap_or_default()), "packs wasted"),
            Figure::new(pounds(value), "their value, as far as it is known"),
        ],
        rows: found.iter().map(waste_row).collect(),
        csv,
    })
}

fn waste_row(one: &Wasted) -> [String; 5] {
    let number = |number: i64| grouped(usize::try_from(number).unwrap_or_default());
    let place = if one.place == "theatre" { "Theatre" } else { "Shelf" };
    [place.to_owned(), one.reason.clone(), number(one.packs), pounds(one.pence), number(one.unpriced)]
}

/// `GET /stock/comparison`
#[get("/stock/comparison")]
pub async fn show_comparison(asking: Asking, permit: Permit<ReadStock>) -> Result<HttpResponse, PageProblem> {
    let told = compare(&asking, &permit).await?;
    let number = |number: i64| grouped(usize::try_from(number).unwrap_or_default());
    let mean = |pence: i64, packs: i64| if packs > 0 { pounds(pence / packs) } else { "–".to_owned() };
    let suppliers = told.suppliers.iter().map(|one| {
        let name = if one.supplier.is_empty() { "Not recorded".to_owned() } else { one.supplier.clone() };
        let (packs, paid) = (number(one.packs), pounds(one.pence));
        let gone = [one.wasted, one.returned, one.quarantined].map(number);
        let [wasted, returned, apart] = gone;
        [name, packs, paid, mean(one.pence, one.priced), wasted, returned, apart]
    });
    let least = asking.sight(&permit).least;
    let hidden = if least > 1 { format!(" Counts of people below {least} are not told.") } else { String::new() };
    let note = if told.snapshot.is_empty() {
        String::new()
    } else {
        let hash = &told.snapshot[..16.min(told.snapshot.len())];
        format!("Revised: one minus Kaplan–Meier with its 95% interval, of all implants. Snapshot {hash}.{hidden}")
    };
    show(&StockComparisonPage {
        page: Page::of(&permit, &asking.config, "Suppliers and devices", "/stock"),
        suppliers: suppliers.collect(),
        devices: told.devices.iter().map(compared_row).collect(),
        note,
    })
}

fn compared_row(one: &DeviceCompared) -> ComparedRow {
    let of = &one.standing;
    let price = match of.prices {
        Some((least, most)) if least == most => pounds(least),
        Some((least, most)) => format!("{} to {}", pounds(least), pounds(most)),
        None => "–".to_owned(),
    };
    let revised = match one.at_five_years {
        Some(at) if at.lower.is_finite() => format!("{:.1}% ({:.1} to {:.1})", at.percent, at.lower, at.upper),
        _ => "–".to_owned(),
    };
    ComparedRow {
        href: format!("/devices/{}", one.product),
        device: one.device.clone(),
        suppliers: of.suppliers.join(", "),
        price,
        wasted: format!("{} of {} on shelves, {} in theatre", of.wasted, of.packs, of.wasted_in_theatre),
        recalls: of.recalls.to_string(),
        revised,
        odep: one.odep.clone().unwrap_or_default(),
    }
}
