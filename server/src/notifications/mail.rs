//! Sends one event to one e-mail address.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport as _};
use serde::Deserialize;

use super::delivery::Delivery;
use super::event::Event;
use super::settings::{EmailSettings, MailSecurity};
use crate::error::{Code, Problem};

/// How long the mail server may take for each step.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends over SMTP.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    /// Where a reader opens Tessera; empty where that is not set.
    public_url: String,
}

/// What a mail tells of an event.
#[derive(Debug, Deserialize)]
struct Told {
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(default)]
    title: String,
    #[serde(default)]
    site: Option<String>,
    text: String,
    #[serde(default)]
    path: String,
}

impl Mailer {
    /// One for these settings.
    ///
    /// # Errors
    /// [`Code::InvalidInput`], naming the setting that cannot be used.
    pub fn new(settings: &EmailSettings, public_url: Option<&str>) -> Result<Self, Problem> {
        settings.check()?;
        let encrypted = || {
            TlsParameters::new(settings.server.clone())
                .map_err(|error| Problem::invalid("email.server is no name that TLS can check.").because(error))
        };
        let tls = match settings.security {
            MailSecurity::Tls => Tls::Wrapper(encrypted()?),
            MailSecurity::StartTls => Tls::Required(encrypted()?),
            MailSecurity::None => Tls::None,
        };
        let mut transport =
            SmtpTransport::builder_dangerous(&settings.server).port(settings.port()).tls(tls).timeout(Some(PATIENCE));
        if let Some(user) = &settings.user {
            transport = transport.credentials(Credentials::new(user.clone(), settings.password.reveal().to_owned()));
        }
        let from =
            settings.from.parse().map_err(|error| Problem::invalid("email.from is no address.").because(error))?;
        let public_url = public_url.unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Self { transport: transport.build(), from, public_url })
    }

    /// Sends it; answers what the mail server said, as an error where it did not take it.
    ///
    /// # Errors
    /// [`Code::Internal`] where the message cannot be written.
    pub fn send(&self, delivery: &Delivery, event: &Event) -> Result<Result<String, String>, Problem> {
        let message = self.message(delivery, event)?;
        Ok(match self.transport.send(&message) {
            Ok(answer) => Ok(answer.code().to_string()),
            Err(error) => Err(error.to_string()),
        })
    }

    fn message(&self, delivery: &Delivery, event: &Event) -> Result<Message, Problem> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Problem::new(Code::Internal, "An e-mail could not be written.").because(error)
        };
        let to = delivery.address.as_deref().unwrap_or_default().parse().map_err(|error| failed(Box::new(error)))?;
        let told: Told = serde_json::from_str(&event.body).map_err(|error| failed(Box::new(error)))?;
        // The same in every try, so that a mailbox can drop doubles (RFC 5322, 3.6.4).
        let id = format!("<{}@{}>", delivery.id, self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(one_line(&event.subject))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(self.words(&told.data))
            .map_err(|error| failed(Box::new(error)))
    }

    fn words(&self, told: &Data) -> String {
        let mut words = Vec::new();
        if !told.title.is_empty() {
            words.push(one_line(&told.title));
        }
        words.push(one_line(&told.text));
        if let Some(site) = &told.site {
            words.push(format!("Site: {site}"));
        }
        if !self.public_url.is_empty() && !told.path.is_empty() {
            words.push(format!("{}{}", self.public_url, told.path));
        }
        words.push("Tessera names no patient in e-mails. Sign in to see more.".to_owned());
        words.join("\n\n")
    }
}

/// A text without line breaks or other control characters.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
