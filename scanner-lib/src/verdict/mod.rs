//! May this device be implanted? A pure function, the same on the server and offline in theatre.
//!
//! Reach for [`judge`] with everything that is known; read [`TABLE`] (in `reasons.rs`) for everything that it looks at.
//! What could not be checked is never green.

pub mod fit;
mod judge;
mod london;
mod reasons;
mod shelf;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use self::fit::{Fit, Part, Rule};
pub use self::london::london_date;
pub use self::reasons::{Row, TABLE};
pub use self::shelf::{ApartFor, ShelfPacks};
use crate::label::Label;
use crate::recall_match::Criterion;
use crate::udi::DeviceIdentifier;
pub use judge::{judge, judge_in_practice, judge_with};

/// The answer at one glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// May be implanted: everything was checked and nothing found.
    May,
    /// Look at this before going on.
    Look,
    /// Do not implant.
    Stop,
}

impl Answer {
    /// The answer in a few words.
    pub fn headline(self) -> &'static str {
        match self {
            Self::May => "May be implanted",
            Self::Look => "Look at this",
            Self::Stop => "Stop: do not implant",
        }
    }
}

/// Left, right, both, or no side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// OPCS-4 Z94.3.
    Left,
    /// OPCS-4 Z94.2.
    Right,
    /// OPCS-4 Z94.1.
    Bilateral,
}

impl Side {
    /// As people say it: `left`, `right`, `both`.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Bilateral => "both",
        }
    }
}

/// What the catalogue knows of a product, as far as the verdict needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFacts {
    /// Name for people: maker and brand.
    pub name: String,
    /// The maker, for recalls that name maker and catalogue number.
    pub maker: String,
    /// The maker's catalogue number.
    pub reference: Option<String>,
    /// Every identifier of the product: primary, secondary, package, previous.
    pub identifiers: Vec<DeviceIdentifier>,
    /// The side it is made for, if it has one.
    pub side: Option<Side>,
    /// The catalogue says that each pack carries a lot.
    pub lot_expected: bool,
    /// The catalogue says that each pack carries a serial.
    pub serial_expected: bool,
    /// The catalogue says that each pack carries an expiry date.
    pub expiry_expected: bool,
}

/// One active recall and one of its criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallFacts {
    /// The notice's reference, such as `Z-2308-2026`.
    pub reference: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// What it covers.
    pub criteria: Vec<Criterion>,
}

/// What the verdict is asked about.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What was read from the pack.
    pub label: &'a Label,
    /// The product, if the catalogue has it.
    pub product: Option<&'a ProductFacts>,
    /// Active recalls that could concern it.
    pub recalls: &'a [RecallFacts],
    /// The side that is operated on.
    pub procedure_side: Option<Side>,
    /// The same device identifier and serial is recorded as implanted in another patient; `None` where nobody could be asked.
    pub serial_in_another_patient: Option<bool>,
    /// What the shelves of the site have of this device: every kind of pack where some are set apart, else nothing.
    pub shelf: &'a [ShelfPacks],
    /// Today in Europe/London ([`london_date`]), by the later of the device's and the last server's clock.
    pub today: NaiveDate,
    /// How sure the clock is.
    pub clock_in_doubt: bool,
    /// When the catalogue and recall data that answer this were taken.
    pub snapshot_taken: DateTime<Utc>,
    /// The moment of asking.
    pub now: DateTime<Utc>,
    /// Limits the organisation has set.
    pub limits: Limits,
}

/// Limits that an organisation sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Warn when the device expires within this many days.
    pub expiry_warning_days: u32,
    /// Data older than this many hours can not make a green answer.
    pub snapshot_hours: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { expiry_warning_days: 30, snapshot_hours: 24 }
    }
}

/// One reason for the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable name from the table of reasons, such as `expired`.
    pub code: String,
    /// What this reason alone would answer.
    pub answer: Answer,
    /// What is the matter, in plain words, with the values concerned.
    pub text: String,
    /// What to do now.
    pub action: String,
}

/// The answer with its reasons, gravest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The gravest of the reasons' answers; `May` only where there is none.
    pub answer: Answer,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The answer in a few words, for the top of the screen: colour alone does not tell everyone.
    pub fn headline(&self) -> &'static str {
        self.answer.headline()
    }
}

#[cfg(test)]
mod tests;
