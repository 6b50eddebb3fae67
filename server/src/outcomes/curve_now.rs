//! The curve of a device as the record has it now: from the registry's columns where nothing of it was recorded since they were read,
//! else from the record itself.

use std::sync::Arc;

use chrono::Utc;
use tessera_scanner::verdict::london_date;

use super::curve::DeviceCurve;
use crate::catalogue::ProductId;
use crate::cohorts::snapshot::Snapshot;
use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::read::cohort::{StoredCohort, was_changed_since};

/// How far before the columns were read changes are looked for: one that began before may have ended after.
const OVERLAP: chrono::Duration = chrono::Duration::minutes(1);

/// The curve as it is now; without columns, from the record.
///
/// # Errors
/// Those of the database.
pub fn curve_now(
    connection: &mut AnyConnection,
    product: ProductId,
    columns: Option<&Arc<Snapshot>>,
) -> Result<DeviceCurve, Problem> {
    let stored = match columns {
        Some(snapshot) if !was_changed_since(connection, product, (snapshot.taken - OVERLAP).into())? => {
            snapshot.stored().only(product)
        }
        _ => StoredCohort::of_device(connection, product)?,
    };
    Ok(DeviceCurve::of(product, &stored, london_date(Utc::now())))
}
