//! The page that records what became of a procedure's patient and implants, and withdraws what never was.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use tessera_scanner::verdict::{Side, london_date};

use super::form::{COMPLICATIONS, OutcomeForm, QUESTIONNAIRES};
use super::model::{Outcome, OutcomeId, OutcomeKind, RevisionReason, Withdrawal};
use super::store as outcome_store;
use crate::access::{Permit, RecordOutcome, SignedForm, SignedIn};
use crate::catalogue::store as catalogue;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::store::{AnyConnection, Store};
use crate::theatre::device_uses::{self, DeviceUse};
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};
use crate::theatre::opcs4;
use crate::theatre::organisations::site_name;
use crate::theatre::procedures::{self, Procedure};
use crate::web::outcome::{ImplantChoice, OutcomeShown, RecordOutcomePage};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::theatre::ProcedureFacts;
use crate::web::{Choice, FieldError, Page};

/// Which form is shown.
#[derive(Debug, Deserialize)]
pub struct KindQuery {
    kind: Option<String>,
}

/// `GET /procedures/{id}/outcomes`
#[get("/procedures/{id}/outcomes")]
pub async fn show_record(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<RecordOutcome>,
    id: web::Path<ProcedureId>,
    query: web::Query<KindQuery>,
) -> Result<HttpResponse, PageProblem> {
    let kind = query.kind.as_deref().and_then(|kind| kind.parse().ok()).unwrap_or(OutcomeKind::Revision);
    record_page(&store, &config, &permit, id.into_inner(), OutcomeForm::new(kind), Vec::new()).await
}

/// `POST /procedures/{id}/outcomes`
#[post("/procedures/{id}/outcomes")]
pub async fn post_outcome(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<RecordOutcome>,
    id: web::Path<ProcedureId>,
    form: SignedForm<Vec<(String, String)>>,
) -> Result<HttpResponse, PageProblem> {
    let (id, form) = (id.into_inner(), OutcomeForm::read(&form.0)?);
    let procedure = store.read(move |connection| procedures::find(connection, id)).await?;
    let new = match form.outcome(&procedure) {
        Ok(new) => new,
        Err(errors) => return record_page(&store, &config, &permit, id, form, errors).await,
    };
    let actor = permit.actor();
    match store.write(move |tx| outcome_store::record(tx, &actor, &new)).await {
        Ok(_) => Ok(see_other(&format!("/procedures/{id}/outcomes#recorded"))),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState) => {
            let field = if form.kind == OutcomeKind::Revision { "removed" } else { "on-day" };
            let error = FieldError { field: field.into(), text: problem.detail().to_owned() };
            record_page(&store, &config, &permit, id, form, vec![error]).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /procedures/{id}/outcomes/{outcome}/withdrawal`
#[post("/procedures/{id}/outcomes/{outcome}/withdrawal")]
pub async fn post_withdrawal(
    store: web::Data<Store>,
    permit: Permit<RecordOutcome>,
    path: web::Path<(ProcedureId, OutcomeId)>,
    form: SignedForm<WithdrawalForm>,
) -> Result<HttpResponse, PageProblem> {
    let (id, outcome) = path.into_inner();
    let withdrawal = Withdrawal { id: form.0.id, reason: form.0.reason }.checked()?;
    let actor = permit.actor();
    store.write(move |tx| outcome_store::withdraw(tx, &actor, outcome, &withdrawal)).await?;
    Ok(see_other(&format!("/procedures/{id}/outcomes#recorded")))
}

/// What the button beside an outcome posts.
#[derive(Debug, Deserialize)]
pub struct WithdrawalForm {
    id: OutcomeId,
    reason: String,
}

async fn record_page(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    id: ProcedureId,
    form: OutcomeForm,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let chosen = form.removed.clone();
    let (procedure, implants, recorded) = store
        .read(move |connection| {
            let procedure = procedures::find(connection, id)?;
            let implants = implant_choices(connection, id, &chosen)?;
            Ok((facts(connection, &procedure)?, implants, outcome_store::of_procedure(connection, id)?))
        })
        .await?;
    let date_wrong = errors.iter().any(|error| error.field.starts_with("on-"));
    show(&RecordOutcomePage {
        page: Page::of(signed_in, config, "Outcomes of a procedure", "/procedures"),
        procedure,
        // After an error the id is kept: posting the corrected form records one outcome.
        id: form.id.unwrap_or_default().to_string(),
        kinds: KINDS.map(|(kind, text)| Choice {
            value: kind.word().into(),
            text: text.into(),
            selected: kind == form.kind,
        }),
        kind: form.kind.word(),
        implants,
        unlinked: form.unlinked,
        day_legend: capitalised(form.day_in_words().trim_start_matches("the ")),
        codes: codes(&form),
        code: form.code,
        on: form.on,
        date_wrong,
        detail: form.detail,
        score: form.score,
        errors,
        outcomes: recorded.iter().map(shown).collect(),
    })
}

const KINDS: [(OutcomeKind, &str); 4] = [
    (OutcomeKind::Revision, "Revision"),
    (OutcomeKind::Complication, "Complication"),
    (OutcomeKind::Prom, "Score"),
    (OutcomeKind::Death, "Death"),
];

/// What there is to choose, with nothing chosen at first.
fn codes(form: &OutcomeForm) -> Vec<Choice> {
    let (first, offered): (&str, Vec<(&str, &str)>) = match form.kind {
        OutcomeKind::Revision => {
            ("Choose a reason", RevisionReason::ALL.iter().map(|reason| (reason.word(), reason.in_words())).collect())
        }
        OutcomeKind::Complication => ("Choose what went wrong", COMPLICATIONS.to_vec()),
        OutcomeKind::Prom => {
            ("Choose a questionnaire", QUESTIONNAIRES.iter().map(|(word, text, ..)| (*word, *text)).collect())
        }
        OutcomeKind::Death => return Vec::new(),
    };
    let mut codes = Choice::list(offered, &form.code);
    codes.insert(0, Choice { value: String::new(), text: first.into(), selected: form.code.is_empty() });
    codes
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn facts(connection: &mut AnyConnection, procedure: &Procedure) -> Result<ProcedureFacts, Problem> {
    let side = procedure.side.map(|side| Side::from(side).in_words()).unwrap_or_default();
    Ok(ProcedureFacts {
        id: procedure.id.to_string(),
        patient: procedure.patient_id.pseudonym(),
        code: opcs4::dotted(&procedure.opcs4),
        code_text: opcs4::title(&procedure.opcs4).to_owned(),
        side: side.to_owned(),
        site_code: procedure.site_code.clone(),
        site: site_name(connection, &procedure.site_code)?,
        theatre: procedure.theatre.clone(),
        started: london_date(procedure.started_at.utc()).format("%-d %B %Y").to_string(),
        team: String::new(),
    })
}

/// The procedure's implants as they stand, each with the day on which it was taken out.
fn implant_choices(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
    chosen: &[DeviceUseId],
) -> Result<Vec<ImplantChoice>, Problem> {
    let rows = device_uses::of_procedure(connection, procedure)?;
    let superseded: Vec<DeviceUseId> = rows.iter().filter_map(|row| row.supersedes).collect();
    let current = rows.iter().filter(|row| row.fate == Fate::Implanted && !superseded.contains(&row.id));
    current
        .map(|row| {
            let chain = outcome_store::earlier_rows(connection, row.id)?;
            let removals = outcome_store::effective_removals(connection, &chain)?;
            let removed = removals.first().map(|(_, on)| on.format("%-d %B %Y").to_string());
            Ok(ImplantChoice {
                id: row.id.to_string(),
                name: named(connection, row)?,
                removed: removed.unwrap_or_default(),
                selected: chosen.contains(&row.id),
            })
        })
        .collect()
}

fn named(connection: &mut AnyConnection, row: &DeviceUse) -> Result<String, Problem> {
    let product = row.product_id.map(|id| catalogue::find_product(connection, id)).transpose()?.flatten();
    let name = match (product, &row.identifier) {
        (Some(product), _) => format!("{} {}", product.name(), product.reference),
        (None, Some(identifier)) => format!("Unknown product {identifier}"),
        (None, None) => "Unread pack".to_owned(),
    };
    let lot = row.lot.as_ref().map(|lot| format!(", lot {lot}")).unwrap_or_default();
    let serial = row.serial.as_ref().map(|serial| format!(", serial {serial}")).unwrap_or_default();
    Ok(format!("{name}{lot}{serial}"))
}

fn shown(outcome: &Outcome) -> OutcomeShown {
    let row = &outcome.row;
    let code = row.code.clone().unwrap_or_default();
    let text = match row.kind {
        OutcomeKind::Revision => {
            let reason = code.parse::<RevisionReason>().map_or(code, |reason| reason.in_words().to_owned());
            let device = match outcome.removed.len() {
                0 if outcome.unlinked => "a device that the registry does not have".to_owned(),
                0 => "withdrawn".to_owned(),
                1 => "one device taken out".to_owned(),
                many => format!("{many} devices taken out"),
            };
            format!("Revision: {device}. {reason}")
        }
        OutcomeKind::Death if code.is_empty() => "Death".to_owned(),
        OutcomeKind::Death => format!("Death: {code}"),
        OutcomeKind::Complication => {
            let known = COMPLICATIONS.iter().find(|(word, _)| *word == code).map(|(_, text)| (*text).to_owned());
            format!("Complication: {}", known.unwrap_or(code))
        }
        OutcomeKind::Prom => {
            let known = QUESTIONNAIRES.iter().find(|(word, ..)| *word == code).map(|(_, text, ..)| (*text).to_owned());
            format!("{}: {}", known.unwrap_or(code), row.score.unwrap_or_default())
        }
    };
    let detail = row.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let note = match (&row.reason, row.withdrawn) {
        (Some(reason), true) => format!("Withdrawn: {reason}"),
        (Some(reason), false) => format!("Corrected: {reason}"),
        (None, _) => String::new(),
    };
    OutcomeShown {
        id: row.id.to_string(),
        on: row.occurred_on.format("%-d %B %Y").to_string(),
        text: format!("{text}{detail}"),
        note,
        withdrawal: if row.withdrawn { String::new() } else { OutcomeId::new().to_string() },
    }
}
