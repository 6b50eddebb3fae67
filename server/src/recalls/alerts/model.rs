//! One alert.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::schema::recall_alerts;
use crate::theatre::model::DeviceUseId;

crate::record_id! {
    /// One alert.
    AlertId
}

crate::word_list! {
    /// What an alert is about.
    AlertKind {
        /// A device in a patient is meant by an active recall.
        Patient = "patient",
        /// A record that a recall concerned was corrected, and is not meant any more.
        Gone = "gone",
        /// Packs that a recall means came in.
        Shelf = "shelf",
        /// The notice was amended.
        Amended = "amended",
    }
}

impl AlertKind {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Patient => "Patient",
            Self::Gone => "No longer meant",
            Self::Shelf => "Packs came in",
            Self::Amended => "Notice amended",
        }
    }
}

/// One alert, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_alerts)]
pub struct Alert {
    /// Identifier.
    pub id: AlertId,
    /// Of which recall.
    pub recall_id: RecallId,
    /// What it is about.
    pub kind: AlertKind,
    /// The device use, where it is about one.
    pub device_use_id: Option<DeviceUseId>,
    /// In words; of a patient only the pseudonym.
    pub text: String,
    /// When it was raised.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub raised_at: Moment,
    /// When somebody took it.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub taken_at: Option<Moment>,
    /// Who did.
    pub taken_by: Option<UserId>,
    /// What they mean to do.
    pub note: String,
}

/// What whoever takes an alert means to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// In a few words; may be empty.
    #[serde(default)]
    pub note: String,
}

impl Take {
    /// The note without blanks around it.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where it is too long.
    pub fn checked(&self) -> Result<String, Problem> {
        let note = self.note.trim();
        if note.chars().count() > 1000 {
            return Err(Problem::invalid("The note has up to 1,000 characters."));
        }
        Ok(note.to_owned())
    }
}
