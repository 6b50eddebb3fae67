//! Outcomes over HTTP.

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::{IntoParams, ToSchema};

use super::by_procedure::ProcedureOutcomes;
use super::curve::DeviceCurve;
use super::curve_now::curve_now;
use super::model::{NewOutcome, Outcome, OutcomeId, Withdrawal};
use super::store as outcome_store;
use crate::access::{Permit, ReadOutcomes, ReadProcedures, RecordOutcome};
use crate::catalogue::{ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::error::{Problem, ProblemDetails};
use crate::identity::model::PatientId;
use crate::small_numbers::Sight;
use crate::store::read::implants::ProcedureFilter;
use crate::store::read::period::Period;
use crate::store::read::procedure_outcomes::follow;
use crate::store::{AnyConnection, Store};
use crate::theatre::model::{Opcs4, ProcedureId};

/// Outcomes as they stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcomes {
    outcomes: Vec<Outcome>,
}

/// Record an outcome, or correct one
///
/// A revision ends the life of the devices in `removed`. Without any it is kept and counted as unlinked.
#[utoipa::path(tag = "outcomes", request_body = NewOutcome, responses(
    (status = 201, body = Outcome, description = "Recorded"),
    (status = 200, body = Outcome, description = "The same outcome was there already"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/outcomes")]
pub async fn record_outcome(
    store: web::Data<Store>,
    permit: Permit<RecordOutcome>,
    new: web::Json<NewOutcome>,
) -> Result<HttpResponse, Problem> {
    let new = new.into_inner().checked(london_date(Utc::now()))?;
    let actor = permit.actor();
    let (outcome, recorded) = store.write(move |tx| outcome_store::record(tx, &actor, &new)).await?;
    Ok(recorded.answer().json(outcome))
}

/// Withdraw an outcome that never was
#[utoipa::path(tag = "outcomes", params(("id" = OutcomeId, Path)), request_body = Withdrawal, responses(
    (status = 201, body = Outcome, description = "Withdrawn"),
    (status = 200, body = Outcome, description = "The same withdrawal was there already"),
    (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/outcomes/{id}/withdrawal")]
pub async fn withdraw_outcome(
    store: web::Data<Store>,
    permit: Permit<RecordOutcome>,
    of: web::Path<OutcomeId>,
    withdrawal: web::Json<Withdrawal>,
) -> Result<HttpResponse, Problem> {
    let (actor, of, withdrawal) = (permit.actor(), of.into_inner(), withdrawal.into_inner().checked()?);
    let (outcome, recorded) = store.write(move |tx| outcome_store::withdraw(tx, &actor, of, &withdrawal)).await?;
    Ok(recorded.answer().json(outcome))
}

/// Outcomes of a patient, as they stand
#[utoipa::path(tag = "outcomes", params(("id" = PatientId, Path)), responses(
    (status = 200, body = Outcomes), (status = 404, body = ProblemDetails)))]
#[get("/patients/{id}/outcomes")]
pub async fn patient_outcomes(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<PatientId>,
) -> Result<web::Json<Outcomes>, Problem> {
    let id = id.into_inner();
    let outcomes = store.read(move |connection| outcome_store::of_patient(connection, id)).await?;
    Ok(web::Json(Outcomes { outcomes }))
}

/// Outcomes of a procedure, as they stand
///
/// Revisions of its implants, revisions done in it, its complications and scores, and the patient's death.
#[utoipa::path(tag = "outcomes", params(("id" = ProcedureId, Path)), responses(
    (status = 200, body = Outcomes), (status = 404, body = ProblemDetails)))]
#[get("/procedures/{id}/outcomes")]
pub async fn procedure_outcomes(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<web::Json<Outcomes>, Problem> {
    let id = id.into_inner();
    let outcomes = store.read(move |connection| outcome_store::of_procedure(connection, id)).await?;
    Ok(web::Json(Outcomes { outcomes }))
}

/// How long a device lasts
///
/// The curve is computed from the record as it is now; `snapshot` says which implants it was computed from.
#[utoipa::path(tag = "outcomes", params(("id" = ProductId, Path)), responses(
    (status = 200, body = DeviceCurve), (status = 404, body = ProblemDetails)))]
#[get("/products/{id}/survival")]
pub async fn device_survival(
    asking: Asking,
    permit: Permit<ReadOutcomes>,
    id: web::Path<ProductId>,
) -> Result<web::Json<DeviceCurve>, Problem> {
    let id = id.into_inner();
    asking.look(&permit, "device-asked", "product", id.to_string()).await?;
    let columns = asking.columns().await;
    let curve = asking
        .store
        .read(move |connection| {
            catalogue::product(connection, id)?;
            curve_now(connection, id, columns.as_ref())
        })
        .await?;
    let told = asking.devices_told(&permit).await?;
    Ok(web::Json(curve.seen(asking.sight(&permit), &told)))
}

/// Which procedures.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ProcedureQuery {
    /// OPCS-4 code, with or without its dot.
    #[serde(default, alias = "opcs4")]
    pub code: String,
    /// `left`, `right` or `bilateral`.
    #[serde(default)]
    pub side: String,
    /// ODS site code.
    #[serde(default)]
    pub site: String,
    /// Why they were done, as recorded.
    #[serde(default)]
    pub indication: String,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default)]
    pub to: String,
}

impl ProcedureQuery {
    /// What was asked, for the audit.
    pub fn in_words(&self) -> String {
        format!(
            "code:{} side:{} site:{} indication:{} from:{} to:{}",
            self.code, self.side, self.site, self.indication, self.from, self.to
        )
    }

    /// The filter that was meant; what is empty does not filter.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be read.
    pub fn filter(&self) -> Result<ProcedureFilter, Problem> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = |text: &str| {
            let parse = |text: String| {
                text.parse()
                    .map_err(|_| Problem::invalid(format!("\"{text}\" is no day: write one such as 2026-11-23.")))
            };
            given(text).map(parse).transpose()
        };
        let invalid = |error: String| Problem::invalid(error);
        Ok(ProcedureFilter {
            opcs4: given(&self.code)
                .map(|code| code.parse::<Opcs4>().map(|code| code.as_str().to_owned()).map_err(invalid))
                .transpose()?,
            side: given(&self.side).map(|side| side.parse().map_err(invalid)).transpose()?,
            site: given(&self.site),
            indication: given(&self.indication),
            period: Period { from: day(&self.from)?, to: day(&self.to)? },
            patients: None,
        })
    }
}

/// Outcomes by procedure code, side and site
#[utoipa::path(tag = "outcomes", params(ProcedureQuery), responses(
    (status = 200, body = ProcedureOutcomes), (status = 422, body = ProblemDetails)))]
#[get("/outcomes/procedures")]
pub async fn outcomes_by_procedure(
    asking: Asking,
    permit: Permit<ReadOutcomes>,
    query: web::Query<ProcedureQuery>,
) -> Result<web::Json<ProcedureOutcomes>, Problem> {
    let filter = query.filter()?;
    asking.look(&permit, "procedures-asked", "procedures", query.in_words()).await?;
    let sight = asking.sight(&permit);
    Ok(web::Json(asking.store.read(move |connection| by_procedure(connection, &filter, sight)).await?))
}

/// What became of the procedures of a filter, as a role may see it: those of one indication among all.
///
/// # Errors
/// Those of [`follow`].
pub fn by_procedure(
    connection: &mut AnyConnection,
    filter: &ProcedureFilter,
    sight: Sight,
) -> Result<ProcedureOutcomes, Problem> {
    let mut of = |filter: &ProcedureFilter| {
        follow(connection, filter).map(|followed| ProcedureOutcomes::of(&followed, london_date(Utc::now())))
    };
    let some = of(filter)?;
    if sight.is_all() || filter.indication.is_none() {
        return Ok(some.seen(sight));
    }
    let all = of(&ProcedureFilter { indication: None, ..filter.clone() })?;
    Ok(some.seen_among(all, sight))
}
