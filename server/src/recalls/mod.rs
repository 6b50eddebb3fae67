//! Recalls: notices, what they cover, which stock and which patients they concern.
//!
//! Prose is read into a [`draft`] that a person changes. A notice is entered, confirmed by a second person, and then acts: theatres stop on it, stock that matches for certain is
//! quarantined, patients are found. [`stock`] is what lies on the shelves.

pub mod alerts;
pub mod amendments;
pub mod api;
pub mod criteria;
pub mod draft;
pub mod drill;
#[cfg(test)]
mod drill_tests;
pub mod export;
pub mod figures;
pub mod gudid;
pub mod listing;
pub mod meant;
pub mod model;
pub mod openfda;
pub mod pages;
#[cfg(test)]
mod patient_tests;
pub mod quarantine;
pub mod question;
pub mod reading;
pub mod recall_page;
pub mod stock;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tier_tests;
pub mod work;
