//! Amendments: a notice that is published anew covers other devices or lots than before.
//!
//! Somebody enters the whole new list of what it covers; a second person confirms it. Then it takes the place of the old one in one
//! transaction: an alert tells the difference, and every site has to acknowledge again. Stock is set apart after it in short steps. What
//! the notice covered before is kept with the amendment.

pub mod api;
pub mod confirming;
pub mod model;
pub mod page;
pub mod store;
#[cfg(test)]
mod tests;
