//! Stock in the database.

pub mod movements;
pub mod pars;
pub mod places;
pub mod shelves;

use diesel::prelude::*;
use serde::Serialize;

use super::model::{CheckedStock, SetApartFor, StockId, StockItem, StockState};
use super::terms::Terms;
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::recalls::alerts;
use crate::recalls::quarantine::{self, Recalled};
use crate::store::schema::{sites, stock_items, stock_terms};
use crate::store::{AnyConnection, Transaction};

/// Receives packs. Those that an active recall names for certain are quarantined as they come in.
///
/// # Errors
/// [`Code::IdReused`](crate::error::Code::IdReused) where the id stands for other packs, [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a site that is not known.
pub fn receive(tx: &mut Transaction<'_>, actor: &Actor, new: &CheckedStock) -> Result<(StockItem, Written), Problem> {
    let location = places::named(tx, &new.site_code, &new.location)?;
    let (known, came) = (find(tx, new.id)?, terms(tx, new.id)?);
    let same = |there: &StockItem| new.is(there, came.as_ref(), &location);
    if let Some(there) = repeated(known, same, || format!("stock item {}", new.id))? {
        return Ok((there, Written::Before));
    }
    let site: i64 = sites::table.filter(sites::ods_code.eq(&new.site_code)).count().get_result(&mut **tx)?;
    if site == 0 {
        return Err(Problem::invalid(format!("There is no site {}.", new.site_code)));
    }
    let product = crate::catalogue::store::by_identifier(tx, &new.device)?;
    let mut item = new.item(product.as_ref().map(|product| product.id));
    item.location = location;
    let recalled = quarantine::recalled(tx, &item, &new.device, product.as_ref())?;
    if recalled.is_some() {
        (item.state, item.set_apart_for) = (StockState::Quarantined, Some(SetApartFor::Recalled));
    }
    diesel::insert_into(stock_items::table).values(&item).execute(&mut **tx)?;
    let came = new.terms.as_they_came(&item, actor.user_id());
    diesel::insert_into(stock_terms::table).values(&came).execute(&mut **tx)?;
    record(tx, actor, "stock-received", item.id, &Received { quantity: item.quantity, recalled: recalled.as_ref() })?;
    if let Some(recalled) = &recalled {
        alerts::evaluate::after_receipt(tx, actor, &item, recalled)?;
    }
    Ok((item, Written::Now))
}

/// Sets packs apart because of a recall, each with its audit row; answers how many items.
///
/// # Errors
/// Those of the database.
pub fn quarantine(tx: &mut Transaction<'_>, actor: &Actor, items: &[(StockId, Recalled)]) -> Result<usize, Problem> {
    let mut changed = 0;
    for (id, why) in items {
        let available =
            stock_items::table.filter(stock_items::id.eq(*id)).filter(stock_items::state.eq(StockState::Available));
        let apart = (
            stock_items::state.eq(StockState::Quarantined),
            stock_items::set_apart_for.eq(Some(SetApartFor::Recalled)),
        );
        if diesel::update(available).set(apart).execute(&mut **tx)? > 0 {
            record(tx, actor, "stock-quarantined", *id, why)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Whether packs may be used, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether.
    pub state: StockState,
    /// Why they are set apart; only where they are.
    pub set_apart_for: Option<SetApartFor>,
}

/// Changes whether packs may be used, with a reason.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) without a reason, or with a cause for packs that are not set apart; [`Code::NotFound`](crate::error::Code::NotFound) without such an item.
pub fn change_state(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    id: StockId,
    to: Standing,
    reason: &str,
) -> Result<StockItem, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("Say why the packs are moved."));
    }
    if to.set_apart_for.is_some() && to.state != StockState::Quarantined {
        return Err(Problem::invalid("Only packs that are set apart are set apart for something."));
    }
    let mut item = find(tx, id)?.ok_or_else(|| Problem::not_found(format!("stock item {id}")))?;
    if (item.state, item.set_apart_for) != (to.state, to.set_apart_for) {
        let before = item.state;
        let now = (stock_items::state.eq(to.state), stock_items::set_apart_for.eq(to.set_apart_for));
        diesel::update(stock_items::table.find(id)).set(now).execute(&mut **tx)?;
        let moved = Moved { before, after: to.state, set_apart_for: to.set_apart_for, reason };
        record(tx, actor, "stock-moved", id, &moved)?;
        (item.state, item.set_apart_for) = (to.state, to.set_apart_for);
    }
    Ok(item)
}

/// Which packs to list.
#[derive(Clone, Debug, Default)]
pub struct StockFilter {
    /// Only at this site.
    pub site: Option<String>,
    /// Only in this state.
    pub state: Option<StockState>,
    /// Only with this device identifier, as the catalogue has it.
    pub identifier: Option<(Agency, String)>,
    /// Only of this lot, exactly.
    pub lot: Option<String>,
    /// At the most this many.
    pub limit: i64,
}

/// Packs, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection, filter: &StockFilter) -> Result<Vec<StockItem>, Problem> {
    let mut query = stock_items::table.select(StockItem::as_select()).into_boxed();
    if let Some(site) = &filter.site {
        query = query.filter(stock_items::site_code.eq(site.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(stock_items::state.eq(state));
    }
    if let Some((issuer, identifier)) = &filter.identifier {
        query = query.filter(stock_items::issuer.eq(*issuer)).filter(stock_items::identifier.eq(identifier.clone()));
    }
    if let Some(lot) = &filter.lot {
        query = query.filter(stock_items::lot.eq(lot.clone()));
    }
    Ok(query.order(stock_items::id.desc()).limit(filter.limit).load(connection)?)
}

/// One item, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: StockId) -> Result<Option<StockItem>, Problem> {
    Ok(stock_items::table.find(id).select(StockItem::as_select()).first(connection).optional()?)
}

/// On which terms packs came; none for those that came before terms were kept.
///
/// # Errors
/// Those of the database.
pub fn terms(connection: &mut AnyConnection, id: StockId) -> Result<Option<Terms>, Problem> {
    Ok(stock_terms::table.find(id).select(Terms::as_select()).first(connection).optional()?)
}

#[derive(Debug, Serialize)]
struct Received<'a> {
    quantity: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    recalled: Option<&'a Recalled>,
}

#[derive(Debug, Serialize)]
struct Moved<'a> {
    before: StockState,
    after: StockState,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_apart_for: Option<SetApartFor>,
    reason: &'a str,
}

fn record(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    id: StockId,
    detail: &dyn audit::erased::Detail,
) -> Result<(), Problem> {
    audit::record(tx, actor, &Act { action, subject_kind: "stock", subject: id.to_string(), detail })
}
