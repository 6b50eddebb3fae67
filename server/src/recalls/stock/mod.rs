//! Stock: which packs lie where, and which of them are quarantined.

pub mod api;
pub mod model;
pub mod store;
