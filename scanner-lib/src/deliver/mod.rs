//! Gets a scan to the registry whatever happens to the network, the server or the power.
//!
//! Reach for [`Outbox::keep`] as soon as something was scanned: when it returns, the scan is on the disk and may be
//! acknowledged. Reach for [`Courier`] to send what waits, now or for as long as the program runs.
//!
//! ```text
//! Scan ─► Message (id and exact bytes, made once) ─► Outbox::keep (fsync) ─► "kept" ─► Courier ─► Client ─► registry
//! ```
//!
//! What is promised:
//! - What was kept is sent until the registry has it, in the order in which it was kept. Nothing is dropped: what the
//!   registry refuses stays in the outbox, with its reason, until a person has looked.
//! - It may be sent twice (a crash between the registry's commit and ours, two programs on one outbox): the id and the
//!   bytes are the same each time, so the registry answers with the record that it has.
//! - Wristband and badge scans hold identities, and which of the scans those are is for the registry to say. So every
//!   body and every answer is encrypted on the disk (XChaCha20-Poly1305) under a key in `TESSERA_OUTBOX_KEY` or in a file
//!   beside the outbox that only its owner may read. No body is ever in a log or in a `Debug` text.

mod client;
mod courier;
mod destination;
mod error;
mod folder;
mod item;
mod message;
mod outbox;
mod seal;
#[cfg(test)]
mod stub;
mod table;

pub use client::{Client, Refusal, Reply, Trouble};
pub use courier::{Backoff, Courier, Pass, Settled};
pub use destination::{BadDestination, ServerUrl, Token};
pub use error::OutboxError;
pub use item::{Item, State, Tally};
pub use message::{Endpoint, Message, Scan, ScannedSymbol};
pub use outbox::Outbox;
