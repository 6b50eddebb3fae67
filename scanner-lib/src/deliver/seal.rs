//! The key of an outbox: what lies on the disk can be read only with it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::folder;

/// Bytes of a nonce, which stands before the ciphertext.
const NONCE: usize = 24;

/// Seals and opens what an outbox holds.
pub(super) struct SealKey(XChaCha20Poly1305);

/// Why there is no key.
#[derive(Debug)]
pub(super) enum NoKey {
    /// Not 64 hexadecimal digits.
    Malformed,
    /// The file cannot be read or made.
    Io(io::Error),
}

impl From<io::Error> for NoKey {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// A key from its 64 hexadecimal digits.
    pub(super) fn from_hex(text: &str) -> Result<Self, NoKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *bytes).map_err(|_| NoKey::Malformed)?;
        Ok(Self(XChaCha20Poly1305::new((&*bytes).into())))
    }

    /// The key in a file.
    pub(super) fn read(file: &Path) -> Result<Self, NoKey> {
        Self::from_hex(&Zeroizing::new(fs::read_to_string(file)?))
    }

    /// The key in a file, which is made where there is none. Of several programs that do so at once, one wins and all
    /// get its key; when this returns, the key is on the disk.
    pub(super) fn read_or_create(file: &Path) -> Result<Self, NoKey> {
        if file.exists() {
            return Self::read(file);
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *bytes).map_err(io::Error::other)?;
        let draft = file.with_extension(format!("key-{}", uuid::Uuid::now_v7().simple()));
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        writeln!(out, "{}", &*Zeroizing::new(hex::encode(*bytes)))?;
        out.sync_all()?;
        // A link, not a rename: it never replaces a key that something may already be sealed with.
        let linked = fs::hard_link(&draft, file);
        fs::remove_file(&draft)?;
        if let Err(error) = linked
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error.into());
        }
        folder::sync_around(file)?;
        Self::read(file)
    }

    /// Encrypts under a new nonce. The same `context` opens it again, and no other: a body moved to another row does not
    /// open there.
    pub(super) fn seal(&self, plain: &[u8], context: &str) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .map_err(|_| io::Error::other("too long to be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts; `None` for another key, another context, or bytes that were changed.
    pub(super) fn open(&self, sealed: &[u8], context: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, message) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: message, aad: context.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let key = SealKey::from_hex(&"5e".repeat(32)).unwrap();
        let sealed = key.seal(b"9434765919", "scan 1").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"9434"));
        assert_eq!(**key.open(&sealed, "scan 1").unwrap(), *b"9434765919");
        assert!(key.open(&sealed, "scan 2").is_none());
        assert!(key.open(&sealed[..9], "scan 1").is_none());
        assert!(SealKey::from_hex(&"5f".repeat(32)).unwrap().open(&sealed, "scan 1").is_none());
        assert!(matches!(SealKey::from_hex("5e"), Err(NoKey::Malformed)));
    }

    #[test]
    fn a_new_key_is_its_owners_alone_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outbox.db.key");
        let sealed = SealKey::read_or_create(&file).unwrap().seal(b"x", "y").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(SealKey::read_or_create(&file).unwrap().open(&sealed, "y").is_some());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn of_many_programs_one_makes_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outbox.db.key");
        let sealed: Vec<_> = std::thread::scope(|scope| {
            let many: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SealKey::read_or_create(&file).unwrap().seal(b"x", "y").unwrap()))
                .collect();
            many.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let key = SealKey::read(&file).unwrap();
        assert!(sealed.iter().all(|sealed| key.open(sealed, "y").is_some()));
    }
}
