//! Products and the identifiers they are known by.
//!
//! Reach for [`store::by_identifier`] with what a scan says, and for [`import`] with a maker's list.

pub mod api;
pub mod attributes;
pub mod import;
pub mod makers;
pub mod model;
pub mod store;
#[cfg(test)]
mod tests;

pub use model::{Agency, NewProduct, Product, ProductId};
