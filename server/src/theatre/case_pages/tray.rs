//! Parts of a tray that went into the patient, picked by size and count.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use uuid::Uuid;

use super::{Fields, beside, id};
use crate::access::{Permit, Record, SignedForm, SignedIn};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::config::Config;
use crate::error::Problem;
use crate::identity::keys::IdentityKeys;
use crate::store::Store;
use crate::theatre::api::recorder;
use crate::theatre::model::ProcedureId;
use crate::theatre::pages::facts;
use crate::theatre::trays::{self, TrayId};
use crate::web::case::TrayPage;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, FieldError, Page};

/// Which tray is shown.
#[derive(Debug, Deserialize)]
pub struct TrayQuery {
    tray: Option<TrayId>,
}

/// `GET /theatre/{id}/tray`
#[get("/theatre/{id}/tray")]
pub async fn show_tray(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
    query: web::Query<TrayQuery>,
) -> Result<HttpResponse, PageProblem> {
    tray_page(&store, &config, &permit, procedure.into_inner(), query.tray, Vec::new()).await
}

/// `POST /theatre/{id}/tray`
#[post("/theatre/{id}/tray")]
pub async fn post_tray(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let procedure = procedure.into_inner();
    let tray: Option<TrayId> = id(&form.0, "tray").ok();
    let pick: Uuid = id(&form.0, "pick")?;
    let recorder = recorder(&permit, keys, &config)?;
    let picked = match counted(&form.0) {
        Ok(counts) => store.write(move |tx| trays::pick(tx, &recorder, procedure, pick, &counts)).await,
        Err(problem) => Err(problem),
    };
    match picked {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}"))),
        Err(problem) => tray_page(&store, &config, &permit, procedure, tray, beside("count-1", problem)?).await,
    }
}

/// The counts of a form whose fields are named after products.
fn counted(fields: &Fields) -> Result<Vec<(ProductId, u32)>, Problem> {
    let mut counts = Vec::new();
    for (name, text) in fields {
        let Ok(product) = serde_json::from_value::<ProductId>(name.clone().into()) else { continue };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let count = text.parse().map_err(|_| Problem::invalid(format!("\"{text}\" is no number of parts.")))?;
        counts.push((product, count));
    }
    counts.sort_unstable();
    Ok(counts)
}

async fn tray_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    procedure: ProcedureId,
    tray: Option<TrayId>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (facts, all, chosen, products) = store
        .read(move |connection| {
            let all = trays::list(connection)?;
            // Where none was asked for, the first lies there: one tap less.
            let tray = tray.or_else(|| all.first().map(|one| one.id));
            let lying = all.iter().find(|one| Some(one.id) == tray).map(|one| one.products.clone()).unwrap_or_default();
            let known = catalogue::store::products(connection, &lying)?;
            let products: Vec<(String, String, String)> = lying
                .iter()
                .filter_map(|id| known.get(id))
                .map(|product| {
                    let size = product.size.clone().unwrap_or_else(|| product.reference.clone());
                    (product.id.to_string(), size, format!("{} {}", product.name(), product.reference))
                })
                .collect();
            Ok((facts(connection, procedure)?, all, tray, products))
        })
        .await?;
    let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
    show(&TrayPage {
        page: Page::of(signed_in, config, "Pick from a tray", "/theatre"),
        procedure: facts,
        trays: Choice::list(all.into_iter().map(|one| (one.id.to_string(), one.name)), &chosen),
        products,
        pick: Uuid::now_v7().to_string(),
        tray: chosen,
        errors,
    })
}
