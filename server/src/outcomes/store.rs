//! Outcomes in the database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::verdict::london_date;

use super::model::{ImplantFacts, NewOutcome, Outcome, OutcomeId, OutcomeKind, OutcomeRow, Withdrawal};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::identity::store::person_of;
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, outcomes, patients, procedures, revision_removals};
use crate::store::{AnyConnection, Transaction};
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};

diesel::alias!(outcomes as later_outcome: LaterOutcome, device_uses as later_use: LaterUse);

/// Records an outcome that [`NewOutcome::checked`] passed. The same outcome again is the same record.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another outcome, [`Code::NotFound`] for an unknown patient, procedure or device,
/// [`Code::InvalidInput`] or [`Code::WrongState`] where it cannot have been so.
pub fn record(tx: &mut Transaction<'_>, actor: &Actor, new: &NewOutcome) -> Result<(Outcome, Written), Problem> {
    let row = new.row(Moment::now(), actor.user_id());
    if let Some(there) = recorded_before(tx, &row, new.removed())? {
        return Ok((there, Written::Before));
    }
    let person = person_of(tx, new.patient)?;
    if let Some(old) = new.supersedes {
        let old = supersedable(tx, old)?;
        if old.row.kind != row.kind || person_of(tx, old.row.patient_id)? != person {
            let detail = "A correction is of the same kind and patient: withdraw the old outcome and record a new one.";
            return Err(Problem::invalid(detail));
        }
    }
    if let Some(procedure) = row.procedure_id {
        let (patient, _) = procedure_of(tx, procedure)?;
        if person_of(tx, patient)? != person {
            return Err(Problem::invalid(format!("Procedure {procedure} was of another patient.")));
        }
    }
    if row.kind == OutcomeKind::Death && death_is_known(tx, person, new.supersedes)? {
        return Err(Problem::new(Code::WrongState, "This patient's death is on record: correct that record."));
    }
    lock(tx, new.removed())?;
    for &device in new.removed() {
        implant_facts(tx, device, new.supersedes)?.may_be_removed(person, new.occurred_on)?;
    }
    insert(tx, &row, new.removed())?;
    let detail =
        Recording { kind: row.kind, removed: new.removed(), supersedes: row.supersedes, reason: row.reason.as_deref() };
    let act = Act { action: "outcome-recorded", subject_kind: "outcome", subject: new.id.to_string(), detail: &detail };
    audit::record(tx, actor, &act)?;
    Ok((Outcome::new(row, new.removed().to_vec()), Written::Now))
}

/// Withdraws an outcome that never was. What a withdrawn revision had taken out is in place again.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where it was corrected or withdrawn before, [`Code::IdReused`].
pub fn withdraw(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    of: OutcomeId,
    withdrawal: &Withdrawal,
) -> Result<(Outcome, Written), Problem> {
    let Some(old) = find(tx, of)? else { return Err(Problem::not_found(format!("outcome {of}"))) };
    let row = OutcomeRow {
        id: withdrawal.id,
        supersedes: Some(of),
        withdrawn: true,
        reason: Some(withdrawal.reason.clone()),
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
        ..old.row
    };
    if let Some(there) = recorded_before(tx, &row, &[])? {
        return Ok((there, Written::Before));
    }
    supersedable(tx, of)?;
    insert(tx, &row, &[])?;
    let detail = Recording { kind: row.kind, removed: &[], supersedes: row.supersedes, reason: row.reason.as_deref() };
    let act = Act { action: "outcome-withdrawn", subject_kind: "outcome", subject: of.to_string(), detail: &detail };
    audit::record(tx, actor, &act)?;
    Ok((Outcome::new(row, Vec::new()), Written::Now))
}

#[derive(Debug, Serialize)]
struct Recording<'a> {
    kind: OutcomeKind,
    removed: &'a [DeviceUseId],
    supersedes: Option<OutcomeId>,
    reason: Option<&'a str>,
}

/// The outcome that is under this id already, where it is this one.
fn recorded_before(
    tx: &mut Transaction<'_>,
    row: &OutcomeRow,
    removed: &[DeviceUseId],
) -> Result<Option<Outcome>, Problem> {
    let same = |there: &Outcome| {
        let (recorded_at, recorded_by) = (there.row.recorded_at, there.row.recorded_by);
        there.row == OutcomeRow { recorded_at, recorded_by, ..row.clone() } && there.removed == removed
    };
    repeated(find(tx, row.id)?, same, || format!("outcome {}", row.id))
}

fn insert(tx: &mut Transaction<'_>, row: &OutcomeRow, removed: &[DeviceUseId]) -> Result<(), Problem> {
    diesel::insert_into(outcomes::table).values(row).execute(&mut **tx)?;
    for device in removed {
        diesel::insert_into(revision_removals::table)
            .values((revision_removals::outcome_id.eq(row.id), revision_removals::device_use_id.eq(*device)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Two revisions of one device at once must not both find it in place. SQLite has one writer anyway.
fn lock(tx: &mut Transaction<'_>, devices: &[DeviceUseId]) -> Result<(), Problem> {
    if let AnyConnection::Postgres(connection) = &mut **tx {
        device_uses::table
            .filter(device_uses::id.eq_any(devices))
            .order(device_uses::id)
            .select(device_uses::id)
            .for_update()
            .load::<DeviceUseId>(connection)?;
    }
    Ok(())
}

/// The outcome with this id, superseded or not.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: OutcomeId) -> Result<Option<Outcome>, Problem> {
    let row = outcomes::table.find(id).select(OutcomeRow::as_select()).first(connection).optional()?;
    Ok(with_removals(connection, row.into_iter().collect())?.pop())
}

fn supersedable(connection: &mut AnyConnection, id: OutcomeId) -> Result<Outcome, Problem> {
    let old = find(connection, id)?.ok_or_else(|| Problem::not_found(format!("outcome {id}")))?;
    let later: i64 = outcomes::table.filter(outcomes::supersedes.eq(id)).count().get_result(connection)?;
    if later > 0 || old.row.withdrawn {
        let detail = format!("Outcome {id} was corrected or withdrawn before: look at it again.");
        return Err(Problem::new(Code::WrongState, detail));
    }
    Ok(old)
}

fn procedure_of(connection: &mut AnyConnection, id: ProcedureId) -> Result<(PatientId, Moment), Problem> {
    procedures::table
        .find(id)
        .select((procedures::patient_id, procedures::started_at))
        .first(connection)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("procedure {id}")))
}

fn death_is_known(
    connection: &mut AnyConnection,
    person: PatientId,
    but_for: Option<OutcomeId>,
) -> Result<bool, Problem> {
    let current = current_where_patients(connection, person)?;
    Ok(current.iter().any(|row| row.kind == OutcomeKind::Death && !row.withdrawn && Some(row.id) != but_for))
}

/// What is known of an implant, with the removal by one outcome left out of account: the one that is being corrected.
fn implant_facts(
    connection: &mut AnyConnection,
    id: DeviceUseId,
    but_for: Option<OutcomeId>,
) -> Result<ImplantFacts, Problem> {
    let (procedure, fate): (ProcedureId, Fate) = device_uses::table
        .find(id)
        .select((device_uses::procedure_id, device_uses::fate))
        .first(connection)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("device use {id}")))?;
    let later: i64 = device_uses::table.filter(device_uses::supersedes.eq(id)).count().get_result(connection)?;
    let (patient, started_at) = procedure_of(connection, procedure)?;
    let chain = earlier_rows(connection, id)?;
    let removals = effective_removals(connection, &chain)?;
    Ok(ImplantFacts {
        id,
        fate,
        superseded: later > 0,
        person: person_of(connection, patient)?,
        implanted_on: london_date(started_at.utc()),
        removed: removals.iter().any(|(outcome, _)| Some(*outcome) != but_for),
    })
}

/// A device use and all rows that it superseded, newest first: a removal of any of them is a removal of the device.
///
/// # Errors
/// Those of the database.
pub fn earlier_rows(connection: &mut AnyConnection, id: DeviceUseId) -> Result<Vec<DeviceUseId>, Problem> {
    let mut chain = vec![id];
    let mut at = id;
    loop {
        let before: Option<DeviceUseId> =
            device_uses::table.find(at).select(device_uses::supersedes).first(connection)?;
        match before {
            Some(before) if !chain.contains(&before) => chain.push(before),
            _ => return Ok(chain),
        }
        at = before.unwrap_or(at);
    }
}

/// The revisions in force that took any of these out, each with its day.
///
/// # Errors
/// Those of the database.
pub fn effective_removals(
    connection: &mut AnyConnection,
    devices: &[DeviceUseId],
) -> Result<Vec<(OutcomeId, NaiveDate)>, Problem> {
    Ok(revision_removals::table
        .inner_join(outcomes::table)
        .filter(revision_removals::device_use_id.eq_any(devices))
        .filter(outcomes::withdrawn.eq(false))
        .filter(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
        .select((outcomes::id, outcomes::occurred_on))
        .load(connection)?)
}

fn current_where_patients(connection: &mut AnyConnection, person: PatientId) -> Result<Vec<OutcomeRow>, Problem> {
    Ok(outcomes::table
        .inner_join(patients::table)
        .filter(patients::person_id.eq(person))
        .filter(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
        .select(OutcomeRow::as_select())
        .order((outcomes::occurred_on, outcomes::id))
        .load(connection)?)
}

fn with_removals(connection: &mut AnyConnection, rows: Vec<OutcomeRow>) -> Result<Vec<Outcome>, Problem> {
    let ids: Vec<OutcomeId> = rows.iter().map(|row| row.id).collect();
    let pairs: Vec<(OutcomeId, DeviceUseId)> = revision_removals::table
        .filter(revision_removals::outcome_id.eq_any(&ids))
        .select((revision_removals::outcome_id, revision_removals::device_use_id))
        .load(connection)?;
    let mut removed: BTreeMap<OutcomeId, BTreeSet<DeviceUseId>> = BTreeMap::new();
    for (outcome, device) in pairs {
        removed.entry(outcome).or_default().insert(device);
    }
    let devices = |id| removed.get(&id).into_iter().flatten().copied().collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let devices = devices(row.id);
            Outcome::new(row, devices)
        })
        .collect())
}

/// The outcomes of a patient and everybody linked to them, as they stand: what was corrected shows as corrected, what was
/// withdrawn as withdrawn.
///
/// # Errors
/// [`Code::NotFound`] without such a patient.
pub fn of_patient(connection: &mut AnyConnection, patient: PatientId) -> Result<Vec<Outcome>, Problem> {
    let person = person_of(connection, patient)?;
    let rows = current_where_patients(connection, person)?;
    with_removals(connection, rows)
}

/// The outcomes of a procedure as they stand: revisions of its implants, revisions done in it, its complications and scores,
/// and the patient's death.
///
/// # Errors
/// [`Code::NotFound`] without such a procedure.
pub fn of_procedure(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<Outcome>, Problem> {
    let (patient, _) = procedure_of(connection, procedure)?;
    let implants: Vec<DeviceUseId> =
        device_uses::table.filter(device_uses::procedure_id.eq(procedure)).select(device_uses::id).load(connection)?;
    let all = of_patient(connection, patient)?;
    // A withdrawal names no devices: what it withdrew does.
    let withdrawn: Vec<OutcomeId> =
        all.iter().filter(|one| one.row.withdrawn).filter_map(|one| one.row.supersedes).collect();
    let before: BTreeMap<OutcomeId, Vec<DeviceUseId>> = revision_removals::table
        .filter(revision_removals::outcome_id.eq_any(&withdrawn))
        .select((revision_removals::outcome_id, revision_removals::device_use_id))
        .load::<(OutcomeId, DeviceUseId)>(connection)?
        .into_iter()
        .fold(BTreeMap::new(), |mut map, (outcome, device)| {
            map.entry(outcome).or_insert_with(Vec::new).push(device);
            map
        });
    let concerns = |one: &Outcome| {
        let devices = one.row.supersedes.and_then(|id| before.get(&id)).unwrap_or(&one.removed);
        one.row.kind == OutcomeKind::Death
            || one.row.procedure_id == Some(procedure)
            || devices.iter().any(|device| implants.contains(device))
    };
    Ok(all.into_iter().filter(concerns).collect())
}
