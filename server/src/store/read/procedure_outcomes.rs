//! What became of procedures: reach for it to compare codes, sides, sites and periods.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::implants::{Implant, ImplantFilter, ProcedureFilter, implants, unlinked_revisions};
use crate::error::Problem;
use crate::in_procedures;
use crate::outcomes::model::OutcomeKind;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{outcomes, patients, procedures};
use crate::theatre::model::{OperatedSide, ProcedureId};

diesel::alias!(outcomes as later_outcome: LaterOutcome, patients as linked: Linked);

/// Procedures that one question may cover; more would keep the reader waiting and the memory full.
pub const MOST: i64 = 250_000;

/// One procedure.
#[derive(Clone, Debug, PartialEq, Queryable)]
pub struct ProcedureRow {
    /// Identifier.
    pub id: ProcedureId,
    /// OPCS-4 without the dot.
    pub opcs4: String,
    /// Side.
    pub side: Option<OperatedSide>,
    /// ODS site code.
    pub site: String,
    /// When it began.
    pub started_at: Moment,
}

/// What was reported about a procedure.
#[derive(Clone, Debug, PartialEq, Queryable)]
pub struct Reported {
    /// The procedure.
    pub procedure: ProcedureId,
    /// Complication or score.
    pub kind: OutcomeKind,
    /// Which.
    pub code: Option<String>,
    /// The score.
    pub score: Option<f64>,
    /// The day.
    pub on: NaiveDate,
}

/// Everything that became of the procedures of a filter.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// The procedures.
    pub procedures: Vec<ProcedureRow>,
    /// Their implants.
    pub implants: Vec<Implant>,
    /// The days on which their patients died.
    pub deaths: HashMap<ProcedureId, NaiveDate>,
    /// Their complications and scores.
    pub reported: Vec<Reported>,
    /// Revisions of the period that name no device of the registry.
    pub unlinked_revisions: i64,
}

/// Follows the procedures of a filter.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where more than [`MOST`] procedures match.
pub fn follow(connection: &mut AnyConnection, filter: &ProcedureFilter) -> Result<Followed, Problem> {
    let count: i64 = in_procedures!(procedures::table.count().into_boxed(), filter).get_result(connection)?;
    if count > MOST {
        let detail = format!(
            "{count} procedures match, and {MOST} are shown at the most: choose a code, a site or a shorter period."
        );
        return Err(Problem::invalid(detail));
    }
    let columns = (procedures::id, procedures::opcs4, procedures::side, procedures::site_code, procedures::started_at);
    let rows = in_procedures!(procedures::table.select(columns).into_boxed(), filter).load(connection)?;
    Ok(Followed {
        procedures: rows,
        implants: implants(connection, &ImplantFilter { product: None, procedures: filter.clone() })?,
        deaths: deaths(connection, filter)?,
        reported: reported(connection, filter)?,
        unlinked_revisions: unlinked_revisions(connection, filter.period)?,
    })
}

/// The OPCS-4 codes of all procedures on record.
///
/// # Errors
/// Those of the database.
pub fn codes_on_record(connection: &mut AnyConnection) -> Result<Vec<String>, Problem> {
    Ok(procedures::table.select(procedures::opcs4).distinct().order(procedures::opcs4).load(connection)?)
}

/// Why procedures were done, as recorded; of more than [`MOST_INDICATIONS`] the first.
///
/// # Errors
/// Those of the database.
pub fn indications_on_record(connection: &mut AnyConnection) -> Result<Vec<String>, Problem> {
    Ok(procedures::table
        .filter(procedures::indication.is_not_null())
        .select(procedures::indication.assume_not_null())
        .distinct()
        .order(procedures::indication.assume_not_null())
        .limit(MOST_INDICATIONS)
        .load(connection)?)
}

/// Indications among which a person can choose in a list.
const MOST_INDICATIONS: i64 = 500;

fn deaths(
    connection: &mut AnyConnection,
    filter: &ProcedureFilter,
) -> Result<HashMap<ProcedureId, NaiveDate>, Problem> {
    let query = procedures::table
        .inner_join(patients::table)
        .inner_join(linked.on(linked.field(patients::person_id).eq(patients::person_id)))
        .inner_join(outcomes::table.on(outcomes::patient_id.eq(linked.field(patients::id))))
        .filter(outcomes::kind.eq(OutcomeKind::Death))
        .filter(outcomes::withdrawn.eq(false))
        .filter(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
        .select((procedures::id, outcomes::occurred_on))
        .into_boxed();
    let found: Vec<(ProcedureId, NaiveDate)> = in_procedures!(query, filter).load(connection)?;
    let mut died: HashMap<ProcedureId, NaiveDate> = HashMap::with_capacity(found.len());
    for (procedure, on) in found {
        died.entry(procedure).and_modify(|known| *known = on.min(*known)).or_insert(on);
    }
    Ok(died)
}

fn reported(connection: &mut AnyConnection, filter: &ProcedureFilter) -> Result<Vec<Reported>, Problem> {
    let query = procedures::table
        .inner_join(outcomes::table.on(outcomes::procedure_id.eq(procedures::id.nullable())))
        .filter(outcomes::kind.eq_any([OutcomeKind::Complication, OutcomeKind::Prom]))
        .filter(outcomes::withdrawn.eq(false))
        .filter(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
        .select((procedures::id, outcomes::kind, outcomes::code, outcomes::score, outcomes::occurred_on))
        .into_boxed();
    Ok(in_procedures!(query, filter).load(connection)?)
}
