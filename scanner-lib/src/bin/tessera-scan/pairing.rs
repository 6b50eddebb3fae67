//! The two halves of one pack, scanned one after the other: the device's, and the one with lot and expiry.

use std::time::Instant;

use chrono::Duration;
use tessera_scanner::handheld::ScannerProfile;
use tessera_scanner::label::assemble;
use tessera_scanner::label::pairing::{Part, join, part};
use tessera_scanner::udi::RawScan;
use uuid::Uuid;

/// A half that may still be completed.
#[derive(Debug)]
struct Half {
    scan: Uuid,
    raws: Vec<RawScan>,
    at: Instant,
}

/// Watches the scans of one scanner for halves that belong together, by the [library's rule](join).
///
/// Anything else stays a scan of its own, and the registry asks for the other barcode.
#[derive(Debug, Default)]
pub struct Pairing {
    open: Option<Half>,
}

impl Pairing {
    /// The earlier scan and its barcodes, which this one completes.
    pub fn completes(&self, raws: &[RawScan], year: i32, now: Instant) -> Option<(Uuid, Vec<RawScan>)> {
        let half = self.open.as_ref()?;
        let apart = Duration::from_std(now.saturating_duration_since(half.at)).ok()?;
        join(&half.raws, raws, &ScannerProfile::default(), apart, year).map(|_| (half.scan, half.raws.clone()))
    }

    /// Remembers a scan that was kept, and whether it completed the one before.
    pub fn kept(&mut self, scan: Uuid, raws: Vec<RawScan>, completed: bool, year: i32, now: Instant) {
        let open = if completed { None } else { part(&assemble(&raws, year)) };
        // One that reads in several ways is a person's to settle, on the page.
        self.open = matches!(open, Some(Part::Device | Part::Production)).then_some(Half { scan, raws, at: now });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tessera_scanner::udi::Entry;

    use super::{Instant, Pairing, RawScan, Uuid};

    const DEVICE_A: &str = "]C10109506000134352";
    const DEVICE_B: &str = "]C10100844505000772";
    const LOT_A: &str = "]C11731030110122927";
    const WHOLE: &str = "]d201095060001343521731030110A7";

    /// Feeds lines to a pairing; for each, the index of the line that it completes.
    fn joined(lines: &[&str], apart: Duration) -> Vec<Option<usize>> {
        let (mut pairing, began) = (Pairing::default(), Instant::now());
        let ids: Vec<Uuid> = lines.iter().map(|_| Uuid::now_v7()).collect();
        let feed = |(number, line): (usize, &&str)| {
            let raw = vec![RawScan { bytes: line.as_bytes().to_vec(), aim: None, entry: Entry::Handheld }];
            let now = began + apart * u32::try_from(number).unwrap();
            let first = pairing.completes(&raw, 2026, now);
            pairing.kept(ids[number], raw, first.is_some(), 2026, now);
            first.map(|(id, _)| ids.iter().position(|known| *known == id).unwrap())
        };
        lines.iter().enumerate().map(feed).collect()
    }

    #[test]
    fn the_halves_of_a_pack_are_joined_in_either_order() {
        let second = Duration::from_secs(1);
        assert_eq!(joined(&[DEVICE_A, LOT_A], second), [None, Some(0)]);
        assert_eq!(joined(&[LOT_A, DEVICE_A], second), [None, Some(0)]);
        // A pack is complete: the next device is another pack's.
        assert_eq!(joined(&[DEVICE_A, LOT_A, DEVICE_B, LOT_A], second), [None, Some(0), None, Some(2)]);
    }

    #[test]
    fn what_is_in_doubt_stays_apart() {
        let second = Duration::from_secs(1);
        assert_eq!(joined(&[DEVICE_A, DEVICE_B, LOT_A], second), [None, None, Some(1)], "neighbours only");
        assert_eq!(joined(&[DEVICE_A, WHOLE, LOT_A], second), [None, None, None], "a whole pack came between");
        assert_eq!(joined(&[LOT_A, LOT_A], second), [None, None]);
        assert_eq!(joined(&["hello", LOT_A], second), [None, None]);
        assert_eq!(joined(&[DEVICE_A, LOT_A], Duration::from_secs(31)), [None, None], "too long apart");
    }
}
