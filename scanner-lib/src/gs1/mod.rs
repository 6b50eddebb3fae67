//! The GS1 language: application identifiers, element strings, Digital Link URIs, keys and dates.
//!
//! Reach for [`element_string`] with the message of a symbol or the text under it, for [`digital_link`] with a web
//! address, and for [`reading`] for what they tell of a device. Below them lie [`elements`] and the tables, checks and
//! codes it uses: they need only `core` and allocate nothing.

mod associations;
mod bracketed;
pub mod check;
pub mod code;
mod coupon;
pub mod date;
pub mod dictionary;
pub mod digital_link;
pub mod element_string;
pub mod elements;
#[cfg(feature = "rfid")]
pub mod epc;
pub mod keys;
pub mod linters;
pub mod reading;
pub mod scan_data;
mod written;
