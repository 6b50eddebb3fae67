//! What the record lacks, counted: reach for it to say how far its figures may be trusted.

use diesel::dsl::{count, count_star};
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
    // One pass over each table: of many millions each takes seconds.
    let (patients, with_birth_year, with_sex): (i64, i64, i64) = patients::table
        .select((count_star(), count(patients::birth_year), count(patients::sex)))
        .get_result(connection)?;
    let with_nhs_number: i64 = patient_identifiers::table
        .filter(patient_identifiers::kind.eq("nhs"))
        .select(count(patient_identifiers::patient_id).aggregate_distinct())
        .get_result(connection)?;
    let (procedures, with_side, with_indication): (i64, i64, i64) = procedures::table
        .select((count_star(), count(procedures::side), count(procedures::indication)))
        .get_result(connection)?;
    let implants = || device_uses::table.filter(device_uses::fate.eq(Fate::Implanted));
    let (implanted, with_product): (i64, i64) =
        implants().select((count_star(), count(device_uses::product_id))).get_result(connection)?;
    Ok(Lacking {
        patients,
        without_nhs_number: patients - with_nhs_number,
        without_birth_year: patients - with_birth_year,
        without_sex: patients - with_sex,
        procedures,
        without_side: procedures - with_side,
        without_indication: procedures - with_indication,
        implanted,
        without_product: implanted - with_product,
        without_lot_or_serial: implants()
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
