//! Recalls: notices, what they cover, which stock and which patients they concern.
//!
//! A notice is entered, confirmed by a second person, and then acts: theatres stop on it, stock that matches for certain is
//! quarantined, patients are found. [`stock`] is what lies on the shelves.

pub mod api;
pub mod criteria;
pub mod export;
pub mod model;
pub mod pages;
#[cfg(test)]
mod patient_tests;
mod quarantine;
pub mod recall_page;
pub mod stock;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
