//! Which elements may, must and must not stand together, judged over one barcode or over all of a pack.
//!
//! Source: the rules `ex=` and `req=` of the GS1 Syntax Dictionary; GS1 General Specifications, section 4.13; repeats,
//! section 4.14; the serial beside a digital signature, section 3.9.13.

use super::code::Code;
use super::dictionary::{self, Entry};

/// Elements to be judged together.
pub(super) trait Pack {
    /// How many there are.
    fn count(&self) -> usize;
    /// What the dictionary says of one.
    fn entry(&self, place: usize) -> &'static Entry;
    /// The identifier of one.
    fn ai(&self, place: usize) -> &str;
    /// How many bytes its value has.
    fn length(&self, place: usize) -> usize;
    /// Whether two have the same value.
    fn same_value(&self, one: usize, other: usize) -> bool;
}

fn has(pack: &(impl Pack + ?Sized), pattern: &str) -> bool {
    (0..pack.count()).any(|place| dictionary::fits(pack.ai(place), pattern))
}

/// Judges exclusions, repeats and the serial that a digital signature needs; with `requisites` also the identifiers that
/// an element needs beside it. `object` is told the place of the element, and of the other one where there is one.
pub(super) fn judge(pack: &(impl Pack + ?Sized), requisites: bool, mut object: impl FnMut(Code, usize, Option<usize>)) {
    let signed = has(pack, "8030");
    for place in 0..pack.count() {
        let (entry, ai) = (pack.entry(place), pack.ai(place));
        let repeat = (0..place).find(|other| pack.ai(*other) == ai && !pack.same_value(*other, place));
        if let Some(other) = repeat {
            object(Code::InstancesOfAiHaveDifferentValues, place, Some(other));
        }
        let excluded = |other: &usize| {
            pack.ai(*other) != ai && entry.exclusions.iter().any(|pattern| dictionary::fits(pack.ai(*other), pattern))
        };
        if let Some(other) = (0..pack.count()).find(excluded) {
            object(Code::InvalidAiPairs, place, Some(other));
        }
        if requisites {
            for rule in entry.requisites {
                if !rule.iter().any(|group| group.iter().all(|pattern| has(pack, pattern))) {
                    object(Code::RequiredAisNotSatisfied, place, None);
                }
            }
        }
        if signed && matches!(ai, "253" | "255" | "8003") && pack.length(place) == entry.min_length() {
            object(Code::SerialNotPresent, place, None);
        }
    }
}
