//! What really became of a device: a row that takes the place of another, with a reason.

use diesel::prelude::*;

use super::{DeviceUse, find, is_superseded, recorded_before};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::recalls::alerts::evaluate as alerts;
use crate::recalls::stock::theatre as shelves;
use crate::store::columns::Moment;
use crate::store::schema::device_uses;
use crate::store::{AnyConnection, Transaction};
use crate::theatre::model::{DeviceUseId, Fate};
use crate::theatre::{marks, overrides};

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
