//! Webhooks in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::{insert_delivery, insert_event};
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::notifications::delivery::{Delivery, DeliveryState};
use crate::notifications::event::{EventKind, Happening};
use crate::notifications::signature::Secret;
use crate::notifications::webhook::{CheckedWebhook, Webhook, WebhookId};
use crate::once::repeated;
use crate::store::columns::Moment;
use crate::store::schema::{notification_deliveries, sites, webhooks};
use crate::store::{AnyConnection, Transaction};

#[derive(Debug, Serialize)]
struct Detail<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
}

pub(super) fn record(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    (subject_kind, subject): (&'static str, String),
    detail: &dyn audit::erased::Detail,
) -> Result<(), Problem> {
    audit::record(tx, actor, &Act { action, subject_kind, subject, detail })
}

fn record_webhook(tx: &mut Transaction<'_>, user: &User, action: &'static str, hook: &Webhook) -> Result<(), Problem> {
    let detail = Detail { url: &hook.url, site: hook.site_code.as_deref() };
    record(tx, &user.into(), action, ("webhook", hook.id.to_string()), &detail)
}

/// What binds a sealed secret to its webhook.
fn context(id: WebhookId) -> Vec<u8> {
    format!("webhook {id}").into_bytes()
}

/// Sets a webhook up. Its secret comes with the first answer only; the same again answers none.
///
/// # Errors
/// [`Code::IdReused`], [`Code::InvalidInput`] for a site that is not known.
pub fn add(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    user: &User,
    new: &CheckedWebhook,
) -> Result<(Webhook, Option<Secret>), Problem> {
    let there = find(tx, new.id)?;
    if let Some(there) = repeated(there, |there: &Webhook| there.is(new), || format!("webhook {}", new.id))? {
        return Ok((there, None));
    }
    if let Some(site) = &new.site {
        let known: i64 = sites::table.filter(sites::ods_code.eq(site)).count().get_result(&mut **tx)?;
        if known == 0 {
            return Err(Problem::invalid(format!("There is no site {site}.")));
        }
    }
    let secret = Secret::new()?;
    let hook = Webhook {
        id: new.id,
        url: new.url.clone(),
        site_code: new.site.clone(),
        kinds: new.kinds.clone(),
        note: new.note.clone(),
        secret: keys.seal(secret.bytes(), &context(new.id))?,
        created_at: Moment::now(),
        created_by: user.id,
        stopped_at: None,
        stopped_by: None,
    };
    diesel::insert_into(webhooks::table).values(&hook).execute(&mut **tx)?;
    record_webhook(tx, user, "webhook-added", &hook)?;
    Ok((hook, Some(secret)))
}

/// Gives a webhook a new secret. The old one signs nothing from then on.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where it was stopped.
pub fn renew_secret(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    user: &User,
    id: WebhookId,
) -> Result<(Webhook, Secret), Problem> {
    let (mut hook, secret) = (working(tx, id)?, Secret::new()?);
    hook.secret = keys.seal(secret.bytes(), &context(id))?;
    diesel::update(webhooks::table.find(id)).set(webhooks::secret.eq(&hook.secret)).execute(&mut **tx)?;
    record_webhook(tx, user, "webhook-secret-renewed", &hook)?;
    Ok((hook, secret))
}

/// Stops a webhook for good. Stopping it again changes nothing.
///
/// # Errors
/// [`Code::NotFound`].
pub fn stop(tx: &mut Transaction<'_>, user: &User, id: WebhookId) -> Result<Webhook, Problem> {
    let mut hook = find(tx, id)?.ok_or_else(|| Problem::not_found(format!("webhook {id}")))?;
    if hook.stopped_at.is_none() {
        (hook.stopped_at, hook.stopped_by) = (Some(Moment::now()), Some(user.id));
        diesel::update(webhooks::table.find(id))
            .set((webhooks::stopped_at.eq(hook.stopped_at), webhooks::stopped_by.eq(hook.stopped_by)))
            .execute(&mut **tx)?;
        give_up(tx, id)?;
        record_webhook(tx, user, "webhook-stopped", &hook)?;
    }
    Ok(hook)
}

/// What waits for a webhook that was stopped is not sent any more.
fn give_up(tx: &mut Transaction<'_>, id: WebhookId) -> Result<(), Problem> {
    let waiting = notification_deliveries::table
        .filter(notification_deliveries::webhook_id.eq(id))
        .filter(notification_deliveries::state.eq(DeliveryState::Waiting));
    diesel::update(waiting)
        .set((
            notification_deliveries::state.eq(DeliveryState::Dead),
            notification_deliveries::answer.eq("the webhook was stopped"),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Sends a test to one webhook, whatever it wants to hear of.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where it was stopped.
pub fn test(tx: &mut Transaction<'_>, user: &User, id: WebhookId) -> Result<Delivery, Problem> {
    let hook = working(tx, id)?;
    let text = format!("{} tries this webhook out. Nothing happened.", user.display_name);
    let mut event = Happening { kind: EventKind::Test, notice: None, site: None, text, count: None }.event()?;
    event.spread_at = Some(event.occurred_at);
    insert_event(tx, &event)?;
    let delivery = Delivery::to_webhook(event.id, id);
    insert_delivery(tx, &delivery)?;
    record_webhook(tx, user, "webhook-tested", &hook)?;
    Ok(delivery)
}

fn working(connection: &mut AnyConnection, id: WebhookId) -> Result<Webhook, Problem> {
    let hook = find(connection, id)?.ok_or_else(|| Problem::not_found(format!("webhook {id}")))?;
    match hook.stopped_at {
        None => Ok(hook),
        Some(_) => Err(Problem::new(Code::WrongState, "This webhook was stopped: set another one up.")),
    }
}

/// One webhook, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: WebhookId) -> Result<Option<Webhook>, Problem> {
    Ok(webhooks::table.find(id).select(Webhook::as_select()).get_result(connection).optional()?)
}

/// All webhooks, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<Webhook>, Problem> {
    Ok(webhooks::table.select(Webhook::as_select()).order(webhooks::id.desc()).load(connection)?)
}

/// A webhook's secret, to sign with.
///
/// # Errors
/// [`Code::Internal`] where it was sealed under another key.
pub fn secret(keys: &IdentityKeys, hook: &Webhook) -> Result<Secret, Problem> {
    keys.open(&hook.secret, &context(hook.id)).map(Secret::kept)
}
