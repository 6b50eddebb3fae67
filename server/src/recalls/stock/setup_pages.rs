//! The pages on which somebody says how stock is kept: places with their GLNs, and how many packs a site should have.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::model::parsed;
use super::pack::Pack;
use super::place::{NewPlace, PlaceId};
use super::store::pars::{self, Par};
use super::store::places;
use crate::access::{ChangeStock, Permit, ReadStock, SignedForm, SignedIn};
use crate::catalogue;
use crate::catalogue::model::Agency;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::recalls::pages::may;
use crate::store::Store;
use crate::store::read::stock::{ParStanding, pars as standing};
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::stock::{ParRow, ParsPage, PlacesPage};
use crate::web::{Choice, Page};

/// `GET /stock/places`
#[get("/stock/places")]
pub async fn show_places(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadStock>,
) -> Result<HttpResponse, PageProblem> {
    show(&places_page(&store, &config, &permit, PlaceSent::default(), String::new()).await?)
}

async fn places_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    sent: PlaceSent,
    error: String,
) -> Result<PlacesPage, Problem> {
    let (known, all_sites) = store.read(|connection| Ok((places::list(connection)?, sites(connection)?))).await?;
    let names: HashMap<String, String> = all_sites.iter().cloned().collect();
    Ok(PlacesPage {
        page: Page::of(who, config, "Places", "/stock"),
        error,
        rows: known
            .into_iter()
            .map(|place| {
                let site = names.get(&place.site_code).cloned().unwrap_or(place.site_code);
                [site, place.name, place.gln.unwrap_or_default()]
            })
            .collect(),
        may_change: may::<ChangeStock>(who.user()),
        id: PlaceId::new().to_string(),
        sites: Choice::list(all_sites, &sent.site),
        name: sent.name,
        gln: sent.gln,
    })
}

/// A place as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlaceSent {
    id: String,
    site: String,
    name: String,
    gln: String,
}

impl PlaceSent {
    fn place(&self) -> Result<super::place::Place, Problem> {
        let id =
            parsed(Some(&self.id))?.ok_or_else(|| Problem::invalid("Load the page again: the form has no number."))?;
        NewPlace { id, site_code: self.site.clone(), name: self.name.clone(), gln: Some(self.gln.clone()) }.checked()
    }
}

/// `POST /stock/places`
#[post("/stock/places")]
pub async fn post_place(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeStock>,
    form: SignedForm<PlaceSent>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, sent) = (permit.actor(), form.0);
    let added = match sent.place() {
        Ok(new) => store.write(move |tx| places::add(tx, &actor, &new)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match added {
        Ok(()) => Ok(see_other("/stock/places")),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::IdReused) => {
            show(&places_page(&store, &config, &permit, sent, problem.detail().to_owned()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// `GET /stock/pars`
#[get("/stock/pars")]
pub async fn show_pars(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadStock>,
) -> Result<HttpResponse, PageProblem> {
    show(&pars_page(&store, &config, &permit, ParSent::default(), String::new()).await?)
}

async fn pars_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    sent: ParSent,
    error: String,
) -> Result<ParsPage, Problem> {
    let (known, all_sites) = store.read(|connection| Ok((standing(connection, None)?, sites(connection)?))).await?;
    let names: HashMap<String, String> = all_sites.iter().cloned().collect();
    Ok(ParsPage {
        page: Page::of(who, config, "Par levels", "/stock"),
        error,
        rows: known.into_iter().map(|one| par_row(one, &names)).collect(),
        may_change: may::<ChangeStock>(who.user()),
        sites: Choice::list(all_sites, &sent.site),
        device: sent.device,
        least: sent.least,
    })
}

fn par_row(one: ParStanding, names: &HashMap<String, String>) -> ParRow {
    let short = one.there < i64::from(one.least);
    ParRow {
        site: names.get(&one.site).cloned().unwrap_or(one.site),
        href: format!("/devices/{}", one.product),
        device: one.device,
        there: one.there.to_string(),
        least: one.least.to_string(),
        short,
    }
}

/// A par level as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ParSent {
    site: String,
    device: String,
    least: String,
}

/// `POST /stock/pars`
#[post("/stock/pars")]
pub async fn post_par(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeStock>,
    form: SignedForm<ParSent>,
) -> Result<HttpResponse, PageProblem> {
    let (user, sent) = (permit.user().clone(), form.0);
    let wanted = sent.clone();
    let set = store.write(move |tx| {
        let par =
            Par { site_code: wanted.site.clone(), product_id: product(tx, &wanted.device)?, least: least(&wanted)? };
        pars::set(tx, &user, &par)
    });
    match set.await {
        Ok(()) => Ok(see_other("/stock/pars")),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::NotFound) => {
            show(&pars_page(&store, &config, &permit, sent, problem.detail().to_owned()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

fn least(sent: &ParSent) -> Result<i32, Problem> {
    let text = sent.least.trim();
    text.parse().map_err(|_| Problem::invalid(format!("\"{text}\" is no number of packs.")))
}

/// The product whose label was scanned, or whose identifier was typed.
fn product(tx: &mut crate::store::Transaction<'_>, text: &str) -> Result<catalogue::model::ProductId, Problem> {
    let text = text.trim();
    let typed = !text.is_empty() && text.len() <= 14 && text.bytes().all(|b| b.is_ascii_digit());
    let device = if typed { Agency::Gs1.identifier(text)? } else { Pack::read(&[text.to_owned()])?.device };
    let product = catalogue::store::by_identifier(tx, &device)?;
    let unknown = || Problem::invalid(format!("The catalogue has no product {}.", device.text));
    Ok(product.ok_or_else(unknown)?.id)
}
