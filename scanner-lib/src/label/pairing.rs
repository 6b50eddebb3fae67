//! Do two scans, made one after the other with one scanner, show the same pack?
//!
//! Reach for it before a second scan is read together with the one before it. Only neighbours are joined: the caller asks
//! about a scan and the one that the same scanner made just before, never about one further back.
//!
//! | first | then | joined |
//! |---|---|---|
//! | the device's number alone | lot, serial or dates alone | yes, in either order, unless they contradict each other |
//! | read in several ways | read without doubt, as one of these ways | yes: it settles which is right |
//! | anything else | anything else | no |
//!
//! A separator in doubt leaves the two halves those of one pack: together they read in several ways, and a person chooses.
//!
//! A lot that is missing is seen; a lot under the wrong device is not. So whatever is in doubt stays apart.

use chrono::Duration;

use super::{Label, Outcome, assemble_with};
use crate::handheld::ScannerProfile;
use crate::udi::{RawScan, Udi};

/// Longer apart, they are taken for two packs.
pub const ONE_PACK: Duration = Duration::seconds(30);

/// What a scan leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It says which device it is, and nothing of this one pack.
    Device,
    /// It says lot, serial or dates, but not of which device.
    Production,
    /// It can be read in several ways.
    Ambiguous,
}

/// What a label leaves open; `None` where it is whole, or no label of a device.
///
/// # Example
/// ```
/// use tessera_scanner::label::{assemble, pairing::{Part, part}};
/// use tessera_scanner::udi::{Entry, RawScan};
///
/// let scan = RawScan { bytes: b"]C11731030110122927".to_vec(), aim: None, entry: Entry::Handheld };
/// assert_eq!(part(&assemble(&[scan], 2026)), Some(Part::Production));
/// ```
pub fn part(label: &Label) -> Option<Part> {
    match (label.outcome, &label.udi) {
        (Outcome::Incomplete, _) => Some(Part::Production),
        (Outcome::Ambiguous, _) => Some(Part::Ambiguous),
        (Outcome::Read, Some(udi)) => {
            let bare = udi.lot.is_none() && udi.serial.is_none() && udi.expiry.is_none() && udi.manufacture.is_none();
            bare.then_some(Part::Device)
        }
        _ => None,
    }
}

/// The label of both scans together, where they show the same pack; see the [table](self).
///
/// `profile` is what is known of the scanner. `apart` is the time from the first scan to the second; a negative one (a clock was set back) joins nothing.
///
/// # Example
/// ```
/// use chrono::Duration;
/// use tessera_scanner::handheld::ScannerProfile;
/// use tessera_scanner::label::pairing::join;
/// use tessera_scanner::udi::{Entry, RawScan};
///
/// let scan = |text: &str| [RawScan { bytes: text.into(), aim: None, entry: Entry::Handheld }];
/// let (device, lot) = (scan("]C10109506000134352"), scan("]C11731030110122927"));
/// let join = |first: &[RawScan], then: &[RawScan], seconds| {
///     join(first, then, &ScannerProfile::default(), Duration::seconds(seconds), 2026)
/// };
/// assert!(join(&device, &lot, 2).is_some());
/// assert!(join(&device, &lot, 31).is_none());
/// assert!(join(&device, &device, 2).is_none());
/// ```
pub fn join(
    first: &[RawScan],
    then: &[RawScan],
    profile: &ScannerProfile,
    apart: Duration,
    current_year: i32,
) -> Option<Label> {
    let assemble = |scans: &[RawScan]| assemble_with(scans, profile, current_year);
    if apart < Duration::zero() || apart > ONE_PACK {
        return None;
    }
    let (before, after) = (assemble(first), assemble(then));
    let settles = match (part(&before)?, part(&after)) {
        (Part::Device, Some(Part::Production)) | (Part::Production, Some(Part::Device)) => false,
        (Part::Ambiguous, None) if after.outcome == Outcome::Read => true,
        _ => return None,
    };
    let whole = assemble(&[first, then].concat());
    let joined = match whole.outcome {
        Outcome::Read if settles => {
            before.candidates.iter().any(|one| whole.udi.as_ref().is_some_and(|udi| same_reading(one, udi)))
        }
        Outcome::Read => true,
        Outcome::Ambiguous => !settles && !whole.contradictory(),
        _ => false,
    };
    joined.then_some(whole)
}

/// Whether two readings name the same device, lot, serial and dates.
pub fn same_reading(a: &Udi, b: &Udi) -> bool {
    (&a.device, &a.lot, &a.serial, a.expiry, a.manufacture) == (&b.device, &b.lot, &b.serial, b.expiry, b.manufacture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::udi::Entry;

    const DEVICE_A: &str = "]C10109506000134352";
    const DEVICE_B: &str = "]C10100844505000772";
    const LOT_A: &str = "]C11731030110LOT-7";
    /// Its lot may end before the 22, which is an element of its own where a separator was lost.
    const LOT_IN_DOUBT: &str = "]C11731030110122927";
    const WHOLE: &str = "]d201095060001343521731030110A7";
    /// Without its separator: lot HW24117 with an expiry, or a lot that goes on to the end.
    const UNCLEAR: &str = "]d2010950600013435210HW2411717310301";
    const CLEAR: &str = "]d201095060001343521731030110HW24117";

    fn label(first: &[&str], then: &[&str], seconds: i64) -> Option<Label> {
        // What a picture shows has its separators; a handheld may have lost them.
        let entry = |text: &str| if text == CLEAR { Entry::Photo } else { Entry::Handheld };
        let scan = |text: &&str| RawScan { bytes: text.as_bytes().to_vec(), aim: None, entry: entry(text) };
        let scans = |texts: &[&str]| texts.iter().map(scan).collect::<Vec<_>>();
        join(&scans(first), &scans(then), &ScannerProfile::default(), Duration::seconds(seconds), 2026)
    }

    fn joined(first: &[&str], then: &[&str], seconds: i64) -> Option<Udi> {
        label(first, then, seconds).map(|label| label.udi.unwrap())
    }

    #[test]
    fn halves_with_a_separator_in_doubt_are_still_one_pack() {
        for (first, then) in [(DEVICE_A, LOT_IN_DOUBT), (LOT_IN_DOUBT, DEVICE_A)] {
            let whole = label(&[first], &[then], 30).unwrap();
            assert_eq!(whole.outcome, Outcome::Ambiguous);
            assert!(whole.candidates.iter().any(|udi| udi.lot.as_ref().unwrap().as_str() == "122927"));
            // Another scan of the same pack settles it.
            let settled = label(&[first, then], &["]d2010950600013435217310301\u{1d}10122927"], 5);
            assert!(settled.is_none_or(|label| label.outcome == Outcome::Read));
        }
        assert_eq!(label(&[LOT_IN_DOUBT], &[LOT_IN_DOUBT], 1), None);
    }

    #[test]
    fn the_halves_of_a_pack_are_joined_in_either_order() {
        for (first, then) in [(DEVICE_A, LOT_A), (LOT_A, DEVICE_A)] {
            let udi = joined(&[first], &[then], 30).unwrap();
            assert_eq!((udi.device.text.as_str(), udi.lot.unwrap().as_str()), ("09506000134352", "LOT-7"));
        }
    }

    #[test]
    fn what_is_in_doubt_stays_apart() {
        assert_eq!(joined(&[DEVICE_A], &[LOT_A], 31), None, "too long apart");
        assert_eq!(joined(&[DEVICE_A], &[LOT_A], -1), None, "a clock was set back");
        assert_eq!(joined(&[DEVICE_A], &[DEVICE_B], 1), None);
        assert_eq!(joined(&[DEVICE_A], &[WHOLE], 1), None, "a whole pack is a pack of its own");
        assert_eq!(joined(&[WHOLE], &[LOT_A], 1), None);
        assert_eq!(joined(&[LOT_A], &[LOT_A], 1), None);
        assert_eq!(joined(&["hello"], &[LOT_A], 1), None);
        assert_eq!(joined(&[DEVICE_A, DEVICE_B], &[LOT_A], 1), None, "which of the two?");
    }

    #[test]
    fn a_certain_reading_settles_an_uncertain_one_of_the_same_pack() {
        let udi = joined(&[UNCLEAR], &[CLEAR], 20).unwrap();
        assert_eq!(udi.lot.unwrap().as_str(), "HW24117");
        assert_eq!(joined(&[UNCLEAR], &[UNCLEAR], 1), None, "the next pack of the same kind is no more certain");
        assert_eq!(joined(&[UNCLEAR], &[WHOLE], 1), None, "another lot is another pack");
        assert_eq!(joined(&[UNCLEAR], &[DEVICE_B], 1), None);
        assert_eq!(joined(&[CLEAR], &[UNCLEAR], 1), None);
    }
}
