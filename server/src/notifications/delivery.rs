//! One event on its way to one receiver.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::event::EventId;
use super::webhook::WebhookId;
use crate::store::columns::Moment;
use crate::store::schema::notification_deliveries;

crate::record_id! {
    /// One delivery.
    DeliveryId
}

crate::word_list! {
    /// How far a delivery has come.
    DeliveryState {
        /// It is sent, or sent again, when its time has come.
        Waiting = "waiting",
        /// The receiver took it.
        Delivered = "delivered",
        /// Given up: somebody has to look, and may send it again.
        Dead = "dead",
    }
}

/// Seconds between one try and the next, as Standard Webhooks recommends: in all a little more than three days.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How long to wait after this many failed tries; none where it is given up.
pub fn pause_after(tries: i32) -> Option<TimeDelta> {
    let place = usize::try_from(tries).ok()?.checked_sub(1)?;
    PAUSES.get(place).map(|seconds| TimeDelta::seconds(*seconds))
}

/// One delivery, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = notification_deliveries)]
pub struct Delivery {
    /// Identifier.
    pub id: DeliveryId,
    /// Which event.
    pub event_id: EventId,
    /// To which webhook.
    pub webhook_id: Option<WebhookId>,
    /// Or to which e-mail address.
    pub address: Option<String>,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: i32,
    /// When it is tried next, while it waits.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub next_try_at: Moment,
    /// When it was tried last.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub last_try_at: Option<Moment>,
    /// What came of the last try.
    pub answer: String,
}

impl Delivery {
    fn new(event: EventId, webhook: Option<WebhookId>, address: Option<String>, at: Moment) -> Self {
        Self {
            id: DeliveryId::new(),
            event_id: event,
            webhook_id: webhook,
            address,
            state: DeliveryState::Waiting,
            tries: 0,
            next_try_at: at,
            last_try_at: None,
            answer: String::new(),
        }
    }

    /// To a webhook, at once.
    pub fn to_webhook(event: EventId, webhook: WebhookId) -> Self {
        Self::new(event, Some(webhook), None, Moment::now())
    }

    /// To an e-mail address, at once.
    pub fn to_address(event: EventId, address: &str) -> Self {
        Self::new(event, None, Some(address.to_owned()), Moment::now())
    }

    /// After a try: delivered, or waiting for the next, or given up.
    #[must_use]
    pub fn after(&self, outcome: &Result<String, String>, now: Moment) -> Self {
        let (state, next_try_at) = match (outcome, pause_after(self.tries)) {
            (Ok(_), _) => (DeliveryState::Delivered, self.next_try_at),
            (Err(_), Some(pause)) => (DeliveryState::Waiting, Moment::from(now.utc() + pause)),
            (Err(_), None) => (DeliveryState::Dead, self.next_try_at),
        };
        let (Ok(answer) | Err(answer)) = outcome;
        Self { state, next_try_at, last_try_at: Some(now), answer: answer.clone(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_until_it_is_given_up() {
        let mut delivery = Delivery::to_address(EventId::new(), "safety@trust.example");
        let (start, failed) = (Moment::now(), Err("503".to_owned()));
        let mut waited = Vec::new();
        while delivery.state == DeliveryState::Waiting {
            delivery.tries += 1;
            let now = delivery.next_try_at.max(start);
            delivery = delivery.after(&failed, now);
            waited.push((delivery.next_try_at.utc() - now.utc()).num_seconds());
        }
        assert_eq!((delivery.state, delivery.tries), (DeliveryState::Dead, 10));
        assert!(waited[..9].is_sorted() && waited[0] == 5 && waited[8] == 86_400, "{waited:?}");
        let again = Delivery { tries: 1, ..delivery }.after(&Ok("204".to_owned()), start);
        assert_eq!((again.state, again.answer.as_str()), (DeliveryState::Delivered, "204"));
    }
}
