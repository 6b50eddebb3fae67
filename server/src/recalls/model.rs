//! Recall notices and their criteria.

crate::record_id! {
    /// One recall notice.
    RecallId
}
