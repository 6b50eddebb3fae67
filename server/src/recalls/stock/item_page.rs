//! The page of one stock item: on which terms it came, and what becomes of its packs.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::model::{SetApartFor, StockId, StockItem, StockState, parsed};
use super::movement::{Movement, MovementId, MovementKind, NewMovement, WasteCause};
use super::pages::{place_of, state, terms};
use super::store::{self as stock, Standing, movements, places};
use super::terms::pounds;
use crate::access::{ChangeStock, Permit, ReadStock, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::recalls::pages::may;
use crate::recalls::recall_page::unit;
use crate::store::Store;
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::stock::StockItemPage;
use crate::web::words::{count, moment};
use crate::web::{Choice, Fact, Page};

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
    let (item, came, moved, all_sites, device, known) = store
        .read(move |connection| {
            let item = stock::find(connection, id)?.ok_or_else(|| Problem::not_found(format!("stock item {id}")))?;
            let product = match item.product_id {
                Some(product) => crate::catalogue::store::find_product(connection, product)?,
                None => None,
            };
            let device =
                product.map_or_else(|| item.identifier.clone(), |one| format!("{}, {}", one.name(), one.description));
            let (came, moved) = (stock::terms(connection, id)?, movements::of_item(connection, id)?);
            Ok((item, came, moved, sites(connection)?, device, places::list(connection)?))
        })
        .await?;
    let names: HashMap<String, String> = all_sites.iter().cloned().collect();
    let mut facts = vec![
        Fact::new("Where", place_of(&item.site_code, &item.location, &names)),
        Fact::new(
            "Packs",
            if item.state == StockState::Used { "None: all are gone".to_owned() } else { item.quantity.to_string() },
        ),
        Fact::new("State", standing(&item)),
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
        apart: item.state == StockState::Quarantined,
        may_take: may::<ChangeStock>(who.user()) && item.state != StockState::Used,
        set_apart_for: Choice::list(
            SetApartFor::ALL.iter().map(|one| (one.word(), one.in_words())),
            SetApartFor::InQuestion.word(),
        ),
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
        sites: Choice::list(all_sites, &item.site_code),
        places: known.into_iter().map(|place| place.name).collect(),
    })
}

fn standing(item: &StockItem) -> String {
    let (word, _) = state(item.state);
    match item.set_apart_for.filter(|_| item.state == StockState::Quarantined) {
        Some(cause) => format!("{word}: {}", cause.in_words().to_lowercase()),
        None => word.to_owned(),
    }
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
    to_site: String,
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
            to_site: Some(self.to_site.clone()).filter(|site| moved && !site.is_empty()),
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
    shown_again(&store, &config, &permit, id, made.map(drop)).await
}

/// The page anew; with what was wrong, where somebody can put that right.
async fn shown_again(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    id: StockId,
    made: Result<(), Problem>,
) -> Result<HttpResponse, PageProblem> {
    match made {
        Ok(()) => Ok(see_other(&format!("/stock/{id}"))),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::IdReused) => {
            show(&item_page(store, config, who, id, problem.detail().to_owned()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Whether packs may be used, as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StandingSent {
    apart: String,
    set_apart_for: String,
    reason: String,
}

impl StandingSent {
    fn standing(&self) -> Result<Standing, Problem> {
        if self.apart != "yes" {
            return Ok(Standing { state: StockState::Available, set_apart_for: None });
        }
        let set_apart_for: Option<SetApartFor> = parsed(Some(&self.set_apart_for))?;
        Ok(Standing { state: StockState::Quarantined, set_apart_for })
    }
}

/// `POST /stock/{id}/state`
#[post("/stock/{id}/state")]
pub async fn post_standing(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeStock>,
    id: web::Path<StockId>,
    form: SignedForm<StandingSent>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, id, sent) = (permit.actor(), id.into_inner(), form.0);
    let changed = match sent.standing() {
        Ok(to) => store.write(move |tx| stock::change_state(tx, &actor, id, to, &sent.reason)).await,
        Err(problem) => Err(problem),
    };
    shown_again(&store, &config, &permit, id, changed.map(drop)).await
}
