//! Checks of an operation, and what was planned.

use actix_web::{HttpResponse, get, post, web};

use super::{Fields, beside, id, word};
use crate::access::{Permit, Record, SignedForm, SignedIn};
use crate::config::Config;
use crate::store::Store;
use crate::theatre::checks::{self, Check, CheckId, CheckStep, Identifier, NewCheck};
use crate::theatre::model::ProcedureId;
use crate::theatre::pages::{clock, facts};
use crate::theatre::plans::{self, LENS_POWER, NewPlan, PlanId};
use crate::web::case::{ChecksPage, StepShown};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, FieldError, Page};

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
pub fn title(step: CheckStep) -> (&'static str, &'static str) {
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
