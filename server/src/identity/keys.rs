//! The key that seals identities, and what is done with it.

use std::fmt;
use std::path::Path;

use chacha20poly1305::aead::{Aead as _, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Code, Problem};

/// Bytes of a nonce, which stands before the ciphertext.
const NONCE: usize = 24;

/// A keyed hash of an identifier (HMAC-SHA256): the same identifier always gives the same pseudonym, and without the key
/// nobody can tell whose it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 32]);

impl Pseudonym {
    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonym({})", hex::encode(&self.0[..4]))
    }
}

/// Seals and opens identities. Both working keys are derived from one master key, so that neither tells of the other.
#[derive(Clone)]
pub struct IdentityKeys {
    pseudonym: Hmac<Sha256>,
    sealing: XChaCha20Poly1305,
}

impl fmt::Debug for IdentityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKeys(…)")
    }
}

impl IdentityKeys {
    /// From a master key of 32 bytes.
    pub fn new(master: &[u8; 32]) -> Self {
        let derive = |purpose: &str| -> Zeroizing<[u8; 32]> {
            let mut mac = keyed(master);
            mac.update(purpose.as_bytes());
            Zeroizing::new(mac.finalize().into_bytes().into())
        };
        let sealing = derive("tessera: seal identities, version 1");
        Self {
            pseudonym: keyed(&*derive("tessera: pseudonyms, version 1")),
            sealing: XChaCha20Poly1305::new((&*sealing).into()),
        }
    }

    /// From `TESSERA_IDENTITY_KEY`, else from the file.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where neither is there or it is not 64 hexadecimal digits.
    pub fn load(file: Option<&Path>) -> Result<Self, Problem> {
        let text = match (std::env::var("TESSERA_IDENTITY_KEY"), file) {
            (Ok(text), _) => text,
            (Err(_), Some(file)) => std::fs::read_to_string(file).map_err(|error| {
                Problem::invalid(format!("The key file {} cannot be read.", file.display())).because(error)
            })?,
            (Err(_), None) => {
                return Err(Problem::invalid(
                    "There is no key to seal identities with: name a file with --key-file or set TESSERA_IDENTITY_KEY \
                     (make one with `openssl rand -hex 32`, keep it apart from the database, and back it up).",
                ));
            }
        };
        let text = Zeroizing::new(text);
        let mut master = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *master)
            .map_err(|_| Problem::invalid("The key that seals identities is not 64 hexadecimal digits."))?;
        Ok(Self::new(&master))
    }

    /// The pseudonym of an identifier: its kind, who assigned it, and its normalised text.
    pub fn pseudonym(&self, kind: &str, assigner: &str, identifier: &str) -> Pseudonym {
        let mut mac = self.pseudonym.clone();
        for part in [kind, assigner, identifier] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Pseudonym(mac.finalize().into_bytes().into())
    }

    /// Encrypts under a new nonce. `context` (such as the record's id) must be given again to open it, so that a sealed
    /// value copied to another record does not open there.
    ///
    /// # Errors
    /// [`Code::Internal`] where the system gives no randomness.
    pub fn seal(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, Problem> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)
            .map_err(|error| Problem::new(Code::Internal, "The system gives no randomness.").because(error))?;
        let sealed = self
            .sealing
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
            .map_err(|_| Problem::new(Code::Internal, "An identity could not be sealed."))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`IdentityKeys::seal`] made.
    ///
    /// # Errors
    /// [`Code::Internal`] where it was made under another key or for another record, or was changed.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let refused = || {
            Problem::new(Code::Internal, "A sealed identity cannot be opened: another key, or the record was changed.")
        };
        let (nonce, message) = sealed.split_at_checked(NONCE).ok_or_else(refused)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| refused())?;
        self.sealing
            .decrypt(&XNonce::from(nonce), Payload { msg: message, aad: context })
            .map(Zeroizing::new)
            .map_err(|_| refused())
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Writes a new random key to a file that only its owner can read; for demonstrations and first set-up.
///
/// # Errors
/// [`Code::Internal`] where there is a file already or it cannot be written.
pub fn create_key_file(file: &Path) -> Result<(), Problem> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Problem::new(Code::Internal, format!("The key file {} could not be made.", file.display())).because(error)
    };
    let mut master = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *master).map_err(|error| failed(error.into()))?;
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(|error| failed(error.into()))?;
    writeln!(out, "{}", &*Zeroizing::new(hex::encode(master.as_slice())))
        .and_then(|()| out.sync_all())
        .map_err(|error| failed(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let keys = IdentityKeys::new(&[7; 32]);
        let sealed = keys.seal(b"9434765919", b"patient 1").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"9434"));
        assert_eq!(*keys.open(&sealed, b"patient 1").unwrap(), b"9434765919");
        assert!(keys.open(&sealed, b"patient 2").is_err());
        assert!(IdentityKeys::new(&[8; 32]).open(&sealed, b"patient 1").is_err());
        assert!(keys.open(&sealed[..10], b"patient 1").is_err());
    }

    #[test]
    fn pseudonyms_are_stable_and_keyed() {
        let keys = IdentityKeys::new(&[7; 32]);
        assert_eq!(keys.pseudonym("nhs", "", "9434765919"), keys.pseudonym("nhs", "", "9434765919"));
        assert_ne!(keys.pseudonym("nhs", "", "9434765919"), keys.pseudonym("nhs", "9", "434765919"));
        assert_ne!(keys.pseudonym("nhs", "", "1"), IdentityKeys::new(&[8; 32]).pseudonym("nhs", "", "1"));
    }
}
