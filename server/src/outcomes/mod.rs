//! What became of patients and devices: revisions, deaths, complications, patient-reported scores.
//!
//! Outcomes are append-only: a correction or a withdrawal supersedes, with a reason. A revision names the devices that it took
//! out ([`store::record`] ends their life); one whose device the registry does not know is kept and counted as unlinked.

pub mod api;
pub mod by_procedure;
mod by_procedure_seen;
pub mod comparator;
pub mod curve;
pub mod curve_now;
pub mod device_page;
pub mod device_tables;
pub mod form;
pub mod model;
pub mod pages;
pub mod record_page;
pub mod scores;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use model::{NewOutcome, OutcomeId};
