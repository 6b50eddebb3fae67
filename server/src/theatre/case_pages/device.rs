//! One device of an operation: the same again, and what more is known of it.

use actix_web::{HttpResponse, get, post, web};
use uuid::Uuid;

use super::{Fields, beside, id, word};
use crate::access::{Permit, Record, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::Problem;
use crate::identity::keys::IdentityKeys;
use crate::store::Store;
use crate::theatre::api::recorder;
use crate::theatre::marks::{self, Mark, MarkId, NewMark};
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};
use crate::theatre::pages::whole;
use crate::theatre::{again, device_uses};
use crate::web::case::DevicePage;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, FieldError, Page};

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
    let count = form.0.get("count").map_or("", String::as_str).trim().parse();
    let sent: Uuid = id(&form.0, "again")?;
    let recorder = recorder(&permit, keys, &config)?;
    let recorded = match count {
        Ok(count @ 1..=20) => store.write(move |tx| again::record_so_many(tx, &recorder, device, sent, count)).await,
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
        again_id: Uuid::now_v7().to_string(),
        errors,
    })
}

/// A mark as people say it.
pub fn marked(mark: Mark) -> &'static str {
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
