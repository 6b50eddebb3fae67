//! Devices that were used in theatre though no shelf of their site had them.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, procedures, products, stock_uses};
use crate::theatre::model::DeviceUseId;

/// Rows of one answer at the most.
const MOST: i64 = 200;

/// One device that no shelf had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedUnexpected {
    /// The record of its use.
    pub device_use: DeviceUseId,
    /// Site (ODS code).
    pub site: String,
    /// When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub used_at: Moment,
    /// Maker and brand, where the catalogue has it.
    pub device: Option<String>,
    /// Device identifier.
    pub identifier: Option<String>,
    /// Lot.
    pub lot: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Expiry date.
    pub expiry: Option<NaiveDate>,
}

type Row = (
    DeviceUseId,
    String,
    Moment,
    Option<(String, String)>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
);

/// Those used since then, the latest first; up to 200.
///
/// # Errors
/// Those of the database.
pub fn used_unexpected(
    connection: &mut AnyConnection,
    site: Option<&str>,
    since: Moment,
) -> Result<Vec<UsedUnexpected>, Problem> {
    let mut query = stock_uses::table
        .inner_join(device_uses::table.inner_join(procedures::table).left_join(products::table))
        .filter(stock_uses::stock_id.is_null())
        .filter(stock_uses::recorded_at.ge(since))
        .select((
            device_uses::id,
            procedures::site_code,
            stock_uses::recorded_at,
            (products::maker, products::brand).nullable(),
            device_uses::identifier,
            device_uses::lot,
            device_uses::serial,
            device_uses::expiry,
        ))
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(procedures::site_code.eq(site.to_owned()));
    }
    let rows: Vec<Row> = query.order((stock_uses::recorded_at.desc(), device_uses::id)).limit(MOST).load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(device_use, site, used_at, name, identifier, lot, serial, expiry)| UsedUnexpected {
            device: name.map(|(maker, brand)| format!("{maker} {brand}")),
            device_use,
            site,
            used_at,
            identifier,
            lot,
            serial,
            expiry,
        })
        .collect())
}
