//! What became of patients and devices: revisions, deaths, complications, patient-reported scores.

pub mod model;
