//! Session tokens: 256 random bits, of which the database holds only the hash.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{Code, Problem};

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "tessera_session";

/// A session's secret.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// [`Code::Internal`] where the system gives no randomness.
    pub fn new() -> Result<Self, Problem> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Problem::new(Code::Internal, "The system gives no randomness.").because(error))?;
        Ok(Self(SecretString::from(hex::encode(bytes))))
    }

    /// One that a client sent; whether it is a session's only the database knows.
    pub fn received(text: &str) -> Self {
        Self(SecretString::from(text.to_owned()))
    }

    /// The text for the client.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the database holds.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.reveal().as_bytes()).to_vec()
    }

    /// The token that pages send back with each change, to show that the change came from them.
    pub fn cross_site_token(&self) -> String {
        let mut mac = <Hmac<Sha256>>::new_from_slice(self.reveal().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(b"tessera cross-site token");
        hex::encode(mac.finalize().into_bytes())
    }

    /// Whether `sent` is this session's cross-site token.
    pub fn is_cross_site_token(&self, sent: &str) -> bool {
        self.cross_site_token().as_bytes().ct_eq(sent.as_bytes()).into()
    }
}
