//! Named questions that join several concepts. They read; they never write.

pub mod affected;
pub mod cohort;
pub mod drill;
pub mod implants;
pub mod linkable;
pub mod pack_scans;
pub mod people;
pub mod period;
pub mod procedure_outcomes;
pub mod quality;
