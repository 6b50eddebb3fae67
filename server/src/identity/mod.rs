//! Sealed patient identity.
//!
//! A patient is an internal id. Identifiers (NHS number, CHI, local, temporary) are kept as keyed-hash pseudonyms, to find
//! a patient by, and encrypted beside them, to be opened by the few who may; so are the demographics. The key is never in
//! the database.

pub mod keys;
pub mod model;
