//! Where lost separators may have been: every way in which a message without them is valid GS1 data.

use crate::gs1::dictionary::{self, Entry};
use crate::gs1::element_string::{self, GS};
use crate::gs1::linters;

use super::grammar;

/// No more readings than this are given; a pack with more is not worth guessing at.
pub(crate) const MOST: usize = 128;

/// Every way to read `message` by the dictionary, with GS where a separator would have been; likeliest first.
///
/// Each reading passes all checks on content, names no identifier twice and breaks no exclusion.
pub fn readings(message: &[u8]) -> Vec<Vec<u8>> {
    if message.len() > 300 || message.contains(&GS) {
        return Vec::new();
    }
    let mut ends_well = vec![false; message.len() + 1];
    ends_well[message.len()] = true;
    for at in (0..message.len()).rev() {
        ends_well[at] = steps(message, at).any(|(_, end)| ends_well[end]);
    }
    let mut found = Vec::new();
    let mut budget = 20_000;
    walk(message, 0, &ends_well, &mut Vec::new(), &mut found, &mut budget);
    found.retain(|m| !element_string::parse(m).refused());
    rank(&mut found);
    found.truncate(MOST);
    found
}

/// The elements that may start at `at`, with the place where each may end.
fn steps(message: &[u8], at: usize) -> impl Iterator<Item = (&'static Entry, usize)> {
    let entry = dictionary::at_start(&message[at..]);
    entry.into_iter().flat_map(move |entry| {
        let start = at + entry.ai.len();
        let last = message.len().min(start + entry.max_length());
        (start + entry.min_length()..=last)
            .filter(move |end| holds(entry, &message[start..*end]))
            .map(move |end| (entry, end))
    })
}

/// Whether a value is valid for an identifier.
fn holds(entry: &Entry, value: &[u8]) -> bool {
    let mut at = 0;
    for part in entry.components {
        let left = value.len() - at;
        if left == 0 && part.optional {
            break;
        }
        if left < usize::from(part.min) {
            return false;
        }
        let data = &value[at..at + left.min(usize::from(part.max))];
        if linters::charset(part.set, data).is_err() || part.linters.iter().any(|l| linters::lint(*l, data).is_err()) {
            return false;
        }
        at += data.len();
    }
    at == value.len()
}

fn walk(
    message: &[u8],
    at: usize,
    ends_well: &[bool],
    path: &mut Vec<(&'static Entry, usize, usize)>,
    found: &mut Vec<Vec<u8>>,
    budget: &mut u32,
) {
    if at == message.len() {
        found.push(write(message, path));
        return;
    }
    for (entry, end) in steps(message, at) {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        if ends_well[end] && path.iter().all(|(known, _, _)| known.ai != entry.ai) {
            path.push((entry, at, end));
            walk(message, end, ends_well, path, found, budget);
            path.pop();
        }
    }
}

/// The message with separators where the standard asks for them.
fn write(message: &[u8], path: &[(&'static Entry, usize, usize)]) -> Vec<u8> {
    let mut written = Vec::with_capacity(message.len() + path.len());
    for (nth, (entry, start, end)) in path.iter().enumerate() {
        written.extend_from_slice(&message[*start..*end]);
        if !entry.predefined_length && nth + 1 < path.len() {
            written.push(GS);
        }
    }
    written
}

/// Puts the likeliest reading first: identifiers that packs carry, dates and check digits that hold, nothing far-fetched.
pub(crate) fn rank(messages: &mut [Vec<u8>]) {
    messages.sort_by_cached_key(|message| (-likelihood(message), message.len(), message.clone()));
}

fn likelihood(message: &[u8]) -> i32 {
    let score = |(ai, length): (&str, usize)| match (ai, length) {
        ("01" | "17", _) => 6,
        ("11", _) => 4,
        ("10" | "21", 1..=2) => -1,
        ("10" | "21", _) => 3,
        ("240" | "241", 3..) => 1,
        ("00" | "02" | "8017" | "8018", _) => 2,
        ("37" | "30", 1..=3) => 0,
        _ => -4,
    };
    grammar::lengths(message).into_iter().map(score).sum::<i32>() - leftovers(message)
}

/// What scanners type for separators and a reading leaves in its values: a scanner treats all separators alike.
fn leftovers(message: &[u8]) -> i32 {
    let count =
        |what: &[u8]| i32::try_from(message.windows(what.len()).filter(|w| *w == what).count()).unwrap_or(i32::MAX);
    let words = count(b"<GS>") + count(b"<gs>") + count(b"<FNC1>") + count(b"(GS)") + count(b"<0x1D>");
    words.saturating_mul(10).saturating_add(count(b"_") + count(b"F8") + count(b"029"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_pack_comes_first() {
        let found = readings(b"01008445050007721012292717310301");
        assert_eq!(found[0], b"010084450500077210122927\x1d17310301");
        assert!(found.contains(&b"01008445050007721012292717310301".to_vec()));
    }

    #[test]
    fn a_message_with_one_reading_has_one() {
        assert_eq!(readings(b"010084450500077217310301").len(), 1);
        assert!(readings(b"0100844505000773").is_empty());
    }

    proptest! {
        #[test]
        fn the_true_reading_is_among_them(lot in "[A-Z]{3}[0-9]{1,4}", serial in "[0-9A-Z]{1,8}") {
            let whole = format!("010084450500077210{lot}\x1d21{serial}").into_bytes();
            let dropped: Vec<u8> = whole.iter().copied().filter(|b| *b != GS).collect();
            prop_assert!(readings(&dropped).contains(&whole));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), digits in "[0-9]{0,90}") {
            let _ = readings(&bytes);
            let _ = readings(digits.as_bytes());
        }
    }
}
