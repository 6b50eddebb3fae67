//! Staff badges: a GSRN of a provider (AI 8017), or plain text that the organisation knows.

use crate::gs1::element_string::{self, GS};
use crate::gs1::keys::GsrnProvider;

use super::{ScannerProfile, receive};

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The member of staff's GSRN, where the badge carries one.
    pub gsrn: Option<GsrnProvider>,
    /// The text by which the organisation knows the badge: the GSRN's digits, or all of a plain badge.
    pub text: String,
}

/// Why a scan is not a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadgeError {
    /// Nothing was scanned.
    #[error("nothing was scanned: scan the badge again")]
    Empty,
    /// A patient's wristband.
    #[error("this is a patient's wristband: scan your badge")]
    Wristband,
    /// The GSRN on the badge does not hold.
    #[error("the badge's number fails its check digit: scan it again, or sign in without it")]
    WrongNumber,
    /// Too long, or not text.
    #[error("this is not a badge: 1 to 64 characters of text are wanted")]
    NotABadge,
}

/// Reads a badge.
///
/// # Errors
/// Where nothing, a wristband, a wrong GSRN or something that is not text was scanned.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::badge;
///
/// assert_eq!(badge::read(b"]C18017505089897373832492\r")?.text, "505089897373832492");
/// assert_eq!(badge::read(b"NURSE-0042")?.text, "NURSE-0042");
/// # Ok::<(), badge::BadgeError>(())
/// ```
pub fn read(raw: &[u8]) -> Result<Badge, BadgeError> {
    read_with(raw, &ScannerProfile::default())
}

/// [`read`], with what is known of the scanner.
///
/// # Errors
/// As [`read`].
pub fn read_with(raw: &[u8], scanner: &ScannerProfile) -> Result<Badge, BadgeError> {
    let received = receive(raw, scanner);
    if received.bytes.is_empty() {
        return Err(BadgeError::Empty);
    }
    let elements = element_string::parse(&received.bytes);
    if elements.value("8018").is_some() {
        return Err(BadgeError::Wristband);
    }
    if let Some(text) = elements.value("8017") {
        let gsrn: GsrnProvider = text.parse().map_err(|_| BadgeError::WrongNumber)?;
        return Ok(Badge { text: gsrn.to_string(), gsrn: Some(gsrn) });
    }
    // Digits of a plain badge may look like elements whose separators were lost: what was put between them is taken out.
    let plain: Vec<u8> = received.bytes.iter().copied().filter(|byte| received.is_certain() || *byte != GS).collect();
    let text = std::str::from_utf8(&plain).map_err(|_| BadgeError::NotABadge)?.trim();
    if text.is_empty() || text.chars().count() > 64 || text.chars().any(char::is_control) {
        return Err(BadgeError::NotABadge);
    }
    Ok(Badge { gsrn: None, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_badge_is_named() {
        assert_eq!(read(b"\r\n"), Err(BadgeError::Empty));
        assert_eq!(read(b"]d28018505089894347659192"), Err(BadgeError::Wristband));
        assert_eq!(read(b"]d28017505089897373832493"), Err(BadgeError::WrongNumber));
        assert_eq!(read(&[0xff, 0xfe]), Err(BadgeError::NotABadge));
    }

    #[test]
    fn a_plain_badge_of_digits_is_not_cut_up() {
        for digits in ["952114100000001015", "10122927", "2117310301"] {
            assert_eq!(read(digits.as_bytes()).unwrap().text, digits);
        }
    }

    #[test]
    fn a_badge_on_another_keyboard() {
        let french: crate::handheld::keyboard::KeyboardLayout = "French".parse().unwrap();
        let scanner = ScannerProfile { layout: Some(french), ..ScannerProfile::default() };
        let typed = french.typed("]C18017505089897373832492").unwrap();
        assert_eq!(read_with(typed.as_bytes(), &scanner).unwrap().text, "505089897373832492");
        let typed = french.typed("NURSE-0042").unwrap();
        assert_eq!(read_with(typed.as_bytes(), &scanner).unwrap().text, "NURSE-0042");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }
}
