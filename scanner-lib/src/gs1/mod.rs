//! The GS1 language.
pub mod date;
pub mod keys;
