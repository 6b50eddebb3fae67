//! Cohorts: which implants, by a filter in words; counted, drawn, compared, saved and run again.
//!
//! A [`filter`] names a cohort. It is answered from the latest [`snapshot`] of the registry as columns, or from one that was frozen with
//! it, years ago. Every [`answer`] carries the hash of filter, products and snapshot: the same hash, the same numbers.

pub mod answer;
pub mod api;
pub mod asking;
pub mod comparison;
pub mod comparison_page;
pub mod counts;
pub mod disclosure;
pub mod expectation;
pub mod extract;
mod extract_rows;
pub mod filter;
pub mod league;
pub mod league_page;
pub mod model;
pub mod monitor;
pub mod monitor_continuous;
pub mod monitor_page;
pub mod pages;
pub mod question;
pub mod reckoned;
pub mod snapshot;
pub mod store;
#[cfg(test)]
mod tests;
pub mod totals;
