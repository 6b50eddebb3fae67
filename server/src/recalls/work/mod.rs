//! What people do about a recall: the patient list as it stood at a moment, and who was reached.

pub mod api;
pub mod model;
pub mod store;
#[cfg(test)]
mod tests;
