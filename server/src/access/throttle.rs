//! Sign-in tries are counted, by user name and by address.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Code, Problem};

/// Counts sign-in tries.
#[derive(Debug)]
pub struct SignInThrottle {
    by_username: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
}

impl SignInThrottle {
    /// Allows this many tries a minute for one user name, and five times as many from one address (a ward shares one).
    pub fn new(tries_a_minute: u32) -> Self {
        let tries = NonZeroU32::new(tries_a_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            by_username: RateLimiter::keyed(Quota::per_minute(tries)),
            by_address: RateLimiter::keyed(Quota::per_minute(tries.saturating_mul(NonZeroU32::MIN.saturating_add(4)))),
        }
    }

    /// Counts one try.
    ///
    /// # Errors
    /// [`Code::TooManyTries`].
    pub fn count(&self, username: &str, address: Option<IpAddr>) -> Result<(), Problem> {
        let by_username = self.by_username.check_key(&username.to_lowercase()).is_ok();
        let by_address = address.is_none_or(|address| self.by_address.check_key(&address).is_ok());
        if by_username && by_address {
            Ok(())
        } else {
            Err(Problem::new(Code::TooManyTries, "There were too many tries to sign in."))
        }
    }

    /// Forgets keys that have been quiet, so that made-up user names do not fill the memory.
    pub fn forget_quiet(&self) {
        self.by_username.retain_recent();
        self.by_address.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tries_of_one_name_run_out_whatever_its_case() {
        let throttle = SignInThrottle::new(2);
        assert!(throttle.count("Nina", None).is_ok());
        assert!(throttle.count("nina", None).is_ok());
        assert_eq!(throttle.count("NINA", None).unwrap_err().code(), Code::TooManyTries);
        assert!(throttle.count("omar", None).is_ok());
    }
}
