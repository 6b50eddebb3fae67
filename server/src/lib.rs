//! The registry: it records which device went into which patient, finds them again when a device is recalled, and tells
//! how long devices last.
//!
//! [`app`] builds the web application from a [`config::Config`]; the program and the tests both start it there.
//! Each folder that holds a concept has three rooms: `model` (types and rules), `store` (its queries), `api` (thin handlers).

pub mod error;
pub mod store;
