//! Several barcodes on one pack become one label, and one [`Udi`], with findings.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::handheld::{self, ScannerProfile, aim, wristband};
use crate::udi::{RawScan, Udi};

mod barcode;
pub mod gathering;
mod knowledge;
mod pack;
pub mod pairing;

pub use knowledge::{Knowledge, KnownFormats};
use pack::Pack;

/// How far the reading of a pack went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// One reading, and the strict rules hold (findings may still be there).
    Read,
    /// More than one reading is possible: [`Label::candidates`] holds them, a person chooses.
    Ambiguous,
    /// The strict rules of the standard fail; what could be read is still in [`Label::udi`].
    Refused,
    /// Part of a UDI: a production identifier without its device identifier. Another barcode of the pack is wanted.
    Incomplete,
    /// Nothing here identifies a device (a wristband, a REF code, other text).
    NotADevice,
}

/// All that was read from one pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// How far the reading went.
    pub outcome: Outcome,
    /// The device identification, where there is one.
    pub udi: Option<Udi>,
    /// Possible readings, best first, where the outcome is [`Outcome::Ambiguous`].
    pub candidates: Vec<Udi>,
    /// What was noticed about the pack as a whole (contradictions, ignored codes); those of one barcode included.
    pub findings: Vec<Finding>,
    /// The scans that told nothing about the device: kept, not used.
    pub ignored: Vec<RawScan>,
}

impl Label {
    /// Whether the barcodes contradict each other: two devices, lots, serials or dates on what should be one pack.
    pub fn contradictory(&self) -> bool {
        self.findings.iter().any(|finding| finding.code.starts_with("TWO_"))
    }
}

/// What was scanned, so that a focused field can tell a pack from a wristband.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanKind {
    /// A barcode of a device's pack.
    DevicePack,
    /// A patient's wristband.
    Wristband,
    /// A staff badge with a GSRN.
    StaffBadge,
    /// A place: a GLN, AI 414.
    Location,
    /// An asset: a tray or other returnable thing (GRAI, AI 8003), or a machine (GIAI, AI 8004).
    Asset,
    /// Something else, such as an EAN, a REF or a plain badge.
    Other,
}

/// Tells what kind of thing was scanned, from the bytes as they came.
///
/// # Example
/// ```
/// use tessera_scanner::label::{ScanKind, kind};
///
/// assert_eq!(kind(b"]d2010084450500077210122927"), ScanKind::DevicePack);
/// assert_eq!(kind(b"W1|615592|9434765919|Sample|Amy|23/12/1981|F"), ScanKind::Wristband);
/// assert_eq!(kind(b"]C18017505089897373832492\r"), ScanKind::StaffBadge);
/// assert_eq!(kind(b"hello"), ScanKind::Other);
/// ```
pub fn kind(raw: &[u8]) -> ScanKind {
    kind_with(raw, &ScannerProfile::default())
}

/// [`kind`], with what is known of the scanner.
pub fn kind_with(raw: &[u8], scanner: &ScannerProfile) -> ScanKind {
    let received = handheld::receive(raw, scanner);
    let message = &received.bytes;
    // Its digits are enough: a damaged badge or wristband is still no pack.
    let starts = |ai: &str, length: usize| {
        let gs1 = received.aim.as_deref().is_none_or(aim::carries_gs1);
        let value = message.strip_prefix(ai.as_bytes()).or_else(|| message.strip_prefix(format!("({ai})").as_bytes()));
        gs1 && value.is_some_and(|v| v.len() >= length && v[..length].iter().all(u8::is_ascii_digit))
    };
    if starts("8017", 18) {
        return ScanKind::StaffBadge;
    }
    if starts("8018", 18) {
        return ScanKind::Wristband;
    }
    if starts("414", 13) {
        return ScanKind::Location;
    }
    if starts("8003", 14) || starts("8004", 4) {
        return ScanKind::Asset;
    }
    if wristband::read_with(raw, &wristband::PROFILES, scanner).is_ok() {
        return ScanKind::Wristband;
    }
    match barcode::understand(received.aim.as_deref(), message, 2000) {
        barcode::Understood::Device(_) => ScanKind::DevicePack,
        barcode::Understood::Other(_) => ScanKind::Other,
    }
}

/// Makes one label of all the barcodes of one pack, in any order, repeats allowed.
///
/// Scans from a handheld are cleaned and repaired first, those of a camera are taken as they are.
/// `current_year` decides the century of two-digit years (GS1 General Specifications, section 7.12).
///
/// # Example
/// ```
/// use tessera_scanner::label::{Outcome, assemble};
/// use tessera_scanner::udi::{Entry, RawScan};
///
/// let scan = |text: &str| RawScan { bytes: text.into(), aim: None, entry: Entry::Handheld };
/// let label = assemble(&[scan("]C11731030110LOT-7"), scan("]C10100844505000772")], 2026);
/// assert_eq!(label.outcome, Outcome::Read);
/// let udi = label.udi.unwrap();
/// assert_eq!(udi.device.text, "00844505000772");
/// assert_eq!(udi.lot.unwrap().as_str(), "LOT-7");
/// ```
pub fn assemble(scans: &[RawScan], current_year: i32) -> Label {
    assemble_with(scans, &ScannerProfile::default(), current_year)
}

/// [`assemble`], with what is known of the scanner.
///
/// A scanner that keeps separators, or whose text for them is known, leaves no doubt where they are.
pub fn assemble_with(scans: &[RawScan], profile: &ScannerProfile, current_year: i32) -> Label {
    assemble_knowing(scans, profile, current_year, &())
}

/// [`assemble_with`], with what is known of the lots and serials of devices: it ranks the candidates, and never chooses.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::ScannerProfile;
/// use tessera_scanner::label::{KnownFormats, Outcome, assemble_knowing};
/// use tessera_scanner::udi::{Entry, RawScan};
///
/// let scan = RawScan { bytes: b"]d2010084450500077210122927".into(), aim: None, entry: Entry::Handheld };
/// // An earlier pack of this device had lot 1, with consumer variant 927 behind it.
/// let known = KnownFormats { lots: vec!["1".parse()?], serials: vec![] };
/// let label = assemble_knowing(&[scan], &ScannerProfile::default(), 2026, &known);
/// assert_eq!(label.outcome, Outcome::Ambiguous);
/// assert_eq!(label.candidates[0].lot.as_ref().unwrap().as_str(), "1");
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
pub fn assemble_knowing(
    scans: &[RawScan],
    profile: &ScannerProfile,
    current_year: i32,
    knowledge: &dyn Knowledge,
) -> Label {
    let mut pack = Pack::default();
    for (scan, received) in barcode::receive(scans, profile) {
        pack.add(scan, received, current_year);
    }
    pack.finish(knowledge)
}

#[cfg(test)]
mod tests;
