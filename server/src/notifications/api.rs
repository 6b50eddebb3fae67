//! Webhooks and deliveries over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::delivery::{Delivery, DeliveryId, DeliveryState};
use super::destination::Destinations;
use super::event::EventKind;
use super::store::{self as notifications, DeliveryFilter, Due, webhooks};
use super::webhook::{NewWebhook, Webhook, WebhookId};
use crate::access::{ManageWebhooks, Permit, ReadNotifications};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::store::Store;
use crate::store::columns::Moment;

/// Deliveries of one answer at the most.
pub(super) const MOST: i64 = 200;

/// A webhook, with its secret where that is shown: once.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookRecord {
    /// The webhook.
    #[serde(flatten)]
    webhook: Webhook,
    /// What its sendings are signed with (Standard Webhooks); only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// One delivery with what it tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryRecord {
    /// The delivery.
    #[serde(flatten)]
    delivery: Delivery,
    /// What happened.
    kind: EventKind,
    /// In a few words.
    subject: String,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    occurred_at: Moment,
}

impl From<Due> for DeliveryRecord {
    fn from(due: Due) -> Self {
        let Due { delivery, event, .. } = due;
        Self { delivery, kind: event.kind, subject: event.subject, occurred_at: event.occurred_at }
    }
}

/// Set a webhook up; the answer has its secret, once
#[utoipa::path(tag = "notifications", request_body = NewWebhook, responses(
    (status = 201, body = WebhookRecord), (status = 200, body = WebhookRecord, description = "It was there already: no secret"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/webhooks")]
pub async fn add_webhook(
    store: web::Data<Store>,
    config: web::Data<Config>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<ManageWebhooks>,
    new: web::Json<NewWebhook>,
) -> Result<HttpResponse, Problem> {
    let new = new.checked(&Destinations::new(&config.webhooks.inside))?;
    let (user, keys) = (permit.user().clone(), keys.into_inner());
    let (webhook, secret) = store.write(move |tx| webhooks::add(tx, &keys, &user, &new)).await?;
    let mut answer = if secret.is_some() { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(WebhookRecord { webhook, secret: secret.map(|secret| secret.shown()) }))
}

/// All webhooks, the latest first; without secrets
#[utoipa::path(tag = "notifications", responses((status = 200, body = Vec<Webhook>)))]
#[get("/webhooks")]
pub async fn list_webhooks(
    store: web::Data<Store>,
    _permit: Permit<ReadNotifications>,
) -> Result<web::Json<Vec<Webhook>>, Problem> {
    store.read(webhooks::list).await.map(web::Json)
}

/// Give a webhook a new secret; the old one signs nothing from then on
#[utoipa::path(tag = "notifications", params(("id" = WebhookId, Path)), responses(
    (status = 200, body = WebhookRecord), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/webhooks/{id}/secret")]
pub async fn renew_secret(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
) -> Result<web::Json<WebhookRecord>, Problem> {
    let (user, keys, id) = (permit.user().clone(), keys.into_inner(), id.into_inner());
    let (webhook, secret) = store.write(move |tx| webhooks::renew_secret(tx, &keys, &user, id)).await?;
    Ok(web::Json(WebhookRecord { webhook, secret: Some(secret.shown()) }))
}

/// Send a test to a webhook
#[utoipa::path(tag = "notifications", params(("id" = WebhookId, Path)), responses(
    (status = 202, body = Delivery), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/webhooks/{id}/test")]
pub async fn test_webhook(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let delivery = store.write(move |tx| webhooks::test(tx, &user, id)).await?;
    Ok(HttpResponse::Accepted().json(delivery))
}

/// Stop a webhook for good
#[utoipa::path(tag = "notifications", params(("id" = WebhookId, Path)), responses(
    (status = 200, body = Webhook), (status = 404, body = ProblemDetails)))]
#[post("/webhooks/{id}/stop")]
pub async fn stop_webhook(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
) -> Result<web::Json<Webhook>, Problem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    store.write(move |tx| webhooks::stop(tx, &user, id)).await.map(web::Json)
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DeliveryQuery {
    /// Only in this state.
    pub(super) state: Option<DeliveryState>,
}

impl DeliveryQuery {
    pub(super) fn filter(&self) -> DeliveryFilter {
        DeliveryFilter { state: self.state, limit: MOST }
    }
}

/// The latest 200 deliveries, to webhooks and by e-mail
#[utoipa::path(tag = "notifications", params(DeliveryQuery), responses((status = 200, body = Vec<DeliveryRecord>)))]
#[get("/notifications/deliveries")]
pub async fn list_deliveries(
    store: web::Data<Store>,
    _permit: Permit<ReadNotifications>,
    query: web::Query<DeliveryQuery>,
) -> Result<web::Json<Vec<DeliveryRecord>>, Problem> {
    let filter = query.filter();
    let rows = store.read(move |connection| notifications::latest(connection, filter)).await?;
    Ok(web::Json(rows.into_iter().map(DeliveryRecord::from).collect()))
}

/// Send a delivery again that was given up or waits for its next try
#[utoipa::path(tag = "notifications", params(("id" = DeliveryId, Path)), responses(
    (status = 200, body = Delivery), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/notifications/deliveries/{id}/again")]
pub async fn send_again(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<DeliveryId>,
) -> Result<web::Json<Delivery>, Problem> {
    let (actor, id) = (permit.actor(), id.into_inner());
    store.write(move |tx| notifications::again(tx, &actor, id)).await.map(web::Json)
}
