//! Procedures, scans and device uses.

crate::record_id! {
    /// One procedure.
    ProcedureId
}

crate::record_id! {
    /// One scan of one pack, wristband or badge.
    ScanId
}

crate::record_id! {
    /// One row of what happened to one device.
    DeviceUseId
}
