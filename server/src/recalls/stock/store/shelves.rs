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

/// So many identifiers are asked about at once.
const AT_ONCE: usize = 1_000;

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
    let rows: Vec<(i32, Kind)> = stock_items::table
        .filter(stock_items::identifier.eq(&device.text))
        .filter(stock_items::site_code.eq(site))
        .filter(stock_items::issuer.eq(Agency::from(device.issuer)))
        .filter(stock_items::state.ne(StockState::Used))
        .select((stock_items::quantity, kind()))
        .load(connection)?;
    let (mut usable, mut kinds) = (0, Vec::new());
    for (quantity, kind) in rows {
        if kind.4 == StockState::Available {
            usable += i64::from(quantity);
        }
        kinds.push(kind);
    }
    Ok((!kinds.is_empty()).then(|| shelf(device.clone(), usable, kinds)))
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
    // One question for many of them: a site may have hundreds of kinds set apart.
    let identifiers: Vec<String> = kinds.keys().map(|(_, identifier)| identifier.clone()).collect();
    for some in identifiers.chunks(AT_ONCE) {
        let beside: Vec<Kind> = in_state(StockState::Available)
            .filter(stock_items::identifier.eq_any(some))
            .select(kind())
            .distinct()
            .load(connection)?;
        for one in beside {
            if let Some(of_device) = kinds.get_mut(&(one.0, one.1.clone())) {
                of_device.push(one);
            }
        }
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
