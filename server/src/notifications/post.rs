//! Sends one event to one webhook.

use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::destination::{Destinations, host_of};
use super::event::Event;
use super::signature::Secret;
use crate::error::{Code, Problem};

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends over HTTP, to where that is allowed.
#[derive(Clone, Debug)]
pub struct Poster {
    agent: Agent,
}

/// Resolves names, and keeps only addresses that may be reached.
#[derive(Debug)]
struct Guarded {
    resolver: DefaultResolver,
    destinations: Destinations,
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (found, host) = (self.resolver.resolve(uri, config, timeout)?, host_of(uri));
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.destinations.may_reach(&host, address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() { Err(Error::HostNotFound) } else { Ok(kept) }
    }
}

impl Poster {
    /// One that reaches only these.
    pub fn new(destinations: Destinations) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // A redirect would lead where nobody checked; a proxy would look names up without us.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent(concat!("Tessera/", env!("CARGO_PKG_VERSION")))
            .build();
        let guarded = Guarded { resolver: DefaultResolver::default(), destinations };
        Self { agent: Agent::with_parts(config, DefaultConnector::new(), guarded) }
    }

    /// Sends it; answers what the receiver said, as an error where it did not take it (any status but 2xx).
    ///
    /// # Errors
    /// [`Code::Internal`] where the request cannot be written.
    pub fn post(&self, url: &str, secret: &Secret, event: &Event, now: i64) -> Result<Result<String, String>, Problem> {
        let uri: Uri = url
            .parse()
            .map_err(|error| Problem::new(Code::Internal, "A webhook's address cannot be read.").because(error))?;
        let sent = self
            .agent
            .post(uri)
            .header("content-type", "application/json")
            .header("webhook-id", event.id.to_string())
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", secret.sign(event.id, now, &event.body))
            .send(&event.body);
        Ok(match sent {
            Ok(answer) if answer.status().is_success() => Ok(answer.status().as_u16().to_string()),
            Ok(answer) if answer.status().is_redirection() => {
                Err(format!("{}: redirects are not followed", answer.status().as_u16()))
            }
            Ok(answer) => Err(answer.status().as_u16().to_string()),
            Err(Error::HostNotFound) => Err("no address of this host may be reached".to_owned()),
            Err(error) => Err(error.to_string()),
        })
    }
}
