//! Signals: devices that stand out by a published rule, kept as records with their evidence, history, owner and state.
//!
//! [`judge`] holds every device against its group by every rule, from a snapshot; [`store::apply`] turns what it finds into records: a
//! signal is raised once, its evidence follows the registry, and it is told when its rule is no longer met. A person decides what
//! it means. It runs every night and whenever somebody asks.

pub mod api;
pub mod judge;
pub mod model;
pub mod monitors;
pub mod nightly;
pub mod pages;
pub mod store;
#[cfg(test)]
mod tests;
