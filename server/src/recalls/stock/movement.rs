//! What becomes of packs: used, wasted and why, sent back, moved, missing.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::StockId;
use crate::access::UserId;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::stock_movements;

crate::record_id! {
    /// One movement of packs. Packs that are moved apart from the rest become a stock item under this same identifier.
    MovementId
}

crate::word_list! {
    /// What becomes of packs.
    MovementKind {
        /// Implanted, or otherwise put to use.
        Used = "used",
        /// Thrown away.
        Wasted = "wasted",
        /// Sent back to whoever delivered them.
        Returned = "returned",
        /// Put elsewhere.
        Moved = "moved",
        /// Counted, and not there.
        Missing = "missing",
    }
}

crate::word_list! {
    /// Why packs were wasted.
    WasteCause {
        /// Too old.
        Expired = "expired",
        /// Fell down.
        Dropped = "dropped",
        /// The pack or the device was damaged.
        Damaged = "damaged",
        /// Opened in theatre and not needed.
        OpenedNotUsed = "opened-not-used",
        /// Opened in theatre, and of the wrong size.
        WrongSize = "wrong-size",
        /// Recalled, and destroyed as the notice asks.
        Recalled = "recalled",
        /// The note says why.
        Other = "other",
    }
}

impl WasteCause {
    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Expired => "Expired",
            Self::Dropped => "Dropped",
            Self::Damaged => "Damaged",
            Self::OpenedNotUsed => "Opened, not used",
            Self::WrongSize => "Wrong size opened",
            Self::Recalled => "Recalled and destroyed",
            Self::Other => "Another reason",
        }
    }
}

/// A movement as somebody enters it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMovement {
    /// Identifier (UUIDv7), made by the client.
    pub id: MovementId,
    /// What becomes of the packs.
    pub kind: MovementKind,
    /// How many of them.
    pub quantity: i32,
    /// Why, where they are wasted.
    #[serde(default)]
    pub cause: Option<WasteCause>,
    /// More in words; wanted where the cause is another, and where packs are missing.
    #[serde(default)]
    pub note: String,
    /// To which site (ODS code), where they are moved; this one unless told.
    #[serde(default)]
    pub to_site: Option<String>,
    /// To which place, where they are moved: a name, or the GLN of a place that is known.
    #[serde(default)]
    pub to_location: Option<String>,
}

/// A movement, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = stock_movements)]
pub struct Movement {
    /// Identifier.
    pub id: MovementId,
    /// Of which stock item.
    pub stock_id: StockId,
    /// What became of the packs.
    pub kind: MovementKind,
    /// How many.
    pub quantity: i32,
    /// Why, where they were wasted.
    pub cause: Option<WasteCause>,
    /// In words.
    pub note: String,
    /// To which site, where they were moved.
    pub to_site: Option<String>,
    /// To which place.
    pub to_location: Option<String>,
    /// As which stock item they lie there.
    pub to_stock: Option<StockId>,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub moved_at: Moment,
    /// By whom.
    pub moved_by: UserId,
}

impl NewMovement {
    /// Checks what can be checked without the registry; the note without blanks around it.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), saying what is missing or too much.
    pub fn checked(self) -> Result<Self, Problem> {
        let note = self.note.trim().to_owned();
        if note.chars().count() > 400 {
            return Err(Problem::invalid("The note has up to 400 characters."));
        }
        if self.quantity < 1 {
            return Err(Problem::invalid("At least one pack moves."));
        }
        let to_location = self.to_location.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        match (self.kind, self.cause) {
            (MovementKind::Wasted, None) => return Err(Problem::invalid("Say why the packs were wasted.")),
            (MovementKind::Wasted, Some(WasteCause::Other)) if note.is_empty() => {
                return Err(Problem::invalid("Say in the note why the packs were wasted."));
            }
            (MovementKind::Missing, _) if note.is_empty() => {
                return Err(Problem::invalid("Say in the note where the packs may be, or that nobody knows."));
            }
            (MovementKind::Moved, _) if to_location.is_none() => {
                return Err(Problem::invalid("Say where the packs go."));
            }
            (kind, Some(_)) if kind != MovementKind::Wasted => {
                return Err(Problem::invalid("Only packs that are wasted have a cause."));
            }
            _ => {}
        }
        if self.kind != MovementKind::Moved && (to_location.is_some() || self.to_site.is_some()) {
            return Err(Problem::invalid("Only packs that are moved go to a place."));
        }
        Ok(Self { note, to_location, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        let new = |kind, cause, note: &str, to: Option<&str>| NewMovement {
            id: MovementId::new(),
            kind,
            quantity: 1,
            cause,
            note: note.to_owned(),
            to_site: None,
            to_location: to.map(str::to_owned),
        };
        let refused = |new: NewMovement| new.checked().unwrap_err().detail().to_owned();
        assert!(refused(new(MovementKind::Wasted, None, "", None)).contains("why"));
        assert!(refused(new(MovementKind::Wasted, Some(WasteCause::Other), " ", None)).contains("note"));
        assert!(refused(new(MovementKind::Missing, None, "", None)).contains("note"));
        assert!(refused(new(MovementKind::Moved, None, "", Some(" "))).contains("where"));
        assert!(refused(new(MovementKind::Used, Some(WasteCause::Dropped), "", None)).contains("cause"));
        assert!(refused(new(MovementKind::Returned, None, "", Some("A"))).contains("place"));
        assert!(refused(NewMovement { quantity: 0, ..new(MovementKind::Used, None, "", None) }).contains("one pack"));
        assert!(new(MovementKind::Wasted, Some(WasteCause::Dropped), "", None).checked().is_ok());
    }
}
