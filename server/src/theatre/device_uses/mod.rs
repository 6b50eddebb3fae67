//! Device uses: one row for each thing that happened to one device; a correction supersedes, with a reason.
//!
//! Here is the row, and how a scan becomes one; [`correction`] and [`explant`] make later ones, [`questions`] asks for them.

mod correction;
mod explant;
mod questions;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::alike;
use tessera_scanner::udi::{DeviceIdentifier, Udi};
use tessera_scanner::verdict::Answer;

pub use self::correction::{Correction, correct};
pub use self::explant::{Explant, explant};
pub use self::questions::{
    current_of_procedure, current_of_scan, in_the_person, of_procedure, of_scan, put_aside_unread,
    same_unit_in_procedure, serial_in_another_person,
};
use super::model::{DeviceUseId, DeviceUseReference, Fate, OperatedSide, ProcedureId, ScanId, VerdictShown};
use super::procedures;
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::on_engine;
use crate::once::repeated;
use crate::recalls::alerts::evaluate as alerts;
use crate::recalls::stock::theatre as shelves;
use crate::store::columns::Moment;
use crate::store::schema::device_uses;
use crate::store::{AnyConnection, Transaction};

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

/// One device use.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
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
