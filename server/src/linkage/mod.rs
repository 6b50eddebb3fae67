//! Outcomes that others recorded: extracts of hospital episodes, deaths and reported scores, matched to the implants of this registry.
//!
//! A [`mapping`] says which column means what; [`reading`] turns a file into lines. Whose a line is, is known by the pseudonym of its
//! number. [`matching`] decides, purely, whether a line belongs to one implant or one procedure for certain; what does not waits for a
//! person, and nothing is guessed and nothing dropped. The same file again changes nothing.

pub mod api;
pub mod mapping;
pub mod matching;
pub mod model;
pub mod pages;
pub mod reading;
pub mod store;
#[cfg(test)]
mod tests;
