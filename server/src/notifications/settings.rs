//! What the settings file says of webhooks and e-mail.

use std::collections::BTreeMap;

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// Settings of webhooks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// Hosts of the hospital's own network that webhooks may reach, though their addresses are private, and without TLS.
    pub inside: Vec<String>,
}

/// How the mail server is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Tls,
    /// STARTTLS, and no mail without it.
    StartTls,
    /// In the clear: a mail server on the same machine.
    None,
}

/// A password that no log shows.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailPassword(String);

impl MailPassword {
    /// The password itself, for the mail server.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for MailPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailPassword(sealed)")
    }
}

/// Settings of e-mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    /// The mail server's name.
    pub server: String,
    /// Its port: 465 for `tls`, 587 for `starttls`, 25 for `none`, unless told.
    #[serde(default)]
    pub port: Option<u16>,
    /// How it is spoken to.
    #[serde(default)]
    pub security: MailSecurity,
    /// The user to sign in as; none where the server asks for none.
    #[serde(default)]
    pub user: Option<String>,
    /// The password; better in `TESSERA_EMAIL__PASSWORD` than in the file.
    #[serde(default)]
    pub password: MailPassword,
    /// Who writes, such as `Tessera <tessera@trust.example>`.
    pub from: String,
    /// Safety staff who hear of every recall.
    pub to: Vec<String>,
    /// By site (ODS code), who hears of that site's deadlines as well.
    #[serde(default)]
    pub sites: BTreeMap<String, Vec<String>>,
}

impl EmailSettings {
    /// The port.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
            MailSecurity::None => 25,
        })
    }

    /// Who hears of something at this site, or of no site: each once.
    pub fn readers(&self, site: Option<&str>) -> Vec<&str> {
        let of_site = site.and_then(|site| self.sites.get(site)).into_iter().flatten();
        let mut readers: Vec<&str> = self.to.iter().chain(of_site).map(|address| address.trim()).collect();
        readers.sort_unstable();
        readers.dedup();
        readers
    }

    /// Refuses what would only fail when the first mail is sent.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the setting.
    pub fn check(&self) -> Result<(), Problem> {
        let all =
            self.to.iter().chain(self.sites.values().flatten()).map(|address| ("email.to or email.sites", address));
        for (setting, address) in all.chain([("email.from", &self.from)]) {
            address.parse::<Mailbox>().map_err(|error| {
                Problem::invalid(format!("{setting}: \"{address}\" is no e-mail address: {error}."))
            })?;
        }
        if self.to.is_empty() {
            return Err(Problem::invalid("email.to names nobody who would hear of a recall."));
        }
        let this_machine = ["localhost", "127.0.0.1", "::1"].contains(&self.server.as_str());
        if self.security == MailSecurity::None && !this_machine {
            return Err(Problem::invalid(
                "email.security is none: mail goes in the clear only to a server on this machine. Use tls or starttls.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut EmailSettings)) -> EmailSettings {
        let mut settings = EmailSettings {
            server: "smtp.trust.example".to_owned(),
            port: None,
            security: MailSecurity::Tls,
            user: None,
            password: MailPassword("hidden".to_owned()),
            from: "Tessera <tessera@trust.example>".to_owned(),
            to: vec!["safety@trust.example".to_owned()],
            sites: BTreeMap::from([("RXX01".to_owned(), vec!["north@trust.example".to_owned()])]),
        };
        change(&mut settings);
        settings
    }

    #[test]
    fn settings_that_cannot_work_are_named_at_the_start() {
        let refused = |change: fn(&mut EmailSettings)| settings(change).check().unwrap_err().detail().to_owned();
        settings(|_| ()).check().unwrap();
        assert!(refused(|one| one.to.push("nobody".to_owned())).contains("nobody"));
        assert!(refused(|one| one.from = "x".to_owned()).contains("email.from"));
        assert!(refused(|one| one.to.clear()).contains("email.to"));
        assert!(refused(|one| one.security = MailSecurity::None).contains("email.security"));
        assert!(!format!("{:?}", settings(|_| ())).contains("hidden"));
    }

    #[test]
    fn a_site_s_people_hear_of_their_site() {
        let settings = settings(|_| ());
        assert_eq!(settings.readers(Some("RXX01")), ["north@trust.example", "safety@trust.example"]);
        assert_eq!(settings.readers(Some("RXX02")), ["safety@trust.example"]);
        assert_eq!((settings.readers(None).len(), settings.port()), (1, 465));
    }
}
