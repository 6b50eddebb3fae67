//! The theatre's pages: open a procedure, scan, finish.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::api::wristband_presented;
use super::arrival::body_hash;
use super::device_list;
use super::judgement::told_to_tablets;
use super::model::{Fate, Opcs4, OperatedSide, ProcedureId};
use super::opcs4;
use super::organisations::{site_name, sites};
use super::override_claims;
use super::procedures::{self, CaseMix, NewProcedure, Procedure};
use super::snapshot::Snapshots;
use super::team;
use crate::access::{Permit, ReadProcedures, Record, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::Presented;
use crate::identity::store as identity_store;
use crate::store::columns::Moment;
use crate::store::{AnyConnection, Store};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::theatre::{DeviceUseShown, ProcedureFacts, ProcedurePage, StartPage, SummaryPage};
use crate::web::{Choice, FieldError, Link, Page};

/// Unfinished procedures offered on the first page.
const OPEN_SHOWN: i64 = 12;

/// `GET /theatre`
#[get("/theatre")]
pub async fn show_start(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
) -> Result<HttpResponse, PageProblem> {
    start_page(&store, &config, &permit, OpenForm::default(), Vec::new()).await
}

/// What the first page posts.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OpenForm {
    id: Option<ProcedureId>,
    #[serde(default)]
    wristband: Scanned,
    #[serde(default)]
    site: String,
    #[serde(default)]
    theatre: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    side: String,
}

/// What was scanned or typed for the patient; never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
struct Scanned(String);

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanned(sealed)")
    }
}

/// `POST /theatre`
#[post("/theatre")]
pub async fn post_start(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    form: SignedForm<OpenForm>,
) -> Result<HttpResponse, PageProblem> {
    let form = form.0;
    let new = match new_procedure(&form, &keys, &config) {
        Ok(new) => new,
        Err(errors) => return start_page(&store, &config, &permit, form, errors).await,
    };
    let (keys, actor) = (keys.into_inner(), permit.actor());
    match store.write(move |tx| procedures::open(tx, &keys, &actor, &new)).await {
        Ok(opened) => Ok(see_other(&format!("/theatre/{}", opened.procedure.id))),
        Err(problem) if problem.code() == Code::InvalidInput => {
            let error = FieldError { field: "site".into(), text: problem.detail().to_owned() };
            start_page(&store, &config, &permit, form, vec![error]).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Reads the form, or says of each field what is wrong with it.
fn new_procedure(form: &OpenForm, keys: &IdentityKeys, config: &Config) -> Result<NewProcedure, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, text: String| errors.push(FieldError { field: field.to_owned(), text });
    let patient = patient_of(&form.wristband.0, config);
    let code = form.code.parse::<Opcs4>();
    let side = match form.side.as_str() {
        "none" => Ok(None),
        word => word.parse::<OperatedSide>().map(Some),
    };
    if let Err(problem) = &patient {
        wrong("wristband", problem.detail().to_owned());
    }
    if form.theatre.trim().is_empty() {
        wrong("theatre", "Write in which theatre.".to_owned());
    }
    if let Err(text) = &code {
        wrong("code", text.clone());
    }
    if side.is_err() {
        wrong("side-1", "Choose the side that is operated on, or “No side”.".to_owned());
    }
    let (Ok(patient), Ok(code), Ok(side), true) = (patient, code, side, errors.is_empty()) else {
        return Err(errors);
    };
    let id = form.id.unwrap_or_default();
    let told = format!("{id} {:?} {} {} {}", form.wristband.0, form.site, form.theatre, form.code);
    Ok(NewProcedure {
        id,
        patient,
        site: form.site.clone(),
        theatre: form.theatre.clone(),
        code,
        side,
        indication: None,
        case_mix: CaseMix::default(),
        started_at: Moment::now(),
        body_hash: body_hash(keys, told.as_bytes()),
    })
}

/// A number typed by a person, else a wristband.
fn patient_of(text: &str, config: &Config) -> Result<Presented, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::invalid("Scan the wristband or type the NHS number."));
    }
    match identity_store::identifier_typed(text) {
        Ok(identifier) => Ok(Presented { identifiers: vec![identifier], ..Presented::default() }),
        Err(_) => wristband_presented(text.as_bytes(), config),
    }
}

async fn start_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    form: OpenForm,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (sites, open, to_confirm) = store
        .read(|connection| {
            let to_confirm = override_claims::open(connection)?
                .into_iter()
                .map(|id| procedures::find(connection, id))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((sites(connection)?, procedures::unfinished(connection, OPEN_SHOWN)?, to_confirm))
        })
        .await?;
    let chosen = if form.site.is_empty() { signed_in.user().site_code.clone().unwrap_or_default() } else { form.site };
    let link = |procedure: &Procedure| Link {
        href: format!("/theatre/{}", procedure.id),
        text: format!("{}, {}", opcs4::title(&procedure.opcs4), procedure.theatre),
        hint: format!("{} since {}", procedure.patient_id.pseudonym(), clock(procedure.started_at)),
    };
    show(&StartPage {
        page: Page::of(signed_in, config, "Open a procedure", "/theatre"),
        // After an error the id is kept: posting the corrected form opens one procedure.
        id: form.id.unwrap_or_default().to_string(),
        sites: Choice::list(sites, &chosen),
        theatre: form.theatre,
        codes: Choice::list(opcs4::OFFERED.iter().map(|&(code, text)| (code, text)), ""),
        code: form.code,
        sides: Choice::sides(&form.side),
        errors,
        open: open.iter().map(link).collect(),
        to_confirm: to_confirm.iter().map(link).collect(),
        offline: false,
    })
}

/// `GET /theatre/{id}`
#[get("/theatre/{id}")]
pub async fn show_theatre(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    permit: Permit<Record>,
    id: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    let ((facts, ended, devices), on_the_table) = store
        .read(move |connection| {
            let procedure = procedures::find(connection, id)?;
            Ok((whole(connection, Some(&keys), id)?, told_to_tablets(connection, &procedure)?))
        })
        .await?;
    if ended.is_some() {
        return Ok(see_other(&format!("/theatre/{id}/summary")));
    }
    let page = Page::of(&permit, &config, "Scan implants", "/theatre");
    let mut devices: Vec<_> = devices.into_iter().rev().collect();
    // What was undone does not stand between the devices that are there.
    devices.sort_by_key(|device| device.fate == Fate::EnteredInError.word());
    let on_the_table = serde_json::to_string(&on_the_table)
        .map_err(|error| Problem::new(Code::Internal, "What is in the patient could not be written.").because(error))?;
    show(&ProcedurePage { page, procedure: facts, devices, snapshot_key: snapshots.public_key(), on_the_table })
}

/// `POST /theatre/{id}/finish`
#[post("/theatre/{id}/finish")]
pub async fn post_finish(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<ProcedureId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, id) = (permit.actor(), id.into_inner());
    match store.write(move |tx| procedures::finish(tx, &actor, id)).await {
        Ok(_) => Ok(see_other(&format!("/theatre/{id}/summary"))),
        // The page says beside the devices what is to be done first.
        Err(problem) if problem.code() == Code::WrongState => Ok(see_other(&format!("/theatre/{id}#devices"))),
        Err(problem) => Err(problem.into()),
    }
}

/// `GET /theatre/{id}/summary`
#[get("/theatre/{id}/summary")]
pub async fn show_summary(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    // Once it is finished nobody needs the name: the summary shows the pseudonym.
    let (facts, ended, devices) = store.read(move |connection| whole(connection, None, id)).await?;
    let (implanted, others) = devices.into_iter().partition(|device| device.fate == Fate::Implanted.word());
    show(&SummaryPage {
        page: Page::of(&permit, &config, "Procedure", "/theatre"),
        procedure: facts,
        finished: ended.map(day_and_clock).unwrap_or_default(),
        implanted,
        others,
    })
}

pub(super) type Whole = (ProcedureFacts, Option<Moment>, Vec<DeviceUseShown>);

/// A procedure with its devices as shown. With the keys, the patient's name and date of birth are shown: to the team that
/// has the patient on the table.
pub(super) fn whole(
    connection: &mut AnyConnection,
    keys: Option<&IdentityKeys>,
    id: ProcedureId,
) -> Result<Whole, Problem> {
    let procedure = procedures::find(connection, id)?;
    let facts = facts_of(connection, keys, &procedure)?;
    Ok((facts, procedure.ended_at, device_list::shown(connection, id)?))
}

/// What a procedure is at a glance, by pseudonym.
pub(super) fn facts(connection: &mut AnyConnection, id: ProcedureId) -> Result<ProcedureFacts, Problem> {
    let procedure = procedures::find(connection, id)?;
    facts_of(connection, None, &procedure)
}

fn facts_of(
    connection: &mut AnyConnection,
    keys: Option<&IdentityKeys>,
    procedure: &Procedure,
) -> Result<ProcedureFacts, Problem> {
    let id = procedure.id;
    let patient = match keys {
        Some(keys) if procedure.ended_at.is_none() => patient_on_the_table(connection, keys, procedure)?,
        _ => procedure.patient_id.pseudonym(),
    };
    let team = team::of_procedure(connection, id)?;
    Ok(ProcedureFacts {
        id: id.to_string(),
        patient,
        code: opcs4::dotted(&procedure.opcs4),
        code_text: opcs4::title(&procedure.opcs4).to_owned(),
        side: procedure
            .side
            .map(|side| tessera_scanner::verdict::Side::from(side).in_words())
            .unwrap_or_default()
            .to_owned(),
        site_code: procedure.site_code.clone(),
        site: site_name(connection, &procedure.site_code)?,
        theatre: procedure.theatre.clone(),
        started: day_and_clock(procedure.started_at),
        team: team.join(", "),
    })
}

pub(super) fn patient_on_the_table(
    connection: &mut AnyConnection,
    keys: &IdentityKeys,
    procedure: &Procedure,
) -> Result<String, Problem> {
    let known = identity_store::demographics(connection, keys, procedure.patient_id)?;
    let born = known.birth_date.map(|date| format!("born {}", date.format("%-d %B %Y")));
    let parts: Vec<String> = known.name().into_iter().chain(born).collect();
    Ok(if parts.is_empty() { procedure.patient_id.pseudonym() } else { parts.join(", ") })
}

pub(super) fn clock(moment: Moment) -> String {
    moment.utc().with_timezone(&chrono_tz::Europe::London).format("%H:%M").to_string()
}

pub(super) fn day_and_clock(moment: Moment) -> String {
    moment.utc().with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string()
}
