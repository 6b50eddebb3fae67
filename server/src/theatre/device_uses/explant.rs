//! A device that is taken out.

use diesel::prelude::*;

use super::{DeviceUse, find, is_superseded, recorded_before};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::store::person_of;
use crate::store::Transaction;
use crate::store::columns::Moment;
use crate::store::schema::device_uses;
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};
use crate::theatre::procedures;

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
