//! Sends what waits, for as long as the server runs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web;
use chrono::Utc;

use super::delivery::Delivery;
use super::destination::Destinations;
use super::mail::Mailer;
use super::post::Poster;
use super::settings::EmailSettings;
use super::store::{self as notifications, Due, webhooks};
use crate::config::Config;
use crate::error::Problem;
use crate::identity::keys::IdentityKeys;
use crate::store::Store;
use crate::store::columns::Moment;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);
/// What is sent to one receiver before the others are looked at again.
const IN_A_ROW: usize = 20;

/// The one who sends.
#[derive(Clone, Debug)]
pub struct Courier {
    store: Store,
    keys: IdentityKeys,
    poster: Poster,
    email: Option<(EmailSettings, Mailer)>,
    /// Receivers to whom something is on its way: a slow one holds up no other.
    busy: Arc<Mutex<HashSet<String>>>,
}

impl Courier {
    /// One for these settings.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the setting of e-mail that cannot be used.
    pub fn new(store: Store, keys: IdentityKeys, config: &Config) -> Result<Self, Problem> {
        let email = match &config.email {
            Some(settings) => Some((settings.clone(), Mailer::new(settings, config.public_url.as_deref())?)),
            None => None,
        };
        let poster = Poster::new(Destinations::new(&config.webhooks.inside));
        Ok(Self { store, keys, poster, email, busy: Arc::default() })
    }

    /// Looks every second.
    pub async fn run(self) {
        let mut clock = tokio::time::interval(EVERY);
        loop {
            clock.tick().await;
            let courier = self.clone();
            match web::block(move || courier.begin_round()).await {
                Ok(Ok(receivers)) => {
                    for waiting in receivers {
                        let courier = self.clone();
                        actix_web::rt::spawn(async move { web::block(move || courier.serve(&waiting)).await });
                    }
                }
                Ok(Err(problem)) => problem.log(),
                Err(_) => return,
            }
        }
    }

    /// One round, to its end: for programs and tests without an event loop. Answers how many were tried.
    ///
    /// # Errors
    /// Those of the database.
    pub fn round(&self) -> Result<usize, Problem> {
        let receivers = self.begin_round()?;
        for waiting in &receivers {
            self.serve(waiting);
        }
        Ok(receivers.iter().map(Vec::len).sum())
    }

    /// Spreads new events; answers what is due, by receiver, without those to whom something is on its way.
    fn begin_round(&self) -> Result<Vec<Vec<Due>>, Problem> {
        let (new, mut due) = self.store.read_now(|connection| {
            Ok((notifications::any_new(connection)?, notifications::due(connection, Moment::now())?))
        })?;
        if new {
            let email = self.email.as_ref().map(|(settings, _)| settings.clone());
            self.store.write_now(move |tx| notifications::spread(tx, email.as_ref()))?;
            due = self.store.read_now(|connection| notifications::due(connection, Moment::now()))?;
        }
        let mut by_receiver: HashMap<String, Vec<Due>> = HashMap::new();
        for one in due {
            by_receiver.entry(receiver(&one)).or_default().push(one);
        }
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        by_receiver.retain(|receiver, waiting| {
            waiting.truncate(IN_A_ROW);
            busy.insert(receiver.clone())
        });
        Ok(by_receiver.into_values().collect())
    }

    /// Sends to one receiver, one after the other. After the first failure the rest waits for the next round.
    fn serve(&self, waiting: &[Due]) {
        for one in waiting {
            match self.send(one) {
                Ok(true) => {}
                Ok(false) => break,
                Err(problem) => {
                    problem.log();
                    break;
                }
            }
        }
        if let Some(first) = waiting.first() {
            self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&receiver(first));
        }
    }

    /// One try; answers whether it was taken.
    fn send(&self, due: &Due) -> Result<bool, Problem> {
        let (before, now) = (due.delivery.clone(), Moment::now());
        let claimed = self.store.write_now(move |tx| notifications::claim(tx, &before, now))?;
        let Some(tried) = claimed else { return Ok(true) };
        let outcome = self.outcome(due, &tried).unwrap_or_else(|problem| {
            let told = problem.detail().to_owned();
            problem.log();
            Err(told)
        });
        let settled = tried.after(&outcome, Moment::now());
        self.store.write_now(move |tx| notifications::settle(tx, &tried, &settled))?;
        Ok(outcome.is_ok())
    }

    fn outcome(&self, due: &Due, delivery: &Delivery) -> Result<Result<String, String>, Problem> {
        match (&due.webhook, &self.email) {
            (Some(hook), _) if hook.stopped_at.is_some() => Ok(Err("the webhook was stopped".to_owned())),
            (Some(hook), _) => {
                let secret = webhooks::secret(&self.keys, hook)?;
                self.poster.post(&hook.url, &secret, &due.event, Utc::now().timestamp())
            }
            (None, Some((_, mailer))) => mailer.send(delivery, &due.event),
            (None, None) => Ok(Err("the settings name no mail server".to_owned())),
        }
    }
}

fn receiver(due: &Due) -> String {
    // All mail goes to one server.
    due.webhook.as_ref().map_or_else(|| "mail".to_owned(), |hook| hook.id.to_string())
}
