//! Sealed patient identity.
//!
//! A patient is an internal id. Identifiers (NHS number, CHI, local, temporary) are kept as keyed-hash pseudonyms, to find
//! a patient by, and encrypted beside them, to be opened by the few who may; so are the demographics. The key is never in
//! the database. Two patients who turn out to be one person are linked, and un-linked again if that was wrong; neither
//! record is changed by it.

pub mod api;
pub mod keys;
pub mod links;
pub mod model;
pub mod store;
