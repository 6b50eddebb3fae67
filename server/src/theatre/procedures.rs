//! Procedures: opened with a patient, finished, corrected where the patient was the wrong one.

use diesel::prelude::*;
use serde::Serialize;

use super::model::{CorrectionId, Opcs4, OperatedSide, ProcedureId};
use super::organisations::site_name;
use super::team::{self, StaffId};
use super::{acknowledgements, device_uses};
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{PatientId, Presented};
use crate::identity::store::{find_or_add, require};
use crate::once::repeated;
use crate::recalls::alerts::evaluate as alerts;
use crate::store::columns::Moment;
use crate::store::schema::{procedure_corrections, procedures};
use crate::store::{AnyConnection, Transaction};

/// A procedure to be opened.
#[derive(Clone, Debug)]
pub struct NewProcedure {
    /// Made by the client.
    pub id: ProcedureId,
    /// Who is operated on.
    pub patient: Presented,
    /// Where (ODS site code).
    pub site: String,
    /// In which theatre.
    pub theatre: String,
    /// What is done.
    pub code: Opcs4,
    /// On which side.
    pub side: Option<OperatedSide>,
    /// Why.
    pub indication: Option<String>,
    /// What outcomes are adjusted for and chosen by.
    pub case_mix: CaseMix,
    /// When it began.
    pub started_at: Moment,
    /// Keyed hash of the request, to tell a repeat from another procedure under the same id.
    pub body_hash: Vec<u8>,
}

/// Who leads an operation, and how the patient is: what outcomes are adjusted for and chosen by. Nothing of it must be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseMix {
    /// The surgeon's registration, as on the badge.
    pub surgeon: Option<String>,
    /// Body mass index, kg/m².
    pub bmi: Option<f64>,
    /// ASA grade, 1 to 6.
    pub asa: Option<i32>,
}

impl CaseMix {
    /// The surgeon's identifier.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for a registration that nobody has, a body mass index outside 5 to 150, an ASA grade outside 1 to 6.
    fn checked(&self, connection: &mut AnyConnection) -> Result<Option<StaffId>, Problem> {
        if let Some(bmi) = self.bmi.filter(|bmi| !(5.0..=150.0).contains(bmi)) {
            return Err(Problem::invalid(format!("A body mass index of {bmi} cannot be: write kg/m², such as 27.4.")));
        }
        if let Some(asa) = self.asa.filter(|asa| !(1..=6).contains(asa)) {
            return Err(Problem::invalid(format!("{asa} is no ASA grade: write 1 to 6.")));
        }
        let Some(number) = self.surgeon.as_deref().map(str::trim).filter(|number| !number.is_empty()) else {
            return Ok(None);
        };
        let found = team::by_registration(connection, number)?;
        found.map(Some).ok_or_else(|| Problem::invalid(format!("No member of staff has the registration {number}.")))
    }
}

/// A procedure as recorded.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Serialize, utoipa::ToSchema)]
#[diesel(table_name = procedures)]
pub struct Procedure {
    /// Identifier.
    pub id: ProcedureId,
    /// The patient's internal id.
    pub patient_id: PatientId,
    /// ODS site code.
    pub site_code: String,
    /// Theatre.
    pub theatre: String,
    /// OPCS-4 without the dot.
    pub opcs4: String,
    /// Side.
    pub side: Option<OperatedSide>,
    /// Why.
    pub indication: Option<String>,
    /// When it began.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub started_at: Moment,
    /// When it was finished.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub ended_at: Option<Moment>,
    /// The surgeon who led it.
    pub surgeon_id: Option<StaffId>,
    /// The patient's body mass index, kg/m².
    pub bmi: Option<f64>,
    /// The patient's ASA grade.
    pub asa: Option<i32>,
}

/// What opening a procedure led to.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The procedure.
    pub procedure: Procedure,
    /// It was there before: this is a repeat.
    pub repeated: bool,
    /// Patient records that the same wristband also points to.
    pub disagree: Vec<PatientId>,
}

/// Opens a procedure. The same id with the same content again answers the same procedure.
///
/// # Errors
/// [`Code::InvalidInput`] for an unknown site or a patient without identifier, [`Code::IdReused`].
pub fn open(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    new: &NewProcedure,
) -> Result<Opened, Problem> {
    let known: Option<Option<Vec<u8>>> =
        procedures::table.find(new.id).select(procedures::body_hash).first(&mut **tx).optional()?;
    let same = |hash: &Option<Vec<u8>>| hash.as_deref() == Some(&new.body_hash);
    if repeated(known, same, || format!("procedure {}", new.id))?.is_some() {
        return Ok(Opened { procedure: find(tx, new.id)?, repeated: true, disagree: Vec::new() });
    }
    site_name(tx, &new.site)?;
    let theatre = new.theatre.trim();
    if theatre.is_empty() || theatre.chars().count() > 60 {
        return Err(Problem::invalid("The theatre's name has 1 to 60 characters."));
    }
    let surgeon = new.case_mix.checked(tx)?;
    let found = find_or_add(tx, keys, actor, &new.patient)?;
    diesel::insert_into(procedures::table)
        .values((
            procedures::id.eq(new.id),
            procedures::patient_id.eq(found.patient),
            procedures::site_code.eq(&new.site),
            procedures::theatre.eq(theatre),
            procedures::opcs4.eq(new.code.as_str()),
            procedures::side.eq(new.side),
            procedures::indication.eq(&new.indication),
            procedures::surgeon_id.eq(surgeon),
            procedures::bmi.eq(new.case_mix.bmi),
            procedures::asa.eq(new.case_mix.asa),
            procedures::started_at.eq(new.started_at),
            procedures::opened_by.eq(actor.user_id()),
            procedures::body_hash.eq(&new.body_hash),
        ))
        .execute(&mut **tx)?;
    let act = Act {
        action: "procedure-opened",
        subject_kind: "procedure",
        subject: new.id.to_string(),
        detail: &new.code.to_string(),
    };
    audit::record(tx, actor, &act)?;
    Ok(Opened { procedure: find(tx, new.id)?, repeated: false, disagree: found.disagree })
}

/// One procedure.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(connection: &mut AnyConnection, id: ProcedureId) -> Result<Procedure, Problem> {
    procedures::table
        .find(id)
        .select(Procedure::as_select())
        .get_result(connection)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("procedure {id}")))
}

/// Procedures that are not finished, latest first.
///
/// # Errors
/// Those of the database.
pub fn unfinished(connection: &mut AnyConnection, limit: i64) -> Result<Vec<Procedure>, Problem> {
    Ok(procedures::table
        .filter(procedures::ended_at.is_null())
        .select(Procedure::as_select())
        .order(procedures::started_at.desc())
        .limit(limit)
        .load(connection)?)
}

/// Finishes a procedure; finishing it again changes nothing.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] while a device is in the patient whose "Look at this" nobody acknowledged.
pub fn finish(tx: &mut Transaction<'_>, actor: &Actor, id: ProcedureId) -> Result<Procedure, Problem> {
    let procedure = find(tx, id)?;
    if procedure.ended_at.is_some() {
        return Ok(procedure);
    }
    let missing = acknowledgements::missing(tx, id)?.len();
    if missing > 0 {
        return Err(Problem::new(
            Code::WrongState,
            format!("Devices in the patient whose “Look at this” nobody has acknowledged: {missing}. Do that first."),
        ));
    }
    diesel::update(procedures::table.find(id)).set(procedures::ended_at.eq(Moment::now())).execute(&mut **tx)?;
    let act = Act { action: "procedure-finished", subject_kind: "procedure", subject: id.to_string(), detail: &() };
    audit::record(tx, actor, &act)?;
    find(tx, id)
}

/// Gives a procedure to the patient it really was about. To take that back, correct it again to the first patient.
/// Recalls are matched by the patient of the procedure at the time of asking; those that mean a device of it raise an alert.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason, [`Code::NotFound`], [`Code::IdReused`].
pub fn correct_patient(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    correction: &PatientCorrection,
) -> Result<Procedure, Problem> {
    let reason = correction.reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("A correction has a reason."));
    }
    let known: Option<(ProcedureId, String)> = procedure_corrections::table
        .find(correction.id)
        .select((procedure_corrections::procedure_id, procedure_corrections::after))
        .first(&mut **tx)
        .optional()?;
    let same = |(procedure, after): &(ProcedureId, String)| {
        *procedure == correction.procedure && *after == correction.patient.to_string()
    };
    if let Some((procedure, _)) = repeated(known, same, || format!("correction {}", correction.id))? {
        return find(tx, procedure);
    }
    let procedure = find(tx, correction.procedure)?;
    require(tx, correction.patient)?;
    if procedure.patient_id == correction.patient {
        return Err(Problem::new(Code::WrongState, "The procedure is this patient's already."));
    }
    diesel::insert_into(procedure_corrections::table)
        .values((
            procedure_corrections::id.eq(correction.id),
            procedure_corrections::procedure_id.eq(procedure.id),
            procedure_corrections::field.eq("patient"),
            procedure_corrections::before.eq(procedure.patient_id.to_string()),
            procedure_corrections::after.eq(correction.patient.to_string()),
            procedure_corrections::reason.eq(reason),
            procedure_corrections::corrected_at.eq(Moment::now()),
            procedure_corrections::corrected_by.eq(user),
        ))
        .execute(&mut **tx)?;
    diesel::update(procedures::table.find(procedure.id))
        .set(procedures::patient_id.eq(correction.patient))
        .execute(&mut **tx)?;
    let act = Act {
        action: "wrong-patient-corrected",
        subject_kind: "procedure",
        subject: procedure.id.to_string(),
        detail: &(procedure.patient_id, correction.patient, reason),
    };
    audit::record(tx, actor, &act)?;
    let uses = device_uses::current_of_procedure(tx, procedure.id)?;
    alerts::after_patient(tx, actor, &uses, (procedure.patient_id, correction.patient))?;
    find(tx, procedure.id)
}

/// A procedure recorded under the wrong patient.
#[derive(Clone, Debug)]
pub struct PatientCorrection {
    /// Made by the client.
    pub id: CorrectionId,
    /// Which procedure.
    pub procedure: ProcedureId,
    /// Whose it really is.
    pub patient: PatientId,
    /// Why.
    pub reason: String,
}
