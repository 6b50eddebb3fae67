//! Check digits and check character pairs, each as its standard defines it.

/// The GS1 check digit of `body` (GS1 General Specifications, section 7.9.1): weights 3 and 1 from the right, mod 10.
///
/// Returns `None` where `body` holds anything but digits.
///
/// # Example
/// ```
/// assert_eq!(tessera_scanner::gs1::check::digit(b"629104150021"), Some(b'3'));
/// ```
pub fn digit(body: &[u8]) -> Option<u8> {
    // Adding up digits and only then taking the remainder is what makes this quick; 2^32 digits would be needed to
    // overflow, and messages are refused long before.
    let (mut threes, mut ones) = (0_u32, 0_u32);
    let mut wrong = false;
    for pair in body.rchunks(2) {
        let (last, first) = match pair {
            [first, last] => (last.wrapping_sub(b'0'), first.wrapping_sub(b'0')),
            [last] => (last.wrapping_sub(b'0'), 0),
            _ => (0, 0),
        };
        wrong |= last > 9 || first > 9;
        threes += u32::from(last);
        ones += u32::from(first);
    }
    if wrong {
        return None;
    }
    let digit = ((10 - (threes * 3 + ones) % 10) % 10) as u8;
    Some(b'0' + digit)
}

/// Whether the last digit of `text` is the GS1 check digit of the others.
#[inline]
pub fn digit_holds(text: &[u8]) -> bool {
    let Some(tail) = text.last_chunk::<8>() else { return digit_holds_slowly(text) };
    // Eight digits at a time; those at the end again, without what was counted before.
    let (mut even, mut odd, mut well) = (0, 0, true);
    let mut counted = 0;
    while counted + 8 < text.len() {
        let Some(chunk) = text[counted..].first_chunk::<8>() else { break };
        let sums = eight(*chunk, 0);
        (even, odd, well) = (even + sums.0, odd + sums.1, well & sums.2);
        counted += 8;
    }
    let from = text.len() - 8;
    let sums = eight(*tail, counted - from);
    well &= sums.2;
    // Places are told from the left: the tail starts at an odd one where the length is odd.
    let (tail_even, tail_odd) = if from.is_multiple_of(2) { (sums.0, sums.1) } else { (sums.1, sums.0) };
    let (even, odd) = (even + tail_even, odd + tail_odd);
    let (threes, ones) = if text.len().is_multiple_of(2) { (even, odd) } else { (odd, even) };
    well && (threes * 3 + ones).is_multiple_of(10)
}

fn digit_holds_slowly(text: &[u8]) -> bool {
    text.split_last().is_some_and(|(last, body)| digit(body) == Some(*last))
}

/// The sums of the digits at even and at odd places without the first `skip` of them, and whether all eight are digits.
#[inline]
fn eight(chunk: [u8; 8], skip: usize) -> (u64, u64, bool) {
    const BYTES: u64 = u64::MAX / 0xFF;
    let word = u64::from_le_bytes(chunk);
    let high = BYTES * 0xF0;
    let well = word & high == BYTES * 0x30 && (word.wrapping_add(BYTES * 6)) & high == BYTES * 0x30;
    let digits = (word & (BYTES * 0x0F)) >> (8 * skip) << (8 * skip);
    // Four sums of at most 9 * 8 each, added up by the multiplication.
    let pairs = u64::MAX / 0xFFFF;
    let even = (digits & (pairs * 0xFF)).wrapping_mul(pairs) >> 48;
    let odd = ((digits >> 8) & (pairs * 0xFF)).wrapping_mul(pairs) >> 48;
    (even, odd, well)
}

/// The characters of GS1 character set 82 in order of their value (GS1 General Specifications, figure 7.11-1).
pub const CSET_82: &[u8; 82] = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// Classes of characters, one bit each in [`CLASSES`].
pub(super) const DIGIT: u8 = 1;
pub(super) const CSET_82_CLASS: u8 = 2;
pub(super) const CSET_39_CLASS: u8 = 4;
pub(super) const BASE_64_CLASS: u8 = 8;
pub(super) const IBAN_CLASS: u8 = 16;
/// What a URI may hold (RFC 3986, appendix A).
pub(super) const URI_CLASS: u8 = 32;
/// What the host and port of a URI may hold here: names, addresses and `[` `]` `:` of IPv6.
pub(super) const HOST_CLASS: u8 = 64;
/// What needs no percent-encoding (RFC 3986, section 2.3).
pub(super) const UNRESERVED_CLASS: u8 = 128;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0_u8;
    loop {
        let mut class = 0;
        if at.is_ascii_digit() {
            class |= DIGIT;
        }
        if matches!(at, b'!' | b'"' | b'%'..=b'?' | b'A'..=b'Z' | b'_' | b'a'..=b'z') {
            class |= CSET_82_CLASS;
        }
        if matches!(at, b'#' | b'-' | b'/' | b'0'..=b'9' | b'A'..=b'Z') {
            class |= CSET_39_CLASS;
        }
        if at.is_ascii_alphanumeric() || matches!(at, b'-' | b'_') {
            class |= BASE_64_CLASS;
        }
        if at.is_ascii_digit() || at.is_ascii_uppercase() {
            class |= IBAN_CLASS;
        }
        let unreserved = at.is_ascii_alphanumeric() || matches!(at, b'-' | b'.' | b'_' | b'~');
        if unreserved {
            class |= UNRESERVED_CLASS;
        }
        let delimiter =
            matches!(at, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'&' | b'\''..=b',');
        if unreserved || delimiter || matches!(at, b';' | b'=' | b'%') {
            class |= URI_CLASS;
        }
        if at.is_ascii_alphanumeric() || matches!(at, b'-' | b'.' | b':' | b'[' | b']') {
            class |= HOST_CLASS;
        }
        classes[at as usize] = class;
        if at == u8::MAX {
            break classes;
        }
        at += 1;
    }
};

/// Whether a byte is of any of these classes.
#[inline]
pub(super) fn belongs(byte: u8, classes: u8) -> bool {
    CLASSES[usize::from(byte)] & classes != 0
}

/// How many bytes from the start on are of one of these classes.
#[inline]
pub(super) fn leading(data: &[u8], class: u8) -> usize {
    let mut at = 0;
    // Four at a time: one decision for them all.
    while let Some([a, b, c, d]) = data.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        let first = CLASSES[usize::from(*a)] & CLASSES[usize::from(*b)];
        let second = CLASSES[usize::from(*c)] & CLASSES[usize::from(*d)];
        if first & second & class == 0 {
            break;
        }
        at += 4;
    }
    while data.get(at).is_some_and(|byte| belongs(*byte, class)) {
        at += 1;
    }
    at
}

/// How many bytes from the start on are of all these classes.
#[inline]
pub(super) fn leading_all(data: &[u8], classes: u8) -> usize {
    data.iter().position(|byte| CLASSES[usize::from(*byte)] & classes != classes).unwrap_or(data.len())
}

/// Where a byte first stands, eight bytes at a time.
#[inline]
pub(super) fn place_of(wanted: u8, data: &[u8]) -> Option<usize> {
    const BYTES: u64 = u64::MAX / 0xFF;
    let mut at = 0;
    while let Some(chunk) = data.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk) ^ (BYTES * u64::from(wanted));
        // The lowest high bit that is left marks the first byte that became zero.
        let zero = word.wrapping_sub(BYTES) & !word & (BYTES * 0x80);
        if zero != 0 {
            return Some(at + zero.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    data.get(at..)?.iter().position(|byte| *byte == wanted).map(|further| at + further)
}

/// Whether a byte belongs to GS1 character set 82.
pub fn in_cset_82(byte: u8) -> bool {
    belongs(byte, CSET_82_CLASS)
}

/// Whether a byte belongs to GS1 character set 39 (GS1 General Specifications, figure 7.11-2).
pub fn in_cset_39(byte: u8) -> bool {
    belongs(byte, CSET_39_CLASS)
}

/// The first 97 primes: the weights of a check pair, from the right.
const PRIMES: [u32; 97] = {
    let mut primes = [2; 97];
    let (mut found, mut candidate) = (1, 3);
    while found < primes.len() {
        let mut at = 0;
        while at < found && candidate % primes[at] != 0 {
            at += 1;
        }
        if at == found {
            primes[found] = candidate;
            found += 1;
        }
        candidate += 2;
    }
    primes
};
const PAIR: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The check character pair of `body` (GS1 General Specifications, section 7.9.5): primes from the right, mod 1021.
///
/// Returns `None` where `body` is longer than 97 characters or leaves character set 82.
pub fn pair(body: &[u8]) -> Option<[u8; 2]> {
    if body.len() > PRIMES.len() {
        return None;
    }
    let mut sum = 0_u32;
    for (byte, prime) in body.iter().rev().zip(PRIMES) {
        let value = CSET_82.iter().position(|c| c == byte)?;
        sum += u32::try_from(value).ok()? * prime;
    }
    let sum = sum % 1021;
    Some([PAIR[(sum / 32) as usize], PAIR[(sum % 32) as usize]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_published_keys() {
        assert!(digit_holds(b"00844505000772"));
        assert!(!digit_holds(b"00208851107345"));
        assert!(digit_holds(b"505089894347659192"));
        assert!(digit_holds(b"505089897373832492"));
        assert_eq!(digit(b"12A"), None);
        assert!(!digit_holds(b""));
    }

    #[test]
    fn eight_at_a_time_is_the_same_as_one_by_one() {
        let mut state = 1_u32;
        for length in 0..40 {
            for _ in 0..200 {
                let mut next = |below: u32| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    u8::try_from((state >> 16) % below).unwrap()
                };
                let mut text: Vec<u8> = (0..length).map(|_| b'0' + next(10)).collect();
                if length > 0 && next(3) == 0 {
                    let place = usize::from(next(200)) % length;
                    text[place] = next(255);
                }
                if let Some(last) = text.pop() {
                    text.push(digit(&text).filter(|_| next(2) == 0).unwrap_or(last));
                }
                assert_eq!(digit_holds(&text), digit_holds_slowly(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn a_byte_is_found_where_it_first_stands() {
        let text: Vec<u8> = (0..60_u8).map(|n| n.wrapping_mul(37) % 11).collect();
        for from in 0..text.len() {
            for wanted in [0, 1, 5, 10, 11, 0x80, 0xFF] {
                let slowly = text[from..].iter().position(|byte| *byte == wanted);
                assert_eq!(place_of(wanted, &text[from..]), slowly, "{wanted} from {from}");
            }
        }
        assert_eq!(place_of(0x80, &[0x81, 0x7F, 0, 0x80, 1, 0x80, 2, 3]), Some(3));
    }

    #[test]
    fn the_character_sets_have_their_size() {
        assert_eq!((0..=255).filter(|b| in_cset_82(*b)).count(), 82);
        assert!(CSET_82.iter().all(|b| in_cset_82(*b)));
        assert_eq!((0..=255).filter(|b| in_cset_39(*b)).count(), 39);
    }

    #[test]
    fn check_pair_of_the_standards_example() {
        assert_eq!(pair(b"1987654Ad4X4bL5ttr2310c"), Some(*b"2K"));
    }
}
