//! Patients in the database.

use chrono::Datelike as _;
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::practice::is_practice_patient;

use super::keys::IdentityKeys;
use super::model::{Demographics, Identity, PatientId, PatientIdentifier, Presented};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{patient_demographics, patient_identifiers, patients};
use crate::store::{AnyConnection, Transaction};

crate::record_id! {
    /// One row that belongs to a patient.
    PatientRowId
}

/// The patient who was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who.
    pub patient: PatientId,
    /// Identifiers of the same wristband that belong to another patient record: a person decides whether to link them.
    pub disagree: Vec<PatientId>,
}

/// Finds the patient by any of the identifiers, or adds a new one. Identifiers that are new are added to the patient; the
/// first identifier that is known decides who it is, and any that belong to somebody else are reported, never moved.
///
/// # Errors
/// [`Code::InvalidInput`] where there is no identifier.
pub fn find_or_add(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    presented: &Presented,
) -> Result<Found, Problem> {
    if presented.identifiers.is_empty() {
        return Err(Problem::invalid("Nothing says who the patient is: scan the wristband or type the NHS number."));
    }
    let practice = |identifier: &PatientIdentifier| matches!(identifier, PatientIdentifier::Nhs(number) if is_practice_patient(number));
    if presented.identifiers.iter().any(practice) {
        return Err(Problem::invalid(
            "This is a wristband of the practice sheets, and nobody wears it. Scan the patient's own wristband.",
        ));
    }
    let mut known = Vec::new();
    let mut new = Vec::new();
    for identifier in &presented.identifiers {
        let pseudonym = keys.pseudonym(identifier.kind(), identifier.assigner(), identifier.text());
        let holder: Option<PatientId> = patient_identifiers::table
            .filter(patient_identifiers::pseudonym.eq(pseudonym.as_bytes().to_vec()))
            .select(patient_identifiers::patient_id)
            .first(&mut **tx)
            .optional()?;
        match holder {
            Some(patient) => known.push(patient),
            None => new.push((identifier, pseudonym)),
        }
    }
    let patient = match known.first() {
        Some(&patient) => patient,
        None => add_patient(tx, actor, &presented.demographics)?,
    };
    for (identifier, pseudonym) in new {
        let id = PatientRowId::new();
        diesel::insert_into(patient_identifiers::table)
            .values((
                patient_identifiers::id.eq(id),
                patient_identifiers::patient_id.eq(patient),
                patient_identifiers::kind.eq(identifier.kind()),
                patient_identifiers::assigner.eq(identifier.assigner()),
                patient_identifiers::pseudonym.eq(pseudonym.as_bytes().to_vec()),
                patient_identifiers::sealed.eq(keys.seal(identifier.text().as_bytes(), id.uuid().as_bytes())?),
                patient_identifiers::created_at.eq(Moment::now()),
            ))
            .execute(&mut **tx)?;
    }
    if !presented.demographics.is_empty() && demographics(tx, keys, patient)? != presented.demographics {
        add_demographics(tx, keys, patient, &presented.demographics)?;
    }
    known.retain(|&other| other != patient);
    known.dedup();
    Ok(Found { patient, disagree: known })
}

fn add_patient(tx: &mut Transaction<'_>, actor: &Actor, known: &Demographics) -> Result<PatientId, Problem> {
    let id = PatientId::new();
    diesel::insert_into(patients::table)
        .values((
            patients::id.eq(id),
            patients::person_id.eq(id),
            patients::birth_year.eq(known.birth_date.map(|date| date.year())),
            patients::created_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    let act = Act { action: "patient-added", subject_kind: "patient", subject: id.to_string(), detail: &() };
    audit::record(tx, actor, &act)?;
    Ok(id)
}

fn add_demographics(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    patient: PatientId,
    known: &Demographics,
) -> Result<(), Problem> {
    let id = PatientRowId::new();
    let plain = serde_json::to_vec(known)
        .map_err(|error| Problem::new(Code::Internal, "Demographics could not be written.").because(error))?;
    diesel::insert_into(patient_demographics::table)
        .values((
            patient_demographics::id.eq(id),
            patient_demographics::patient_id.eq(patient),
            patient_demographics::sealed.eq(keys.seal(&plain, id.uuid().as_bytes())?),
            patient_demographics::recorded_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The latest demographics of a patient; empty where there are none. Callers see to it that only those who may see them do.
///
/// # Errors
/// [`Code::Internal`] where they were sealed under another key.
pub fn demographics(
    connection: &mut AnyConnection,
    keys: &IdentityKeys,
    patient: PatientId,
) -> Result<Demographics, Problem> {
    let latest: Option<(PatientRowId, Vec<u8>)> = patient_demographics::table
        .filter(patient_demographics::patient_id.eq(patient))
        .order(patient_demographics::id.desc())
        .select((patient_demographics::id, patient_demographics::sealed))
        .first(connection)
        .optional()?;
    let Some((id, sealed)) = latest else { return Ok(Demographics::default()) };
    let plain = keys.open(&sealed, id.uuid().as_bytes())?;
    serde_json::from_slice(&plain)
        .map_err(|error| Problem::new(Code::Internal, "Demographics could not be read.").because(error))
}

/// Opens one identity, with an audit row that says who did it and why.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason, [`Code::NotFound`] without such a patient.
pub fn open_identity(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    patient: PatientId,
    reason: &str,
) -> Result<Identity, Problem> {
    #[derive(Debug, Serialize)]
    struct Detail<'a> {
        reason: &'a str,
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("Say why this identity has to be opened."));
    }
    require(tx, patient)?;
    let rows: Vec<(PatientRowId, String, String, Vec<u8>)> = patient_identifiers::table
        .filter(patient_identifiers::patient_id.eq(patient))
        .order(patient_identifiers::id)
        .select((
            patient_identifiers::id,
            patient_identifiers::kind,
            patient_identifiers::assigner,
            patient_identifiers::sealed,
        ))
        .load(&mut **tx)?;
    let mut identity = Identity {
        patient,
        nhs_number: None,
        chi: None,
        local: Vec::new(),
        demographics: demographics(tx, keys, patient)?,
    };
    for (id, kind, assigner, sealed) in rows {
        let text = String::from_utf8_lossy(&keys.open(&sealed, id.uuid().as_bytes())?).into_owned();
        match kind.as_str() {
            "nhs" => identity.nhs_number = Some(text),
            "chi" => identity.chi = Some(text),
            "local" => identity.local.push(format!("{assigner} {text}")),
            _ => identity.local.push(format!("temporary {text}")),
        }
    }
    let act = Act {
        action: "identity-opened",
        subject_kind: "patient",
        subject: patient.to_string(),
        detail: &Detail { reason },
    };
    audit::record(tx, actor, &act)?;
    Ok(identity)
}

/// Checks that there is such a patient.
///
/// # Errors
/// [`Code::NotFound`].
pub fn require(connection: &mut AnyConnection, patient: PatientId) -> Result<(), Problem> {
    let known: i64 = patients::table.filter(patients::id.eq(patient)).count().get_result(connection)?;
    if known == 0 { Err(Problem::not_found(format!("patient {patient}"))) } else { Ok(()) }
}

/// The patient who stands for everybody linked to this one.
///
/// # Errors
/// [`Code::NotFound`].
pub fn person_of(connection: &mut AnyConnection, patient: PatientId) -> Result<PatientId, Problem> {
    patients::table
        .find(patient)
        .select(patients::person_id)
        .get_result(connection)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("patient {patient}")))
}

/// Reads identifiers typed by a person: an NHS number, else a CHI number.
///
/// # Errors
/// [`Code::InvalidInput`], without repeating what was typed.
pub fn identifier_typed(text: &str) -> Result<PatientIdentifier, Problem> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if let Ok(number) = digits.parse() {
        return Ok(PatientIdentifier::Nhs(number));
    }
    digits.parse().map(PatientIdentifier::Chi).map_err(|_| {
        Problem::invalid("The number is neither an NHS number nor a CHI number (ten digits with a right check digit).")
    })
}
