//! Posts a message and says what came of it: taken, refused, or not now.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use uuid::Uuid;

use super::{Endpoint, ServerUrl, Token};

/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 1 << 20;

/// What came of posting a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The registry has it. The answer is its record of it, the verdict among it.
    Taken(Vec<u8>),
    /// The registry will not take it, however often it is sent.
    Refused(Refusal),
    /// Nothing is known of it, or it may be taken later: send it again.
    NotNow(Trouble),
}

/// Why the registry will not take a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {words}")]
pub struct Refusal {
    /// The registry's code, such as `id-reused`.
    pub code: String,
    /// Its words.
    pub words: String,
}

/// Why a message is not delivered yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody is there.
    #[error("no connection to {server} ({why})")]
    NoConnection {
        /// The registry.
        server: ServerUrl,
        /// What the network said.
        why: String,
    },
    /// The connection broke, or no whole answer came in time; the message may have arrived.
    #[error("no whole answer from {server} ({why})")]
    NoAnswer {
        /// The registry.
        server: ServerUrl,
        /// What the network said.
        why: String,
    },
    /// The registry is there but cannot take it now.
    #[error("{server} is not able to take it now (status {status})")]
    Busy {
        /// The registry.
        server: ServerUrl,
        /// The HTTP status.
        status: u16,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
    /// The registry failed over this message.
    #[error("{server} failed over it (status 500); tell the administrator")]
    Failed {
        /// The registry.
        server: ServerUrl,
    },
    /// The workstation may not.
    #[error(
        "{server} does not let this workstation record scans (status {status}); give it a valid token with --token-file or TESSERA_TOKEN"
    )]
    NotAllowed {
        /// The registry.
        server: ServerUrl,
        /// The HTTP status.
        status: u16,
    },
    /// Something answers that is not a registry: a sign-in page of the Wi-Fi, a proxy, another program.
    #[error(
        "what answers at {server} is not a Tessera registry (status {status}); check the address and the network's sign-in page"
    )]
    NotTheRegistry {
        /// The address.
        server: ServerUrl,
        /// The HTTP status.
        status: u16,
    },
}

/// The way to one registry, by one workstation's token. Cheap to clone: all clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    server: ServerUrl,
    token: Token,
}

impl Client {
    /// A client that gives up a try after 20 seconds.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::deliver::{Client, Token};
    ///
    /// let server = "https://registry.example".parse().unwrap();
    /// let client = Client::new(server, Token::new("a-workstation-token").unwrap());
    /// assert_eq!(client.server().as_str(), "https://registry.example");
    /// ```
    pub fn new(server: ServerUrl, token: Token) -> Self {
        Self::with_timeout(server, token, Duration::from_secs(20))
    }

    /// A client that gives up a try after `timeout`.
    pub fn with_timeout(server: ServerUrl, token: Token, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would take a patient's data to who knows where.
            .max_redirects(0)
            .timeout_connect(Some(timeout.min(Duration::from_secs(5))))
            .timeout_global(Some(timeout))
            // Shorter than the server keeps an idle connection: one that it is just closing would cost a try.
            .max_idle_age(Duration::from_secs(3))
            .user_agent(concat!("tessera-scan/", env!("CARGO_PKG_VERSION")));
        let config = if server.is_this_machine() { config.proxy(None) } else { config };
        Self { agent: config.build().into(), server, token }
    }

    /// The registry.
    pub fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Posts the exact bytes, once.
    pub fn post(&self, endpoint: Endpoint, id: Uuid, body: &[u8]) -> Reply {
        let sent = self
            .agent
            .post(format!("{}{}", self.server, endpoint.path()))
            .header(AUTHORIZATION, self.token.header())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .send(body);
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => return Reply::NotNow(self.network_trouble(&error)),
        };
        let status = response.status().as_u16();
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        match response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec() {
            Ok(answer) => self.understand(id, status, wait.map(Duration::from_secs), answer),
            // The status is known, but an answer that was cut off could come from anybody on the way.
            Err(error) => Reply::NotNow(Trouble::NoAnswer { server: self.server.clone(), why: brief(&error) }),
        }
    }

    fn understand(&self, id: Uuid, status: u16, wait: Option<Duration>, answer: Vec<u8>) -> Reply {
        let server = self.server.clone();
        let json: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let problem = json["code"].as_str();
        Reply::NotNow(match (status, problem) {
            // Only who knows the id has the record. A Wi-Fi's sign-in page says 200 to everything.
            (200 | 201, _) if json["scan"]["id"].as_str().and_then(|found| found.parse().ok()) == Some(id) => {
                return Reply::Taken(answer);
            }
            (401 | 403, _) => Trouble::NotAllowed { server, status },
            (408 | 425 | 429 | 501..=599, _) => Trouble::Busy { server, status, wait },
            (500, _) => Trouble::Failed { server },
            (400..=499, Some(code)) => {
                let words = [&json["title"], &json["detail"], &json["action"]].map(|part| part.as_str().unwrap_or(""));
                return Reply::Refused(Refusal { code: code.to_owned(), words: words.join(" ").trim().to_owned() });
            }
            _ => Trouble::NotTheRegistry { server, status },
        })
    }

    fn network_trouble(&self, error: &ureq::Error) -> Trouble {
        use std::io::ErrorKind as Kind;
        let (server, why) = (self.server.clone(), brief(error));
        match error {
            ureq::Error::Io(io)
                if matches!(io.kind(), Kind::ConnectionReset | Kind::UnexpectedEof | Kind::BrokenPipe) =>
            {
                Trouble::NoAnswer { server, why }
            }
            ureq::Error::Protocol(_) | ureq::Error::Timeout(ureq::Timeout::Global) => Trouble::NoAnswer { server, why },
            _ => Trouble::NoConnection { server, why },
        }
    }
}

/// What the network said, without any of what was sent.
fn brief(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(io) => io.to_string(),
        ureq::Error::HostNotFound => "no machine of that name".to_owned(),
        ureq::Error::Timeout(_) => "it took too long".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::stub::{Act, Stub};
    use super::*;

    fn client(stub: &Stub) -> Client {
        let server = stub.url().parse().unwrap();
        Client::with_timeout(server, Token::new("a-token").unwrap(), Duration::from_millis(400))
    }

    fn post(act: Act) -> Reply {
        let stub = Stub::start(vec![act]);
        client(&stub).post(Endpoint::Scan, Uuid::nil(), b"{}")
    }

    #[test]
    fn sends_the_exact_bytes_with_the_token() {
        let stub = Stub::start(vec![Act::Take]);
        let id = Uuid::now_v7();
        let body = format!(r#"{{"id":  "{id}", "kept": "as it  is"}}"#).into_bytes();
        let Reply::Taken(_) = client(&stub).post(Endpoint::Scan, id, &body) else { panic!("it was not taken") };
        let request = stub.requests().remove(0);
        assert_eq!(request.body, body);
        assert!(request.head.starts_with("POST /api/v1/scans HTTP/1.1"), "{}", request.head);
        assert!(request.head.to_lowercase().contains("authorization: bearer a-token"), "{}", request.head);
    }

    #[test]
    fn what_may_have_been_lost_is_sent_again() {
        for act in [
            Act::CloseAtOnce,
            Act::CloseInTheHead,
            Act::CloseInTheBody,
            Act::Silence,
            Act::Answer(201, r#"{"scan": {"id": "00000000-0000-0000"#),
            Act::Answer(201, ""),
        ] {
            let reply = post(act.clone());
            assert!(matches!(reply, Reply::NotNow(_)), "{act:?}: {reply:?}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            let reply = post(Act::Answer(status, r#"{"code": "busy"}"#));
            assert!(
                matches!(reply, Reply::NotNow(Trouble::Busy { .. } | Trouble::Failed { .. })),
                "{status}: {reply:?}"
            );
        }
    }

    #[test]
    fn nobody_there_is_no_connection() {
        let stub = Stub::start(Vec::new());
        let client = client(&stub);
        drop(stub);
        let reply = client.post(Endpoint::Scan, Uuid::nil(), b"{}");
        assert!(matches!(reply, Reply::NotNow(Trouble::NoConnection { .. })), "{reply:?}");
    }

    #[test]
    fn only_the_registry_itself_takes_or_refuses() {
        for (status, body) in [
            (200, "<html>Welcome to the Wi-Fi</html>"),
            (200, r#"{"scan": {"id": "another"}}"#),
            (204, ""),
            (302, ""),
            (404, "<html>nginx</html>"),
            (413, ""),
        ] {
            let reply = post(Act::Answer(status, body));
            assert!(matches!(reply, Reply::NotNow(Trouble::NotTheRegistry { .. })), "{status} {body}: {reply:?}");
        }
        for status in [400, 404, 409, 413, 422] {
            let reply =
                post(Act::Answer(status, r#"{"code": "id-reused", "title": "This id", "detail": "was used."}"#));
            let Reply::Refused(refusal) = reply else { panic!("{status}: {reply:?}") };
            assert_eq!(refusal.to_string(), "id-reused: This id was used.");
        }
    }

    #[test]
    fn who_may_not_keeps_the_scan_and_is_told() {
        for status in [401, 403] {
            let Reply::NotNow(trouble) = post(Act::Answer(status, "{}")) else { panic!("{status}") };
            assert!(trouble.to_string().contains("valid token"), "{trouble}");
        }
    }

    #[test]
    fn a_busy_registry_says_when_to_come_back() {
        let stub = Stub::start(vec![Act::RetryAfter(7)]);
        let reply = client(&stub).post(Endpoint::Scan, Uuid::nil(), b"{}");
        let Reply::NotNow(Trouble::Busy { wait, .. }) = reply else { panic!("{reply:?}") };
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }
}
