//! Patients.

crate::record_id! {
    /// One patient, as this registry knows them.
    PatientId
}

crate::record_id! {
    /// One link between two patients who are the same person.
    LinkId
}
