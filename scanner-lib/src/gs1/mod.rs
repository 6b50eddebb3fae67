//! The GS1 language: application identifiers, element strings, keys and dates.
pub mod check;
pub mod date;
pub mod dictionary;
pub mod element_string;
#[cfg(feature = "rfid")]
pub mod epc;
pub mod keys;
pub mod linters;
pub mod reading;
