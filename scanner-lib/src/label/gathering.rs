//! What a camera sees becomes one scan for each pack.
//!
//! A handheld scanner gives one barcode for each trigger; a camera gives whatever it could read so far. The barcodes of a pack
//! come into view one after the other, and some of them say again what others said already. Reach for [`Gathering`] between
//! a camera's [`Tracker`](crate::symbol::Tracker) and whoever keeps scans.

use std::time::Duration;

use super::pairing::same_reading;
use super::{Outcome, assemble};
use crate::udi::RawScan;

/// After the first barcode of a pack the others have this long to be seen, before all become one scan.
pub const GATHER: Duration = Duration::from_millis(350);

/// Gathers barcodes into scans. Times are those of any clock that only goes forward.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use tessera_scanner::label::gathering::{GATHER, Gathering};
/// use tessera_scanner::udi::{Entry, RawScan};
///
/// let symbol = |text: &str| RawScan { bytes: text.into(), aim: None, entry: Entry::Camera };
/// let mut gathering = Gathering::default();
/// gathering.saw(symbol("]C10109506000134352"), Duration::ZERO);
/// gathering.saw(symbol("]C11731030110122927"), Duration::from_millis(40));
/// assert!(gathering.ready(Duration::from_millis(40), 2026).is_none());
/// assert_eq!(gathering.ready(GATHER, 2026).map(|pack| pack.len()), Some(2));
/// ```
#[derive(Debug, Default)]
pub struct Gathering {
    waiting: Vec<RawScan>,
    since: Option<Duration>,
    /// The last scan's barcodes, while some of that pack is still in view.
    in_view: Vec<RawScan>,
    /// Whether the pack whose barcodes wait has left.
    left: bool,
}

impl Gathering {
    /// A barcode came into view.
    pub fn saw(&mut self, symbol: RawScan, now: Duration) {
        self.since.get_or_insert(now);
        self.waiting.push(symbol);
    }

    /// Nothing is in view any more: what waits is not waited for longer, and what comes next is another pack, even if it says
    /// the same.
    pub fn view_is_empty(&mut self) {
        self.left = !self.waiting.is_empty();
        if !self.left {
            self.in_view.clear();
        }
    }

    /// The barcodes of one scan, once no more are waited for.
    ///
    /// Those that only repeat what the scan before said of the pack still in view are no scan: the device would be recorded
    /// twice. Whatever adds to it, contradicts it or stands for itself is one.
    pub fn ready(&mut self, now: Duration, current_year: i32) -> Option<Vec<RawScan>> {
        if now.saturating_sub(self.since?) < GATHER && !self.left {
            return None;
        }
        self.since = None;
        let pack = std::mem::take(&mut self.waiting);
        let repeated = repeats(&self.in_view, &pack, current_year);
        if std::mem::take(&mut self.left) {
            self.in_view.clear();
        } else if repeated {
            self.in_view.extend_from_slice(&pack);
        } else {
            self.in_view.clone_from(&pack);
        }
        (!repeated).then_some(pack)
    }

    /// What waits, without waiting on: the camera has ended, or is gone for who knows how long.
    pub fn end(&mut self, current_year: i32) -> Option<Vec<RawScan>> {
        self.ready(Duration::MAX, current_year)
    }
}

/// Whether these barcodes say of the pack before nothing but what it said already.
fn repeats(before: &[RawScan], pack: &[RawScan], current_year: i32) -> bool {
    let read = |scans: &[RawScan]| {
        let label = assemble(scans, current_year);
        label.udi.filter(|_| label.outcome == Outcome::Read)
    };
    // Alone it must be about a device, wholly or in part: a barcode of another kind stands for itself.
    let device = matches!(assemble(pack, current_year).outcome, Outcome::Read | Outcome::Incomplete);
    match (device, read(before), read(&[before, pack].concat())) {
        (true, Some(said), Some(together)) => same_reading(&said, &together),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::udi::Entry;

    const WHOLE: &str = "]d201095060001343521731030110122927";
    const DEVICE: &str = "]C10109506000134352";
    const LOT: &str = "]C11731030110122927";
    const OTHER_LOT: &str = "]C11731030110999999";
    const WEBSITE: &str = "]Q1https://northmoor.example/ifu";

    /// Feeds groups of barcodes, each a second after the other; how many barcodes each made a scan of.
    fn scans(gathering: &mut Gathering, groups: &[&[&str]]) -> Vec<usize> {
        let mut made = Vec::new();
        for (second, group) in (0..).zip(groups) {
            let now = Duration::from_secs(second);
            for text in *group {
                gathering.saw(RawScan { bytes: text.as_bytes().to_vec(), aim: None, entry: Entry::Camera }, now);
            }
            made.push(gathering.ready(now + GATHER, 2026).map_or(0, |pack| pack.len()));
        }
        made
    }

    #[test]
    fn what_only_repeats_the_pack_in_view_is_no_scan() {
        assert_eq!(scans(&mut Gathering::default(), &[&[WHOLE], &[DEVICE], &[LOT], &[DEVICE, LOT]]), [1, 0, 0, 0]);
    }

    #[test]
    fn what_adds_contradicts_or_stands_for_itself_is_one() {
        assert_eq!(
            scans(&mut Gathering::default(), &[&[DEVICE], &[LOT]]),
            [1, 1],
            "the other half, for whoever pairs them"
        );
        assert_eq!(scans(&mut Gathering::default(), &[&[WHOLE], &[OTHER_LOT]]), [1, 1]);
        assert_eq!(scans(&mut Gathering::default(), &[&[WHOLE], &[WEBSITE]]), [1, 1]);
    }

    #[test]
    fn the_next_pack_may_say_the_same() {
        let mut gathering = Gathering::default();
        assert_eq!(scans(&mut gathering, &[&[WHOLE]]), [1]);
        gathering.view_is_empty();
        assert_eq!(scans(&mut gathering, &[&[WHOLE]]), [1]);
    }

    #[test]
    fn a_pack_that_left_is_not_mixed_with_the_next() {
        let mut gathering = Gathering::default();
        let raw = || RawScan { bytes: WHOLE.into(), aim: None, entry: Entry::Camera };
        gathering.saw(raw(), Duration::ZERO);
        gathering.view_is_empty();
        assert_eq!(gathering.ready(Duration::from_millis(1), 2026), Some(vec![raw()]));
        gathering.saw(raw(), Duration::from_millis(2));
        assert_eq!(gathering.end(2026), Some(vec![raw()]));
    }
}
