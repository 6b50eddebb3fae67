//! A product and its identifiers.

crate::record_id! {
    /// One product: a device at the level of its maker's catalogue number.
    ProductId
}
