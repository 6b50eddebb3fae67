//! What an outbox tells of its messages.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The registry does not have it yet.
    Waiting,
    /// The registry has it.
    Delivered,
    /// The registry will not take it; a person has to look. Never removed by itself.
    Refused,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
        }
    }

    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "delivered" => Self::Delivered,
            "refused" => Self::Refused,
            // The table's CHECK allows no fourth.
            _ => Self::Waiting,
        }
    }
}

/// One message in the outbox, without its body.
#[derive(Clone)]
pub struct Item {
    /// Its place in the order.
    pub position: i64,
    /// The id of the record that it makes.
    pub id: Uuid,
    /// Which registry it goes to.
    pub server: String,
    /// When it was kept.
    pub created: DateTime<Utc>,
    /// How far it is.
    pub state: State,
    /// How often it was tried.
    pub tries: i32,
    /// Why it is not there yet, or was refused, in plain words without what was scanned.
    pub last_error: Option<String>,
    /// What the registry answered. It may tell of a patient.
    pub answer: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({} {} {:?}, {} tries)", self.position, self.id, self.state, self.tries)
    }
}

/// How much of each there is for one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The registry.
    pub server: String,
    /// Not there yet.
    pub waiting: i64,
    /// There.
    pub delivered: i64,
    /// Refused.
    pub refused: i64,
    /// When the oldest that waits was kept.
    pub waiting_since: Option<DateTime<Utc>>,
}
