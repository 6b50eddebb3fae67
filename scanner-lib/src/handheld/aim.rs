//! AIM symbology identifiers: the three characters that a scanner may put before a message (ISO/IEC 15424).

/// Cuts a leading AIM identifier off.
pub fn split(line: &[u8]) -> (Option<&str>, &[u8]) {
    match line {
        [b']', code, modifier, rest @ ..] if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => {
            (std::str::from_utf8(&line[..3]).ok(), rest)
        }
        _ => (None, line),
    }
}

/// Whether a symbol with this identifier holds GS1 element strings (GS1 General Specifications, figure 5.10.3-2):
/// GS1-128, GS1 DataMatrix, GS1 QR, GS1 `DotCode`, GS1 DataBar and composite components.
pub fn carries_gs1(aim: &str) -> bool {
    matches!(aim, "]C1" | "]d2" | "]Q3" | "]J1" | "]e0" | "]e1" | "]e2" | "]e3")
}

/// Whether there is a kind of symbol with this identifier (ISO/IEC 15424, table 1): a letter that is given to a
/// symbology and a modifier of one hexadecimal digit.
pub fn is_known(aim: &str) -> bool {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVXYZcdehopsz";
    matches!(aim.as_bytes(), [b']', letter, b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f'] if letters.contains(letter))
}

/// Whether a symbol with this identifier holds an EAN or UPC number.
pub fn carries_ean(aim: &str) -> bool {
    matches!(aim, "]E0" | "]E1" | "]E2" | "]E3" | "]E4")
}

/// Whether the identifier shows that Caps Lock turned capitals and small letters over.
///
/// `]E0` is EAN-13 with 13 digits; longer, it is `]e0` turned over.
pub(crate) fn under_caps_lock(line: &[u8]) -> bool {
    match line {
        [b']', b'D' | b'c' | b'q' | b'j', b'0'..=b'9', ..] => true,
        [b']', b'E', b'0', rest @ ..] => rest.len() > 14,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_cut_off() {
        assert_eq!(split(b"]d201"), (Some("]d2"), &b"01"[..]));
        assert_eq!(split(b"]"), (None, &b"]"[..]));
        assert_eq!(split(b"0100"), (None, &b"0100"[..]));
        assert!(carries_gs1("]C1") && !carries_gs1("]C0") && carries_ean("]E0"));
        assert!(under_caps_lock(b"]D201") && !under_caps_lock(b"]E04026575328109"));
    }
}
