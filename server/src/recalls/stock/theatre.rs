//! A pack that is used in theatre leaves its shelf; one that comes back lies there again.
//!
//! The record of the device is what counts: nothing here may keep it from being made. Where a site keeps a device and this pack was
//! on none of its shelves, that is written down, so that somebody looks.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use tessera_scanner::udi::DeviceIdentifier;

use super::model::{StockId, StockItem, StockState};
use super::movement::MovementId;
use super::store::{find, movements};
use crate::access::Actor;
use crate::catalogue;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, procedures, stock_items, stock_uses};
use crate::store::{AnyConnection, Transaction};
use crate::theatre::device_uses::DeviceUse;
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};

/// A device was recorded, in the place of `before` where it corrects one.
///
/// # Errors
/// Those of the database.
pub fn after_use(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    before: Option<&DeviceUse>,
    now: &DeviceUse,
) -> Result<(), Problem> {
    let Some(user) = actor.user_id() else { return Ok(()) };
    let earlier = match before {
        Some(before) => of_use(tx, before.id)?,
        None => None,
    };
    let used = matches!(now.fate, Fate::Implanted | Fate::Wasted);
    match (earlier, used) {
        // It left its shelf with the record that this one corrects.
        (Some(Origin::Shelf(stock)), true) => keep(tx, now.id, Some(stock)),
        (Some(Origin::Shelf(stock)), false) => movements::put_back(tx, user, (MovementId::from(now.id.uuid()), stock)),
        (_, false) => Ok(()),
        (_, true) => match on_a_shelf(tx, now)? {
            Shelf::Has(item) => {
                movements::take_one(tx, user, MovementId::from(now.id.uuid()), &item)?;
                keep(tx, now.id, Some(item.id))
            }
            Shelf::Lacks => keep(tx, now.id, None),
            Shelf::NotKept => Ok(()),
        },
    }
}

fn keep(tx: &mut Transaction<'_>, device_use: DeviceUseId, stock: Option<StockId>) -> Result<(), Problem> {
    diesel::insert_into(stock_uses::table)
        .values((
            stock_uses::device_use_id.eq(device_use),
            stock_uses::stock_id.eq(stock),
            stock_uses::recorded_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// From where a device came.
enum Origin {
    Shelf(StockId),
    /// No shelf had it.
    Elsewhere,
}

/// From where a device came; nothing where its site keeps no such device.
fn of_use(connection: &mut AnyConnection, id: DeviceUseId) -> Result<Option<Origin>, Problem> {
    let written: Option<Option<StockId>> =
        stock_uses::table.find(id).select(stock_uses::stock_id).get_result(connection).optional()?;
    Ok(written.map(|stock| stock.map_or(Origin::Elsewhere, Origin::Shelf)))
}

/// What the shelves of a site say of a pack.
enum Shelf {
    Has(Box<StockItem>),
    /// The site keeps such devices, and not this one.
    Lacks,
    NotKept,
}

/// The packs that this one can be: of its lot and serial, else packs of which no lot is known; those that expire first.
fn on_a_shelf(tx: &mut Transaction<'_>, used: &DeviceUse) -> Result<Shelf, Problem> {
    let Some(identifier) = &used.identifier else { return Ok(Shelf::NotKept) };
    let mut texts = vec![identifier.clone()];
    if let Some(product) = used.product_id {
        let known = catalogue::store::identifiers_of(tx, product)?;
        texts.extend(known.into_iter().map(|DeviceIdentifier { text, .. }| text));
    }
    let site: String = procedures::table.find(used.procedure_id).select(procedures::site_code).get_result(&mut **tx)?;
    let mut kept = false;
    let mut found: Vec<StockItem> = Vec::new();
    // One question for each of the few identifiers: SQLite prepares a question of fixed length only once.
    for text in texts {
        let here = || {
            stock_items::table
                .filter(stock_items::identifier.eq(text.clone()))
                .filter(stock_items::site_code.eq(&site))
                .select(StockItem::as_select())
        };
        let of_lot: Vec<StockItem> = match &used.lot_alike {
            Some(lot) => here().filter(stock_items::lot_alike.eq(lot)).load(&mut **tx)?,
            None => Vec::new(),
        };
        let lotless: Vec<StockItem> = here().filter(stock_items::lot_alike.is_null()).load(&mut **tx)?;
        kept |= !of_lot.is_empty() || !lotless.is_empty();
        found.extend(of_lot.into_iter().chain(lotless));
        if !kept {
            let packs =
                stock_items::table.filter(stock_items::identifier.eq(text)).filter(stock_items::site_code.eq(&site));
            kept = diesel::select(exists(packs)).get_result(&mut **tx)?;
        }
    }
    found.retain(|item| {
        let lot = item.lot.is_none() || item.lot == used.lot;
        let serial = item.serial.is_none() || item.serial == used.serial;
        item.state != StockState::Used && lot && serial
    });
    // The surest first, then what may be used, then what expires first.
    let vague = |item: &StockItem| u8::from(item.lot != used.lot) + u8::from(item.serial != used.serial);
    found.sort_by_key(|item| (vague(item), item.state != StockState::Available, item.expiry, item.id));
    Ok(match found.into_iter().next() {
        Some(item) => Shelf::Has(Box::new(item)),
        None if kept => Shelf::Lacks,
        None => Shelf::NotKept,
    })
}

/// From where the devices of a procedure came, in words.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(
    connection: &mut AnyConnection,
    procedure: ProcedureId,
) -> Result<HashMap<DeviceUseId, String>, Problem> {
    let rows: Vec<(DeviceUseId, Option<StockId>)> = stock_uses::table
        .inner_join(device_uses::table)
        .filter(device_uses::procedure_id.eq(procedure))
        .select((stock_uses::device_use_id, stock_uses::stock_id))
        .load(connection)?;
    let mut said = HashMap::new();
    for (device_use, stock) in rows {
        let words = match stock {
            Some(stock) => match find(connection, stock)? {
                Some(item) => format!("Taken off the shelf: {}.", item.location),
                None => continue,
            },
            None => "On no shelf here: this pack was not expected.".to_owned(),
        };
        said.insert(device_use, words);
    }
    Ok(said)
}
