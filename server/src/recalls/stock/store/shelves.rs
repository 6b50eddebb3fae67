//! What the shelves of a site say of devices: for a scan in theatre, and for what theatres keep to judge by without the registry.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sum;
use diesel::prelude::*;
use tessera_scanner::snapshot::Shelf;
use tessera_scanner::udi::DeviceIdentifier;
use tessera_scanner::verdict::{ApartFor, ShelfPacks};

use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::recalls::stock::model::{SetApartFor, StockState};
use crate::store::AnyConnection;
use crate::store::schema::stock_items;

/// Identifier, lot, serial, state, why set apart.
type Kind = (Agency, String, Option<String>, Option<String>, StockState, Option<SetApartFor>);

/// What a site has of one device under this identifier; nothing where it has none.
///
/// # Errors
/// Those of the database.
pub fn of_device(
    connection: &mut AnyConnection,
    site: &str,
    device: &DeviceIdentifier,
) -> Result<Option<Shelf>, Problem> {
    let here = || {
        stock_items::table
            .filter(stock_items::identifier.eq(&device.text))
            .filter(stock_items::issuer.eq(Agency::from(device.issuer)))
            .filter(stock_items::site_code.eq(site))
            .filter(stock_items::state.ne(StockState::Used))
    };
    let usable: Option<i64> = here()
        .filter(stock_items::state.eq(StockState::Available))
        .select(sum(stock_items::quantity))
        .first(connection)?;
    let kinds: Vec<Kind> = here().select(kind()).distinct().load(connection)?;
    Ok((!kinds.is_empty()).then(|| shelf(device.clone(), usable.unwrap_or_default(), kinds)))
}

/// What a site has of every device, by identifier.
///
/// Where nothing of a device is set apart its lots are not read: how many packs there are is all that is told.
///
/// # Errors
/// Those of the database.
pub fn of_site(connection: &mut AnyConnection, site: &str) -> Result<Vec<Shelf>, Problem> {
    let in_state =
        |state| stock_items::table.filter(stock_items::site_code.eq(site)).filter(stock_items::state.eq(state));
    let counted: Vec<(Agency, String, Option<i64>)> = in_state(StockState::Available)
        .group_by((stock_items::issuer, stock_items::identifier))
        .select((stock_items::issuer, stock_items::identifier, sum(stock_items::quantity)))
        .load(connection)?;
    let apart: Vec<Kind> = in_state(StockState::Quarantined).select(kind()).distinct().load(connection)?;
    let mut kinds: BTreeMap<(Agency, String), Vec<Kind>> = BTreeMap::new();
    for one in apart {
        kinds.entry((one.0, one.1.clone())).or_default().push(one);
    }
    for ((issuer, identifier), of_device) in &mut kinds {
        let usable: Vec<Kind> = in_state(StockState::Available)
            .filter(stock_items::identifier.eq(identifier))
            .filter(stock_items::issuer.eq(*issuer))
            .select(kind())
            .distinct()
            .load(connection)?;
        of_device.extend(usable);
    }
    let mut usable: BTreeMap<(Agency, String), i64> = kinds.keys().map(|device| (device.clone(), 0)).collect();
    usable.extend(counted.into_iter().map(|(issuer, text, packs)| ((issuer, text), packs.unwrap_or_default())));
    let shelves = usable.into_iter().map(|(device, packs)| {
        let kinds = kinds.remove(&device).unwrap_or_default();
        shelf(DeviceIdentifier { issuer: device.0.into(), text: device.1 }, packs, kinds)
    });
    Ok(shelves.collect())
}

fn kind() -> (
    stock_items::issuer,
    stock_items::identifier,
    stock_items::lot,
    stock_items::serial,
    stock_items::state,
    stock_items::set_apart_for,
) {
    (
        stock_items::issuer,
        stock_items::identifier,
        stock_items::lot,
        stock_items::serial,
        stock_items::state,
        stock_items::set_apart_for,
    )
}

fn shelf(device: DeviceIdentifier, usable: i64, kinds: Vec<Kind>) -> Shelf {
    let packs = kinds.into_iter().map(|(_, _, lot, serial, state, cause)| {
        let apart = (state == StockState::Quarantined).then(|| cause.map_or(ApartFor::Untold, ApartFor::from));
        ShelfPacks { lot, serial, apart }
    });
    let mut packs: BTreeSet<ShelfPacks> = packs.collect();
    if packs.iter().all(|one| one.apart.is_none()) {
        packs.clear();
    }
    Shelf { device, usable: u32::try_from(usable).unwrap_or(u32::MAX), packs: packs.into_iter().collect() }
}
