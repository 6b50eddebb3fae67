//! Calibration: one printed barcode, scanned once, tells what a scanner and its computer make of every character.
//!
//! Print [`MESSAGE`] as a GS1 `DataMatrix` (or GS1 QR) symbol, let the person scan it into a text field, hand what
//! appeared to [`learn`], and store the profile for that scanner on that computer.

use super::keyboard::KeyboardLayout;
use super::{ScannerProfile, Separator, aim, shown_text, strip, turn_case};

/// The first element: every sign of GS1 character set 82, each before a digit, which no dead key melts with.
const SIGNS: &str = "91!0\"1%2&3'4(5)6*7+8,9-0.1/2:3;4<5=6>7?8_9";
/// The second: every letter; those that are dead keys somewhere stand last, before digits.
const LETTERS: &str = "92ABCDEFGHIJKLMNOPRSTUVXYZabcdefghijklmnoprstuvwxyzQ1W2q3";

/// The message of the calibration barcode: two elements for internal use (AI 91 and 92) with a separator between them.
///
/// FNC1 stands in the first position, as in every GS1 symbol, and the separator (GS here) is an FNC1.
pub const MESSAGE: &str =
    "91!0\"1%2&3'4(5)6*7+8,9-0.1/2:3;4<5=6>7?8_9\u{1d}92ABCDEFGHIJKLMNOPRSTUVXYZabcdefghijklmnoprstuvwxyzQ1W2q3";

/// The symbology identifiers that a scanner may send before it.
const PREFIXES: [&str; 5] = ["", "]d2", "]C1", "]Q3", "]J1"];

/// A separator of more characters than this is none.
const LONGEST_SEPARATOR: usize = 16;

/// Why a scan does not calibrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// Nothing appeared.
    #[error("nothing was scanned: put the cursor into the field and scan the calibration barcode")]
    Empty,
    /// Caps Lock is on.
    #[error("Caps Lock is on: turn it off and scan the calibration barcode again")]
    CapsLock,
    /// What appeared is not the calibration barcode under any layout that is known here.
    #[error(
        "this is not the calibration barcode as any known keyboard shows it: scan it again; if this happens twice, set \
         the scanner or the computer to a keyboard of the list"
    )]
    Unknown,
}

/// Learns the keyboard layout and the separator from the calibration barcode as it appeared on the computer.
///
/// Layouts that show everything that GS1 data may hold in the same way cannot be told apart and need not be: the first of
/// the table is taken, one that shows the separator as it was seen before others.
///
/// # Errors
/// [`CalibrationError`], each with what to do.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::{Separator, calibration, receive};
///
/// // A scanner that types {GS} for the separator, on a computer with a German keyboard.
/// let german: tessera_scanner::handheld::keyboard::KeyboardLayout = "German".parse().unwrap();
/// let appeared = german.typed(&format!("]d2{}", calibration::MESSAGE.replace('\u{1d}', "{GS}"))).unwrap();
///
/// let profile = calibration::learn(appeared.as_bytes())?;
/// assert_eq!(profile.layout, Some(german));
/// assert_eq!(profile.separator, Separator::Typed("ÜGS*".into()));
///
/// let read = receive("+d2010084450500077210XZÜGS*2107\r".as_bytes(), &profile);
/// assert_eq!(read.bytes, b"010084450500077210XY\x1d2107");
/// assert!(read.is_certain());
/// # Ok::<(), calibration::CalibrationError>(())
/// ```
pub fn learn(typed: &[u8]) -> Result<ScannerProfile, CalibrationError> {
    let text = shown_text(strip(typed));
    if text.is_empty() {
        return Err(CalibrationError::Empty);
    }
    if let Some(profile) = fitting(&text) {
        return Ok(profile);
    }
    let turned = String::from_utf8_lossy(&turn_case(text.as_bytes())).into_owned();
    Err(if fitting(&turned).is_some() { CalibrationError::CapsLock } else { CalibrationError::Unknown })
}

fn fitting(text: &str) -> Option<ScannerProfile> {
    let fits = KeyboardLayout::all().filter_map(|layout| Some((layout, separator_under(layout, text)?)));
    // The first of those with the best score.
    let (layout, shown) = fits.min_by_key(|(layout, shown)| {
        let expected = layout.separator().map(String::from).unwrap_or_default();
        let control = shown.chars().all(char::is_control);
        u8::from(control && *shown != expected)
    })?;
    let separator = match shown {
        "" => Separator::Lost,
        "\u{1d}" => Separator::Kept,
        other => Separator::Typed(other.to_owned()),
    };
    Some(ScannerProfile { separator, layout: Some(layout) })
}

/// What stands between the two elements, where `text` is the message under this layout.
fn separator_under(layout: KeyboardLayout, text: &str) -> Option<&str> {
    let (signs, letters) = (layout.typed(SIGNS)?, layout.typed(LETTERS)?);
    let (before, rest) = text.split_once(signs.as_str())?;
    let (separator, after) = rest.split_once(letters.as_str())?;
    // FNC1 in the first position may be shown too, and some scanners end with one.
    let prefix = PREFIXES.iter().find_map(|prefix| {
        let left = before.strip_prefix(layout.typed(prefix)?.as_str())?;
        (left.is_empty() || left == separator).then_some(prefix)
    });
    let whole = (prefix.is_some() || before == separator) && (after.is_empty() || after == separator);
    (whole && separator.chars().count() <= LONGEST_SEPARATOR && aim_holds(before)).then_some(separator)
}

/// Whether what stands before the message is not another symbology's identifier.
fn aim_holds(before: &str) -> bool {
    aim::split(before.as_bytes()).0.is_none_or(aim::carries_gs1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handheld::{grammar, receive};
    use proptest::prelude::*;

    #[test]
    fn the_message_is_whole() {
        assert_eq!(MESSAGE, format!("{SIGNS}\u{1d}{LETTERS}"));
        assert!(grammar::parses(MESSAGE.as_bytes()));
        let missing = (b'!'..=b'~').filter(|b| crate::gs1::check::in_cset_82(*b) && !MESSAGE.as_bytes().contains(b));
        assert_eq!(missing.map(char::from).collect::<String>(), "");
    }

    /// What a scanner may be set to send where a barcode has a separator.
    const SENT: [&str; 10] = ["\u{1d}", "{GS}", "<GS>", "]C1", "|", "~", "_", "F8", "029", "^]"];

    #[test]
    fn every_layout_with_every_separator_is_learnt_and_undone() {
        let message = "0100844505000772112412311731030010XYZ-9/M:W\u{1d}21qaZ07";
        let (mut pairs, mut lost) = (0, 0);
        for layout in KeyboardLayout::all() {
            for sent in SENT {
                // The control key is shown as the table says; other text is typed.
                let gs = if sent == "\u{1d}" {
                    Some(layout.separator().map(String::from).unwrap_or_default())
                } else {
                    layout.typed(sent)
                };
                let typed = |text: &str| {
                    let parts: Option<Vec<String>> = text.split('\u{1d}').map(|part| layout.typed(part)).collect();
                    Some(parts?.join(gs.as_ref()?))
                };
                let (Some(calibration), Some(scan)) =
                    (typed(&format!("]d2{MESSAGE}")), typed(&format!("]d2{message}")))
                else {
                    // The table does not know what this layout shows for the separator's characters.
                    continue;
                };
                pairs += 1;
                let profile = learn(calibration.as_bytes()).unwrap_or_else(|why| panic!("{layout} {sent:?}: {why}"));
                let learnt = profile.layout.unwrap();
                assert_eq!(learnt.typed(MESSAGE), layout.typed(MESSAGE), "{layout} is taken for {learnt}");
                let read = receive(scan.as_bytes(), &profile);
                let wanted = message.as_bytes();
                if profile.separator == Separator::Lost || !read.is_certain() {
                    lost += 1;
                    assert!(read.candidates.iter().any(|c| c == wanted), "{layout} {sent:?} {scan:?} {read:?}");
                } else {
                    assert_eq!(read.bytes, wanted, "{layout} {sent:?} {scan:?}");
                }
            }
        }
        assert!(pairs > 500, "{pairs} pairs of layout and separator");
        assert!(lost < 80, "{lost} of them remain in doubt");
    }

    #[test]
    fn what_does_not_calibrate_says_why() {
        assert_eq!(learn(b"\r\n"), Err(CalibrationError::Empty));
        assert_eq!(learn(b"0100844505000772"), Err(CalibrationError::Unknown));
        let turned = turn_case(format!("]d2{MESSAGE}\r").as_bytes());
        assert_eq!(learn(&turned), Err(CalibrationError::CapsLock));
        // Another symbology's identifier is not a GS1 symbol: its separators tell nothing.
        assert_eq!(learn(format!("]d1{MESSAGE}").as_bytes()), Err(CalibrationError::Unknown));
    }

    #[test]
    fn the_plain_keyboard_is_called_by_its_name() {
        let profile = learn(format!("]d2{MESSAGE}\r\n").as_bytes()).unwrap();
        assert_eq!(profile.layout.unwrap().name(), "UnitedStates");
        assert_eq!(profile.separator, Separator::Kept);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..100, to in any::<char>()) {
            let _ = learn(&bytes);
            let mut text: Vec<char> = MESSAGE.chars().collect();
            text[at] = to;
            let _ = learn(text.into_iter().collect::<String>().as_bytes());
        }
    }
}
