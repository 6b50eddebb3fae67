//! A device recorded although the verdict was stop. It goes into a patient only with a reason and a second person, who says
//! so with badge and PIN.

use std::collections::HashSet;

use actix_web::{HttpRequest, post, web};
use chrono::Utc;
use diesel::prelude::*;
use serde::Deserialize;
use tessera_scanner::verdict::Answer;
use utoipa::ToSchema;

use super::device_uses::{self, DeviceUse, Scanned};
use super::judgement::certain;
use super::model::{DeviceUseId, Fate, ScanId};
use super::override_claims;
use super::procedures;
use super::scans::{answer_to, procedure_of};
use crate::access::{
    Actor, BadgeAndPin, Permission as _, Permit, Record, SignInThrottle, TabletProof, User, UserId, Witness,
    badge_check, pin::Pin, tablet_keys,
};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::{
    device_uses as device_uses_table, override_claims as claims_table, override_witnesses, users,
};
use crate::store::{AnyConnection, Store, Transaction};

/// A person's decision against a stop.
#[derive(Clone, Debug)]
pub struct StopOverride {
    /// The new device use's id, made by the client.
    pub id: DeviceUseId,
    /// The scan that was answered with a stop.
    pub scan: ScanId,
    /// What became of the device.
    pub fate: Fate,
    /// Why.
    pub reason: String,
    /// Who stood by. Needed where the device goes into the patient.
    pub witness: Option<SecondPerson>,
}

/// A second person, and what shows that it was they.
#[derive(Clone, Debug)]
pub enum SecondPerson {
    /// Their badge and PIN were checked, here or by their own key on a tablet.
    Verified(User),
    /// The number of a badge that was scanned without a network, where nothing could be checked.
    Claimed(String),
}

/// Records a device although the verdict was stop: because it is in the patient, or because a person knows better. The
/// reason and the second person go into the record and the audit. One that was put aside first may be recorded as
/// implanted later, in the same way.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason, [`Code::SecondPerson`] without one who may stand by, [`Code::WrongState`] where
/// the scan was no stop or its device is recorded, [`Code::NotFound`], [`Code::IdReused`].
pub fn override_by(tx: &mut Transaction<'_>, actor: &Actor, decision: &StopOverride) -> Result<DeviceUse, Problem> {
    let reason = decision.reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("Recording a device against a stop has a reason."));
    }
    let current = device_uses::current_of_scan(tx, decision.scan)?;
    if let Some(known) = &current {
        if known.id == decision.id && known.reason.as_deref() == Some(reason) && known.fate == decision.fate {
            return Ok(known.clone());
        }
        if known.fate == Fate::Implanted || decision.fate != Fate::Implanted {
            return Err(Problem::new(Code::WrongState, "The device of this scan is recorded already."));
        }
    }
    let answer = answer_to(tx, decision.scan)?;
    let (Some(label), Some(verdict)) = (&answer.label, &answer.verdict) else {
        return Err(Problem::new(Code::WrongState, "This scan was not a device's."));
    };
    if verdict.answer != Answer::Stop {
        return Err(Problem::new(Code::WrongState, "This scan was not answered with a stop."));
    }
    let witness = second_person(actor, decision)?;
    let procedure = procedure_of(tx, decision.scan)?;
    let scanned = Scanned {
        id: decision.id,
        procedure: &procedures::find(tx, procedure)?,
        scan: decision.scan,
        udi: certain(label),
        product: answer.product.as_ref().map(|product| product.id),
        verdict,
        fate: decision.fate,
        reason: Some(reason),
        supersedes: current.map(|known| known.id),
    };
    device_uses::add(tx, actor, &scanned)?;
    match witness {
        Some(SecondPerson::Verified(witness)) => witnessed(tx, decision.id, witness, reason)?,
        Some(SecondPerson::Claimed(badge)) => override_claims::claim(tx, actor, decision.id, badge)?,
        None => {}
    }
    device_uses::find(tx, decision.id)
}

/// Records who stood by, as their own act.
///
/// # Errors
/// Those of the database.
pub(super) fn witnessed(
    tx: &mut Transaction<'_>,
    device_use: DeviceUseId,
    witness: &User,
    reason: &str,
) -> Result<(), Problem> {
    diesel::insert_into(override_witnesses::table)
        .values((
            override_witnesses::device_use_id.eq(device_use),
            override_witnesses::witness_id.eq(witness.id),
            override_witnesses::witnessed_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    let subject = device_use.to_string();
    let act = Act { action: "override-witnessed", subject_kind: "device-use", subject, detail: &reason };
    audit::record(tx, &Actor::from(witness), &act)
}

/// The second person of a decision, where one is needed.
fn second_person<'a>(actor: &Actor, decision: &'a StopOverride) -> Result<Option<&'a SecondPerson>, Problem> {
    match &decision.witness {
        None if decision.fate == Fate::Implanted => Err(Problem::new(
            Code::SecondPerson,
            "Against a stop a device goes into a patient only when a second person scans their badge.",
        )),
        Some(SecondPerson::Verified(witness)) => {
            may_stand_by(actor.user_id(), witness)?;
            Ok(decision.witness.as_ref())
        }
        other => Ok(other.as_ref()),
    }
}

/// Whether somebody may stand by: not the one who records, and with the right to.
///
/// # Errors
/// [`Code::SecondPerson`], saying why not.
pub(super) fn may_stand_by(recorder: Option<UserId>, witness: &User) -> Result<(), Problem> {
    let refused = |why: &str| Err(Problem::new(Code::SecondPerson, why));
    if recorder == Some(witness.id) {
        return refused("This is the badge of the person who records it: another person has to scan theirs.");
    }
    if !Witness::ROLES.contains(&witness.role) {
        return refused("The owner of this badge may not stand by an override.");
    }
    Ok(())
}

/// Whether a second person stood by when the device of this scan was recorded as implanted.
///
/// # Errors
/// Those of the database.
pub fn was_witnessed(connection: &mut AnyConnection, scan: ScanId) -> Result<bool, Problem> {
    let witnesses: i64 = override_witnesses::table
        .inner_join(device_uses_table::table)
        .filter(device_uses_table::scan_event_id.eq(scan))
        .count()
        .get_result(connection)?;
    Ok(witnesses > 0)
}

/// The scans whose device was recorded as implanted against a stop, whether the second person is verified or not.
///
/// # Errors
/// Those of the database.
pub fn overridden_scans(connection: &mut AnyConnection) -> Result<HashSet<ScanId>, Problem> {
    let witnessed: Vec<Option<ScanId>> = override_witnesses::table
        .inner_join(device_uses_table::table)
        .select(device_uses_table::scan_event_id)
        .load(connection)?;
    let claimed: Vec<Option<ScanId>> = claims_table::table
        .inner_join(device_uses_table::table)
        .select(device_uses_table::scan_event_id)
        .load(connection)?;
    Ok(witnessed.into_iter().chain(claimed).flatten().collect())
}

/// Who stood by the device uses of a procedure.
///
/// # Errors
/// Those of the database.
pub fn witnesses_of(
    connection: &mut AnyConnection,
    procedure: super::model::ProcedureId,
) -> Result<Vec<(DeviceUseId, String)>, Problem> {
    Ok(override_witnesses::table
        .inner_join(device_uses_table::table)
        .inner_join(users::table)
        .filter(device_uses_table::procedure_id.eq(procedure))
        .select((override_witnesses::device_use_id, users::display_name))
        .load(connection)?)
}

/// A device to be recorded although the verdict was stop.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StopOverrideBody {
    /// Made by the client.
    id: DeviceUseId,
    /// What became of it.
    fate: Fate,
    /// Why.
    reason: String,
    /// The second person; needed for `implanted`.
    #[serde(default)]
    witness: Option<SecondPersonBody>,
}

/// A second person by their badge, with what shows that it was they: a PIN, or without a network the signature of their key
/// on this tablet. Where there could be neither, `not_verified` says so, and it stays open until they confirm.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SecondPersonBody {
    /// What the scanner gave for the badge (GSRN, AI 8017), or its 18 digits typed.
    badge: String,
    /// The PIN.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password)]
    pin: Option<Pin>,
    /// A signature over `second-person`, the device use's id, the scan's id, the fate and the reason, with blanks between.
    #[serde(default)]
    proof: Option<TabletProof>,
    /// Nothing could be checked where it was recorded.
    #[serde(default)]
    not_verified: bool,
}

/// Record a device although the verdict was stop
#[utoipa::path(tag = "theatre", request_body = StopOverrideBody, responses(
    (status = 200, body = DeviceUse), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails),
    (status = 429, body = ProblemDetails, description = "The second person's badge is locked")))]
#[post("/scans/{id}/device-use")]
pub async fn override_stop(
    request: HttpRequest,
    store: web::Data<Store>,
    throttle: web::Data<SignInThrottle>,
    permit: Permit<Record>,
    id: web::Path<ScanId>,
    body: web::Json<StopOverrideBody>,
) -> Result<web::Json<DeviceUse>, Problem> {
    let (actor, scan, body) = (permit.actor(), id.into_inner(), body.into_inner());
    let StopOverrideBody { id, fate, reason, witness } = body;
    let witness = match witness {
        Some(SecondPersonBody { badge, pin: Some(pin), .. }) => {
            let address = request.peer_addr().map(|address| address.ip());
            let presented = BadgeAndPin { badge, pin };
            Some(SecondPerson::Verified(badge_check::check(&store, &throttle, address, presented).await?))
        }
        Some(SecondPersonBody { proof: Some(proof), .. }) => {
            let signed = format!("second-person {id} {scan} {fate} {reason}");
            let signer = move |connection: &mut _| tablet_keys::signer(connection, &proof, &signed, Utc::now());
            Some(SecondPerson::Verified(store.read(signer).await?))
        }
        Some(SecondPersonBody { badge, not_verified: true, .. }) => {
            Some(SecondPerson::Claimed(BadgeAndPin::read(&badge)?))
        }
        Some(_) => return Err(Problem::invalid("The second person has badge and PIN.")),
        None => None,
    };
    let decision = StopOverride { id, scan, fate, reason, witness };
    store.write(move |tx| override_by(tx, &actor, &decision)).await.map(web::Json)
}
