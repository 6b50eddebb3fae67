//! Events and deliveries in the database. Webhooks themselves: [`webhooks`].

pub mod webhooks;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::delivery::{Delivery, DeliveryId, DeliveryState};
use super::event::{Event, Happening};
use super::settings::EmailSettings;
use super::webhook::Webhook;
use crate::access::Actor;
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{notification_deliveries, notification_events, webhooks as webhook_table};
use crate::store::{AnyConnection, Transaction};

/// Events of one round at the most.
const EVENTS: i64 = 200;
/// Deliveries of one round at the most.
const DUE: i64 = 200;
/// Seconds for which a delivery under way is nobody else's.
const LEASE: i64 = 120;

/// Tells what happened, in the transaction in which it does.
///
/// # Errors
/// Those of the database.
pub fn tell(tx: &mut Transaction<'_>, happening: &Happening<'_>) -> Result<(), Problem> {
    insert_event(tx, &happening.event()?)
}

pub(super) fn insert_event(tx: &mut Transaction<'_>, event: &Event) -> Result<(), Problem> {
    diesel::insert_into(notification_events::table).values(event).execute(&mut **tx)?;
    Ok(())
}

pub(super) fn insert_delivery(tx: &mut Transaction<'_>, delivery: &Delivery) -> Result<(), Problem> {
    diesel::insert_into(notification_deliveries::table).values(delivery).execute(&mut **tx)?;
    Ok(())
}

/// Whether an event waits to be spread.
///
/// # Errors
/// Those of the database.
pub fn any_new(connection: &mut AnyConnection) -> Result<bool, Problem> {
    let new = notification_events::table.filter(notification_events::spread_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(new)).get_result(connection)?)
}

/// Spreads new events to the webhooks and readers that want them; answers how many deliveries came of it.
///
/// # Errors
/// Those of the database.
pub fn spread(tx: &mut Transaction<'_>, email: Option<&EmailSettings>) -> Result<usize, Problem> {
    let new: Vec<Event> = notification_events::table
        .filter(notification_events::spread_at.is_null())
        .select(Event::as_select())
        .order(notification_events::id)
        .limit(EVENTS)
        .load(&mut **tx)?;
    let hooks = webhooks::list(tx)?;
    let mut many = 0;
    for event in new {
        let site = event.site_code.as_deref();
        let wanting = hooks.iter().filter(|hook| hook.wants(event.kind, site, event.occurred_at));
        let mut deliveries: Vec<_> = wanting.map(|hook| Delivery::to_webhook(event.id, hook.id)).collect();
        if let Some(email) = email.filter(|_| event.kind.is_mailed()) {
            deliveries.extend(email.readers(site).into_iter().map(|to| Delivery::to_address(event.id, to)));
        }
        // Of two servers that spread at once, one does.
        let fresh = notification_events::table
            .filter(notification_events::id.eq(event.id))
            .filter(notification_events::spread_at.is_null());
        if diesel::update(fresh).set(notification_events::spread_at.eq(Moment::now())).execute(&mut **tx)? == 0 {
            continue;
        }
        for delivery in &deliveries {
            insert_delivery(tx, delivery)?;
        }
        many += deliveries.len();
    }
    Ok(many)
}

/// One thing to send.
#[derive(Clone, Debug)]
pub struct Due {
    /// The delivery.
    pub delivery: Delivery,
    /// What to send.
    pub event: Event,
    /// To which webhook; none for an e-mail.
    pub webhook: Option<Webhook>,
}

/// Deliveries whose time has come, the longest due first.
///
/// # Errors
/// Those of the database.
pub fn due(connection: &mut AnyConnection, now: Moment) -> Result<Vec<Due>, Problem> {
    let rows: Vec<(Delivery, Event, Option<Webhook>)> = notification_deliveries::table
        .inner_join(notification_events::table)
        .left_join(webhook_table::table)
        .filter(notification_deliveries::state.eq(DeliveryState::Waiting))
        .filter(notification_deliveries::next_try_at.le(now))
        .select((Delivery::as_select(), Event::as_select(), Option::<Webhook>::as_select()))
        .order((notification_deliveries::next_try_at, notification_deliveries::id))
        .limit(DUE)
        .load(connection)?;
    Ok(rows.into_iter().map(|(delivery, event, webhook)| Due { delivery, event, webhook }).collect())
}

/// Takes a delivery for one try; none where another server has it. If that server stops before it tells what came of it, the
/// delivery is due again after a while.
///
/// # Errors
/// Those of the database.
pub fn claim(tx: &mut Transaction<'_>, delivery: &Delivery, now: Moment) -> Result<Option<Delivery>, Problem> {
    let claimed = Delivery {
        tries: delivery.tries + 1,
        last_try_at: Some(now),
        next_try_at: Moment::from(now.utc() + TimeDelta::seconds(LEASE)),
        ..delivery.clone()
    };
    Ok(keep(tx, delivery, &claimed)?.then_some(claimed))
}

/// Writes what came of a try.
///
/// # Errors
/// Those of the database.
pub fn settle(tx: &mut Transaction<'_>, tried: &Delivery, settled: &Delivery) -> Result<(), Problem> {
    keep(tx, tried, settled).map(|_| ())
}

/// Writes how far a delivery has come; answers whether it still was where it `stood`.
fn keep(tx: &mut Transaction<'_>, stood: &Delivery, now: &Delivery) -> Result<bool, Problem> {
    let same = notification_deliveries::table
        .filter(notification_deliveries::id.eq(stood.id))
        .filter(notification_deliveries::state.eq(stood.state))
        .filter(notification_deliveries::tries.eq(stood.tries));
    let changed = diesel::update(same)
        .set((
            notification_deliveries::state.eq(now.state),
            notification_deliveries::tries.eq(now.tries),
            notification_deliveries::next_try_at.eq(now.next_try_at),
            notification_deliveries::last_try_at.eq(now.last_try_at),
            notification_deliveries::answer.eq(&now.answer),
        ))
        .execute(&mut **tx)?;
    Ok(changed > 0)
}

/// Which deliveries to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// At the most this many.
    pub limit: i64,
}

/// The latest deliveries with their events.
///
/// # Errors
/// Those of the database.
pub fn latest(connection: &mut AnyConnection, filter: DeliveryFilter) -> Result<Vec<Due>, Problem> {
    let mut query = notification_deliveries::table
        .inner_join(notification_events::table)
        .left_join(webhook_table::table)
        .select((Delivery::as_select(), Event::as_select(), Option::<Webhook>::as_select()))
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(notification_deliveries::state.eq(state));
    }
    let rows: Vec<(Delivery, Event, Option<Webhook>)> =
        query.order(notification_deliveries::id.desc()).limit(filter.limit).load(connection)?;
    Ok(rows.into_iter().map(|(delivery, event, webhook)| Due { delivery, event, webhook }).collect())
}

/// Sends a delivery again that was given up, or that waits for its next try.
///
/// # Errors
/// [`Code::WrongState`] where it was delivered, [`Code::NotFound`].
pub fn again(tx: &mut Transaction<'_>, actor: &Actor, id: DeliveryId) -> Result<Delivery, Problem> {
    let delivery = notification_deliveries::table.find(id).select(Delivery::as_select());
    let delivery: Option<Delivery> = delivery.get_result(&mut **tx).optional()?;
    let delivery = delivery.ok_or_else(|| Problem::not_found(format!("delivery {id}")))?;
    if delivery.state == DeliveryState::Delivered {
        return Err(Problem::new(Code::WrongState, "This was delivered."));
    }
    let anew = Delivery { state: DeliveryState::Waiting, tries: 0, next_try_at: Moment::now(), ..delivery.clone() };
    if !keep(tx, &delivery, &anew)? {
        return Err(Problem::new(Code::WrongState, "This was just tried."));
    }
    webhooks::record(tx, actor, "notification-sent-again", ("delivery", id.to_string()), &anew.address)?;
    Ok(anew)
}
