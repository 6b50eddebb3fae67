//! The checks of a procedure (NatSSIPs 2, WHO surgical safety checklist): what was said aloud, by whom and when.

use actix_web::{HttpResponse, get, post, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::ProcedureId;
use super::procedures;
use crate::access::{Actor, Permit, ReadProcedures, Record, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{procedure_checks, users};
use crate::store::{AnyConnection, Store, Transaction};

crate::record_id! {
    /// One check.
    CheckId
}

crate::word_list! {
    /// A step at which something is checked aloud.
    CheckStep {
        /// Two identifiers of the patient, read back (NatSSIPs 2: procedural verification).
        Identity = "identity",
        /// Everybody has said name and part (WHO: time out).
        Team = "team",
        /// Type, size, side, expiry, sterility and fit, before a pack is opened (NatSSIPs 2: safe use of implants).
        BeforeOpening = "before-opening",
        /// The list of what was implanted, read back before the end (WHO: sign out).
        ReadBack = "read-back",
    }
}

crate::word_list! {
    /// What a patient is known by. What it says is read aloud and never typed here.
    Identifier {
        /// Name in full.
        Name = "name",
        /// Date of birth.
        BirthDate = "date-of-birth",
        /// NHS number.
        NhsNumber = "nhs-number",
        /// The hospital's number.
        HospitalNumber = "hospital-number",
        /// Address.
        Address = "address",
    }
}

/// A check that was done.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewCheck {
    /// Made by the client (UUIDv7).
    pub id: CheckId,
    /// Which one.
    pub step: CheckStep,
    /// For `identity`: which identifiers agreed with the wristband when they were read back; two or more.
    #[serde(default)]
    pub identifiers: Vec<Identifier>,
}

impl NewCheck {
    /// The identifiers as kept, in the order of their list.
    fn detail(&self) -> Result<String, Problem> {
        let mut identifiers = self.identifiers.clone();
        identifiers.sort_unstable();
        identifiers.dedup();
        match self.step {
            CheckStep::Identity if identifiers.len() < 2 => {
                Err(Problem::invalid("Two identifiers of the patient are to be read back: choose which they were."))
            }
            CheckStep::Identity => Ok(identifiers.iter().map(|one| one.word()).collect::<Vec<_>>().join(" ")),
            _ if !identifiers.is_empty() => Err(Problem::invalid("Identifiers belong to the check of the identity.")),
            _ => Ok(String::new()),
        }
    }
}

/// A check as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// Identifier.
    pub id: CheckId,
    /// Which one.
    pub step: CheckStep,
    /// For `identity`, the identifiers, separated by spaces.
    pub detail: String,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub done_at: Moment,
    /// Who said so.
    pub done_by: String,
}

/// Records a check.
///
/// # Errors
/// [`Code::InvalidInput`] for an identity without two identifiers, [`Code::WrongState`] where the procedure is finished,
/// [`Code::NotFound`], [`Code::IdReused`].
pub fn add(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    procedure: ProcedureId,
    new: &NewCheck,
) -> Result<Written, Problem> {
    let detail = new.detail()?;
    let known: Option<(ProcedureId, CheckStep, String)> = procedure_checks::table
        .find(new.id)
        .select((procedure_checks::procedure_id, procedure_checks::step, procedure_checks::detail))
        .first(&mut **tx)
        .optional()?;
    let same =
        |(of, step, said): &(ProcedureId, CheckStep, String)| *of == procedure && *step == new.step && *said == detail;
    if repeated(known, same, || format!("check {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    if procedures::find(tx, procedure)?.ended_at.is_some() {
        return Err(Problem::new(Code::WrongState, "The procedure is finished: a check comes too late."));
    }
    diesel::insert_into(procedure_checks::table)
        .values((
            procedure_checks::id.eq(new.id),
            procedure_checks::procedure_id.eq(procedure),
            procedure_checks::step.eq(new.step),
            procedure_checks::detail.eq(&detail),
            procedure_checks::done_at.eq(Moment::now()),
            procedure_checks::done_by.eq(user),
        ))
        .execute(&mut **tx)?;
    let act = Act {
        action: "check-done",
        subject_kind: "procedure",
        subject: procedure.to_string(),
        detail: &(new.step, detail),
    };
    audit::record(tx, actor, &act)?;
    Ok(Written::Now)
}

/// The checks of a procedure, in order.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<Check>, Problem> {
    let rows: Vec<(CheckId, CheckStep, String, Moment, String)> = procedure_checks::table
        .inner_join(users::table)
        .filter(procedure_checks::procedure_id.eq(procedure))
        .order((procedure_checks::done_at, procedure_checks::id))
        .select((
            procedure_checks::id,
            procedure_checks::step,
            procedure_checks::detail,
            procedure_checks::done_at,
            users::display_name,
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, step, detail, done_at, done_by)| Check { id, step, detail, done_at, done_by })
        .collect())
}

/// Record a check of a procedure
#[utoipa::path(tag = "theatre", request_body = NewCheck, responses(
    (status = 201, description = "Recorded"), (status = 200, description = "It was recorded"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/procedures/{id}/checks")]
pub async fn add_check(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<ProcedureId>,
    body: web::Json<NewCheck>,
) -> Result<HttpResponse, Problem> {
    let (actor, user, id, new) = (permit.actor(), permit.user().id, id.into_inner(), body.into_inner());
    let written = store.write(move |tx| add(tx, &actor, user, id, &new)).await?;
    Ok(written.answer().finish())
}

/// The checks of a procedure
#[utoipa::path(tag = "theatre", responses((status = 200, body = Vec<Check>)))]
#[get("/procedures/{id}/checks")]
pub async fn list_checks(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<web::Json<Vec<Check>>, Problem> {
    let id = id.into_inner();
    store.read(move |connection| of_procedure(connection, id)).await.map(web::Json)
}
