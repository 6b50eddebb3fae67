//! What was taken out of the patient in an operation.

use actix_web::{HttpResponse, get, post, web};

use super::device::marked;
use super::{Fields, beside, id, word};
use crate::access::{Permit, Record, SignedForm, SignedIn};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::config::Config;
use crate::error::Problem;
use crate::identity::store::person_of;
use crate::store::Store;
use crate::theatre::device_uses::{self, Explant};
use crate::theatre::marks::{self, Mark, MarkId, NewMark};
use crate::theatre::model::{DeviceUseId, ProcedureId};
use crate::theatre::pages::facts;
use crate::theatre::procedures;
use crate::web::case::ExplantPage;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, FieldError, Page};

/// `GET /theatre/{id}/explant`
#[get("/theatre/{id}/explant")]
pub async fn show_explant(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    explant_page(&store, &config, &permit, procedure.into_inner(), Vec::new()).await
}

/// `POST /theatre/{id}/explant`
#[post("/theatre/{id}/explant")]
pub async fn post_explant(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let procedure = procedure.into_inner();
    let reason = form.0.get("reason").map(|text| text.trim().to_owned()).unwrap_or_default();
    let mark = word::<Mark>(&form.0, "mark", "Choose what happens to it.");
    let told = match (form.0.contains_key("of"), mark) {
        (false, _) => Err(("of-1", Problem::invalid("Choose which device was taken out."))),
        (_, Err(problem)) => Err(("mark-1", problem)),
        _ if reason.is_empty() => Err(("reason", Problem::invalid("Say why it was taken out, in a few words."))),
        (_, Ok(mark)) => {
            let explant = Explant { id: id(&form.0, "id")?, procedure, of: id(&form.0, "of")?, reason };
            let new = NewMark { id: id(&form.0, "mark-id")?, mark, note: String::new() };
            let (actor, user) = (permit.actor(), permit.user().id);
            let taken = store.write(move |tx| {
                device_uses::explant(tx, &actor, &explant)?;
                marks::make(tx, &actor, user, explant.id, &new)
            });
            taken.await.map_err(|problem| ("of-1", problem))
        }
    };
    match told {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}"))),
        Err((field, problem)) => explant_page(&store, &config, &permit, procedure, beside(field, problem)?).await,
    }
}

async fn explant_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    procedure: ProcedureId,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (facts, devices) = store
        .read(move |connection| {
            let facts = facts(connection, procedure)?;
            let patient = procedures::find(connection, procedure)?.patient_id;
            let person = person_of(connection, patient)?;
            let inside = device_uses::in_the_person(connection, person, None)?;
            let products: Vec<ProductId> = inside.iter().filter_map(|device| device.product_id).collect();
            let products = catalogue::store::products(connection, &products)?;
            let devices = inside.into_iter().map(|device| {
                let product = device.product_id.and_then(|id| products.get(&id));
                let known = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
                let parts = [known("lot", &device.lot), known("serial", &device.serial)];
                let when = device.recorded_at.utc().format("%-d %B %Y");
                let parts = parts.into_iter().flatten().chain([format!("recorded {when}")]);
                let name = product.map_or_else(
                    || format!("Unknown product {}", device.identifier.as_deref().unwrap_or_default()),
                    |product| format!("{} {}", product.name(), product.reference),
                );
                (device.id.to_string(), name, parts.collect::<Vec<_>>().join(", "))
            });
            Ok((facts, devices.collect()))
        })
        .await?;
    let offered = Mark::ALL.iter().filter(|mark| mark.of_an_explant());
    show(&ExplantPage {
        page: Page::of(signed_in, config, "Record what was taken out", "/theatre"),
        procedure: facts,
        devices,
        id: DeviceUseId::new().to_string(),
        mark_id: MarkId::new().to_string(),
        marks: Choice::list(offered.map(|mark| (mark.word(), marked(*mark))), ""),
        errors,
    })
}
