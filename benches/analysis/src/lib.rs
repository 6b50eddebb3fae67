//! The analysis room of the server, by itself.

#[path = "../../../server/src/analysis/mod.rs"]
pub mod analysis;
