//! Several barcodes on one pack become one label, and one [`Udi`], with findings.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::udi::{RawScan, Udi};

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

/// Makes one label of all the barcodes of one pack, in any order, repeats allowed.
///
/// `current_year` decides the century of two-digit years (GS1 General Specifications, section 7.12).
pub fn assemble(scans: &[RawScan], current_year: i32) -> Label {
    let _ = (scans, current_year);
    unimplemented!()
}
