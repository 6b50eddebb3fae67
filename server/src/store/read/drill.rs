//! Lots and devices to rehearse recalls with.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::schema::{device_uses, product_identifiers, products, stock_items};

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

/// A device by its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillDevice {
    /// Whose identifier.
    pub issuer: Agency,
    /// Device identifier.
    pub identifier: String,
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

/// Devices that were used, each with how many uses it has; the most used first.
///
/// Reads an index of every use: some seconds where there are millions.
///
/// # Errors
/// Those of the database.
pub fn devices_by_use(connection: &mut AnyConnection) -> Result<Vec<(DrillDevice, i64)>, Problem> {
    let rows: Vec<(Option<String>, i64)> = device_uses::table
        .filter(device_uses::identifier.is_not_null())
        .group_by(device_uses::identifier)
        .select((device_uses::identifier, count_star()))
        .load(connection)?;
    let mut rows: Vec<(String, i64)> = rows.into_iter().filter_map(|(text, uses)| Some((text?, uses))).collect();
    // Of devices that are used as often, the first by name: the same registry gives the same figures.
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let issuers: Vec<(String, Agency)> = product_identifiers::table
        .select((product_identifiers::identifier, product_identifiers::issuer))
        .load(connection)?;
    let issuers: std::collections::HashMap<String, Agency> = issuers.into_iter().collect();
    let device = |(identifier, uses): (String, i64)| {
        let issuer = issuers.get(&identifier).copied().unwrap_or(Agency::Gs1);
        (DrillDevice { issuer, identifier }, uses)
    };
    Ok(rows.into_iter().map(device).collect())
}

/// Lots of a device that patients have, the first by name.
///
/// # Errors
/// Those of the database.
pub fn lots_of(connection: &mut AnyConnection, device: &DrillDevice, most: i64) -> Result<Vec<String>, Problem> {
    let lots: Vec<Option<String>> = device_uses::table
        .filter(device_uses::identifier.eq(&device.identifier))
        .filter(device_uses::lot.is_not_null())
        .select(device_uses::lot)
        .distinct()
        .order(device_uses::lot)
        .limit(most)
        .load(connection)?;
    Ok(lots.into_iter().flatten().collect())
}

/// How large a registry is: device uses, products, stock items.
///
/// # Errors
/// Those of the database.
pub fn size(connection: &mut AnyConnection) -> Result<[i64; 3], Problem> {
    Ok([
        device_uses::table.count().get_result(connection)?,
        products::table.count().get_result(connection)?,
        stock_items::table.count().get_result(connection)?,
    ])
}
