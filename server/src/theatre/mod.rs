//! The point of care: procedures, scans, and what happened to each device.
//!
//! A scan is kept before it is understood ([`scans`]); what it says of a device is judged ([`judgement`]) and becomes a
//! device use ([`device_uses`]) of its procedure ([`procedures`]).

pub mod acknowledgements;
pub mod again;
pub mod api;
mod arrival;
pub mod calibration;
pub mod case_pages;
pub mod checks;
pub mod device_list;
pub mod device_uses;
pub mod joining;
pub mod judgement;
pub mod marks;
pub mod model;
pub mod offline;
pub mod opcs4;
pub mod organisations;
pub mod override_claims;
pub mod override_follow_ups;
pub mod overrides;
pub mod pages;
pub mod photo;
pub mod plans;
pub mod procedures;
pub mod record;
pub mod scan_quality;
pub mod scan_quality_pages;
pub mod scanners;
pub mod scans;
pub mod snapshot;
pub mod team;
pub mod trays;
pub mod unknown;
pub mod unknown_pages;

#[cfg(test)]
mod case_tests;
#[cfg(test)]
mod fit_tests;
#[cfg(test)]
mod joining_tests;
#[cfg(test)]
mod second_person_tests;
#[cfg(test)]
mod snapshot_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unknown_tests;
