//! Signatures after Standard Webhooks 1.0 (<https://www.standardwebhooks.com>), for which receivers have ready libraries:
//! HMAC-SHA256 over `id.timestamp.body`, in base64, as `v1,…`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::event::EventId;
use crate::error::{Code, Problem};

/// Bytes of a secret.
const LENGTH: usize = 32;
/// What a secret begins with when it is shown.
const PREFIX: &str = "whsec_";

/// What sender and receiver share.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(sealed)")
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// [`Code::Internal`] where the system gives no randomness.
    pub fn new() -> Result<Self, Problem> {
        let mut bytes = Zeroizing::new(vec![0; LENGTH]);
        getrandom::fill(&mut bytes)
            .map_err(|error| Problem::new(Code::Internal, "The system gives no randomness.").because(error))?;
        Ok(Self(bytes))
    }

    /// As it was kept.
    pub fn kept(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// To be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown, once.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&*self.0))
    }

    /// The signature of one sending; `timestamp` is in seconds since 1970.
    pub fn sign(&self, id: EventId, timestamp: i64, body: &str) -> String {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 has the HMAC; the form of what is signed is held against a signature made by `openssl`:
    /// `printf '%s' 'ID.TIMESTAMP.BODY' | openssl dgst -sha256 -hmac KEY -binary | base64`.
    #[test]
    fn a_signature_is_what_openssl_makes_of_it() {
        let secret = Secret::kept(Zeroizing::new(b"0123456789abcdef0123456789abcdef".to_vec()));
        let id = "01930000-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(
            secret.sign(id, 1_700_000_000, r#"{"type":"test"}"#),
            "v1,weGCiWC4oJgZau/WHQhpZ9AxJ4QeNGPmwPjvzLAe1Eg="
        );
        assert_ne!(secret.sign(id, 1_700_000_001, "{}"), secret.sign(id, 1_700_000_000, "{}"));
        assert_eq!(secret.shown(), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        assert_eq!(format!("{secret:?}"), "Secret(sealed)");
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let (one, other) = (Secret::new().unwrap(), Secret::new().unwrap());
        assert_ne!(one.shown(), other.shown());
        assert_eq!(one.bytes().len(), LENGTH);
    }
}
