//! The page of webhooks and e-mail, and the log of what was sent.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};

use super::api::DeliveryQuery;
use super::delivery::{DeliveryId, DeliveryState};
use super::destination::Destinations;
use super::event::EventKind;
use super::signature::Secret;
use super::store::{self as notifications, Due, webhooks};
use super::webhook::{NewWebhook, Webhook, WebhookId};
use crate::access::{ManageWebhooks, Permission as _, Permit, ReadNotifications, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::store::Store;
use crate::theatre::organisations::sites;
use crate::web::notifications::{DeliveryLogPage, DeliveryRow, NotificationsPage, SecretShown, WebhookRow};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::words::{count, moment};
use crate::web::{Choice, FieldError, Page};

/// `GET /notifications`
#[get("/notifications")]
pub async fn show_notifications(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadNotifications>,
) -> Result<HttpResponse, PageProblem> {
    show(&page(&store, &config, &permit, None, &HashMap::new()).await?)
}

async fn page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    shown: Option<SecretShown>,
    typed: &HashMap<String, String>,
) -> Result<NotificationsPage, Problem> {
    let (hooks, sites) = store.read(|connection| Ok((webhooks::list(connection)?, sites(connection)?))).await?;
    let field = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let site = field("site");
    let choices = Choice::list(sites.clone(), &site);
    Ok(NotificationsPage {
        page: Page::of(who, config, "Webhooks and e-mail", "/recalls"),
        email: email(config),
        rows: hooks.iter().map(|hook| row(hook, &sites)).collect(),
        may_manage: ManageWebhooks::ROLES.contains(&who.user().role),
        shown,
        id: WebhookId::new().to_string(),
        url: field("url"),
        note: field("note"),
        sites: std::iter::once(Choice {
            selected: site.is_empty(),
            text: "The whole organisation".into(),
            ..Choice::default()
        })
        .chain(choices)
        .collect(),
        kinds: kinds().map(|kind| choice(kind, typed.contains_key(kind.word()))).collect(),
        errors: Vec::new(),
    })
}

/// What a webhook can be told.
fn kinds() -> impl Iterator<Item = EventKind> {
    EventKind::ALL.iter().copied().filter(|kind| *kind != EventKind::Test)
}

fn choice(kind: EventKind, selected: bool) -> Choice {
    Choice { value: kind.word().to_owned(), text: kind.in_words().to_owned(), selected }
}

fn email(config: &Config) -> String {
    match &config.email {
        None => "No e-mail is sent: the settings file names no mail server (section email).".to_owned(),
        Some(email) => {
            let readers = count(email.readers(None).len(), "safety address hears", "safety addresses hear");
            let sites = count(email.sites.len(), "site", "sites");
            format!(
                "Through {}: {readers} of new, confirmed and amended recalls, deadlines and escalations; {sites} with addresses of their own.",
                email.server
            )
        }
    }
}

fn row(hook: &Webhook, sites: &[(String, String)]) -> WebhookRow {
    let site = hook.site_code.as_deref().map_or("The whole organisation", |code| {
        sites.iter().find(|(known, _)| known == code).map_or(code, |(_, name)| name.as_str())
    });
    let wanted: Vec<&str> =
        kinds().filter(|kind| hook.kinds.split(' ').any(|word| word == kind.word())).map(EventKind::in_words).collect();
    WebhookRow {
        id: hook.id.to_string(),
        url: hook.url.clone(),
        note: hook.note.clone(),
        site: site.to_owned(),
        kinds: if wanted.is_empty() { "Everything".to_owned() } else { wanted.join(", ") },
        stopped: hook.stopped_at.map(moment).unwrap_or_default(),
    }
}

fn new_webhook(fields: &HashMap<String, String>) -> Result<NewWebhook, Problem> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let id = field("id").parse().map_err(|_| Problem::invalid("The form came without the webhook's identifier."))?;
    Ok(NewWebhook {
        id,
        url: field("url"),
        site: Some(field("site")).filter(|site| !site.is_empty()),
        kinds: kinds().filter(|kind| fields.contains_key(kind.word())).collect(),
        note: field("note"),
    })
}

/// `POST /notifications/webhooks`: the answer shows the secret, once.
#[post("/notifications/webhooks")]
pub async fn post_webhook(
    store: web::Data<Store>,
    config: web::Data<Config>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<ManageWebhooks>,
    form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, keys, fields) = (permit.user().clone(), keys.into_inner(), form.0);
    let added = match new_webhook(&fields).and_then(|new| new.checked(&Destinations::new(&config.webhooks.inside))) {
        Ok(new) => store.write(move |tx| webhooks::add(tx, &keys, &user, &new)).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok((hook, secret)) => {
            let shown = secret.map(|secret| secret_of(&hook, &secret));
            Ok(show(&page(&store, &config, &permit, shown, &HashMap::new()).await?)?)
        }
        Err(problem) if problem.code() == Code::InvalidInput => {
            let errors = vec![FieldError { field: "url".into(), text: problem.detail().to_owned() }];
            let page = page(&store, &config, &permit, None, &fields).await?;
            let mut answer = show(&NotificationsPage { errors, ..page })?;
            *answer.status_mut() = problem.code().status();
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

fn secret_of(hook: &Webhook, secret: &Secret) -> SecretShown {
    SecretShown { url: hook.url.clone(), secret: secret.shown() }
}

/// `POST /notifications/webhooks/{id}/secret`: the answer shows the new secret, once.
#[post("/notifications/webhooks/{id}/secret")]
pub async fn post_secret(
    store: web::Data<Store>,
    config: web::Data<Config>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, keys, id) = (permit.user().clone(), keys.into_inner(), id.into_inner());
    let (hook, secret) = store.write(move |tx| webhooks::renew_secret(tx, &keys, &user, id)).await?;
    show(&page(&store, &config, &permit, Some(secret_of(&hook, &secret)), &HashMap::new()).await?)
}

/// `POST /notifications/webhooks/{id}/test`
#[post("/notifications/webhooks/{id}/test")]
pub async fn post_test(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    store.write(move |tx| webhooks::test(tx, &user, id)).await?;
    Ok(see_other("/notifications/log"))
}

/// `POST /notifications/webhooks/{id}/stop`
#[post("/notifications/webhooks/{id}/stop")]
pub async fn post_stop(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<WebhookId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    store.write(move |tx| webhooks::stop(tx, &user, id)).await?;
    Ok(see_other("/notifications"))
}

/// `GET /notifications/log`
#[get("/notifications/log")]
pub async fn show_log(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadNotifications>,
    query: web::Query<DeliveryQuery>,
) -> Result<HttpResponse, PageProblem> {
    let filter = query.filter();
    let rows = store.read(move |connection| notifications::latest(connection, filter)).await?;
    show(&DeliveryLogPage {
        page: Page::of(&permit, &config, "What was sent", "/recalls"),
        may_send: ManageWebhooks::ROLES.contains(&permit.user().role),
        only_dead: filter.state == Some(DeliveryState::Dead),
        rows: rows.into_iter().map(delivery_row).collect(),
    })
}

fn delivery_row(due: Due) -> DeliveryRow {
    let Due { delivery, event, webhook } = due;
    let to = delivery.address.or_else(|| webhook.map(|hook| hook.url)).unwrap_or_default();
    let (state, tag) = match delivery.state {
        DeliveryState::Waiting if delivery.tries == 0 => ("Waiting".to_owned(), "nhsuk-tag--blue"),
        DeliveryState::Waiting => (format!("Again at {}", moment(delivery.next_try_at)), "nhsuk-tag--yellow"),
        DeliveryState::Delivered => ("Delivered".to_owned(), "nhsuk-tag--green"),
        DeliveryState::Dead => ("Given up".to_owned(), "nhsuk-tag--red"),
    };
    DeliveryRow {
        id: delivery.id.to_string(),
        subject: event.subject,
        occurred: moment(event.occurred_at),
        to,
        state,
        tag,
        tries: count(usize::try_from(delivery.tries).unwrap_or_default(), "try", "tries"),
        answer: delivery.answer,
        may_send: delivery.state == DeliveryState::Dead,
    }
}

/// `POST /notifications/log/{id}`: sends again.
#[post("/notifications/log/{id}")]
pub async fn post_again(
    store: web::Data<Store>,
    permit: Permit<ManageWebhooks>,
    id: web::Path<DeliveryId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, id) = (permit.actor(), id.into_inner());
    store.write(move |tx| notifications::again(tx, &actor, id)).await?;
    Ok(see_other("/notifications/log"))
}
