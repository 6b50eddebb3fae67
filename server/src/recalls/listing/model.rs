//! One list that was brought in.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::UserId;
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::schema::recall_listings;

crate::record_id! {
    /// One list of lots and serials.
    ListingId
}

/// One list, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_listings)]
pub struct Listing {
    /// Identifier.
    pub id: ListingId,
    /// For which recall.
    pub recall_id: RecallId,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// Lines of the file, without its heading.
    pub lines: i64,
    /// Lines read so far.
    pub done: i64,
    /// Lines added: those read, without repeated ones.
    pub added: i64,
    /// When it began.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub started_at: Moment,
    /// By whom.
    pub started_by: UserId,
    /// When the last line was in.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub finished_at: Option<Moment>,
}
