//! How far a recall has come, from the notice that came in to the executive who signs it off.
//!
//! What theatres hear of is the notice's own state, [`RecallState`]: a recall that is signed off still stops its devices.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::{Code, Problem};
use crate::recalls::model::{RecallId, RecallState};
use crate::store::columns::Moment;
use crate::store::schema::recall_stages;

crate::record_id! {
    /// One step of a recall.
    StageId
}

crate::word_list! {
    /// How far a recall has come.
    Stage {
        /// Entered; waits for a second person.
        Received = "received",
        /// Confirmed by a second person: theatres stop on it, stock is quarantined.
        Confirmed = "confirmed",
        /// Sites were asked; shelves are searched and patients contacted.
        UnderWay = "under-way",
        /// Nothing was open, and somebody signed for that.
        SignedOff = "signed-off",
        /// Withdrawn, or done with for good: theatres no longer stop on it.
        Closed = "closed",
    }
}

impl Stage {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Confirmed => "Confirmed",
            Self::UnderWay => "Under way",
            Self::SignedOff => "Signed off",
            Self::Closed => "Closed",
        }
    }

    /// The stages that may follow. What is signed off may be under way again: a late scan can find another patient.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Received => &[Self::Confirmed, Self::Closed],
            Self::Confirmed | Self::SignedOff => &[Self::UnderWay, Self::Closed],
            Self::UnderWay => &[Self::SignedOff, Self::Closed],
            Self::Closed => &[],
        }
    }

    /// `next`, where it may follow.
    ///
    /// # Errors
    /// [`Code::WrongState`], saying what may follow.
    pub fn become_one(self, next: Self) -> Result<Self, Problem> {
        if self.next().contains(&next) {
            return Ok(next);
        }
        let may: Vec<_> = self.next().iter().map(|stage| stage.word()).collect();
        let may = if may.is_empty() { "nothing".to_owned() } else { may.join(" or ") };
        Err(Problem::new(Code::WrongState, format!("The recall is {self}; {may} may follow, not {next}.")))
    }
}

impl From<RecallState> for Stage {
    /// Where a recall stands of which no stage is kept.
    fn from(state: RecallState) -> Self {
        match state {
            RecallState::Structured => Self::Received,
            RecallState::Active => Self::Confirmed,
            RecallState::Closed => Self::Closed,
        }
    }
}

/// One step, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_stages)]
pub struct StageEntered {
    /// Identifier.
    pub id: StageId,
    /// Of which recall.
    pub recall_id: RecallId,
    /// The stage.
    pub stage: Stage,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub entered_at: Moment,
    /// By whom; none for the program itself.
    pub entered_by: Option<UserId>,
    /// Why, or what was stated.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_follow_follows() {
        let allowed: Vec<_> = Stage::ALL
            .iter()
            .flat_map(|from| Stage::ALL.iter().map(move |to| (*from, *to)))
            .filter(|(from, to)| from.become_one(*to).is_ok())
            .map(|(from, to)| format!("{from} → {to}"))
            .collect();
        insta::assert_snapshot!(allowed.join("\n"), @r"
        received → confirmed
        received → closed
        confirmed → under-way
        confirmed → closed
        under-way → signed-off
        under-way → closed
        signed-off → under-way
        signed-off → closed
        ");
        let refused = Stage::Received.become_one(Stage::SignedOff).unwrap_err();
        assert_eq!(refused.detail(), "The recall is received; confirmed or closed may follow, not signed-off.");
        assert!(Stage::Closed.become_one(Stage::Received).unwrap_err().detail().contains("nothing may follow"));
    }
}
