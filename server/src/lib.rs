//! The registry: it records which device went into which patient, finds them again when a device is recalled, and tells
//! how long devices last.
//!
//! Each folder that holds a concept has three rooms: `model` (types and rules), `store` (its queries), `api` (thin handlers).

pub mod access;
pub mod analysis;
pub mod application;
pub mod audit;
pub mod catalogue;
pub mod cohorts;
pub mod config;
pub mod demonstration;
pub mod error;
pub mod explain;
pub mod health;
pub mod identity;
pub mod import;
pub mod linkage;
pub mod metrics;
pub mod notifications;
pub mod odep;
pub mod once;
pub mod outcomes;
pub mod parquet;
pub mod practice;
pub mod recalls;
pub mod routes;
pub mod signals;
pub mod small_numbers;
pub mod spreadsheet;
pub mod store;
pub mod theatre;
pub mod web;
