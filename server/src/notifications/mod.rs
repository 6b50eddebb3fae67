//! What other systems and people are told of recalls: signed webhooks to a hospital's own systems, e-mail to safety staff.
//!
//! A change [`tell`]s what happened in its own transaction ([`event`]); a job of the server ([`courier`]) spreads each event to the
//! webhooks and addresses that want it, and sends until each was delivered or given up ([`delivery`]). So nothing is told that did not
//! happen, and nothing is forgotten by a server that stops in between. Delivered at least once: the receiver drops doubles by the
//! event's id. No patient is named, not even by a pseudonym. See the decision in `docs/decisions/0039`.

pub mod api;
pub mod courier;
pub mod delivery;
pub mod destination;
pub mod event;
pub mod mail;
pub mod pages;
pub mod post;
pub mod settings;
pub mod signature;
pub mod store;
#[cfg(test)]
mod tests;
pub mod webhook;

pub use event::{EventKind, Happening};
pub use store::tell;
