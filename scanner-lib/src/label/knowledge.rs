//! What the catalogue and earlier scans know of a device's lots and serials: it ranks readings, and never chooses.

use crate::gs1::keys::{Lot, Serial};
use crate::udi::Udi;

/// Ranks the possible readings of a pack; the higher, the likelier. A closure over a [`Udi`] is one too.
pub trait Knowledge {
    /// How likely this reading is, by what is known of the device that it names.
    fn likelihood(&self, udi: &Udi) -> i32;
}

/// Knows nothing.
impl Knowledge for () {
    fn likelihood(&self, _: &Udi) -> i32 {
        0
    }
}

impl<F: Fn(&Udi) -> i32> Knowledge for F {
    fn likelihood(&self, udi: &Udi) -> i32 {
        self(udi)
    }
}

/// Lots and serials of one device that were seen before: the same again is likeliest, then one of the same form.
///
/// # Example
/// ```
/// use tessera_scanner::label::KnownFormats;
///
/// let known = KnownFormats { lots: vec!["19DM28106".parse()?], serials: vec![] };
/// assert!(known.like_a_lot("20DM31001") > known.like_a_lot("20DM3100121"));
/// # Ok::<(), tessera_scanner::gs1::keys::KeyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFormats {
    /// Lots that were seen.
    pub lots: Vec<Lot>,
    /// Serials that were seen.
    pub serials: Vec<Serial>,
}

impl KnownFormats {
    /// 4 for a lot that was seen, 2 for one of the same length and places of digits and letters, else 0.
    pub fn like_a_lot(&self, text: &str) -> i32 {
        like(self.lots.iter().map(Lot::as_str), text)
    }

    /// The same for serials; one that was seen is no likelier than its form, for no two devices share it.
    pub fn like_a_serial(&self, text: &str) -> i32 {
        like(self.serials.iter().map(Serial::as_str), text).min(2)
    }
}

impl Knowledge for KnownFormats {
    fn likelihood(&self, udi: &Udi) -> i32 {
        let lot = udi.lot.as_ref().map_or(0, |lot| self.like_a_lot(lot.as_str()));
        lot + udi.serial.as_ref().map_or(0, |serial| self.like_a_serial(serial.as_str()))
    }
}

fn like<'a>(mut known: impl Iterator<Item = &'a str> + Clone, text: &str) -> i32 {
    if known.clone().any(|k| k == text) {
        return 4;
    }
    if known.any(|k| same_form(k, text)) { 2 } else { 0 }
}

fn same_form(one: &str, other: &str) -> bool {
    let class = |b: u8| match b {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        other => other,
    };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| class(a) == class(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_then_its_form_then_the_rest() {
        let known = KnownFormats { lots: vec!["19DM28106".parse().unwrap()], serials: vec!["0007".parse().unwrap()] };
        assert_eq!(
            ["19DM28106", "20DM00001", "20dm00001", "19DM28106A"].map(|lot| known.like_a_lot(lot)),
            [4, 2, 0, 0]
        );
        assert_eq!(["0007", "0008", "00071"].map(|serial| known.like_a_serial(serial)), [2, 2, 0]);
    }
}
