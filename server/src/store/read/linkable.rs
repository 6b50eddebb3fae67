//! What the registry knows of the person behind a pseudonym: reach for it to link an outcome that somebody else recorded.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;

use super::implants::{ImplantFilter, ProcedureFilter, implants};
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::linkage::matching::{Known, KnownProcedure};
use crate::outcomes::model::OutcomeKind;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{outcomes, patient_identifiers, patients, procedures};
use crate::theatre::model::{OperatedSide, ProcedureId};

diesel::alias!(outcomes as later_outcome: LaterOutcome);

/// The patient who has the identifier of this pseudonym.
///
/// # Errors
/// Those of the database.
pub fn patient_of(connection: &mut AnyConnection, pseudonym: &[u8]) -> Result<Option<PatientId>, Problem> {
    Ok(patient_identifiers::table
        .filter(patient_identifiers::pseudonym.eq(pseudonym))
        .select(patient_identifiers::patient_id)
        .first(connection)
        .optional()?)
}

/// Implants, procedures and death of a patient and of everybody linked to them.
///
/// # Errors
/// Those of the database.
pub fn known(connection: &mut AnyConnection, patient: PatientId) -> Result<Known, Problem> {
    let person = crate::identity::store::person_of(connection, patient)?;
    let all: Vec<PatientId> =
        patients::table.filter(patients::person_id.eq(person)).select(patients::id).load(connection)?;
    let of = ProcedureFilter { patients: Some(all.clone()), ..ProcedureFilter::default() };
    let rows: Vec<(ProcedureId, String, Option<OperatedSide>, Moment)> = procedures::table
        .filter(procedures::patient_id.eq_any(all.clone()))
        .order(procedures::started_at)
        .select((procedures::id, procedures::opcs4, procedures::side, procedures::started_at))
        .load(connection)?;
    let died_on = outcomes::table
        .filter(outcomes::patient_id.eq_any(all))
        .filter(outcomes::kind.eq(OutcomeKind::Death))
        .filter(outcomes::withdrawn.eq(false))
        .filter(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
        .select(outcomes::occurred_on)
        .order(outcomes::occurred_on)
        .first(connection)
        .optional()?;
    Ok(Known {
        implants: implants(connection, &ImplantFilter { product: None, procedures: of })?,
        procedures: rows
            .into_iter()
            .map(|(id, opcs4, side, at)| KnownProcedure { id, opcs4, side, on: london_date(at.utc()) })
            .collect(),
        died_on,
    })
}
