//! PINs: short, so they are only good together with a badge and with few tries.

use serde::Deserialize;

use super::Password;
use super::PasswordHash;
use crate::error::Problem;

/// Wrong PINs in a row until a badge is locked.
pub const TRIES: i32 = 5;
/// How long it is locked then, in minutes.
pub const LOCKED_MINUTES: i64 = 15;
/// Fewest digits of a new PIN (NIST SP 800-63B-4, section 3.1.1.2: at least six where the secret is digits).
const SHORTEST: usize = 6;
/// Most digits of a PIN.
const LONGEST: usize = 12;

/// A PIN as typed; never printed.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Pin(Password);

impl Pin {
    /// Takes a new PIN: digits, not all the same and not counted up or down.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), saying what is wanted.
    pub fn new(text: &str) -> Result<Self, Problem> {
        let digits = text.as_bytes();
        if !digits.iter().all(u8::is_ascii_digit) || !(SHORTEST..=LONGEST).contains(&digits.len()) {
            return Err(Problem::invalid(format!("A PIN has {SHORTEST} to {LONGEST} digits and nothing else.")));
        }
        let steps = |step: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step);
        if steps(0) || steps(1) || steps(-1) {
            return Err(Problem::invalid(
                "This PIN is too easy to guess: choose digits that do not count up or repeat.",
            ));
        }
        Ok(Self(Password::as_typed(text)))
    }

    /// Hashes it with a new salt. Takes tens of milliseconds: not for the event loop.
    ///
    /// # Errors
    /// Those of [`Password::hash`].
    pub fn hash(&self) -> Result<PasswordHash, Problem> {
        self.0.hash()
    }

    /// Whether it is the PIN of this hash; takes as long with no hash.
    pub fn is_of(&self, hash: Option<&PasswordHash>) -> bool {
        self.0.is_of(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_pins_are_refused() {
        for easy in ["000000", "123456", "987654", "12345", "1234567890123", "12a456", "", "４８２７１６"] {
            assert!(Pin::new(easy).is_err(), "{easy}");
        }
        let pin = Pin::new("482716").unwrap();
        assert!(pin.is_of(Some(&pin.hash().unwrap())));
        assert!(!Pin::new("482717").unwrap().is_of(Some(&pin.hash().unwrap())));
        assert!(!format!("{pin:?}").contains("482716"));
    }
}
