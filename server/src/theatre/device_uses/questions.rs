//! What is asked about device uses: of a procedure, of a scan, of a person, of a unit.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use tessera_scanner::recall_match::alike;
use tessera_scanner::udi::Udi;

use super::DeviceUse;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::store::AnyConnection;
use crate::store::schema::{device_uses, patients, procedures};
use crate::theatre::model::{DeviceUseId, DeviceUseReference, Fate, OperatedSide, ProcedureId, ScanId};

diesel::alias!(device_uses as superseding: Superseding);

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
        .inner_join(procedures::table.inner_join(patients::table))
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
        .inner_join(procedures::table.inner_join(patients::table))
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
