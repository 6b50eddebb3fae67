//! Does anything besides the symbol's own checksum vouch for what was read?

use crate::gs1::element_string;
use crate::hibc;

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
            if element_string::parse(bytes).refused() {
                Vouching::Broken
            } else {
                Vouching::Holds
            }
        }
        _ if hibc_holds(bytes) => Vouching::Holds,
        _ => Vouching::None,
    }
}

/// HIBC: `+`, and a check character modulo 43 over all before it (ANSI/HIBC 2.6, appendix B).
fn hibc_holds(bytes: &[u8]) -> bool {
    let [b'+', .., check] = bytes else { return false };
    hibc::looks_like(bytes) && hibc::check_character(&bytes[..bytes.len() - 1]) == Some(char::from(*check))
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
