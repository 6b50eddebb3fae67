//! Scans: kept as received, understood, answered; a repeat gets the same answer.

use diesel::prelude::*;
use tessera_scanner::handheld::badge;
use tessera_scanner::handheld::wristband::{self, WristbandProfile};
use tessera_scanner::identifiers::OdsCode;
use tessera_scanner::label::{Label, Outcome};
use tessera_scanner::verdict::{Answer, Limits};

use super::arrival::Arrived;
use super::device_uses::{self, Scanned};
use super::joining::{self, SamePack, this_year};
use super::judgement::{Judged, certain, judge_pack};
use super::model::{
    DeviceUseId, DeviceUseReference, Fate, NewScan, ProcedureId, ScanAnswer, ScanId, ScanReference, ScannedKind,
    WristbandShown,
};
use super::procedures::{self, Procedure};
use super::team;
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::Presented;
use crate::identity::store::{find_or_add, person_of};
use crate::on_engine;
use crate::once::repeated;
use crate::store::columns::Moment;
use crate::store::schema::scan_events;
use crate::store::{AnyConnection, Transaction};

/// What recording a scan needs to know beside the scan.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// Who scanned.
    pub actor: Actor,
    /// The user.
    pub user: UserId,
    /// The key that seals identities.
    pub keys: std::sync::Arc<IdentityKeys>,
    /// The organisation whose registry this is.
    pub home: OdsCode,
    /// Limits of the verdict.
    pub limits: Limits,
    /// How the organisation prints wristbands, in the order in which that is tried.
    pub wristbands: Vec<WristbandProfile>,
}

/// The answer and whether the scan was here before.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What to answer.
    pub answer: ScanAnswer,
    /// It is a repeat.
    pub repeated: bool,
}

/// Records a scan: kept as received, then understood.
///
/// # Errors
/// [`Code::IdReused`] for the same id with another body, [`Code::NotFound`] for an unknown procedure.
pub fn record(tx: &mut Transaction<'_>, recorder: &Recorder, arrived: &Arrived) -> Result<Recorded, Problem> {
    let Arrived { scan, body, body_hash, .. } = arrived;
    if let Some(answer) = answered_before(tx, scan.id, body_hash)? {
        return Ok(Recorded { answer, repeated: true });
    }
    let procedure = procedures::find(tx, scan.procedure)?;
    let same = if arrived.kind.holds_identity() { None } else { joining::same_pack(tx, arrived, this_year())? };
    // A choice brings no barcode of its own: it is about the pack's.
    let kind = if same.is_some() { ScannedKind::Pack } else { arrived.kind };
    let understood = understand(tx, recorder, arrived, &procedure, kind, same.as_ref())?;
    let mut answer = understood.answer;
    let device = match understood.device {
        Some(device) => device_to_record(tx, &procedure, &mut answer, device, same.as_ref())?,
        None => None,
    };
    // The event goes before the device use that refers to it, with the answer that names the device use.
    let sealed = kind.holds_identity();
    let event = ScanEvent {
        id: scan.id,
        procedure_id: Some(procedure.id),
        user_id: recorder.user,
        entry: entry_word(scan),
        scanned_at: Moment::from(scan.scanned_at),
        received_at: Moment::now(),
        kind,
        sealed,
        payload: if sealed { recorder.keys.seal(body, scan.id.uuid().as_bytes())? } else { body.clone() },
        body_hash: body_hash.clone(),
        supersedes: same.as_ref().map(|same| same.scan),
        answer: json(&answer)?,
    };
    on_engine!(&mut **tx, c => diesel::insert_into(scan_events::table).values(&event).execute(c))?;
    let act = Act { action: "scanned", subject_kind: "scan", subject: scan.id.to_string(), detail: &kind };
    audit::record(tx, &recorder.actor, &act)?;
    match device {
        Some((id, device)) => {
            let supersedes = same.as_ref().and_then(|same| same.recorded.as_ref()).map(|recorded| recorded.id);
            let scanned = Scanned {
                id,
                procedure: &procedure,
                scan: scan.id,
                udi: certain(&device.label),
                product: device.judged.product.as_ref().map(|product| product.id),
                verdict: &device.judged.verdict,
                fate: joining::fate(same.as_ref()),
                reason: supersedes.map(|_| read_again(scan)),
                supersedes,
            };
            device_uses::add(tx, &recorder.actor, &scanned)?;
        }
        None => {
            if let Some(same) = &same {
                joining::take_back(tx, &recorder.actor, same)?;
            }
        }
    }
    Ok(Recorded { answer, repeated: false })
}

/// Why a later scan took the place of an earlier one, as the list of devices says it.
fn read_again(scan: &NewScan) -> &'static str {
    if scan.reading.is_some() { "a person chose the reading" } else { "read as a whole with another scan of the pack" }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = scan_events)]
struct ScanEvent {
    id: ScanId,
    procedure_id: Option<ProcedureId>,
    user_id: UserId,
    entry: String,
    scanned_at: Moment,
    received_at: Moment,
    kind: ScannedKind,
    sealed: bool,
    payload: Vec<u8>,
    body_hash: Vec<u8>,
    supersedes: Option<ScanId>,
    answer: String,
}

/// What a scan was understood to be.
struct Understood {
    answer: ScanAnswer,
    /// Where it is a device: what was read and judged.
    device: Option<Device>,
}

struct Device {
    label: Label,
    judged: Judged,
}

/// Decides whether this scan makes a new device use, and names it in the answer. A unit that is recorded in this procedure
/// already is not recorded twice; a stop is not recorded as implanted, a person has to say so ([`overrides`](super::overrides)). What was
/// wasted or returned when only half of it was read stays wasted or returned.
fn device_to_record(
    tx: &mut Transaction<'_>,
    procedure: &Procedure,
    answer: &mut ScanAnswer,
    device: Device,
    same: Option<&SamePack>,
) -> Result<Option<(DeviceUseId, Device)>, Problem> {
    let fate = joining::fate(same);
    if let Some(udi) = certain(&device.label) {
        answer.device_use = device_uses::same_unit_in_procedure(tx, procedure.id, udi)?;
        if same.is_none()
            && let Some(aside) = device_uses::put_aside_unread(tx, procedure.id, udi)?
        {
            answer.message = Some(format!(
                "A device of this kind was marked {aside} before its lot was read. If that was this pack, undo one of the two."
            ));
        }
    }
    if answer.device_use.is_some() || (device.judged.verdict.answer == Answer::Stop && fate == Fate::Implanted) {
        return Ok(None);
    }
    if fate != Fate::Implanted {
        answer.message = Some(format!("It stays {fate}, as you said when only part of its label was read."));
    }
    let id = DeviceUseId::new();
    answer.device_use = Some(DeviceUseReference { id, fate });
    Ok(Some((id, device)))
}

/// The procedure in which something was scanned.
///
/// # Errors
/// [`Code::NotFound`].
pub fn procedure_of(connection: &mut AnyConnection, scan: ScanId) -> Result<ProcedureId, Problem> {
    let procedure: Option<Option<ProcedureId>> =
        scan_events::table.find(scan).select(scan_events::procedure_id).first(connection).optional()?;
    procedure.flatten().ok_or_else(|| Problem::not_found(format!("procedure of the scan {scan}")))
}

fn understand(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    arrived: &Arrived,
    procedure: &Procedure,
    kind: ScannedKind,
    same: Option<&SamePack>,
) -> Result<Understood, Problem> {
    let Arrived { scan, .. } = arrived;
    let mut answer = ScanAnswer {
        scan: ScanReference { id: scan.id },
        kind,
        message: None,
        pending: false,
        label: None,
        product: None,
        verdict: None,
        device_use: None,
        wristband: None,
    };
    match kind {
        ScannedKind::Wristband => {
            let matches = is_patient_of(tx, recorder, scan, procedure)?;
            let text = match matches {
                Some(true) => "This wristband is the patient's of this procedure.",
                Some(false) => "This wristband is not the patient's of this procedure. Check who is on the table.",
                None => "The wristband could not be read. Scan it again.",
            };
            answer.wristband = Some(WristbandShown { matches, text: text.to_owned() });
        }
        ScannedKind::Badge => answer.message = Some(welcome(tx, recorder, scan, procedure)?),
        ScannedKind::Location => {
            answer.message = Some("This is the barcode of a place. Scan the pack of the implant.".to_owned());
        }
        ScannedKind::Pack | ScannedKind::Other => {
            let known = same.map(|same| same.label.clone()).or_else(|| arrived.label.clone());
            let Some(label) = known else {
                answer.message = Some(
                    "No barcode was found in the picture. Hold still, go closer, avoid glare, and try again; or type it."
                        .to_owned(),
                );
                return Ok(Understood { answer, device: None });
            };
            if label.outcome == Outcome::Incomplete {
                answer.pending = true;
                answer.message = Some("Half of the label is read. Scan the other barcode of this pack.".to_owned());
                answer.label = Some(label);
                return Ok(Understood { answer, device: None });
            }
            let judged = judge_pack(tx, procedure, &label, scan.scanned_at, recorder.limits)?;
            answer.product = judged.product_shown();
            answer.verdict = Some(judged.verdict.clone());
            answer.label = Some(label.clone());
            if label.outcome != Outcome::NotADevice {
                return Ok(Understood { answer, device: Some(Device { label, judged }) });
            }
            answer.message =
                Some("This barcode does not say which device it is. Scan another one on the pack.".to_owned());
        }
    }
    Ok(Understood { answer, device: None })
}

fn is_patient_of(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    scan: &NewScan,
    procedure: &Procedure,
) -> Result<Option<bool>, Problem> {
    let band = scan.symbols.iter().find_map(|symbol| wristband::read(&symbol.bytes, &recorder.wristbands).ok());
    let Some(band) = band else { return Ok(None) };
    let presented = Presented::by_wristband(&band, &recorder.home);
    if presented.identifiers.is_empty() {
        return Ok(None);
    }
    let found = find_or_add(tx, &recorder.keys, &recorder.actor, &presented)?;
    Ok(Some(person_of(tx, found.patient)? == person_of(tx, procedure.patient_id)?))
}

fn welcome(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    scan: &NewScan,
    procedure: &Procedure,
) -> Result<String, Problem> {
    let read = scan.symbols.iter().find_map(|symbol| badge::read(&symbol.bytes).ok());
    let member = match &read {
        Some(badge) => team::by_badge(tx, badge)?,
        None => None,
    };
    match member {
        Some((member, name)) => {
            team::join(tx, &recorder.actor, procedure.id, member)?;
            Ok(format!("{name} is on the team of this procedure."))
        }
        None => Ok("This badge is not known here. Ask an administrator to add it; the scan is kept.".to_owned()),
    }
}

fn answered_before(
    connection: &mut AnyConnection,
    id: ScanId,
    body_hash: &[u8],
) -> Result<Option<ScanAnswer>, Problem> {
    let known: Option<(Vec<u8>, String)> = scan_events::table
        .find(id)
        .select((scan_events::body_hash, scan_events::answer))
        .get_result(connection)
        .optional()?;
    let known = repeated(known, |(hash, _)| hash == body_hash, || format!("scan {id}"))?;
    known.map(|(_, answer)| answer_of(&answer)).transpose()
}

/// The answer that was given to a scan.
///
/// # Errors
/// [`Code::NotFound`].
pub fn answer_to(connection: &mut AnyConnection, id: ScanId) -> Result<ScanAnswer, Problem> {
    let answer: Option<String> =
        scan_events::table.find(id).select(scan_events::answer).first(connection).optional()?;
    answer_of(&answer.ok_or_else(|| Problem::not_found(format!("scan {id}")))?)
}

fn answer_of(text: &str) -> Result<ScanAnswer, Problem> {
    serde_json::from_str(text)
        .map_err(|error| Problem::new(Code::Internal, "The answer to a scan could not be read.").because(error))
}

/// The scans of a procedure whose place a later scan of the same pack took.
///
/// # Errors
/// Those of the database.
pub fn replaced_in(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<ScanId>, Problem> {
    let replaced: Vec<Option<ScanId>> = scan_events::table
        .filter(scan_events::procedure_id.eq(procedure).and(scan_events::supersedes.is_not_null()))
        .select(scan_events::supersedes)
        .load(connection)?;
    Ok(replaced.into_iter().flatten().collect())
}

fn json(answer: &ScanAnswer) -> Result<String, Problem> {
    serde_json::to_string(answer)
        .map_err(|error| Problem::new(Code::Internal, "The answer to a scan could not be written.").because(error))
}

fn entry_word(scan: &NewScan) -> String {
    serde_json::to_value(scan.entry).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
