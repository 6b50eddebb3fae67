//! The barcodes of one pack, one a line: one label, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::label::{self, Outcome};
use tessera_scanner::udi::{Entry, RawScan};

fuzz_target!(|data: &[u8]| {
    let scan = |line: &[u8]| RawScan { bytes: line.to_vec(), aim: None, entry: Entry::Handheld };
    let scans: Vec<RawScan> = data.split(|b| *b == b'\n').take(6).map(scan).collect();
    let label = label::assemble(&scans, 2026);
    assert!(label.outcome != Outcome::Ambiguous || !label.candidates.is_empty());
});
