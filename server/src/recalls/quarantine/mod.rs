//! Sets stock apart that a recall names for certain: when the recall is confirmed ([`run`]), and when packs come in afterwards.

pub mod model;
pub mod run;
pub mod store;
#[cfg(test)]
mod tests;

use serde::Serialize;
use tessera_scanner::recall_match::{Tier, Unit, gravest};
use tessera_scanner::udi::DeviceIdentifier;

use super::meant::{Shown, active_about_unit};
use super::model::Recall;
use super::stock::model::{StockId, StockItem, StockState};
use crate::catalogue;
use crate::catalogue::model::Product;
use crate::error::Problem;
use crate::store::read::affected::{self, Excluded};
use crate::store::{AnyConnection, Transaction};

/// Why packs are set apart.
#[derive(Clone, Debug, Serialize)]
pub struct Recalled {
    /// The notice's reference.
    pub recall: String,
    /// Why it concerns them, in plain words.
    pub reason: String,
}

/// The packs on the shelves that this recall names for certain and that nobody has set apart, each with the reason.
pub(super) fn certain(connection: &mut AnyConnection, recall: &Recall) -> Result<Vec<(StockId, Recalled)>, Problem> {
    let affected = affected::stock(connection, &recall.criteria, Excluded::LeftOut)?;
    Ok(affected
        .into_iter()
        .filter(|one| one.tier == Tier::Definite && one.state == StockState::Available)
        .map(|one| (one.id, Recalled { recall: recall.notice.reference.clone(), reason: one.reason }))
        .collect())
}

/// The active recall that names these packs for certain, if there is one.
pub(super) fn recalled(
    tx: &mut Transaction<'_>,
    item: &StockItem,
    scanned: &DeviceIdentifier,
    product: Option<&Product>,
) -> Result<Option<Recalled>, Problem> {
    let mut devices = match product {
        Some(product) => catalogue::store::identifiers_of(tx, product.id)?,
        None => Vec::new(),
    };
    if !devices.contains(scanned) {
        devices.push(scanned.clone());
    }
    let maker = product.map(|product| product.maker.as_str());
    let reference = product.map(|product| product.reference.as_str());
    let shown = Shown::of(item.lot.as_deref(), item.serial.as_deref());
    let unit = Unit {
        devices: &devices,
        maker,
        reference,
        lot: item.lot.as_deref(),
        serial: item.serial.as_deref(),
        expiry: item.expiry,
        manufacture: None,
    };
    Ok(active_about_unit(tx, &devices, (maker, reference), &shown)?.into_iter().find_map(|recall| {
        let (_, found) = gravest(&unit, &recall.criteria)?;
        (found.tier == Tier::Definite).then_some(Recalled { recall: recall.reference, reason: found.reason })
    }))
}
