//! What people do about a recall, from asking the sites to the signature at the end.
//!
//! A recall goes through [`stage`]s. Each [`site`] acknowledges by a day; its shelves are searched and every pack is scanned
//! ([`shelf_scan`], [`finding`]); the patient list is frozen as it stood at a moment ([`model`]) and held against the [`live`]
//! one; patients are written to ([`letter`], [`merge`]) and every attempt to reach them is kept. [`picture`] gathers all of it,
//! [`opening`] says what is left, [`sign_off`] refuses while anything is, [`report`] tells the Central Alerting System.

pub mod api;
pub mod chase;
pub mod conduct_api;
#[cfg(test)]
mod conduct_tests;
pub mod contacts_page;
pub mod finding;
pub mod findings;
pub mod letter;
pub mod letters;
pub mod letters_api;
pub mod lists_page;
pub mod live;
pub mod merge;
pub mod model;
pub mod opening;
pub mod picture;
pub mod progress_page;
pub mod quarantine_page;
pub mod report;
pub mod shelf_api;
pub mod shelf_scan;
pub mod sign_off;
pub mod site;
pub mod stage;
pub mod store;
#[cfg(test)]
mod tests;
