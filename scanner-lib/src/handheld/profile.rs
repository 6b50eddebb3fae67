//! What is known of one scanner: which keyboard its computer has, and what it types for a separator.

use serde::{Deserialize, Serialize};

use super::keyboard::KeyboardLayout;

/// What is known of one scanner, by calibration or configuration.
///
/// The default knows nothing, and considers every possibility. The JSON form is stable, so that it can be stored:
/// `{"separator": {"kind": "typed", "text": "{GS}"}, "layout": "German"}`; what is not known may be left out.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::{ScannerProfile, Separator};
///
/// let profile = ScannerProfile { separator: Separator::Typed("{GS}".into()), layout: Some("German".parse()?) };
/// let json = serde_json::to_string(&profile).unwrap();
/// assert_eq!(json, r#"{"separator":{"kind":"typed","text":"{GS}"},"layout":"German"}"#);
/// assert_eq!(serde_json::from_str::<ScannerProfile>(&json).unwrap(), profile);
/// assert_eq!(serde_json::from_str::<ScannerProfile>("{}").unwrap(), ScannerProfile::default());
/// # Ok::<(), tessera_scanner::handheld::keyboard::UnknownLayout>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScannerProfile {
    /// What it types where a barcode has a separator.
    pub separator: Separator,
    /// The keyboard layout of the computer that it types into; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<KeyboardLayout>,
}

/// What a scanner types for the separator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "text")]
pub enum Separator {
    /// Not known: every possibility is considered.
    #[default]
    Unknown,
    /// GS itself: a line without one had none.
    Kept,
    /// This text, as it appears on this computer, always and only for a separator.
    Typed(String),
    /// Nothing: separators are lost, and only splits that the dictionary allows are considered.
    Lost,
}
