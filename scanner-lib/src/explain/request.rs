//! What is asked: one pack's scans, how they came in, and how strictly they are judged.

use serde::{Deserialize, Deserializer, Serialize};

use crate::handheld::ScannerProfile;

/// One question: the scans of one pack, or a text that a person pasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// One scan, or all scans of one pack.
    pub input: Input,
    /// How they came in.
    #[serde(default, deserialize_with = "null_is_default")]
    pub kind: Kind,
    /// How strictly they are judged.
    #[serde(default, deserialize_with = "null_is_default")]
    pub opts: Options,
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Request {
    /// One text, judged by the rules of the standard alone.
    pub fn new(input: impl Into<String>, kind: Kind) -> Self {
        Self { input: Input::One(input.into()), kind, opts: Options::default() }
    }
}

/// One scan, or all scans of one pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// One scan.
    One(String),
    /// All scans of one pack.
    Several(Vec<String>),
}

impl Input {
    /// The scans, one or more.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// How a text came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Not said: brackets, a web address and hexadecimal digits of a radio tag are told by their looks, the rest was
    /// typed by a scanner.
    #[default]
    Auto,
    /// Bytes from a decoder: separators are trusted, the AIM identifier leads, the strict rules hold.
    Scan,
    /// Keystrokes of a handheld scanner: separators may be lost or replaced, repair is allowed.
    Wedge,
    /// The text under a barcode: `(01)…(10)…`.
    Bracketed,
    /// A GS1 Digital Link URI.
    DlUri,
    /// The memory of a radio tag in hexadecimal digits.
    EpcHex,
}

impl Kind {
    /// What a text of which nothing was said looks like.
    #[must_use]
    pub fn of(self, text: &str) -> Self {
        let text = text.trim();
        let link = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        match self {
            Self::Auto if text.starts_with('(') => Self::Bracketed,
            Self::Auto if link("http://") || link("https://") => Self::DlUri,
            Self::Auto => Self::Wedge,
            told => told,
        }
    }
}

/// How strictly a text is judged. Everything off is the standard; the names are those of GS1's own engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches, named as GS1's engine names them")]
pub struct Options {
    /// Elements that need others beside them are held to that, over all scans of the pack.
    pub requisites: bool,
    /// Application identifiers that the dictionary does not know are read.
    pub permit_unknown_ais: bool,
    /// And may stand in the query of a Digital Link URI.
    pub unknown_ai_as_dl_attr: bool,
    /// A GTIN of 8, 12 or 13 digits in a Digital Link URI is filled up with zeros.
    pub permit_zero_suppressed_gtin: bool,
    /// Names such as `gtin` and `lot` stand for identifiers in a Digital Link URI (withdrawn by GS1 in 2022).
    pub convenience_alphas: bool,
    /// What is known of the scanner that typed.
    pub profile: ScannerProfile,
}
