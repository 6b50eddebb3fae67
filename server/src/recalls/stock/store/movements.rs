//! Movements in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::{find, places, terms};
use crate::access::{User, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::once::{Written, repeated};
use crate::recalls::stock::model::{StockId, StockItem, StockState};
use crate::recalls::stock::movement::{Movement, MovementId, MovementKind, NewMovement, WasteCause};
use crate::recalls::stock::terms::Terms;
use crate::store::columns::Moment;
use crate::store::schema::{stock_items, stock_movements, stock_terms};
use crate::store::{AnyConnection, Transaction};
use crate::theatre::organisations::site_name;

#[derive(Debug, Serialize)]
struct Detail<'a> {
    movement: MovementId,
    kind: MovementKind,
    quantity: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<WasteCause>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// Records what becomes of packs, and takes them off the shelf; packs that are moved lie elsewhere as a stock item of their own.
/// Quarantined packs stay quarantined wherever they go, and are not used.
///
/// # Errors
/// [`Code::InvalidInput`] for more packs than there are, or a place that is not known; [`Code::WrongState`] where quarantined packs
/// would be used; [`Code::NotFound`], [`Code::IdReused`].
pub fn make(
    tx: &mut Transaction<'_>,
    user: &User,
    id: StockId,
    new: &NewMovement,
) -> Result<(Movement, Written), Problem> {
    let known = stock_movements::table.find(new.id).select(Movement::as_select()).first(&mut **tx).optional()?;
    let same = |there: &Movement| {
        (there.stock_id, there.kind, there.quantity, there.cause, &there.note)
            == (id, new.kind, new.quantity, new.cause, &new.note)
    };
    if let Some(there) = repeated(known, same, || format!("movement {}", new.id))? {
        return Ok((there, Written::Before));
    }
    let item = find(tx, id)?.ok_or_else(|| Problem::not_found(format!("stock item {id}")))?;
    if item.state == StockState::Used || new.quantity > item.quantity {
        let there = if item.state == StockState::Used { 0 } else { item.quantity };
        return Err(Problem::invalid(format!("{} packs cannot go: there are {there}.", new.quantity)));
    }
    if new.kind == MovementKind::Used && item.state == StockState::Quarantined {
        return Err(Problem::new(
            Code::WrongState,
            "These packs are quarantined: release them first, or send them back.",
        ));
    }
    let mut movement = Movement {
        id: new.id,
        stock_id: id,
        kind: new.kind,
        quantity: new.quantity,
        cause: new.cause,
        note: new.note.clone(),
        to_site: None,
        to_location: None,
        to_stock: None,
        moved_at: Moment::now(),
        moved_by: user.id,
    };
    if new.kind == MovementKind::Moved {
        put_elsewhere(tx, user, &item, new, &mut movement)?;
    }
    leave(tx, &item, new.quantity)?;
    diesel::insert_into(stock_movements::table).values(&movement).execute(&mut **tx)?;
    let to =
        movement.to_site.as_ref().zip(movement.to_location.as_ref()).map(|(site, place)| format!("{site}, {place}"));
    let detail = Detail {
        movement: movement.id,
        kind: movement.kind,
        quantity: movement.quantity,
        cause: movement.cause,
        note: &movement.note,
        to,
    };
    let act = Act { action: "stock-taken", subject_kind: "stock", subject: id.to_string(), detail: &detail };
    audit::record(tx, &user.into(), &act)?;
    Ok((movement, Written::Now))
}

fn put_elsewhere(
    tx: &mut Transaction<'_>,
    user: &User,
    item: &StockItem,
    new: &NewMovement,
    movement: &mut Movement,
) -> Result<(), Problem> {
    let site = new.to_site.clone().unwrap_or_else(|| item.site_code.clone());
    site_name(tx, &site)?;
    let location = places::named(tx, &site, new.to_location.as_deref().unwrap_or_default())?;
    if site == item.site_code && location == item.location {
        return Err(Problem::invalid("The packs lie there already."));
    }
    let there = StockItem {
        id: new.id.uuid().into(),
        site_code: site.clone(),
        location: location.clone(),
        quantity: new.quantity,
        ..item.clone()
    };
    insert_apart(tx, user.id, item.id, &there)?;
    (movement.to_site, movement.to_location, movement.to_stock) = (Some(site), Some(location), Some(there.id));
    Ok(())
}

/// Packs of an item that lie elsewhere now, as an item of their own on the same terms.
fn insert_apart(tx: &mut Transaction<'_>, user: UserId, from: StockId, there: &StockItem) -> Result<(), Problem> {
    diesel::insert_into(stock_items::table).values(there).execute(&mut **tx)?;
    if let Some(came) = terms(tx, from)? {
        let moved = Terms {
            stock_id: there.id,
            site_code: there.site_code.clone(),
            location: there.location.clone(),
            quantity: there.quantity,
            received_by: Some(user),
            ..came
        };
        diesel::insert_into(stock_terms::table).values(&moved).execute(&mut **tx)?;
    }
    Ok(())
}

/// A pack that left its shelf for theatre comes back unopened: it lies there again as an item of its own.
///
/// # Errors
/// [`Code::NotFound`], and those of the database.
pub fn put_back(tx: &mut Transaction<'_>, user: UserId, (id, from): (MovementId, StockId)) -> Result<(), Problem> {
    let item = find(tx, from)?.ok_or_else(|| Problem::not_found(format!("stock item {from}")))?;
    // The last pack of an item that was set apart comes back set apart.
    let state = match (item.state, item.set_apart_for) {
        (StockState::Used, Some(_)) => StockState::Quarantined,
        (StockState::Used, None) => StockState::Available,
        (there, _) => there,
    };
    let there = StockItem { id: id.uuid().into(), quantity: 1, state, ..item.clone() };
    insert_apart(tx, user, from, &there)?;
    let back = Movement {
        id,
        stock_id: from,
        kind: MovementKind::Moved,
        quantity: 1,
        cause: None,
        note: "Came back from theatre.".to_owned(),
        to_site: Some(there.site_code),
        to_location: Some(there.location),
        to_stock: Some(there.id),
        moved_at: Moment::now(),
        moved_by: user,
    };
    diesel::insert_into(stock_movements::table).values(&back).execute(&mut **tx)?;
    Ok(())
}

/// One pack of an item goes to theatre.
///
/// # Errors
/// [`Code::WrongState`] where somebody else has just taken it.
pub fn take_one(tx: &mut Transaction<'_>, user: UserId, id: MovementId, item: &StockItem) -> Result<(), Problem> {
    let movement = Movement {
        id,
        stock_id: item.id,
        kind: MovementKind::Used,
        quantity: 1,
        cause: None,
        note: "In theatre.".to_owned(),
        to_site: None,
        to_location: None,
        to_stock: None,
        moved_at: Moment::now(),
        moved_by: user,
    };
    leave(tx, item, 1)?;
    diesel::insert_into(stock_movements::table).values(&movement).execute(&mut **tx)?;
    Ok(())
}

/// Packs leave a shelf. An item keeps its last quantity when it is gone: what it was stays readable.
fn leave(tx: &mut Transaction<'_>, item: &StockItem, packs: i32) -> Result<(), Problem> {
    let left = item.quantity - packs;
    let row = stock_items::table.filter(stock_items::id.eq(item.id)).filter(stock_items::quantity.eq(item.quantity));
    let (quantity, state) = if left == 0 { (item.quantity, StockState::Used) } else { (left, item.state) };
    let changed = diesel::update(row)
        .set((stock_items::quantity.eq(quantity), stock_items::state.eq(state)))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "Somebody else has just moved these packs: look again."));
    }
    Ok(())
}

/// What became of the packs of an item, the first first.
///
/// # Errors
/// Those of the database.
pub fn of_item(connection: &mut AnyConnection, id: StockId) -> Result<Vec<Movement>, Problem> {
    let of_item = stock_movements::table.filter(stock_movements::stock_id.eq(id)).select(Movement::as_select());
    Ok(of_item.order(stock_movements::id).load(connection)?)
}
