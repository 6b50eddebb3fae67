//! The page of shelves: packs in by their labels, and where they lie.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use chrono::{NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use tessera_scanner::verdict::london_date;

use super::labels::{self, NewLabel};
use super::model::{StockId, StockState, parsed};
use super::store::places;
use super::terms::{NewTerms, Ownership, pence};
use super::work_api::PacksQuery;
use crate::access::{ChangeStock, Permit, ReadStock, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::outcomes::pages::form_urlencoded;
use crate::recalls::pages::may;
use crate::recalls::recall_page::unit;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::stock::{ParStanding, ShelvedPacks, UsedUnexpected, packs, pars, used_unexpected};
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, show};
use crate::web::stock::{PackRow, ReceiveForm, StockPage};
use crate::web::words::{count, day, moment};
use crate::web::{Choice, Page};

/// Days within which packs expire "soon".
const SOON: u64 = 90;
/// Days for which devices are told that were used and on no shelf.
const UNEXPECTED_DAYS: i64 = 30;

/// What the page of shelves is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShelvesQuery {
    unit: String,
    site: String,
    show: String,
}

impl ShelvesQuery {
    fn packs(&self) -> PacksQuery {
        PacksQuery {
            site: self.site.clone(),
            unit: self.unit.clone(),
            expiring: (self.show == "expiring").then_some(SOON),
            going_back: (self.show == "going-back").then_some(SOON),
            // Who looks for a lot wants to know also where it went.
            gone: !self.unit.trim().is_empty(),
            ..PacksQuery::default()
        }
    }

    fn csv(&self) -> String {
        let one = |name: &str, value: &str| format!("{name}={}", form_urlencoded(value));
        let mut parts = vec![one("site", &self.site), one("unit", &self.unit)];
        match self.show.as_str() {
            "expiring" => parts.push(format!("expiring={SOON}")),
            "going-back" => parts.push(format!("going_back={SOON}")),
            _ => {}
        }
        format!("/stock/packs.csv?{}", parts.join("&"))
    }
}

/// `GET /stock`
#[get("/stock")]
pub async fn show_shelves(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadStock>,
    query: web::Query<ShelvesQuery>,
) -> Result<HttpResponse, PageProblem> {
    let form = ReceiveForm { id: StockId::new().to_string(), ..ReceiveForm::default() };
    show(&shelves(&store, &config, &permit, (query.into_inner(), form, String::new())).await?)
}

async fn shelves(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    (query, mut form, error): (ShelvesQuery, ReceiveForm, String),
) -> Result<StockPage, Problem> {
    let (wanted, site) = (query.packs().wanted()?, Some(query.site.clone()).filter(|site| !site.is_empty()));
    let since = Moment::from(Utc::now() - TimeDelta::days(UNEXPECTED_DAYS));
    let (found, all_sites, short, known, unexpected) = store
        .read(move |connection| {
            let found = packs(connection, &wanted)?;
            let short = pars(connection, site.as_deref())?;
            let unexpected = used_unexpected(connection, site.as_deref(), since)?;
            Ok((found, sites(connection)?, short, places::list(connection)?, unexpected))
        })
        .await?;
    let names: HashMap<String, String> = all_sites.iter().cloned().collect();
    let today = london_date(Utc::now());
    let total: i64 = found.iter().filter(|one| one.state != StockState::Used).map(|one| i64::from(one.quantity)).sum();
    if form.ownership.is_empty() {
        form.ownership = ownerships("owned");
    }
    Ok(StockPage {
        page: Page::of(who, config, "Stock", "/stock"),
        error,
        sites: Choice::with_all(Choice::list(all_sites, &query.site), &query.site),
        shows: Choice::list(
            [("", "All packs"), ("expiring", "Expiring within 90 days"), ("going-back", "Going back within 90 days")],
            &query.show,
        ),
        told: format!("{} there.", count(usize::try_from(total).unwrap_or_default(), "pack is", "packs are")),
        rows: found.iter().map(|one| pack_row(one, &names, today)).collect(),
        csv: query.csv(),
        short: short
            .into_iter()
            .filter(|one| one.there < i64::from(one.least))
            .map(|one| short_row(one, &names))
            .collect(),
        unexpected: unexpected.iter().map(|one| unexpected_row(one, &names)).collect(),
        may_change: may::<ChangeStock>(who.user()),
        places: known.into_iter().map(|place| place.name).collect(),
        unit: query.unit,
        form,
    })
}

fn ownerships(chosen: &str) -> Vec<Choice> {
    Choice::list([("owned", "The hospital's"), ("consignment", "Consignment"), ("loan", "Loan")], chosen)
}

pub(super) fn place_of(site: &str, location: &str, names: &HashMap<String, String>) -> String {
    format!("{}, {location}", names.get(site).map_or(site, String::as_str))
}

pub(super) fn state(state: StockState) -> (&'static str, &'static str) {
    match state {
        StockState::Available => ("On the shelf", "nhsuk-tag--green"),
        StockState::Quarantined => ("Quarantined", "nhsuk-tag--red"),
        StockState::Used => ("Gone", "nhsuk-tag--grey"),
    }
}

fn pack_row(one: &ShelvedPacks, names: &HashMap<String, String>, today: NaiveDate) -> PackRow {
    let (state, tag) = state(one.state);
    let age = match one.expiry {
        Some(expiry) if expiry < today => "Too old".to_owned(),
        Some(expiry) if (expiry - today).num_days() <= 90 => {
            count(usize::try_from((expiry - today).num_days()).unwrap_or_default(), "day left", "days left")
        }
        _ => String::new(),
    };
    PackRow {
        href: format!("/stock/{}", one.id),
        place: place_of(&one.site, &one.location, names),
        device: one.device.clone().unwrap_or_else(|| one.identifier.clone()),
        unit: unit(one.lot.as_ref(), one.serial.as_ref(), one.expiry),
        quantity: one.quantity.to_string(),
        state: state.to_owned(),
        tag,
        terms: terms(one.supplier.as_deref(), one.ownership, one.return_by),
        age: if one.state == StockState::Used { String::new() } else { age },
    }
}

pub(super) fn terms(supplier: Option<&str>, ownership: Option<Ownership>, return_by: Option<NaiveDate>) -> String {
    let whose = match ownership {
        Some(Ownership::Loan) => Some("loan".to_owned()),
        Some(Ownership::Consignment) => Some("consignment".to_owned()),
        Some(Ownership::Owned) | None => None,
    };
    let by = return_by.map(|by| format!("back by {}", day(by)));
    [supplier.map(str::to_owned), whose, by].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn short_row(one: ParStanding, names: &HashMap<String, String>) -> (String, String, String) {
    let site = names.get(&one.site).cloned().unwrap_or(one.site);
    (site, one.device, format!("{} of {}", one.there, one.least))
}

fn unexpected_row(one: &UsedUnexpected, names: &HashMap<String, String>) -> [String; 4] {
    let device = one.device.clone().or_else(|| one.identifier.clone()).unwrap_or_default();
    [
        moment(one.used_at),
        names.get(&one.site).cloned().unwrap_or_else(|| one.site.clone()),
        device,
        unit(one.lot.as_ref(), one.serial.as_ref(), one.expiry),
    ]
}

/// Packs as the form sends them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReceiveSent {
    id: String,
    site: String,
    place: String,
    barcode: String,
    second: String,
    quantity: String,
    supplier: String,
    delivery: String,
    price: String,
    ownership: String,
    return_by: String,
}

impl ReceiveSent {
    fn label(&self) -> Result<NewLabel, Problem> {
        let quantity = self.quantity.trim();
        let number = |_| Problem::invalid(format!("\"{quantity}\" is no number of packs."));
        let barcodes = [&self.barcode, &self.second];
        Ok(NewLabel {
            id: parsed(Some(&self.id))?
                .ok_or_else(|| Problem::invalid("Load the page again: the form has no number."))?,
            site_code: Some(self.site.clone()).filter(|site| !site.is_empty()),
            place: self.place.clone(),
            barcodes: barcodes.into_iter().filter(|text| !text.trim().is_empty()).cloned().collect(),
            quantity: quantity.parse().map_err(number)?,
            terms: Some(NewTerms {
                supplier: self.supplier.clone(),
                ownership: parsed(Some(&self.ownership))?,
                unit_price: pence(&self.price)?,
                return_by: parsed(Some(&self.return_by))?,
                delivery: self.delivery.clone(),
            }),
        })
    }
}

/// `POST /stock`
#[post("/stock")]
pub async fn post_label(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeStock>,
    form: SignedForm<ReceiveSent>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, sent) = (permit.actor(), form.0);
    let received = match sent.label() {
        Ok(label) => store.write(move |tx| labels::receive(tx, &actor, &label)).await,
        Err(problem) => Err(problem),
    };
    // The next pack of a delivery goes to the same place from the same supplier.
    let form = ReceiveForm {
        id: StockId::new().to_string(),
        place: sent.place.clone(),
        supplier: sent.supplier.clone(),
        delivery: sent.delivery.clone(),
        ownership: ownerships(&sent.ownership),
        return_by: sent.return_by.clone(),
    };
    let query = ShelvesQuery { site: sent.site.clone(), ..ShelvesQuery::default() };
    match received {
        Ok((labelled, _)) => {
            let what = labelled.device.clone().unwrap_or_else(|| labelled.unit.clone());
            let packs = count(usize::try_from(labelled.item.quantity).unwrap_or_default(), "pack", "packs");
            let apart = labelled.item.state == StockState::Quarantined;
            let told = if apart { " An active recall names them: set them apart." } else { "" };
            let mut page = shelves(&store, &config, &permit, (query, form, String::new())).await?;
            let text = format!("{packs} of {what} received at {}.{told}", labelled.item.location);
            page.page.notice = Some(crate::web::Notice { success: !apart, text });
            show(&page)
        }
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::IdReused) => {
            show(&shelves(&store, &config, &permit, (query, form, problem.detail().to_owned())).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}
