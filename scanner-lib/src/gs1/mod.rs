//! The GS1 language: application identifiers, element strings, keys and dates.
pub mod check;
pub mod date;
pub mod keys;
