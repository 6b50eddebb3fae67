//! Does anything besides the symbol's own checksum vouch for what was read?

/// What the rules of the data say about a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vouching {
    /// A standard's rules apply and hold: identifiers, lengths, check digits.
    Holds,
    /// No rules apply.
    None,
    /// The symbol says that rules apply, and they do not hold.
    Broken,
}

/// Asks the rules that the AIM identifier calls for.
pub(super) fn vouching(aim: &str, bytes: &[u8]) -> Vouching {
    match aim {
        "]C1" | "]e0" | "]d2" | "]Q3" => {
            if gs1_holds(bytes) {
                Vouching::Holds
            } else {
                Vouching::Broken
            }
        }
        _ if hibc_holds(bytes) => Vouching::Holds,
        _ => Vouching::None,
    }
}

/// Values that fill a fixed number of digits: AI, digits of the value, whether the last is a check digit
/// (GS1 General Specifications, section 3). Those with a check digit are what vouches.
const FIXED: [(&[u8], usize, bool); 13] = [
    (b"00", 18, true),
    (b"01", 14, true),
    (b"02", 14, true),
    (b"11", 6, false),
    (b"12", 6, false),
    (b"13", 6, false),
    (b"15", 6, false),
    (b"16", 6, false),
    (b"17", 6, false),
    (b"20", 2, false),
    (b"410", 13, true),
    (b"414", 13, true),
    (b"8018", 18, true),
];

/// Values up to a separator or the end: AI, longest value, digits only.
const VARIABLE: [(&[u8], usize, bool); 22] = [
    (b"10", 20, false),
    (b"21", 20, false),
    (b"22", 20, false),
    (b"235", 28, false),
    (b"240", 30, false),
    (b"241", 30, false),
    (b"243", 20, false),
    (b"250", 30, false),
    (b"30", 8, true),
    (b"37", 8, true),
    (b"400", 30, false),
    (b"420", 20, false),
    (b"7020", 20, false),
    (b"710", 20, false),
    (b"711", 20, false),
    (b"712", 20, false),
    (b"714", 20, false),
    (b"8004", 30, false),
    (b"90", 30, false),
    (b"91", 90, false),
    (b"92", 90, false),
    (b"94", 90, false),
];

fn gs1_holds(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(after) = element(rest) else { return false };
        rest = after;
    }
    !bytes.is_empty()
}

/// Takes one element off the front.
fn element(bytes: &[u8]) -> Option<&[u8]> {
    for (ai, length, check) in FIXED {
        if let Some(rest) = bytes.strip_prefix(ai) {
            let (value, rest) = rest.split_at_checked(length)?;
            let holds = value.iter().all(u8::is_ascii_digit)
                && (!check || mod10_holds(value))
                && (length != 6 || date_holds(value));
            return holds.then(|| rest.strip_prefix(b"\x1d").unwrap_or(rest));
        }
    }
    for (ai, longest, digits) in VARIABLE {
        if let Some(rest) = bytes.strip_prefix(ai) {
            let end = rest.iter().position(|byte| *byte == 0x1D).unwrap_or(rest.len());
            let value = &rest[..end];
            let holds = (1..=longest).contains(&value.len())
                && value.iter().all(|byte| byte.is_ascii_graphic() && (!digits || byte.is_ascii_digit()));
            return holds.then(|| rest.get(end + 1..).unwrap_or_default());
        }
    }
    None
}

fn mod10_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().rev().zip([1, 3].iter().cycle()).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
    sum.is_multiple_of(10)
}

fn date_holds(digits: &[u8]) -> bool {
    matches!(&digits[2..4], [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'])
        && matches!(&digits[4..6], [b'0'..=b'2', _] | [b'3', b'0' | b'1'])
}

/// HIBC: `+`, and a check character modulo 43 over all before it (ANSI/HIBC 2.6, Appendix B).
fn hibc_holds(bytes: &[u8]) -> bool {
    const SET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
    let [b'+', .., check] = bytes else { return false };
    let mut sum = 0;
    for byte in &bytes[..bytes.len() - 1] {
        let Some(value) = SET.iter().position(|known| known == byte) else { return false };
        sum += value;
    }
    bytes.len() >= 5 && SET[sum % 43] == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_vouch_only_for_what_keeps_them() {
        assert_eq!(vouching("]C1", b"01095060001343521726113010AB12\x1d21S1"), Vouching::Holds);
        assert_eq!(vouching("]C1", b"0109506000134353"), Vouching::Broken);
        assert_eq!(vouching("]C1", b"17261301"), Vouching::Broken);
        assert_eq!(vouching("]C0", b"REF-1"), Vouching::None);
        assert_eq!(vouching("]C0", b"+A123BJC5D6E71G"), Vouching::Holds);
    }
}
