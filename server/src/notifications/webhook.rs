//! One webhook: where to send what.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::destination::Destinations;
use super::event::EventKind;
use crate::access::UserId;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::webhooks;

crate::record_id! {
    /// One webhook.
    WebhookId
}

/// A webhook as somebody sets it up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Identifier (UUIDv7), made by the client.
    pub id: WebhookId,
    /// Where to send: https, or this machine, or a host that the settings name.
    pub url: String,
    /// Only what concerns this site (ODS code) or no site in particular; none for the whole organisation.
    #[serde(default)]
    pub site: Option<String>,
    /// Only these events; none for all.
    #[serde(default)]
    pub kinds: Vec<EventKind>,
    /// What it is for, and who looks after the receiver.
    #[serde(default)]
    pub note: String,
}

/// A webhook that can be kept.
#[derive(Clone, Debug)]
pub struct CheckedWebhook {
    pub(super) id: WebhookId,
    pub(super) url: String,
    pub(super) site: Option<String>,
    pub(super) kinds: String,
    pub(super) note: String,
}

impl NewWebhook {
    /// Checks it.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn checked(&self, destinations: &Destinations) -> Result<CheckedWebhook, Problem> {
        let note = self.note.trim();
        if note.chars().count() > 400 {
            return Err(Problem::invalid("The note has up to 400 characters."));
        }
        let mut kinds = self.kinds.clone();
        kinds.sort_unstable();
        kinds.dedup();
        Ok(CheckedWebhook {
            id: self.id,
            url: destinations.checked(&self.url)?,
            site: self.site.as_deref().map(str::trim).filter(|site| !site.is_empty()).map(str::to_owned),
            kinds: kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(" "),
            note: note.to_owned(),
        })
    }
}

/// One webhook, as it is kept; its secret is sealed and never shown again.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = webhooks)]
pub struct Webhook {
    /// Identifier.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// Only what concerns this site, or no site in particular.
    pub site_code: Option<String>,
    /// The events wanted, with blanks between; empty for all.
    pub kinds: String,
    /// What it is for.
    pub note: String,
    /// The secret, sealed.
    #[serde(skip)]
    pub secret: Vec<u8>,
    /// When it was set up.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Moment,
    /// By whom.
    pub created_by: UserId,
    /// When it was stopped.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub stopped_at: Option<Moment>,
    /// By whom.
    pub stopped_by: Option<UserId>,
}

impl Webhook {
    /// Whether it wants to hear of this. What happened before it was set up it does not.
    pub fn wants(&self, kind: EventKind, site: Option<&str>, at: Moment) -> bool {
        let of_kind = self.kinds.is_empty() || self.kinds.split(' ').any(|word| word == kind.word());
        let of_site = self.site_code.as_deref().zip(site).is_none_or(|(ours, theirs)| ours == theirs);
        self.stopped_at.is_none() && self.created_at <= at && of_kind && of_site && kind != EventKind::Test
    }

    pub(super) fn is(&self, new: &CheckedWebhook) -> bool {
        (&self.url, &self.site_code, &self.kinds, &self.note) == (&new.url, &new.site, &new.kinds, &new.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_hears_of_its_site_and_its_kinds() {
        let webhook = |site: Option<&str>, kinds: &str| Webhook {
            id: WebhookId::new(),
            url: "https://hooks.example.org/".to_owned(),
            site_code: site.map(str::to_owned),
            kinds: kinds.to_owned(),
            note: String::new(),
            secret: Vec::new(),
            created_at: Moment::now(),
            created_by: UserId::new(),
            stopped_at: None,
            stopped_by: None,
        };
        let wants = |one: &Webhook, kind, site| one.wants(kind, site, Moment::now());
        let (all, north) = (webhook(None, ""), webhook(Some("RXX01"), "recall.confirmed recall.closed"));
        assert!(wants(&all, EventKind::PacksReceived, Some("RXX02")) && !wants(&all, EventKind::Test, None));
        assert!(wants(&north, EventKind::Confirmed, None) && wants(&north, EventKind::Closed, Some("RXX01")));
        assert!(!wants(&north, EventKind::Closed, Some("RXX02")) && !wants(&north, EventKind::Received, None));
        let stopped = Webhook { stopped_at: Some(Moment::now()), ..all.clone() };
        assert!(!wants(&stopped, EventKind::Closed, None));
        assert!(!all.wants(EventKind::Closed, None, Moment::from(chrono::DateTime::UNIX_EPOCH)), "older than it");
    }
}
