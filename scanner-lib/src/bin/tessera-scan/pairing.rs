//! The two barcodes of one pack, scanned one after the other: the device's, and the one with lot and expiry.

use std::time::{Duration, Instant};

use tessera_scanner::label::{Outcome, assemble};
use tessera_scanner::udi::RawScan;
use uuid::Uuid;

/// Longer apart, they are taken for two packs.
const ONE_PACK: Duration = Duration::from_secs(30);

/// Which half of a two-part label a barcode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Says which device it is, and nothing of this one pack.
    Device,
    /// Says lot, serial or dates, but not of which device.
    Production,
}

/// A half that may still be completed.
#[derive(Debug)]
struct Half {
    scan: Uuid,
    raw: RawScan,
    part: Part,
    at: Instant,
}

/// Watches the lines of one scanner for halves that belong together.
///
/// Only neighbours are joined, only the two different halves, only where neither contradicts the other. Anything
/// else stays a scan of its own, and the registry asks for the other barcode: a lot that is missing is seen, a lot under
/// the wrong device is not.
#[derive(Debug, Default)]
pub struct Pairing {
    open: Option<Half>,
}

impl Pairing {
    /// The earlier scan and its barcode, which this one completes.
    pub fn completes(&self, raw: &RawScan, year: i32, now: Instant) -> Option<(Uuid, RawScan)> {
        let half = self.open.as_ref()?;
        let part = part_of(raw, year)?;
        let whole = || {
            let label = assemble(&[half.raw.clone(), raw.clone()], year);
            // A separator in doubt leaves the two halves of one pack.
            label.outcome == Outcome::Read || (label.outcome == Outcome::Ambiguous && !label.contradictory())
        };
        let near = now.saturating_duration_since(half.at) <= ONE_PACK;
        (near && part != half.part && whole()).then(|| (half.scan, half.raw.clone()))
    }

    /// Remembers a scan that was kept, and whether it completed the one before.
    pub fn kept(&mut self, scan: Uuid, raw: RawScan, completed: bool, year: i32, now: Instant) {
        let part = if completed { None } else { part_of(&raw, year) };
        self.open = part.map(|part| Half { scan, raw, part, at: now });
    }
}

fn part_of(raw: &RawScan, year: i32) -> Option<Part> {
    let label = assemble(std::slice::from_ref(raw), year);
    match (label.outcome, label.udi) {
        (Outcome::Incomplete, _) => Some(Part::Production),
        (Outcome::Read, Some(udi)) => {
            let bare = udi.lot.is_none() && udi.serial.is_none() && udi.expiry.is_none() && udi.manufacture.is_none();
            bare.then_some(Part::Device)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tessera_scanner::udi::Entry;

    use super::*;

    const DEVICE_A: &str = "]C10109506000134352";
    const DEVICE_B: &str = "]C10100844505000772";
    const LOT_A: &str = "]C11731030110122927";
    const WHOLE: &str = "]d201095060001343521731030110A7";

    /// Feeds lines to a pairing; for each, the index of the line that it completes.
    fn joined(lines: &[&str], apart: Duration) -> Vec<Option<usize>> {
        let (mut pairing, began) = (Pairing::default(), Instant::now());
        let ids: Vec<Uuid> = lines.iter().map(|_| Uuid::now_v7()).collect();
        let feed = |(number, line): (usize, &&str)| {
            let raw = RawScan { bytes: line.as_bytes().to_vec(), aim: None, entry: Entry::Handheld };
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
