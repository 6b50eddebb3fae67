//! Light on an implant pack becomes a UDI you can trust, delivered without loss.
//!
//! Reach for [`symbol`] with a picture, [`handheld`] with keystrokes, [`label`] to make one [`udi::Udi`] of all the
//! barcodes on a pack, [`verdict`] to ask whether the device may be implanted, [`recall_match`] to hold a device use
//! against a recall, [`snapshot`] to judge without the registry, [`explain`] with anything that somebody pasted, and `deliver` to get a scan to the registry whatever happens to the network or the power.
//!
//! Everything but `deliver`, `source` and the program is pure: no clock, file, network or database, and no panic on
//! any bytes, so that the same code runs on the server, in theatre and in the browser. The agencies' languages and the
//! types that they give ([`gs1`], [`hibc`], [`isbt128`], [`ppn`], [`udi`], [`identifiers`], [`finding`]) use no more than
//! `core` and `alloc`, and clippy holds them to it.

extern crate alloc;

pub mod explain;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod finding;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod gs1;
pub mod handheld;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod hibc;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod identifiers;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod isbt128;
pub mod label;
mod ordering;
mod plain_words;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod ppn;
pub mod practice;
pub mod recall_match;
pub mod recall_notice;
pub mod snapshot;
#[warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
pub mod udi;
pub mod verdict;

#[cfg(feature = "deliver")]
pub mod deliver;
#[cfg(feature = "sources")]
pub mod source;
#[cfg(feature = "symbol")]
pub mod symbol;
