//! What the record lacks, counted: reach for it to say how far its figures may be trusted.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::implants::unlinked_revisions;
use super::period::Period;
use crate::error::Problem;
use crate::outcomes::model::OutcomeKind;
use crate::store::AnyConnection;
use crate::store::schema::{device_uses, outcomes, patient_identifiers, patients, procedures};
use crate::theatre::model::Fate;

/// Counts of the record, each with those of them that lack something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Patients.
    pub patients: i64,
    /// Patients without an NHS number: outcomes recorded elsewhere cannot be linked to them.
    pub without_nhs_number: i64,
    /// Patients whose year of birth is not known.
    pub without_birth_year: i64,
    /// Patients whose sex is not known.
    pub without_sex: i64,
    /// Procedures.
    pub procedures: i64,
    /// Procedures without a side.
    pub without_side: i64,
    /// Procedures without an indication.
    pub without_indication: i64,
    /// Devices recorded as implanted, corrected rows among them.
    pub implanted: i64,
    /// Of those: devices that the catalogue does not have.
    pub without_product: i64,
    /// Of those: devices of which neither lot nor serial is known.
    pub without_lot_or_serial: i64,
    /// Revisions.
    pub revisions: i64,
    /// Revisions that name no device of the registry.
    pub unlinked_revisions: i64,
}

/// Counts.
///
/// # Errors
/// Those of the database.
pub fn lacking(connection: &mut AnyConnection) -> Result<Lacking, Problem> {
    let nhs = exists(
        patient_identifiers::table
            .filter(patient_identifiers::patient_id.eq(patients::id))
            .filter(patient_identifiers::kind.eq("nhs")),
    );
    let implanted = || device_uses::table.filter(device_uses::fate.eq(Fate::Implanted));
    Ok(Lacking {
        patients: patients::table.count().get_result(connection)?,
        without_nhs_number: patients::table.filter(not(nhs)).count().get_result(connection)?,
        without_birth_year: patients::table.filter(patients::birth_year.is_null()).count().get_result(connection)?,
        without_sex: patients::table.filter(patients::sex.is_null()).count().get_result(connection)?,
        procedures: procedures::table.count().get_result(connection)?,
        without_side: procedures::table.filter(procedures::side.is_null()).count().get_result(connection)?,
        without_indication: procedures::table
            .filter(procedures::indication.is_null())
            .count()
            .get_result(connection)?,
        implanted: implanted().count().get_result(connection)?,
        without_product: implanted().filter(device_uses::product_id.is_null()).count().get_result(connection)?,
        without_lot_or_serial: implanted()
            .filter(device_uses::lot.is_null().and(device_uses::serial.is_null()))
            .count()
            .get_result(connection)?,
        revisions: outcomes::table
            .filter(outcomes::kind.eq(OutcomeKind::Revision))
            .filter(outcomes::withdrawn.eq(false))
            .count()
            .get_result(connection)?,
        unlinked_revisions: unlinked_revisions(connection, Period::default())?,
    })
}
