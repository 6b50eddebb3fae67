//! "Same again": more units of the pack that was scanned, such as four identical screws from one box of the lot.

use actix_web::{HttpResponse, post, web};
use chrono::Utc;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tessera_scanner::udi::Entry;
use utoipa::ToSchema;
use uuid::Uuid;

use super::api::recorder;
use super::arrival::Arrived;
use super::device_uses;
use super::joining;
use super::model::{DeviceUseId, Fate, NewScan, ScanAnswer, ScanId};
use super::scans::{self, Recorder};
use crate::access::{Permit, Record};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::store::{AnyConnection, Store, Transaction};

/// Most units at once: more than a set of screws has is a slip of the finger.
const MOST: usize = 20;

/// The scans that stand for more units of one that was recorded: the same barcodes, said to be typed, under the ids that the
/// client made.
///
/// # Errors
/// [`Code::InvalidInput`] for no or too many, [`Code::WrongState`] where the device is not in the patient, has a serial (then
/// every unit is scanned itself) or came from no scan.
pub fn scans_of(connection: &mut AnyConnection, device: DeviceUseId, ids: &[ScanId]) -> Result<Vec<NewScan>, Problem> {
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Problem::invalid(format!("The same again is said 1 to {MOST} times.")));
    }
    let device = device_uses::find(connection, device)?;
    let refused = |why: &str| Err(Problem::new(Code::WrongState, why));
    if device.serial.is_some() {
        return refused("This device has a serial number: every unit has its own and is scanned itself.");
    }
    if device.fate != Fate::Implanted {
        return refused("This device is not in the patient: scan the others themselves.");
    }
    let Some(scan) = device.scan_event_id else {
        return refused("This device came from no scan: scan the others themselves.");
    };
    let symbols = joining::symbols_of(connection, scan, device.procedure_id)?;
    let one = |id: &ScanId| NewScan {
        id: *id,
        procedure: device.procedure_id,
        scanned_at: Utc::now(),
        entry: Entry::Typed,
        symbols: symbols.clone(),
        supersedes_scan: None,
        follows: None,
        reading: None,
        again_of: Some(scan),
        profile: None,
        workstation: None,
    };
    Ok(ids.iter().map(one).collect())
}

/// Records more units of one. Units that are here already under their ids stay one.
///
/// # Errors
/// Those of [`scans_of`] and [`scans::record`].
pub fn record_again(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    device: DeviceUseId,
    ids: &[ScanId],
) -> Result<Vec<ScanAnswer>, Problem> {
    let mut answers = Vec::new();
    for scan in scans_of(tx, device, ids)? {
        // What was sent before is answered as before: the time of the copy is not what makes it another.
        let answer = match scans::answer_if_known(tx, scan.id)? {
            Some(answer) => answer,
            None => scans::record(tx, recorder, &Arrived::new(&recorder.keys, scan, None)?)?.answer,
        };
        answers.push(answer);
    }
    Ok(answers)
}

/// [`record_again`], so many times, from a form: sent twice, it is recorded once; sent with another number, it is said anew.
///
/// # Errors
/// Those of [`record_again`].
pub fn record_so_many(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    device: DeviceUseId,
    form: Uuid,
    count: u32,
) -> Result<Vec<ScanAnswer>, Problem> {
    let of_this_many = unit_id(form, device.uuid(), count).uuid();
    let ids: Vec<ScanId> = (0..count).map(|unit| unit_id(of_this_many, device.uuid(), unit)).collect();
    record_again(tx, recorder, device, &ids)
}

/// The id of one of several units of a thing that one form records: the same whenever it is sent.
pub(super) fn unit_id(form: Uuid, of: Uuid, unit: u32) -> ScanId {
    let digest = Sha256::new()
        .chain_update(form.as_bytes())
        .chain_update(of.as_bytes())
        .chain_update(unit.to_be_bytes())
        .finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    ScanId::from(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// More units of a device.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AgainBody {
    /// An id for the scan of each further unit, made by the client (UUIDv7).
    scans: Vec<ScanId>,
}

/// Record the same again, so many times
#[utoipa::path(tag = "theatre", request_body = AgainBody, responses(
    (status = 200, body = Vec<ScanAnswer>), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/device-uses/{id}/again")]
pub async fn same_again(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    id: web::Path<DeviceUseId>,
    body: web::Json<AgainBody>,
) -> Result<HttpResponse, Problem> {
    let recorder = recorder(&permit, keys, &config)?;
    let (id, ids) = (id.into_inner(), body.into_inner().scans);
    let answers = store.write(move |tx| record_again(tx, &recorder, id, &ids)).await?;
    Ok(HttpResponse::Ok().json(answers))
}
