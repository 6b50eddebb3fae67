//! Filling a registry in bulk: millions of device uses in minutes, on either engine.
//!
//! Reach for it to load a registry that has no patients yet: a synthetic one to try and to measure with
//! ([`synthetic::import`]). What is recorded in theatre goes through [`crate::theatre`], one acknowledged change at a time; here
//! rows go in by the hundred thousand, with indexes and references dropped before and rebuilt, and so checked, after.

mod postgres;
mod rows;
mod sqlite;
mod sqlite_apart;
pub mod synthetic;

#[cfg(test)]
mod tests;
