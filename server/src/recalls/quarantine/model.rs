//! How far the stock of a recall is set apart.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::UserId;
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::schema::recall_quarantines;

/// One run over the shelves, as it is kept. A recall has one: an amendment begins it anew.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_quarantines)]
pub struct QuarantineRun {
    /// Of which recall.
    pub recall_id: RecallId,
    /// When it began: with the confirmation.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub begun_at: Moment,
    /// Who confirmed.
    pub begun_by: UserId,
    /// Stock items that are named for certain; none until they were looked for.
    pub found: Option<i64>,
    /// Stock items set apart so far.
    pub done: i64,
    /// When it last went on.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub touched_at: Moment,
    /// When the last one was set apart.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub finished_at: Option<Moment>,
}

impl QuarantineRun {
    /// In words, while it goes on; nothing once it is finished.
    pub fn under_way(&self) -> Option<String> {
        if self.finished_at.is_some() {
            return None;
        }
        Some(match self.found {
            None => "Theatres stop on this recall. Its stock is being looked for.".to_owned(),
            Some(found) => format!(
                "Theatres stop on this recall. Its stock is being set apart: {} of {found} stock items so far.",
                self.done
            ),
        })
    }
}
