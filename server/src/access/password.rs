//! Passwords, hashed with Argon2id.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::error::{Code, Problem};

/// A password as typed; never printed.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Password(SecretString);

/// A password's Argon2id hash as a PHC string.
#[derive(Clone, Debug)]
pub struct PasswordHash(String);

/// Fewest characters of a new password (NIST SP 800-63B-4, section 3.1.1.2, with a second factor or none: we ask for more
/// than its minimum of eight and demand no special characters).
const SHORTEST: usize = 12;
/// Longest taken, so that hashing cannot be made to cost without bound.
const LONGEST: usize = 256;

impl Password {
    /// Takes a new password.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where it is too short or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, Problem> {
        let text = text.into();
        if (SHORTEST..=LONGEST).contains(&text.chars().count()) {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(Problem::invalid(format!("A password has {SHORTEST} to {LONGEST} characters.")))
        }
    }

    /// What was typed, of whatever length: the rules of a PIN are its own.
    pub(super) fn as_typed(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// Hashes it with a new salt. Takes tens of milliseconds: not for the event loop.
    ///
    /// # Errors
    /// [`Code::Internal`] where the system gives no randomness.
    pub fn hash(&self) -> Result<PasswordHash, Problem> {
        Argon2::default()
            .hash_password(self.0.expose_secret().as_bytes())
            .map(|hash| PasswordHash(hash.to_string()))
            .map_err(|error| Problem::new(Code::Internal, "The password could not be hashed.").because(error))
    }

    /// Whether it is the password of this hash. With no hash (no such user) it takes as long and answers no, so that the
    /// time does not tell which user names exist.
    pub fn is_of(&self, hash: Option<&PasswordHash>) -> bool {
        /// A hash of a password nobody has, with the default parameters.
        const NOBODY: &str =
            "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let text = hash.map_or(NOBODY, |hash| hash.0.as_str());
        if self.0.expose_secret().len() > 4 * LONGEST {
            return false;
        }
        let matches = Phc::new(text)
            .is_ok_and(|parsed| Argon2::default().verify_password(self.0.expose_secret().as_bytes(), &parsed).is_ok());
        matches && hash.is_some()
    }
}

impl PasswordHash {
    /// The PHC string for the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_opens() {
        let password = Password::new("correct horse battery").unwrap();
        let hash = password.hash().unwrap();
        assert!(hash.as_str().starts_with("$argon2id$"));
        assert!(password.is_of(Some(&hash)));
        assert!(!Password::new("correct horse batterz").unwrap().is_of(Some(&hash)));
        assert!(!password.is_of(None));
    }

    #[test]
    fn short_ones_are_refused_and_none_is_printed() {
        assert!(Password::new("short").is_err());
        assert!(!format!("{:?}", Password::new("a long enough one").unwrap()).contains("long enough"));
    }
}
