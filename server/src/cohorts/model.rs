//! Cohorts that somebody named.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::Filter;
use crate::access::UserId;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::saved_cohorts;

crate::record_id! {
    /// A saved cohort.
    CohortId
}

/// A cohort to be saved; its `id` is made by the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct NewCohort {
    /// Identifier (UUIDv7), made by the client.
    pub id: CohortId,
    /// What it is called.
    pub name: String,
    /// The filter.
    pub filter: String,
    /// Whether others see it.
    #[serde(default)]
    pub shared: bool,
    /// Whether its snapshot is kept, so that it gives the same numbers for good.
    #[serde(default)]
    pub frozen: bool,
}

impl NewCohort {
    /// The same with its name trimmed and its filter in the one form that a cohort has.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a missing name or a filter that cannot be read.
    pub fn checked(self) -> Result<(Self, Filter), Problem> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Problem::invalid("A cohort has a name of 1 to 200 characters."));
        }
        let filter: Filter = self.filter.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        Ok((Self { name, filter: filter.to_string(), ..self }, filter))
    }
}

/// A saved cohort as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = saved_cohorts)]
pub struct SavedCohort {
    /// Identifier.
    pub id: CohortId,
    /// What it is called.
    pub name: String,
    /// The filter in its one form.
    pub filter: String,
    /// Whether others see it.
    pub shared: bool,
    /// The snapshot it was frozen with.
    pub snapshot_hash: Option<Vec<u8>>,
    /// The products that the filter meant then, 16 bytes each.
    pub products: Option<Vec<u8>>,
    /// The cut-off then.
    pub until: Option<NaiveDate>,
    /// Hash of filter, products, cut-off and snapshot.
    pub content_hash: Option<Vec<u8>>,
    /// When it was saved.
    pub created_at: Moment,
    /// By whom.
    pub created_by: UserId,
}

impl SavedCohort {
    /// Whether somebody sees it.
    pub fn is_seen_by(&self, user: UserId) -> bool {
        self.shared || self.created_by == user
    }

    /// As it is sent.
    pub fn shown(&self) -> CohortShown {
        CohortShown {
            id: self.id,
            name: self.name.clone(),
            filter: self.filter.clone(),
            shared: self.shared,
            frozen: self.snapshot_hash.is_some(),
            snapshot: self.snapshot_hash.as_ref().map(hex::encode),
            content_hash: self.content_hash.as_ref().map(hex::encode),
            until: self.until,
            created_at: self.created_at.utc(),
        }
    }
}

/// A saved cohort as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CohortShown {
    /// Identifier.
    pub id: CohortId,
    /// What it is called.
    pub name: String,
    /// The filter.
    pub filter: String,
    /// Whether others see it.
    pub shared: bool,
    /// Whether its numbers stay.
    pub frozen: bool,
    /// Hash of the snapshot it was frozen with.
    pub snapshot: Option<String>,
    /// Hash of filter, products, cut-off and snapshot.
    pub content_hash: Option<String>,
    /// The cut-off then.
    pub until: Option<NaiveDate>,
    /// When it was saved.
    pub created_at: chrono::DateTime<chrono::Utc>,
}
