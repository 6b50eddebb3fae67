//! What can be wrong with an outbox, and what to do about it.

use uuid::Uuid;

use super::table::VERSION;

/// Holds the outbox's key, before any file is looked for.
pub(super) const KEY_VARIABLE: &str = "TESSERA_OUTBOX_KEY";

/// What is wrong with an outbox. After any of these, nothing was kept that was not kept before.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The file or its folder cannot be made or read.
    #[error("the outbox {file} cannot be used: {error}; check the disk and who may write there")]
    File {
        /// The outbox.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// SQLite will not open, read or write it.
    #[error("the outbox {file} cannot be used: {error}; check the disk (is it full?)")]
    Sql {
        /// The outbox.
        file: String,
        /// Why.
        error: String,
    },
    /// The file system cannot give what durability needs.
    #[error(
        "the outbox {file} lies where SQLite cannot keep it durable (journal mode {found}); put it on a local disk"
    )]
    NotDurable {
        /// The outbox.
        file: String,
        /// The journal mode that SQLite fell back to.
        found: String,
    },
    /// A newer version of this program made it.
    #[error("the outbox {file} is of version {found}, this program knows {VERSION}; install the newer program")]
    Newer {
        /// The outbox.
        file: String,
        /// Its version.
        found: i32,
    },
    /// There is an outbox but no key to it.
    #[error("the key of the outbox {file} is missing; put back {file}.key or set {KEY_VARIABLE}")]
    KeyMissing {
        /// The outbox.
        file: String,
    },
    /// The key is not one.
    #[error("the key of the outbox {file} is not 64 hexadecimal digits (in {KEY_VARIABLE} or {file}.key)")]
    KeyMalformed {
        /// The outbox.
        file: String,
    },
    /// The key is of another outbox.
    #[error("the outbox {file} was sealed with another key than the one given (in {KEY_VARIABLE} or {file}.key)")]
    WrongKey {
        /// The outbox.
        file: String,
    },
    /// The id was already used for something else.
    #[error("the id {0} was already used for another message; the first one stays")]
    IdReused(Uuid),
    /// There is no such message.
    #[error("the outbox holds no refused message {0}; `tessera-scan status` lists them")]
    NotRefused(Uuid),
}
