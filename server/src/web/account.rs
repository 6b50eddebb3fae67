//! A user's own badge and PIN, and the administrator's list of badges.

use askama::Template;

use super::{FieldError, Page};

/// `GET /account`, and `POST /account` (`csrf`, `password`, `pin`, `again`).
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// The frame.
    pub page: Page,
    /// The badge's number; empty for none.
    pub badge: String,
    /// A PIN is set.
    pub pin_set: bool,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// `GET /users`, and `POST /users` (`csrf`, `user`, `badge`).
#[derive(Debug, Template)]
#[template(path = "users.html")]
pub struct UsersPage {
    /// The frame.
    pub page: Page,
    /// By name.
    pub users: Vec<UserRow>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// One user.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Identifier.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Name to sign in with.
    pub username: String,
    /// Role.
    pub role: String,
    /// Whether badge and PIN are there, in words.
    pub state: String,
    /// The badge's number; empty for none.
    pub badge: String,
}
