//! Recalls: notices, what they cover, which stock and which patients they concern.

pub mod model;
