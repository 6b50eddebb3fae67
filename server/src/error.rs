//! What goes wrong, said once: one table of codes, each with its status, its sentence and what to do.
//!
//! Domain code answers a [`Problem`]. The code and the detail go to the client as RFC 9457 problem details; the cause goes
//! to the log and never further. Details name the offending input but never a patient.

use std::error::Error as StdError;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($variant:ident $word:literal $status:ident $title:literal $action:literal)+) => {
        /// Every kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant),+
        }

        impl Code {
            /// Every code, for documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// One sentence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What to do now.
            pub fn action(self) -> &'static str {
                match self { $(Self::$variant => $action),+ }
            }
        }
    };
}

codes! {
    InvalidInput       "invalid-input"       UNPROCESSABLE_ENTITY  "Something in the request cannot be used."          "Correct what the detail names and send it again."
    Unreadable         "unreadable"          BAD_REQUEST           "The request could not be read."                     "Check that the body is complete and of the kind its header says."
    TooLarge           "too-large"           PAYLOAD_TOO_LARGE     "The request is larger than is taken."               "Send a smaller picture or fewer lines at once."
    NotSignedIn        "not-signed-in"       UNAUTHORIZED          "Nobody is signed in."                               "Sign in and try again."
    WrongCredentials   "wrong-credentials"   UNAUTHORIZED          "User name and password do not belong together."     "Check both. After several failures, wait a minute."
    WrongBadge         "wrong-badge"         UNPROCESSABLE_ENTITY  "Badge and PIN do not belong together."              "Scan your own badge and type its PIN again. If you have none, set it on your account page."
    BadgeLocked        "badge-locked"        TOO_MANY_REQUESTS     "This badge is locked for a while."                  "Wait, ask another colleague, or have an administrator unlock the badge."
    NotPermitted       "not-permitted"       FORBIDDEN             "Your role may not do this."                         "Ask somebody whose role may, or an administrator."
    Withheld           "withheld"            FORBIDDEN             "The numbers are too small to be told to your role." "Choose a wider cohort, or ask a safety officer."
    CrossSite          "cross-site"          FORBIDDEN             "The request did not come from Tessera's own pages." "Open Tessera again and repeat what you did there."
    UnprovenAct        "unproven-act"        FORBIDDEN             "The proof of who did this does not hold."           "Whoever did it signs in and sends it again."
    NotFound           "not-found"           NOT_FOUND             "There is no such record."                           "Check the address or the identifier."
    IdReused           "id-reused"           CONFLICT              "This identifier was already used for something else." "Keep the record that is there; send the new one under a new identifier."
    WrongState         "wrong-state"         CONFLICT              "This cannot be done at this point."                 "Look at the record's present state and decide again."
    SecondPerson       "second-person"       CONFLICT              "A second person has to do this."                    "Ask a colleague with the right role to check and confirm."
    TooManyTries       "too-many-tries"      TOO_MANY_REQUESTS     "Too many tries."                                    "Wait a minute and try again."
    Busy               "busy"                SERVICE_UNAVAILABLE   "The registry is busy."                              "Try again in a few seconds; nothing was lost."
    StorageUnavailable "storage-unavailable" SERVICE_UNAVAILABLE   "The registry cannot be reached at the moment."      "Keep the scan; it is sent again by itself. Tell the administrator if it lasts."
    Internal           "internal"            INTERNAL_SERVER_ERROR "Something went wrong in Tessera."                   "Try once more; tell the administrator the time if it happens again."
}

/// A problem: its code, a detail for the client, and its cause for the log.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    cause: Option<Cause>,
}

#[derive(Debug)]
enum Cause {
    Database(diesel::result::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

impl Problem {
    /// A problem with a detail that names the offending input, in plain words, without a patient's data.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), cause: None }
    }

    /// The same problem with its cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(Cause::Other(cause.into()));
        self
    }

    /// An input that cannot be used.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidInput, detail)
    }

    /// A record that is not there.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("There is no {what}."))
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its detail.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The database's own error, where that is the cause.
    pub fn cause(&self) -> Option<&diesel::result::Error> {
        match &self.cause {
            Some(Cause::Database(error)) => Some(error),
            _ => None,
        }
    }

    /// Writes a problem of ours (not of the client's) to the log, with its cause.
    pub fn log(&self) {
        if self.code.status().is_server_error() {
            match &self.cause {
                Some(Cause::Database(cause)) => {
                    tracing::error!(code = self.code.word(), detail = self.detail, %cause, "request failed");
                }
                Some(Cause::Other(cause)) => {
                    tracing::error!(code = self.code.word(), detail = self.detail, %cause, "request failed");
                }
                None => tracing::error!(code = self.code.word(), detail = self.detail, "request failed"),
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.code.title(), self.detail, self.code.action())
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.cause {
            Some(Cause::Database(error)) => Some(error),
            Some(Cause::Other(error)) => Some(error.as_ref()),
            None => None,
        }
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        let (code, detail) = match &error {
            diesel::result::Error::NotFound => (Code::NotFound, "The record is not in the registry."),
            diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::ClosedConnection, _) => {
                (Code::StorageUnavailable, "The database went away.")
            }
            _ => (Code::Internal, "The database refused the change or the question."),
        };
        Self { code, detail: detail.to_owned(), cause: Some(Cause::Database(error)) }
    }
}

/// Problem details as sent (RFC 9457), with the stable code and what to do as members of our own.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Names the code's documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence, the same for each code.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is the matter this time.
    pub detail: String,
    /// The stable code.
    pub code: &'static str,
    /// What to do now.
    pub action: &'static str,
}

impl From<&Problem> for ProblemDetails {
    fn from(problem: &Problem) -> Self {
        Self {
            kind: format!("/problems#{}", problem.code.word()),
            title: problem.code.title(),
            status: problem.code.status().as_u16(),
            detail: problem.detail.clone(),
            code: problem.code.word(),
            action: problem.code.action(),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let body = serde_json::to_string(&ProblemDetails::from(self)).unwrap_or_default();
        HttpResponse::build(self.code.status()).content_type("application/problem+json").body(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_word_and_says_what_to_do() {
        let words: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
            assert!(code.title().ends_with('.') && code.action().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn the_cause_is_never_sent() {
        let problem = Problem::new(Code::Internal, "Something.").because("password=secret");
        let sent = serde_json::to_string(&ProblemDetails::from(&problem)).unwrap();
        assert!(!sent.contains("secret"));
    }
}
