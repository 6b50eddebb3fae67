//! Where lost separators may have been: every way in which a message without them is valid GS1 data.

use crate::gs1::dictionary::{self, Entry};
use crate::gs1::element_string::GS;
use crate::gs1::linters;
use crate::ordering;

use super::grammar;

/// No more readings than this are given; a pack with more is not worth guessing at.
pub(crate) const MOST: usize = 128;

/// How many ways to read the rest of a message are followed at each place: more than are given, for the rules about
/// identifiers that must not stand together strike some.
const FOLLOWED: usize = 192;

/// A message longer than this is no pack's.
const LONGEST: usize = 300;

/// Every way to read `message` by the dictionary, with GS where a separator would have been; likeliest first.
///
/// Each reading passes all checks on content, names no identifier twice and breaks no exclusion. Of more than can be
/// given the likeliest are.
pub fn readings(message: &[u8]) -> Vec<Vec<u8>> {
    if message.len() > LONGEST || message.contains(&GS) {
        return Vec::new();
    }
    let rests = rests(message);
    let mut found: Vec<Vec<u8>> =
        rests[0].iter().map(|rest| write(message, &rests, rest)).filter(|written| grammar::parses(written)).collect();
    rank(&mut found);
    found.truncate(MOST);
    found
}

/// One way to read a message from some place to its end.
struct Rest {
    score: i32,
    /// The first element and where it ends; none at the end of the message.
    first: Option<(&'static Entry, usize)>,
    /// Which of the ways to read what follows.
    next: usize,
    /// How many elements.
    elements: usize,
}

/// For each place, the likeliest ways to read the rest of the message, from the end to the start: no more than
/// [`FOLLOWED`], so that no message takes long.
fn rests(message: &[u8]) -> Vec<Vec<Rest>> {
    let mut rests: Vec<Vec<Rest>> = (0..=message.len()).map(|_| Vec::new()).collect();
    rests[message.len()].push(Rest { score: 0, first: None, next: 0, elements: 0 });
    for at in (0..message.len()).rev() {
        let mut here: Vec<Rest> = Vec::new();
        for (entry, end) in steps(message, at).filter(|(_, end)| !rests[*end].is_empty()) {
            let own = score(entry.ai, end - at - entry.ai.len());
            let ways = rests[end].iter().enumerate().filter(|(_, rest)| !names(&rests, rest, entry));
            here.extend(ways.map(|(next, rest)| Rest {
                score: own + rest.score,
                first: Some((entry, end)),
                next,
                elements: rest.elements + 1,
            }));
        }
        ordering::by_key(&mut here, |rest| (-rest.score, rest.elements));
        here.truncate(FOLLOWED);
        rests[at] = here;
    }
    rests
}

/// The elements of one way to read a message.
fn elements<'a>(rests: &'a [Vec<Rest>], from: &'a Rest) -> impl Iterator<Item = (&'static Entry, usize)> {
    std::iter::successors(from.first.map(|first| (first, from)), |((_, end), rest)| {
        let next = &rests[*end][rest.next];
        next.first.map(|first| (first, next))
    })
    .map(|(first, _)| first)
}

/// Whether a way to read the rest already names this identifier.
fn names(rests: &[Vec<Rest>], rest: &Rest, entry: &Entry) -> bool {
    elements(rests, rest).any(|(known, _)| known.ai == entry.ai)
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

/// The message with separators where the standard asks for them.
fn write(message: &[u8], rests: &[Vec<Rest>], from: &Rest) -> Vec<u8> {
    let mut written = Vec::with_capacity(message.len() + from.elements);
    let mut start = 0;
    for (entry, end) in elements(rests, from) {
        written.extend_from_slice(&message[start..end]);
        if !entry.predefined_length && end < message.len() {
            written.push(GS);
        }
        start = end;
    }
    written
}

/// Puts the likeliest reading first: identifiers that packs carry, dates and check digits that hold, nothing far-fetched.
pub(crate) fn rank(messages: &mut [Vec<u8>]) {
    ordering::by_key(messages, |message| (-likelihood(message), message.len(), message.clone()));
}

fn likelihood(message: &[u8]) -> i32 {
    grammar::lengths(message).into_iter().map(|(ai, length)| score(ai, length)).sum::<i32>() - leftovers(message)
}

/// How much an element with a value of this length looks like one of a device's pack.
fn score(ai: &str, length: usize) -> i32 {
    match (ai, length) {
        ("01" | "17", _) => 6,
        ("11", _) => 4,
        ("10" | "21", 1..=2) => -1,
        ("10" | "21", _) => 3,
        ("240" | "241", 3..) => 1,
        ("00" | "02" | "8017" | "8018", _) => 2,
        ("37" | "30", 1..=3) => 0,
        _ => -4,
    }
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

    #[test]
    fn a_long_line_takes_no_longer_than_it_may() {
        // Identifiers of ninety characters that may end anywhere, over and over.
        let line: Vec<u8> = b"91929394959697989910212224".iter().copied().cycle().take(LONGEST).collect();
        let began = std::time::Instant::now();
        assert!(readings(&line).len() <= MOST);
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(readings(&vec![b'1'; LONGEST + 1]).is_empty());
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
