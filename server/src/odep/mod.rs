//! ODEP ratings (Orthopaedic Data Evaluation Panel): as published, entered by device, beside the benchmark that the registry's own curves
//! meet or miss.

pub mod api;
pub mod benchmark;
pub mod model;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;
