//! Alerts: what changed about a recall after people had begun to act on it, kept until somebody takes it.
//!
//! A scan, an offline scan that is delivered late, a corrected record, packs that come in and an amended notice are held against the
//! active recalls in the transaction that records them ([`evaluate`]), so that nothing waits for a nightly run.

pub mod api;
pub mod evaluate;
pub mod model;
pub mod page;
pub mod store;
#[cfg(test)]
mod tests;
