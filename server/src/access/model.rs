//! Users and roles.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::columns::Moment;
use crate::store::schema::users;

crate::record_id! {
    /// One user.
    UserId
}

crate::word_list! {
    /// What a person does here; decides what they may do.
    Role {
        /// Scans and records in theatre.
        Nurse = "nurse",
        /// Reads outcomes, by pseudonym.
        Analyst = "analyst",
        /// Enters recalls, looks after stock.
        Procurement = "procurement",
        /// Confirms recalls, opens identities to reach patients.
        Safety = "safety",
        /// Looks after users and the catalogue.
        Admin = "admin",
    }
}

/// A user, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = users)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Name to sign in with.
    pub username: String,
    /// Name to show.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// The site where the user works (ODS code), if only one.
    pub site_code: Option<String>,
    /// When the user was locked out, if so.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Moment>,
}

/// Who acts: for audit rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in user.
    User {
        /// Identifier.
        id: UserId,
        /// Name as it is now.
        name: String,
    },
    /// The program itself: a job, or a command on the server's own command line.
    System,
}

impl Actor {
    /// The user's identifier, if it is one.
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::System => None,
        }
    }

    /// The name for the audit row.
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } => name,
            Self::System => "system",
        }
    }
}

impl From<&User> for Actor {
    fn from(user: &User) -> Self {
        Self::User { id: user.id, name: user.username.clone() }
    }
}
