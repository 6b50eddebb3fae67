//! Pages of one operation beside the scanning: checks, one device, what was taken out, parts of a tray.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use uuid::Uuid;

use super::again;
use super::api::recorder;
use super::checks::{self, Check, CheckId, CheckStep, Identifier, NewCheck};
use super::device_uses::{self, Explant};
use super::marks::{self, Mark, MarkId, NewMark};
use super::model::{DeviceUseId, Fate, ProcedureId, ScanId};
use super::pages::{clock, facts, whole};
use super::plans::{self, LENS_POWER, NewPlan, PlanId};
use super::procedures;
use super::trays::{self, TrayId};
use crate::access::{Permit, Record, SignedForm, SignedIn};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::store::person_of;
use crate::store::Store;
use crate::web::case::{ChecksPage, DevicePage, ExplantPage, StepShown, TrayPage};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, FieldError, Page};

/// Fields of a form whose names depend on the data.
type Fields = HashMap<String, String>;

/// What a form could not do, to be shown beside its field; other problems are pages of their own.
fn beside(field: &str, problem: Problem) -> Result<Vec<FieldError>, PageProblem> {
    match problem.code() {
        Code::InvalidInput | Code::WrongState | Code::IdReused => {
            Ok(vec![FieldError { field: field.to_owned(), text: problem.detail().to_owned() }])
        }
        _ => Err(problem.into()),
    }
}

fn word<T: std::str::FromStr<Err = String>>(fields: &Fields, name: &str, ask: &str) -> Result<T, Problem> {
    let text = fields.get(name).ok_or_else(|| Problem::invalid(ask))?;
    text.parse().map_err(|_| Problem::invalid(ask))
}

fn id<T: serde::de::DeserializeOwned>(fields: &Fields, name: &str) -> Result<T, Problem> {
    let text = fields.get(name).cloned().unwrap_or_default();
    serde_json::from_value(text.into()).map_err(|_| Problem::invalid(format!("The form's {name} is no identifier.")))
}

// ------------------------------------------------------------------------------------------------ checks

/// `GET /theatre/{id}/checks`
#[get("/theatre/{id}/checks")]
pub async fn show_checks(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    checks_page(&store, &config, &permit, procedure.into_inner(), Vec::new()).await
}

/// `POST /theatre/{id}/checks`
#[post("/theatre/{id}/checks")]
pub async fn post_check(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let procedure = procedure.into_inner();
    let step: CheckStep = word(&form.0, "step", "Choose a step.")?;
    let identifiers = Identifier::ALL.iter().copied().filter(|one| form.0.contains_key(one.word())).collect();
    let new = NewCheck { id: id::<CheckId>(&form.0, "id")?, step, identifiers };
    let (actor, user) = (permit.actor(), permit.user().id);
    match store.write(move |tx| checks::add(tx, &actor, user, procedure, &new)).await {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}/checks#step-{step}"))),
        Err(problem) => {
            let errors = beside(&format!("step-{step}"), problem)?;
            checks_page(&store, &config, &permit, procedure, errors).await
        }
    }
}

/// `POST /theatre/{id}/plan`
#[post("/theatre/{id}/plan")]
pub async fn post_plan(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    procedure: web::Path<ProcedureId>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let procedure = procedure.into_inner();
    let field = |name: &str| form.0.get(name).cloned().unwrap_or_default();
    let new = NewPlan {
        id: id::<PlanId>(&form.0, "id")?,
        name: LENS_POWER.to_owned(),
        value: field("value"),
        source: field("source"),
    };
    let (actor, user) = (permit.actor(), permit.user().id);
    let entered = match new.checked() {
        Ok(new) => store.write(move |tx| plans::enter(tx, &actor, user, procedure, &new)).await,
        Err(problem) => Err(problem),
    };
    match entered {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}/checks"))),
        Err(problem) => checks_page(&store, &config, &permit, procedure, beside("value", problem)?).await,
    }
}

async fn checks_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    procedure: ProcedureId,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (facts, done, plan) = store
        .read(move |connection| {
            Ok((
                facts(connection, procedure)?,
                checks::of_procedure(connection, procedure)?,
                plans::of_procedure(connection, procedure)?,
            ))
        })
        .await?;
    show(&ChecksPage {
        page: Page::of(signed_in, config, "Checks", "/theatre"),
        procedure: facts,
        steps: CheckStep::ALL.iter().map(|step| shown(*step, &done)).collect(),
        identifiers: Choice::list(Identifier::ALL.iter().map(|one| (one.word(), named(*one))), ""),
        lens_power: plan.get(LENS_POWER).cloned().unwrap_or_default(),
        plan_id: PlanId::new().to_string(),
        errors,
    })
}

fn named(identifier: Identifier) -> &'static str {
    match identifier {
        Identifier::Name => "Full name",
        Identifier::BirthDate => "Date of birth",
        Identifier::NhsNumber => "NHS number",
        Identifier::HospitalNumber => "Hospital number",
        Identifier::Address => "Address",
    }
}

/// A step as people call it, and what is said aloud at it.
pub(super) fn title(step: CheckStep) -> (&'static str, &'static str) {
    match step {
        CheckStep::Identity => (
            "Who is on the table",
            "Read two identifiers back from the wristband, and compare with the notes and the consent.",
        ),
        CheckStep::Team => ("The team", "Everybody says name and part; scan the badges on the scanning page."),
        CheckStep::BeforeOpening => (
            "Before opening",
            "For each implant, aloud: type, size, side, expiry, sterile pack whole, fits what is in.",
        ),
        CheckStep::ReadBack => {
            ("Summary read back", "Before the end: read the list of what is in the patient, and what was wasted.")
        }
    }
}

fn shown(step: CheckStep, done: &[Check]) -> StepShown {
    let (title, text) = title(step);
    let done = done.iter().filter(|check| check.step == step).map(|check| {
        let words: Vec<&str> =
            check.detail.split_whitespace().filter_map(|word| word.parse().ok().map(named)).collect();
        let which = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        format!("{} at {}{which}", check.done_by, clock(check.done_at))
    });
    StepShown {
        step: step.to_string(),
        title: title.to_owned(),
        text: text.to_owned(),
        done: done.collect(),
        id: CheckId::new().to_string(),
    }
}

// ------------------------------------------------------------------------------------------------ one device

/// `GET /theatre/{id}/devices/{device}`
#[get("/theatre/{id}/devices/{device}")]
pub async fn show_device(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    path: web::Path<(ProcedureId, DeviceUseId)>,
) -> Result<HttpResponse, PageProblem> {
    device_page(&store, &config, &permit, path.into_inner(), Vec::new()).await
}

/// `POST /theatre/{id}/devices/{device}/again`
#[post("/theatre/{id}/devices/{device}/again")]
pub async fn post_again(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    path: web::Path<(ProcedureId, DeviceUseId)>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let (procedure, device) = path.into_inner();
    let count: Result<usize, _> = form.0.get("count").map_or("", String::as_str).trim().parse();
    let recorder = recorder(&permit, keys, &config)?;
    let recorded = match count {
        Ok(count @ 1..=20) => {
            let ids: Vec<ScanId> = (0..count).map(|_| ScanId::new()).collect();
            store.write(move |tx| again::record_again(tx, &recorder, device, &ids)).await
        }
        _ => Err(Problem::invalid("Write how many more: 1 to 20.")),
    };
    match recorded {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}"))),
        Err(problem) => device_page(&store, &config, &permit, (procedure, device), beside("count", problem)?).await,
    }
}

/// `POST /theatre/{id}/devices/{device}/marks`
#[post("/theatre/{id}/devices/{device}/marks")]
pub async fn post_mark(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    path: web::Path<(ProcedureId, DeviceUseId)>,
    form: SignedForm<Fields>,
) -> Result<HttpResponse, PageProblem> {
    let (procedure, device) = path.into_inner();
    let note = form.0.get("note").cloned().unwrap_or_default();
    let marked = match word::<Mark>(&form.0, "mark", "Choose what is known of it.") {
        Ok(mark) => {
            let new = NewMark { id: id::<MarkId>(&form.0, "id")?, mark, note };
            let (actor, user) = (permit.actor(), permit.user().id);
            store.write(move |tx| marks::make(tx, &actor, user, device, &new)).await
        }
        Err(problem) => Err(problem),
    };
    match marked {
        Ok(_) => Ok(see_other(&format!("/theatre/{procedure}/devices/{device}"))),
        Err(problem) => device_page(&store, &config, &permit, (procedure, device), beside("mark-1", problem)?).await,
    }
}

async fn device_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    (procedure, device): (ProcedureId, DeviceUseId),
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (facts, shown, row) = store
        .read(move |connection| {
            let (facts, _, devices) = whole(connection, None, procedure)?;
            let shown = devices.into_iter().find(|one| one.id == device.to_string());
            let shown = shown.ok_or_else(|| Problem::not_found(format!("device use {device} as it stands now")))?;
            Ok((facts, shown, device_uses::find(connection, device)?))
        })
        .await?;
    let offered = Mark::ALL.iter().filter(|mark| mark.of_an_explant() == (row.fate == Fate::Explanted));
    show(&DevicePage {
        page: Page::of(signed_in, config, "One device", "/theatre"),
        procedure: facts,
        device: shown,
        repeatable: row.serial.is_none() && row.fate == Fate::Implanted && row.scan_event_id.is_some(),
        marks: Choice::list(offered.map(|mark| (mark.word(), marked(*mark))), ""),
        mark_id: MarkId::new().to_string(),
        errors,
    })
}

/// A mark as people say it.
pub(super) fn marked(mark: Mark) -> &'static str {
    match mark {
        Mark::Opened => "Its pack was opened",
        Mark::Loan => "It is loan or consignment stock",
        Mark::Retained => "Kept by the hospital",
        Mark::ReturnedToMaker => "Sent back to its maker",
        Mark::SentForAnalysis => "Sent for analysis",
        Mark::DisposedOf => "Disposed of",
        Mark::GivenToPatient => "Given to the patient",
    }
}

// ------------------------------------------------------------------------------------------------ taken out

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
            let explant = Explant { id: DeviceUseId::new(), procedure, of: id(&form.0, "of")?, reason };
            let (actor, user) = (permit.actor(), permit.user().id);
            let taken = store.write(move |tx| {
                device_uses::explant(tx, &actor, &explant)?;
                let new = NewMark { id: MarkId::new(), mark, note: String::new() };
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
        marks: Choice::list(offered.map(|mark| (mark.word(), marked(*mark))), ""),
        errors,
    })
}

// ------------------------------------------------------------------------------------------------ parts of a tray

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
    let (facts, all, products) = store
        .read(move |connection| {
            let all = trays::list(connection)?;
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
            Ok((facts(connection, procedure)?, all, products))
        })
        .await?;
    let chosen = tray.map(|id| id.to_string()).unwrap_or_default();
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
