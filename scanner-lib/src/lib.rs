//! Light on an implant pack becomes a UDI you can trust, delivered without loss.
//!
//! Reach for [`symbol`] with a picture, [`handheld`] with keystrokes, [`label`] to make one [`udi::Udi`] of all the
//! barcodes on a pack, [`verdict`] to ask whether the device may be implanted, [`recall_match`] to hold a device use
//! against a recall, [`explain`] with anything that somebody pasted, and `deliver` to get a scan to the registry whatever happens to the network or the power.
//!
//! Everything but `deliver`, `source` and the program is pure: no clock, file, network or database, and no panic on
//! any bytes, so that the same code runs on the server, in theatre and in the browser.

pub mod explain;
pub mod finding;
pub mod gs1;
pub mod handheld;
pub mod hibc;
pub mod identifiers;
pub mod isbt128;
pub mod label;
mod plain_words;
pub mod ppn;
pub mod recall_match;
pub mod recall_notice;
pub mod udi;
pub mod verdict;

#[cfg(feature = "deliver")]
pub mod deliver;
#[cfg(feature = "sources")]
pub mod source;
#[cfg(feature = "symbol")]
pub mod symbol;
