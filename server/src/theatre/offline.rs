//! The two pages that a browser keeps for when there is no network: they hold nobody's data.

use actix_web::{HttpResponse, get, web};

use super::opcs4;
use super::organisations::sites;
use super::snapshot::Snapshots;
use crate::access::{Permit, Record};
use crate::config::Config;
use crate::store::Store;
use crate::web::page_problem::{PageProblem, show};
use crate::web::theatre::{ProcedurePage, StartPage};
use crate::web::{Choice, Page};

/// A page without a user: who opens it without a network is not known to it.
fn page(config: &Config, title: &str) -> Page {
    Page { title: title.to_owned(), here: "/theatre", demonstration: config.demonstration, ..Page::default() }
}

/// `GET /theatre/offline`: the page of any procedure.
#[get("/theatre/offline")]
pub async fn show_procedure(
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    _permit: Permit<Record>,
) -> Result<HttpResponse, PageProblem> {
    show(&ProcedurePage::without_registry(page(&config, "Scan implants"), snapshots.public_key()))
}

/// `GET /theatre/offline/start`: the page that opens a procedure.
#[get("/theatre/offline/start")]
pub async fn show_start(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
) -> Result<HttpResponse, PageProblem> {
    let sites = store.read(sites).await?;
    let chosen = permit.user().site_code.clone().unwrap_or_default();
    show(&StartPage {
        page: page(&config, "Open a procedure"),
        id: String::new(),
        sites: Choice::list(sites, &chosen),
        theatre: String::new(),
        codes: Choice::list(opcs4::OFFERED.iter().map(|&(code, text)| (code, text)), ""),
        code: String::new(),
        sides: Choice::sides(""),
        errors: Vec::new(),
        open: Vec::new(),
        to_confirm: Vec::new(),
        offline: true,
    })
}
