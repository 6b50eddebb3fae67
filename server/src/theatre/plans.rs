//! What was planned for an operation, such as the power of a lens by the biometry: entered before anything is opened, and
//! compared with what is scanned.

use std::collections::BTreeMap;

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
use crate::store::schema::procedure_plans;
use crate::store::{AnyConnection, Store, Transaction};

crate::record_id! {
    /// One entry of a plan.
    PlanId
}

/// The name under which the power of a lens is planned, in dioptres.
pub const LENS_POWER: &str = "lens-power";

/// One value of the plan.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewPlan {
    /// Made by the client (UUIDv7).
    pub id: PlanId,
    /// What is planned, such as `lens-power`.
    pub name: String,
    /// Such as `+21.5`.
    pub value: String,
    /// Where it stands, such as `biometry of 3 November`.
    pub source: String,
}

impl NewPlan {
    /// The same, trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn checked(mut self) -> Result<Self, Problem> {
        for (what, text, longest) in
            [("name", &mut self.name, 40), ("value", &mut self.value, 40), ("source", &mut self.source, 120)]
        {
            *text = text.trim().to_owned();
            if text.is_empty() || text.chars().count() > longest {
                return Err(Problem::invalid(format!("The plan's {what} is to have 1 to {longest} characters.")));
            }
        }
        if self.name == LENS_POWER {
            let power = self.value.replace('\u{2212}', "-").trim_end_matches(['D', 'd']).trim().parse::<f64>();
            let usual = power.is_ok_and(|power| (-30.0..=60.0).contains(&power));
            if !usual {
                return Err(Problem::invalid(format!(
                    "\"{}\" is no power of a lens: write dioptres such as +21.5, from -30 to +60.",
                    self.value
                )));
            }
        }
        Ok(self)
    }
}

/// Enters a value of the plan; a later one of the same name takes its place. What was scanned before keeps its verdict.
///
/// # Errors
/// [`Code::WrongState`] where the procedure is finished, [`Code::NotFound`], [`Code::IdReused`].
pub fn enter(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    procedure: ProcedureId,
    new: &NewPlan,
) -> Result<Written, Problem> {
    let known: Option<(ProcedureId, String, String)> = procedure_plans::table
        .find(new.id)
        .select((procedure_plans::procedure_id, procedure_plans::name, procedure_plans::value))
        .first(&mut **tx)
        .optional()?;
    let same = |(of, name, value): &(ProcedureId, String, String)| {
        *of == procedure && *name == new.name && *value == new.value
    };
    if repeated(known, same, || format!("entry of a plan {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    if procedures::find(tx, procedure)?.ended_at.is_some() {
        return Err(Problem::new(Code::WrongState, "The procedure is finished: its plan is not changed any more."));
    }
    diesel::insert_into(procedure_plans::table)
        .values((
            procedure_plans::id.eq(new.id),
            procedure_plans::procedure_id.eq(procedure),
            procedure_plans::name.eq(&new.name),
            procedure_plans::value.eq(&new.value),
            procedure_plans::source.eq(&new.source),
            procedure_plans::entered_at.eq(Moment::now()),
            procedure_plans::entered_by.eq(user),
        ))
        .execute(&mut **tx)?;
    let act = Act {
        action: "plan-entered",
        subject_kind: "procedure",
        subject: procedure.to_string(),
        detail: &(&new.name, &new.value, &new.source),
    };
    audit::record(tx, actor, &act)?;
    Ok(Written::Now)
}

/// What is planned, by name: the latest of each.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
) -> Result<BTreeMap<String, String>, Problem> {
    let rows: Vec<(String, String)> = procedure_plans::table
        .filter(procedure_plans::procedure_id.eq(procedure))
        .order((procedure_plans::entered_at, procedure_plans::id))
        .select((procedure_plans::name, procedure_plans::value))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Enter what was planned, such as a lens's power
#[utoipa::path(tag = "theatre", request_body = NewPlan, responses(
    (status = 201, description = "Entered"), (status = 200, description = "It was there"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/procedures/{id}/plan")]
pub async fn enter_plan(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<ProcedureId>,
    body: web::Json<NewPlan>,
) -> Result<HttpResponse, Problem> {
    let (actor, user, id) = (permit.actor(), permit.user().id, id.into_inner());
    let new = body.into_inner().checked()?;
    let written = store.write(move |tx| enter(tx, &actor, user, id, &new)).await?;
    Ok(written.answer().finish())
}

/// What was planned for a procedure
#[utoipa::path(tag = "theatre", responses((status = 200, body = Object), (status = 404, body = ProblemDetails)))]
#[get("/procedures/{id}/plan")]
pub async fn show_plan(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<web::Json<BTreeMap<String, String>>, Problem> {
    let id = id.into_inner();
    store.read(move |connection| of_procedure(connection, id)).await.map(web::Json)
}
