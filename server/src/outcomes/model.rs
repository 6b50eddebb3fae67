//! Outcomes.

crate::record_id! {
    /// One outcome.
    OutcomeId
}
