//! Products and the identifiers they are known by.

pub mod model;
