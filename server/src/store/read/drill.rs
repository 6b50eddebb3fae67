//! A lot to rehearse a recall with.

use diesel::prelude::*;

use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::schema::device_uses;

/// Device uses that are looked at: enough to find a lot that went into several patients, few enough for any registry.
const LOOKED_AT: i64 = 2000;

/// Whose identifier, the identifier, the lot.
type UseOfLot = (Option<Agency>, Option<String>, Option<String>);

/// A lot of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillLot {
    /// Whose identifier.
    pub issuer: Agency,
    /// Device identifier.
    pub identifier: String,
    /// Lot.
    pub lot: String,
}

/// Among the devices implanted last, the lot that occurs most often; none where no device has a lot.
///
/// # Errors
/// Those of the database.
pub fn busiest_lot(connection: &mut AnyConnection) -> Result<Option<DrillLot>, Problem> {
    let rows: Vec<UseOfLot> = device_uses::table
        .filter(device_uses::fate.eq("implanted"))
        .filter(device_uses::lot.is_not_null())
        .filter(device_uses::identifier.is_not_null())
        .select((device_uses::issuer, device_uses::identifier, device_uses::lot))
        .order(device_uses::id.desc())
        .limit(LOOKED_AT)
        .load(connection)?;
    let mut counts: std::collections::HashMap<(String, String), (usize, Agency)> = std::collections::HashMap::new();
    for (issuer, identifier, lot) in rows {
        if let (Some(identifier), Some(lot)) = (identifier, lot) {
            counts.entry((identifier, lot)).or_insert((0, issuer.unwrap_or(Agency::Gs1))).0 += 1;
        }
    }
    // Of lots that occur as often, the first by name: the same registry gives the same drill.
    let busiest = counts.into_iter().min_by_key(|(names, (count, _))| (std::cmp::Reverse(*count), names.clone()));
    Ok(busiest.map(|((identifier, lot), (_, issuer))| DrillLot { issuer, identifier, lot }))
}
