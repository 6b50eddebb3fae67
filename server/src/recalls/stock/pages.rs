//! The pages of shelves: packs in by their labels, where they lie, and what becomes of them.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use chrono::{NaiveDate, Utc};
use serde::Deserialize;
use tessera_scanner::verdict::london_date;

use super::labels::{self, NewLabel};
use super::model::{StockId, StockState, parsed};
use super::movement::{Movement, MovementId, MovementKind, NewMovement, WasteCause};
use super::store::{self as stock, movements, places};
use super::terms::{NewTerms, Ownership, pence, pounds};
use super::work_api::PacksQuery;
use crate::access::{ChangeStock, Permit, ReadStock, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::outcomes::pages::form_urlencoded;
use crate::recalls::pages::may;
use crate::recalls::recall_page::unit;
use crate::store::Store;
use crate::store::read::stock::{ParStanding, ShelvedPacks, packs, pars};
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::stock::{PackRow, ReceiveForm, StockItemPage, StockPage};
use crate::web::words::{count, day, moment};
use crate::web::{Choice, Fact, Page};

/// Days within which packs expire "soon".
const SOON: u64 = 90;

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
    let (found, all_sites, short, known) = store
        .read(move |connection| {
            let found = packs(connection, &wanted)?;
            let short = pars(connection, site.as_deref())?;
            Ok((found, sites(connection)?, short, places::list(connection)?))
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
        may_change: may::<ChangeStock>(who.user()),
        places: known.into_iter().map(|place| place.name).collect(),
        unit: query.unit,
        form,
    })
}

fn ownerships(chosen: &str) -> Vec<Choice> {
    Choice::list([("owned", "The hospital's"), ("consignment", "Consignment"), ("loan", "Loan")], chosen)
}

fn place_of(site: &str, location: &str, names: &HashMap<String, String>) -> String {
    format!("{}, {location}", names.get(site).map_or(site, String::as_str))
}

fn state(state: StockState) -> (&'static str, &'static str) {
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

fn terms(supplier: Option<&str>, ownership: Option<Ownership>, return_by: Option<NaiveDate>) -> String {
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

/// `GET /stock/{id}`
#[get("/stock/{id}")]
pub async fn show_item(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadStock>,
    id: web::Path<StockId>,
) -> Result<HttpResponse, PageProblem> {
    show(&item_page(&store, &config, &permit, id.into_inner(), String::new()).await?)
}

async fn item_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    id: StockId,
    error: String,
) -> Result<StockItemPage, Problem> {
    let (item, came, moved, all_sites, device) = store
        .read(move |connection| {
            let item = stock::find(connection, id)?.ok_or_else(|| Problem::not_found(format!("stock item {id}")))?;
            let product = match item.product_id {
                Some(product) => crate::catalogue::store::find_product(connection, product)?,
                None => None,
            };
            let device =
                product.map_or_else(|| item.identifier.clone(), |one| format!("{}, {}", one.name(), one.description));
            Ok((item, stock::terms(connection, id)?, movements::of_item(connection, id)?, sites(connection)?, device))
        })
        .await?;
    let names: HashMap<String, String> = all_sites.into_iter().collect();
    let mut facts = vec![
        Fact::new("Where", place_of(&item.site_code, &item.location, &names)),
        Fact::new(
            "Packs",
            if item.state == StockState::Used { "None: all are gone".to_owned() } else { item.quantity.to_string() },
        ),
        Fact::new("State", state(item.state).0),
        Fact::new("Identifier", item.identifier.clone()),
        Fact::new("Unit", unit(item.lot.as_ref(), item.serial.as_ref(), item.expiry)),
        Fact::new("Received", moment(item.received_at)),
    ];
    if let Some(came) = came {
        let supplier = Some(came.supplier.as_str()).filter(|name| !name.is_empty());
        let told = [
            ("Terms", terms(supplier, Some(came.ownership), came.return_by)),
            ("Price of a pack", came.unit_price.map(pounds).unwrap_or_default()),
            ("Delivery note", came.delivery),
        ];
        facts.extend(
            told.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| Fact::new(name, value)),
        );
    }
    Ok(StockItemPage {
        page: Page::of(who, config, "Stock", "/stock"),
        error,
        id: id.to_string(),
        device,
        facts,
        history: moved.iter().map(|one| history_row(one, &names)).collect(),
        may_take: may::<ChangeStock>(who.user()) && item.state != StockState::Used,
        next_id: MovementId::new().to_string(),
        kinds: Choice::list(
            [
                ("used", "Used"),
                ("wasted", "Wasted"),
                ("returned", "Sent back"),
                ("moved", "Moved to another place"),
                ("missing", "Missing"),
            ],
            "used",
        ),
        causes: Choice::list(WasteCause::ALL.iter().map(|one| (one.word(), one.in_words())), ""),
    })
}

fn history_row(one: &Movement, names: &HashMap<String, String>) -> (String, String, String) {
    let packs = count(usize::try_from(one.quantity).unwrap_or_default(), "pack", "packs");
    let what = match one.kind {
        MovementKind::Used => "used",
        MovementKind::Wasted => "wasted",
        MovementKind::Returned => "sent back",
        MovementKind::Moved => "moved",
        MovementKind::Missing => "missing",
    };
    let to = one.to_site.as_ref().zip(one.to_location.as_ref()).map(|(site, place)| place_of(site, place, names));
    let note = Some(one.note.clone()).filter(|note| !note.is_empty());
    let why = [one.cause.map(|cause| cause.in_words().to_owned()), to, note];
    (moment(one.moved_at), format!("{packs} {what}"), why.into_iter().flatten().collect::<Vec<_>>().join(". "))
}

/// A movement as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MovementSent {
    id: String,
    kind: String,
    quantity: String,
    cause: String,
    to: String,
    note: String,
}

impl MovementSent {
    fn movement(&self) -> Result<NewMovement, Problem> {
        let quantity = self.quantity.trim();
        let number = |_| Problem::invalid(format!("\"{quantity}\" is no number of packs."));
        let kind: Option<MovementKind> = parsed(Some(&self.kind))?;
        let moved = kind == Some(MovementKind::Moved);
        let wasted = kind == Some(MovementKind::Wasted);
        NewMovement {
            id: parsed(Some(&self.id))?
                .ok_or_else(|| Problem::invalid("Load the page again: the form has no number."))?,
            kind: kind.ok_or_else(|| Problem::invalid("Say what becomes of the packs."))?,
            quantity: quantity.parse().map_err(number)?,
            // The form shows every field; those that belong to another choice were not meant.
            cause: if wasted { parsed(Some(&self.cause))? } else { None },
            note: self.note.clone(),
            to_site: None,
            to_location: moved.then(|| self.to.clone()),
        }
        .checked()
    }
}

/// `POST /stock/{id}`
#[post("/stock/{id}")]
pub async fn post_movement(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeStock>,
    id: web::Path<StockId>,
    form: SignedForm<MovementSent>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let made = match form.0.movement() {
        Ok(new) => store.write(move |tx| movements::make(tx, &user, id, &new)).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(_) => Ok(see_other(&format!("/stock/{id}"))),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::IdReused) => {
            show(&item_page(&store, &config, &permit, id, problem.detail().to_owned()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}
