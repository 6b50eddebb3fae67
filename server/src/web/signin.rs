//! Signing in.

use askama::Template;

use super::{FieldError, Page};

/// `GET /sign-in`, and `POST /sign-in` (`csrf`, `username`, `password`, `next`) that failed.
#[derive(Debug, Template)]
#[template(path = "signin.html")]
pub struct SignInPage {
    /// The frame.
    pub page: Page,
    /// As typed before.
    pub username: String,
    /// The badge that was scanned before, so that only its PIN is typed again.
    pub badge: String,
    /// Why it failed; never which of name and password was wrong.
    pub errors: Vec<FieldError>,
    /// Where to go afterwards: a path of this site.
    pub next: String,
    /// In the demonstration only.
    pub samples: Vec<SampleSignIn>,
}

impl SignInPage {
    /// Something is wrong with name or password.
    pub fn wrong_password(&self) -> bool {
        self.errors.iter().any(|error| error.field == "username")
    }
}

/// A sign-in of the demonstration.
#[derive(Clone, Debug)]
pub struct SampleSignIn {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// What this person does.
    pub role: String,
    /// GSRN of the badge; empty for none.
    pub badge: String,
}
