//! The name of a workstation: what its scanner is known by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// No workstation is called by more characters than this.
const LONGEST_NAME: usize = 60;

/// The name of a workstation, such as `Theatre 3, trolley 1`: one space between words, so that a name typed twice is one name.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::Workstation;
///
/// assert_eq!("  Theatre 3,\ttrolley 1 ".parse::<Workstation>()?.to_string(), "Theatre 3, trolley 1");
/// assert!(" ".parse::<Workstation>().is_err());
/// # Ok::<(), tessera_scanner::handheld::BadWorkstation>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Workstation(String);

impl Workstation {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text names no workstation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a workstation is named by 1 to {LONGEST_NAME} characters, such as Theatre 3, trolley 1")]
pub struct BadWorkstation;

impl FromStr for Workstation {
    type Err = BadWorkstation;

    fn from_str(text: &str) -> Result<Self, BadWorkstation> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name)) } else { Err(BadWorkstation) }
    }
}

impl TryFrom<String> for Workstation {
    type Error = BadWorkstation;

    fn try_from(text: String) -> Result<Self, BadWorkstation> {
        text.parse()
    }
}

impl From<Workstation> for String {
    fn from(name: Workstation) -> Self {
        name.0
    }
}

impl fmt::Display for Workstation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workstation_has_one_name() {
        assert_eq!("  Theatre 3,\ttrolley 1 ".parse::<Workstation>().unwrap().to_string(), "Theatre 3, trolley 1");
        for text in ["", "  ", &"x".repeat(61), "a\u{1}b"] {
            assert_eq!(text.parse::<Workstation>(), Err(BadWorkstation), "{text:?}");
        }
    }
}
