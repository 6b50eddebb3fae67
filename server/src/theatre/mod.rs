//! The point of care: procedures, scans, and what happened to each device.

pub mod model;
pub mod organisations;
pub mod procedures;
