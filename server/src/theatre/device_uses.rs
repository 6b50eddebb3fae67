//! Device uses: one row for each thing that happened to one device; a correction supersedes, with a reason.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::alike;
use tessera_scanner::udi::{DeviceIdentifier, Udi};
use tessera_scanner::verdict::Answer;

use super::marks;
use super::model::{DeviceUseId, DeviceUseReference, Fate, OperatedSide, ProcedureId, ScanId, VerdictShown};
use super::overrides;
use super::procedures;
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::catalogue::model::ProductId;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::identity::store::person_of;
use crate::on_engine;
use crate::once::repeated;
use crate::recalls::alerts::evaluate as alerts;
use crate::recalls::stock::theatre as shelves;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, patients, procedures as procedures_table};
use crate::store::{AnyConnection, Transaction};

diesel::alias!(device_uses as superseding: Superseding);

/// A device use as recorded.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, Serialize, utoipa::ToSchema)]
#[diesel(table_name = device_uses)]
pub struct DeviceUse {
    /// Identifier.
    pub id: DeviceUseId,
    /// The procedure.
    pub procedure_id: ProcedureId,
    /// The scan it came from; none for imported history.
    pub scan_event_id: Option<ScanId>,
    /// The product, where the catalogue had it.
    pub product_id: Option<ProductId>,
    /// Issuing agency of the device identifier.
    pub issuer: Option<String>,
    /// Device identifier (UDI-DI).
    pub identifier: Option<String>,
    /// Lot.
    pub lot: Option<String>,
    /// Lot as compared when a character may be mistaken.
    #[serde(skip)]
    pub lot_alike: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Serial as compared when a character may be mistaken.
    #[serde(skip)]
    pub serial_alike: Option<String>,
    /// Last day of use.
    pub expiry: Option<NaiveDate>,
    /// Day of manufacture.
    pub manufacture: Option<NaiveDate>,
    /// What became of it.
    pub fate: Fate,
    /// Side.
    pub side: Option<OperatedSide>,
    /// The verdict's answer at the scan.
    pub answer: Option<String>,
    /// The verdict's reasons, JSON.
    #[serde(skip)]
    pub reasons: Option<String>,
    /// For an explant: what was taken out, where the registry knows it.
    pub explant_of: Option<DeviceUseId>,
    /// The row that this one corrects.
    pub supersedes: Option<DeviceUseId>,
    /// Why it was corrected.
    pub reason: Option<String>,
    /// When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub recorded_at: Moment,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// What a scan says of a device, ready to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Scanned<'a> {
    /// The new row's id.
    pub id: DeviceUseId,
    /// Under this procedure.
    pub procedure: &'a procedures::Procedure,
    /// From this scan.
    pub scan: ScanId,
    /// The device, if the reading is certain; without one, what was used is known only by its raw bytes.
    pub udi: Option<&'a Udi>,
    /// The product, if known.
    pub product: Option<ProductId>,
    /// The verdict.
    pub verdict: &'a VerdictShown,
    /// What became of it.
    pub fate: Fate,
    /// Why it is recorded against a stop, or in the place of another row.
    pub reason: Option<&'a str>,
    /// The row whose place it takes: the same pack, less well read.
    pub supersedes: Option<DeviceUseId>,
}

/// Records a device use.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Transaction<'_>, actor: &Actor, scanned: &Scanned<'_>) -> Result<DeviceUseReference, Problem> {
    let udi = scanned.udi;
    let lot = udi.and_then(|udi| udi.lot.as_ref()).map(ToString::to_string);
    let serial = udi.and_then(|udi| udi.serial.as_ref()).map(ToString::to_string);
    let row = DeviceUse {
        id: scanned.id,
        procedure_id: scanned.procedure.id,
        scan_event_id: Some(scanned.scan),
        product_id: scanned.product,
        issuer: udi.map(|udi| issuer_word(&udi.device)),
        identifier: udi.map(|udi| udi.device.text.clone()),
        lot_alike: lot.as_deref().map(alike),
        lot,
        serial_alike: serial.as_deref().map(alike),
        serial,
        expiry: udi.and_then(|udi| udi.expiry).map(|date| date.last_day()),
        manufacture: udi.and_then(|udi| udi.manufacture).map(|date| date.last_day()),
        fate: scanned.fate,
        side: scanned.procedure.side,
        answer: Some(word(&scanned.verdict.answer)),
        reasons: serde_json::to_string(&scanned.verdict.reasons).ok(),
        explant_of: None,
        supersedes: scanned.supersedes,
        reason: scanned.reason.map(str::to_owned),
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
    };
    on_engine!(&mut **tx, c => diesel::insert_into(device_uses::table).values(&row).execute(c))?;
    let stopped = scanned.verdict.answer == Answer::Stop;
    let action = match (scanned.supersedes, scanned.reason) {
        (_, Some(_)) if stopped => "stop-overridden",
        (None, _) => "device-recorded",
        (Some(_), _) => "device-use-corrected",
    };
    let act = Act {
        action,
        subject_kind: "device-use",
        subject: row.id.to_string(),
        detail: &(scanned.fate, scanned.reason),
    };
    audit::record(tx, actor, &act)?;
    let before = match scanned.supersedes {
        Some(before) => known(tx, before)?,
        None => None,
    };
    shelves::after_use(tx, actor, before.as_ref(), &row)?;
    // The verdict has asked for recalls already: an ordinary scan is not to pay for that twice.
    if before.is_some() || scanned.verdict.reasons.iter().any(|reason| reason.code.starts_with("recalled")) {
        alerts::after_use(tx, actor, before.as_ref(), &row)?;
    }
    Ok(DeviceUseReference { id: row.id, fate: row.fate })
}

/// The issuing agency's word, as in the schema.
pub fn issuer_word(device: &DeviceIdentifier) -> String {
    word(&device.issuer)
}

/// The word that serde writes for a unit variant.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Writes a row that takes the place of another, as it is.
///
/// # Errors
/// Those of the database; the one that it supersedes may have been superseded before.
pub fn supersede(tx: &mut Transaction<'_>, row: &DeviceUse) -> Result<(), Problem> {
    diesel::insert_into(device_uses::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// A correction of a device use: it was wasted, returned, or never used.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The new row's id, made by the client.
    pub id: DeviceUseId,
    /// The row to supersede.
    pub of: DeviceUseId,
    /// What really became of the device.
    pub fate: Fate,
    /// Why.
    pub reason: String,
}

/// Supersedes a device use with what really happened.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason, [`Code::NotFound`], [`Code::WrongState`] where the row was corrected before,
/// [`Code::IdReused`].
pub fn correct(tx: &mut Transaction<'_>, actor: &Actor, correction: &Correction) -> Result<DeviceUse, Problem> {
    let reason = correction.reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("A correction has a reason."));
    }
    let same = |known: &DeviceUse| {
        known.supersedes == Some(correction.of)
            && known.fate == correction.fate
            && known.reason.as_deref() == Some(reason)
    };
    if let Some(known) = recorded_before(tx, correction.id, same)? {
        return Ok(known);
    }
    if correction.fate == Fate::Explanted {
        return Err(Problem::invalid("An explant is a record of its own, not a correction."));
    }
    let old = find(tx, correction.of)?;
    if is_superseded(tx, old.id)? {
        return Err(Problem::new(Code::WrongState, "This device use was corrected before: look at it again."));
    }
    if correction.fate == Fate::Returned && marks::was_opened(tx, old.id)? {
        return Err(Problem::new(
            Code::WrongState,
            "Its pack was opened: it does not go back on the shelf. Record it as wasted.",
        ));
    }
    if correction.fate == Fate::Implanted && stopped_unwitnessed(tx, &old)? {
        return Err(Problem::new(
            Code::SecondPerson,
            "The verdict on this device was stop: record it against the stop, with a second person's badge.",
        ));
    }
    let new = DeviceUse {
        id: correction.id,
        fate: correction.fate,
        supersedes: Some(old.id),
        reason: Some(reason.to_owned()),
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
        ..old.clone()
    };
    diesel::insert_into(device_uses::table).values(&new).execute(&mut **tx)?;
    let act = Act {
        action: "device-use-corrected",
        subject_kind: "device-use",
        subject: new.id.to_string(),
        detail: &(old.id, new.fate, reason),
    };
    audit::record(tx, actor, &act)?;
    shelves::after_use(tx, actor, Some(&old), &new)?;
    alerts::after_use(tx, actor, Some(&old), &new)?;
    Ok(new)
}

/// The verdict was stop and nobody stood by: such a device does not get into a patient by way of a correction.
fn stopped_unwitnessed(connection: &mut AnyConnection, device: &DeviceUse) -> Result<bool, Problem> {
    match device.scan_event_id.filter(|_| device.answer.as_deref() == Some("stop")) {
        Some(scan) => Ok(!overrides::was_witnessed(connection, scan)?),
        None => Ok(false),
    }
}

/// A device taken out in a procedure.
#[derive(Clone, Debug)]
pub struct Explant {
    /// Made by the client.
    pub id: DeviceUseId,
    /// The procedure that took it out.
    pub procedure: ProcedureId,
    /// The device use that put it in.
    pub of: DeviceUseId,
    /// What happens to it: retained, returned to the maker, analysed, disposed of.
    pub reason: String,
}

/// Records that a device was taken out. It must be the same person's and in the patient now.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`], [`Code::InvalidInput`] for another person's device, [`Code::IdReused`].
pub fn explant(tx: &mut Transaction<'_>, actor: &Actor, explant: &Explant) -> Result<DeviceUse, Problem> {
    let same = |known: &DeviceUse| known.explant_of == Some(explant.of) && known.procedure_id == explant.procedure;
    if let Some(known) = recorded_before(tx, explant.id, same)? {
        return Ok(known);
    }
    let procedure = procedures::find(tx, explant.procedure)?;
    let implanted = find(tx, explant.of)?;
    let first = procedures::find(tx, implanted.procedure_id)?;
    if person_of(tx, procedure.patient_id)? != person_of(tx, first.patient_id)? {
        return Err(Problem::invalid("That device is recorded in another patient."));
    }
    let out_before: i64 =
        device_uses::table.filter(device_uses::explant_of.eq(implanted.id)).count().get_result(&mut **tx)?;
    if implanted.fate != Fate::Implanted || is_superseded(tx, implanted.id)? || out_before > 0 {
        return Err(Problem::new(Code::WrongState, "That device is not in the patient now."));
    }
    let new = DeviceUse {
        id: explant.id,
        procedure_id: procedure.id,
        scan_event_id: None,
        fate: Fate::Explanted,
        explant_of: Some(implanted.id),
        supersedes: None,
        reason: Some(explant.reason.trim().to_owned()),
        answer: None,
        reasons: None,
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
        ..implanted
    };
    diesel::insert_into(device_uses::table).values(&new).execute(&mut **tx)?;
    let act = Act {
        action: "device-explanted",
        subject_kind: "device-use",
        subject: explant.of.to_string(),
        detail: &explant.reason,
    };
    audit::record(tx, actor, &act)?;
    Ok(new)
}

/// One device use.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(connection: &mut AnyConnection, id: DeviceUseId) -> Result<DeviceUse, Problem> {
    known(connection, id)?.ok_or_else(|| Problem::not_found(format!("device use {id}")))
}

fn known(connection: &mut AnyConnection, id: DeviceUseId) -> Result<Option<DeviceUse>, Problem> {
    Ok(device_uses::table.find(id).select(DeviceUse::as_select()).get_result(connection).optional()?)
}

/// The row that is under this id already, where it is the same as the one to be made.
fn recorded_before(
    connection: &mut AnyConnection,
    id: DeviceUseId,
    same: impl FnOnce(&DeviceUse) -> bool,
) -> Result<Option<DeviceUse>, Problem> {
    repeated(known(connection, id)?, same, || format!("device use {id}"))
}

fn is_superseded(connection: &mut AnyConnection, id: DeviceUseId) -> Result<bool, Problem> {
    let later: i64 = device_uses::table.filter(device_uses::supersedes.eq(id)).count().get_result(connection)?;
    Ok(later > 0)
}

/// Every row of a procedure, oldest first: the current ones are those that no other supersedes.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<DeviceUse>, Problem> {
    Ok(device_uses::table
        .filter(device_uses::procedure_id.eq(procedure))
        .select(DeviceUse::as_select())
        .order(device_uses::id)
        .load(connection)?)
}

/// The rows of a procedure that no other supersedes, oldest first.
///
/// # Errors
/// Those of the database.
pub fn current_of_procedure(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<DeviceUse>, Problem> {
    let mut rows = of_procedure(connection, procedure)?;
    let superseded: Vec<_> = rows.iter().filter_map(|row| row.supersedes).collect();
    rows.retain(|row| !superseded.contains(&row.id));
    Ok(rows)
}

/// Every row that came from a scan.
///
/// # Errors
/// Those of the database.
pub fn of_scan(connection: &mut AnyConnection, scan: ScanId) -> Result<Vec<DeviceUse>, Problem> {
    Ok(device_uses::table
        .filter(device_uses::scan_event_id.eq(scan))
        .select(DeviceUse::as_select())
        .order(device_uses::id)
        .load(connection)?)
}

/// The row that stands of what a scan recorded, whatever it was corrected to.
///
/// # Errors
/// Those of the database.
pub fn current_of_scan(connection: &mut AnyConnection, scan: ScanId) -> Result<Option<DeviceUse>, Problem> {
    let rows = of_scan(connection, scan)?;
    // A correction keeps the scan of the row that it corrects; a scan that took the place of another brings its own.
    let superseded: Vec<DeviceUseId> = rows.iter().filter_map(|row| row.supersedes).collect();
    Ok(rows.into_iter().find(|row| !superseded.contains(&row.id)))
}

/// A device of this kind that was put aside in this procedure before anybody read its lot or serial.
///
/// # Errors
/// Those of the database.
pub fn put_aside_unread(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
    udi: &Udi,
) -> Result<Option<Fate>, Problem> {
    Ok(device_uses::table
        .filter(device_uses::procedure_id.eq(procedure))
        .filter(device_uses::identifier.eq(&udi.device.text))
        .filter(device_uses::lot.is_null().and(device_uses::serial.is_null()))
        .filter(device_uses::fate.eq_any([Fate::Wasted, Fate::Returned]))
        .filter(not(exists(
            superseding.filter(superseding.field(device_uses::supersedes).eq(device_uses::id.nullable())),
        )))
        .select(device_uses::fate)
        .first(connection)
        .optional()?)
}

/// The current use of this very unit in this procedure: a serial scanned twice is one device.
///
/// # Errors
/// Those of the database.
pub fn same_unit_in_procedure(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
    udi: &Udi,
) -> Result<Option<DeviceUseReference>, Problem> {
    let Some(serial) = &udi.serial else { return Ok(None) };
    let found: Option<(DeviceUseId, Fate)> = device_uses::table
        .filter(device_uses::procedure_id.eq(procedure))
        .filter(device_uses::identifier.eq(&udi.device.text).and(device_uses::serial.eq(serial.as_str())))
        .filter(device_uses::fate.eq(Fate::Implanted).or(device_uses::fate.eq(Fate::Wasted)))
        .filter(not(exists(
            superseding.filter(superseding.field(device_uses::supersedes).eq(device_uses::id.nullable())),
        )))
        .select((device_uses::id, device_uses::fate))
        .get_result(connection)
        .optional()?;
    Ok(found.map(|(id, fate)| DeviceUseReference { id, fate }))
}

/// The devices of known and unknown products that are in a person now, on this side: from this operation and from earlier ones. Where one of the two has
/// no side, or is on both, it counts.
///
/// # Errors
/// Those of the database.
pub fn in_the_person(
    connection: &mut AnyConnection,
    person: PatientId,
    side: Option<OperatedSide>,
) -> Result<Vec<DeviceUse>, Problem> {
    let rows: Vec<DeviceUse> = device_uses::table
        .inner_join(procedures_table::table.inner_join(patients::table))
        .filter(patients::person_id.eq(person))
        .filter(device_uses::fate.eq(Fate::Implanted))
        .filter(not(exists(
            superseding.filter(superseding.field(device_uses::supersedes).eq(device_uses::id.nullable())),
        )))
        .select(DeviceUse::as_select())
        .order(device_uses::id)
        .load(connection)?;
    let ids: Vec<DeviceUseId> = rows.iter().map(|row| row.id).collect();
    let taken_out: Vec<Option<DeviceUseId>> = device_uses::table
        .filter(device_uses::explant_of.eq_any(&ids))
        .select(device_uses::explant_of)
        .load(connection)?;
    let other_side = |one: Option<OperatedSide>| match (one, side) {
        (Some(one), Some(side)) => one != side && one != OperatedSide::Bilateral && side != OperatedSide::Bilateral,
        _ => false,
    };
    Ok(rows.into_iter().filter(|row| !taken_out.contains(&Some(row.id)) && !other_side(row.side)).collect())
}

/// Whether this very unit is recorded in somebody else.
///
/// # Errors
/// Those of the database.
pub fn serial_in_another_person(connection: &mut AnyConnection, person: PatientId, udi: &Udi) -> Result<bool, Problem> {
    let Some(serial) = &udi.serial else { return Ok(false) };
    let others: i64 = device_uses::table
        .inner_join(procedures_table::table.inner_join(patients::table))
        .filter(device_uses::identifier.eq(&udi.device.text))
        .filter(device_uses::serial_alike.eq(alike(serial.as_str())))
        .filter(device_uses::serial.eq(serial.as_str()))
        .filter(device_uses::fate.eq(Fate::Implanted).or(device_uses::fate.eq(Fate::Explanted)))
        .filter(patients::person_id.ne(person))
        .filter(not(exists(
            superseding.filter(superseding.field(device_uses::supersedes).eq(device_uses::id.nullable())),
        )))
        .count()
        .get_result(connection)?;
    Ok(others > 0)
}
