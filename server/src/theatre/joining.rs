//! Which earlier scan shows the same pack, so that one device is recorded once.
//!
//! Three ways lead there: a person chose one of the readings of an ambiguous scan; the client says that this scan shows the
//! pack of that one again (the workstation's agent with both halves, a photo of *this* pack); or the scan follows another of
//! the same scanner and the library's rule ([`join`]) joins them. In doubt a scan stays a scan of its own.

use chrono::{DateTime, Datelike as _, Utc};
use diesel::prelude::*;
use tessera_scanner::finding::Severity;
use tessera_scanner::handheld::ScannerProfile;
use tessera_scanner::label::pairing::{Part, join, part};
use tessera_scanner::label::{Label, Outcome, assemble_with};
use tessera_scanner::udi::RawScan;

use super::arrival::Arrived;
use super::device_uses::{self, Correction, DeviceUse};
use super::model::{DeviceUseId, Fate, NewScan, ProcedureId, ScanId, ScannedKind, ScannedSymbol};
use super::scans::answer_to;
use crate::access::Actor;
use crate::error::{Code, Problem};
use crate::store::schema::scan_events;
use crate::store::{AnyConnection, Transaction};

/// An earlier scan of the same pack, whose place this one takes.
#[derive(Clone, Debug)]
pub struct SamePack {
    /// The earlier scan.
    pub scan: ScanId,
    /// What both together say.
    pub label: Label,
    /// What was recorded of the earlier one, as it stands.
    pub recorded: Option<DeviceUse>,
}

/// The earlier scan of the pack that `scan` shows, if there is one.
///
/// # Errors
/// [`Code::InvalidInput`] for a reading that was not offered, [`Code::WrongState`] where another was chosen before.
pub fn same_pack(connection: &mut AnyConnection, arrived: &Arrived, year: i32) -> Result<Option<SamePack>, Problem> {
    let scan = &arrived.scan;
    let Some(id) = scan.supersedes_scan.or(scan.follows) else {
        return if scan.reading.is_some() {
            Err(Problem::invalid("A reading is chosen of an earlier scan: name it in supersedes_scan."))
        } else {
            Ok(None)
        };
    };
    let profile = scan.profile.clone().unwrap_or_default();
    let earlier = open(connection, id, scan.procedure, &profile, year)?;
    if let Some(reading) = scan.reading {
        let earlier = earlier.ok_or_else(|| {
            Problem::new(Code::WrongState, "This scan is settled already: look at the device in the list.")
        })?;
        let label = chosen(connection, id, reading)?;
        return Ok(Some(SamePack { scan: id, label, recorded: earlier.recorded }));
    }
    let Some(earlier) = earlier else { return Ok(None) };
    let (first, then) = (earlier.barcodes, scan.raw());
    let label = if scan.supersedes_scan.is_some() {
        shown_again(&first, &then, &profile, year)
    } else {
        join(&first, &then, &profile, scan.scanned_at - earlier.scanned_at, year)
    };
    Ok(label.map(|label| SamePack { scan: id, label, recorded: earlier.recorded }))
}

/// A scan that a later one of the same pack may complete or settle.
struct Open {
    /// Its barcodes, and those of the scans whose place it took.
    barcodes: Vec<RawScan>,
    scanned_at: DateTime<Utc>,
    recorded: Option<DeviceUse>,
}

/// The scan, if it is of this procedure, leaves something open, and nobody said that it was a mistake.
fn open(
    connection: &mut AnyConnection,
    id: ScanId,
    procedure: ProcedureId,
    profile: &ScannerProfile,
    year: i32,
) -> Result<Option<Open>, Problem> {
    let Some((scan, mut before)) = pack_scan(connection, id, procedure)? else { return Ok(None) };
    let completed_another = before.is_some();
    let mut barcodes = scan.raw();
    while let Some(earlier) = before {
        let Some((scan, further)) = pack_scan(connection, earlier, procedure)? else { break };
        barcodes.splice(0..0, scan.raw());
        before = further;
    }
    // One that completed another is complete, unless both together read in several ways.
    let open =
        part(&assemble_with(&barcodes, profile, year)).filter(|part| !completed_another || *part == Part::Ambiguous);
    if open.is_none() {
        return Ok(None);
    }
    // By the procedure, whose few scans have an index.
    let taken: i64 = scan_events::table
        .filter(scan_events::procedure_id.eq(procedure).and(scan_events::supersedes.eq(id)))
        .count()
        .get_result(connection)?;
    let recorded = device_uses::current_of_scan(connection, id)?;
    let of_another = |device: &DeviceUse| device.fate == Fate::EnteredInError || device.procedure_id != procedure;
    let settled = taken > 0 || recorded.as_ref().is_some_and(of_another);
    Ok((!settled).then_some(Open { barcodes, scanned_at: scan.scanned_at, recorded }))
}

/// Every barcode of a pack: those of this scan, and of the scans whose place it took.
///
/// # Errors
/// [`Code::WrongState`] where it is no scan of a pack of this procedure.
pub fn symbols_of(
    connection: &mut AnyConnection,
    id: ScanId,
    procedure: ProcedureId,
) -> Result<Vec<ScannedSymbol>, Problem> {
    let mut symbols = Vec::new();
    let mut at = Some(id);
    while let Some(id) = at {
        let Some((scan, before)) = pack_scan(connection, id, procedure)? else { break };
        symbols.splice(0..0, scan.symbols);
        at = before;
    }
    if symbols.is_empty() {
        return Err(Problem::new(Code::WrongState, "No barcode of this pack was kept: scan the others themselves."));
    }
    Ok(symbols)
}

/// A scan of a pack as it was sent, and the one whose place it took. What holds an identity is no pack.
fn pack_scan(
    connection: &mut AnyConnection,
    id: ScanId,
    procedure: ProcedureId,
) -> Result<Option<(NewScan, Option<ScanId>)>, Problem> {
    let known: Option<(Vec<u8>, ScannedKind, bool, Option<ScanId>)> = scan_events::table
        .filter(scan_events::id.eq(id).and(scan_events::procedure_id.eq(procedure)))
        .select((scan_events::payload, scan_events::kind, scan_events::sealed, scan_events::supersedes))
        .get_result(connection)
        .optional()?;
    let Some((payload, ScannedKind::Pack, false, supersedes)) = known else { return Ok(None) };
    let scan = serde_json::from_slice(&payload)
        .map_err(|error| Problem::new(Code::Internal, "An earlier scan could not be read.").because(error))?;
    Ok(Some((scan, supersedes)))
}

/// The label with the reading that a person chose, of those that were answered.
fn chosen(connection: &mut AnyConnection, id: ScanId, reading: usize) -> Result<Label, Problem> {
    let offered = answer_to(connection, id)?.label.filter(|label| label.outcome == Outcome::Ambiguous);
    let Some(mut label) = offered.filter(|label| reading < label.candidates.len()) else {
        return Err(Problem::invalid(format!("The scan {id} offered no reading {reading}.")));
    };
    let mut udi = label.candidates.swap_remove(reading);
    // What made the reading uncertain is settled by the person; what is wrong in itself stays wrong.
    for finding in label.findings.iter_mut().chain(&mut udi.findings) {
        if finding.severity == Severity::Warning {
            finding.severity = Severity::Note;
        }
    }
    let wrong = |label: &Label| label.findings.iter().any(|finding| finding.severity == Severity::Error);
    let outcome = if wrong(&label) { Outcome::Refused } else { Outcome::Read };
    Ok(Label { outcome, udi: Some(udi), candidates: Vec::new(), ..label })
}

/// A person says that both show one pack. They do, where they agree: together they read without doubt, or the new scan
/// alone does and names a device that the earlier one may be.
fn shown_again(first: &[RawScan], then: &[RawScan], profile: &ScannerProfile, year: i32) -> Option<Label> {
    let assemble = |scans: &[RawScan]| assemble_with(scans, profile, year);
    let (before, alone) = (assemble(first), assemble(then));
    part(&before).filter(|_| alone.outcome != Outcome::NotADevice)?;
    let whole = assemble(&[first, then].concat());
    if whole.outcome == Outcome::Read {
        return Some(whole);
    }
    let device = &alone.udi.as_ref().filter(|_| alone.outcome == Outcome::Read)?.device;
    let known = before.candidates.iter().chain(&before.udi).any(|one| one.device == *device);
    known.then_some(alone)
}

/// What becomes of the device that the earlier scan recorded: it was wasted or returned, then it still is; else it is in
/// the patient.
pub fn fate(same: Option<&SamePack>) -> Fate {
    match same.and_then(|same| same.recorded.as_ref()).map(|recorded| recorded.fate) {
        Some(fate @ (Fate::Wasted | Fate::Returned)) => fate,
        _ => Fate::Implanted,
    }
}

/// Takes back what the earlier scan recorded, where the pack as a whole makes no new record: else one device would be two.
///
/// # Errors
/// Those of the database.
pub fn take_back(tx: &mut Transaction<'_>, actor: &Actor, same: &SamePack) -> Result<(), Problem> {
    if let Some(recorded) = &same.recorded {
        let reason = "The pack was read as a whole afterwards: that scan takes its place.".to_owned();
        let correction = Correction { id: DeviceUseId::new(), of: recorded.id, fate: Fate::EnteredInError, reason };
        device_uses::correct(tx, actor, &correction)?;
    }
    Ok(())
}

/// The year by which two-digit years are told.
pub fn this_year() -> i32 {
    Utc::now().year()
}
