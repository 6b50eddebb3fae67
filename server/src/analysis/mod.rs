//! Outcomes by device: pure functions over columns.
//!
//! Nothing in this room knows SQL, HTTP or the clock. Rows come in as [`cohort::ImplantRow`]s or as
//! [`life_table::Observation`]s, curves and rates go out. Which file for which question:
//!
//! - [`cohort`]: the registry as columns, clustered by device, with a content hash
//! - [`life_table`]: who was at risk, and what happened, at each distinct time
//! - [`survival`]: Kaplan–Meier, cumulative percent revision, intervals
//! - [`competing`]: Aalen–Johansen, where death takes patients before a revision can
//! - [`logrank`]: do two groups differ?
//! - [`rates`]: exact Poisson and binomial intervals, funnel limits
//! - [`signals`]: the outlier rules of the NJR and the AOANJRR
//! - [`chart`]: the curve as an SVG
//! - [`command`]: `tessera analyse`, the same estimators on a CSV file

pub mod chance;
pub mod chart;
pub mod cohort;
pub mod command;
pub mod competing;
pub mod cox;
pub mod cusum;
pub mod finegray;
pub mod funnel;
pub mod gray;
pub mod life_table;
pub mod logrank;
pub mod matrix;
pub mod proms;
pub mod rates;
pub mod signals;
pub mod survival;
pub mod vector;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod truth;
