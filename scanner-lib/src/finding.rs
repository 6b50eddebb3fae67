//! What was noticed while reading: findings, not failures.
//!
//! A bad check digit, a lost separator or an unknown element never throws a scan away. It becomes a [`Finding`] beside
//! the raw bytes, in words that a nurse understands, and a person decides.

use alloc::borrow::Cow;
use alloc::string::String;

use serde::{Deserialize, Serialize};

/// How much a [`Finding`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth keeping, nothing to do (a repair that is certain, a code that was ignored).
    Note,
    /// A person should look before relying on the value.
    Warning,
    /// The strict rules of the standard fail.
    Error,
}

/// One thing noticed while reading a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name; the GS1 Syntax Dictionary's own error name where there is one.
    pub code: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// What it means and what to do, in plain words.
    pub text: String,
    /// The offending bytes of the raw scan, as start and end offset, where they are known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<(usize, usize)>,
}

impl Finding {
    /// A finding without a position.
    pub fn new(code: &'static str, severity: Severity, text: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), severity, text: text.into(), span: None }
    }

    /// The same finding, pointing at bytes `start..end` of the raw scan.
    #[must_use]
    pub fn at(mut self, start: usize, end: usize) -> Self {
        self.span = Some((start, end));
        self
    }
}
