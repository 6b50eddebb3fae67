//! GS1 keys: values that cannot hold nonsense.
use serde::{Deserialize, Serialize};

/// A Global Trade Item Number with a correct check digit, kept as 14 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gtin(String);
impl Gtin {
    /// Fourteen digits.
    pub fn as_gtin14(&self) -> &str {
        &self.0
    }
}
/// A batch or lot, AI 10: 1 to 20 characters of GS1 character set 82.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lot(String);
/// A serial number, AI 21: 1 to 20 characters of GS1 character set 82.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Serial(String);
