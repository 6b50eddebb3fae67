//! Webhooks and e-mail, and the log of what was sent.

use askama::Template;

use super::{Choice, FieldError, Page};

/// `GET /notifications`
#[derive(Debug, Template)]
#[template(path = "notifications.html")]
pub struct NotificationsPage {
    /// The frame.
    pub page: Page,
    /// How e-mail goes out, in a sentence.
    pub email: String,
    /// The webhooks, the latest first.
    pub rows: Vec<WebhookRow>,
    /// Whether this role may set webhooks up.
    pub may_manage: bool,
    /// A secret that was just made: this page shows it once.
    pub shown: Option<SecretShown>,
    /// The id under which a new one would be set up.
    pub id: String,
    /// The address as typed.
    pub url: String,
    /// The note as typed.
    pub note: String,
    /// The whole organisation, and its sites.
    pub sites: Vec<Choice>,
    /// What it can be told.
    pub kinds: Vec<Choice>,
    /// What is wrong with the form.
    pub errors: Vec<FieldError>,
}

/// One webhook.
#[derive(Clone, Debug)]
pub struct WebhookRow {
    /// Its identifier.
    pub id: String,
    /// Where to.
    pub url: String,
    /// What it is for.
    pub note: String,
    /// Of which site it hears.
    pub site: String,
    /// Of what.
    pub kinds: String,
    /// When it was stopped; empty where it works.
    pub stopped: String,
}

/// A secret, shown once.
#[derive(Clone, Debug)]
pub struct SecretShown {
    /// Of the webhook at this address.
    pub url: String,
    /// The secret.
    pub secret: String,
}

/// `GET /notifications/log`
#[derive(Debug, Template)]
#[template(path = "notification_log.html")]
pub struct DeliveryLogPage {
    /// The frame.
    pub page: Page,
    /// Whether this role may send again.
    pub may_send: bool,
    /// Only what was given up is shown.
    pub only_dead: bool,
    /// The latest deliveries.
    pub rows: Vec<DeliveryRow>,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// Its identifier.
    pub id: String,
    /// What happened.
    pub subject: String,
    /// When.
    pub occurred: String,
    /// To whom.
    pub to: String,
    /// How far it has come.
    pub state: String,
    /// The state's colour.
    pub tag: &'static str,
    /// How often it was tried.
    pub tries: String,
    /// What the receiver said last.
    pub answer: String,
    /// It was given up.
    pub may_send: bool,
}
