//! Settings: defaults, then a file, then the environment, then the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::wristband::{self, WristbandProfile};
use tessera_scanner::verdict::{Limits, Rule};

use crate::error::{Code, Problem};
use crate::notifications::settings::{EmailSettings, WebhookSettings};

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// File with the key that seals identities (64 hexadecimal digits). `TESSERA_IDENTITY_KEY` may hold the key itself.
    pub key_file: Option<PathBuf>,
    /// The address that browsers use, where a proxy stands in front. `https` makes cookies Secure.
    pub public_url: Option<String>,
    /// The organisation whose registry this is (ODS code).
    pub organisation: String,
    /// How the organisation prints wristbands, in the order in which that is tried: `dcb1077`, `piped`, `bare-number`, or
    /// `{ delimited = { … } }` with the organisation's own fields.
    pub wristbands: Vec<WristbandProfile>,
    /// Which parts fit together and what is held against the plan: the organisation's rules in place of Tessera's own
    /// (fixtures/compatibility).
    pub compatibility: Vec<Rule>,
    /// Threads that answer requests.
    pub workers: usize,
    /// Limits of the verdict.
    pub limits: Limits,
    /// Write logs as JSON lines rather than for a person.
    pub log_json: bool,
    /// Seconds between two runs of the job that seals the audit chain.
    pub seal_seconds: u64,
    /// Sign-in tries for one user name or one address in a minute.
    pub sign_in_tries: u32,
    /// Survival curves stop where fewer than this many are at risk.
    pub curve_stops_at: u32,
    /// The data is made up, and every page says so.
    pub demonstration: bool,
    /// Survival estimates are greyed where fewer than this many are at risk.
    pub curve_greys_at: u32,
    /// Counts from 1 to below this are not told to analysts; 0 tells all.
    pub small_numbers_below: u32,
    /// Questions about cohorts in a minute, of one user.
    pub questions_a_minute: u32,
    /// Which hosts webhooks may reach beside the public ones.
    pub webhooks: WebhookSettings,
    /// The mail server, and who hears of recalls by e-mail; none where no e-mail is sent.
    pub email: Option<EmailSettings>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite:tessera.db".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            key_file: None,
            public_url: None,
            organisation: "RXX".to_owned(),
            wristbands: wristband::PROFILES.to_vec(),
            compatibility: own_rules(),
            workers: 2,
            limits: Limits::default(),
            log_json: false,
            seal_seconds: 10,
            sign_in_tries: 10,
            curve_stops_at: 40,
            demonstration: false,
            curve_greys_at: 250,
            small_numbers_below: 5,
            questions_a_minute: 120,
            webhooks: WebhookSettings::default(),
            email: None,
        }
    }
}

/// The rules that Tessera brings.
fn own_rules() -> Vec<Rule> {
    serde_json::from_str(include_str!("../../fixtures/compatibility/rules.json"))
        .expect("the file is in this repository, and a test reads it")
}

impl Config {
    /// Reads the settings: `file` (or `tessera.toml` where there is one), then variables `TESSERA_…`
    /// (`TESSERA_LIMITS__SNAPSHOT_HOURS` for a nested one), then `overrides`.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] naming the setting that cannot be used.
    pub fn read(file: Option<&std::path::Path>, overrides: &impl Serialize) -> Result<Self, Problem> {
        let file = file.unwrap_or(std::path::Path::new("tessera.toml"));
        Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(Env::prefixed("TESSERA_").split("__").ignore(&[
                "identity_key",
                "long",
                "test_postgres",
                "token",
                "vectors",
            ]))
            .merge(Serialized::defaults(overrides))
            .extract()
            .map_err(|error| Problem::new(Code::InvalidInput, format!("A setting cannot be used: {error}.")))
    }

    /// Whether browsers reach us through TLS, so that cookies may be Secure.
    pub fn behind_tls(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use tessera_scanner::handheld::wristband;

    use super::*;

    #[test]
    fn an_organisation_brings_its_own_rules_of_compatibility() {
        assert!(!Config::default().compatibility.is_empty());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tessera.toml");
        let settings = r#"
            [[compatibility]]
            code = "lens-power"
            what = "power"
            source = "Our own policy"
            category = "lens"
            this = { component = "lens", attribute = "power" }
            that = { plan = "lens-power" }
            compare = { within = 0.5 }
        "#;
        std::fs::write(&file, settings).unwrap();
        let config = Config::read(Some(&file), &serde_json::json!({})).unwrap();
        assert_eq!(config.compatibility.len(), 1);
        assert_eq!(config.compatibility[0].source, "Our own policy");
        std::fs::write(&file, settings.replace("category", "kind")).unwrap();
        let refused = Config::read(Some(&file), &serde_json::json!({})).unwrap_err();
        assert!(refused.detail().contains("compatibility"), "{}", refused.detail());
    }

    #[test]
    fn an_organisation_lists_how_it_prints_wristbands() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tessera.toml");
        let settings = r#"
            organisation = "RXX"
            wristbands = ["bare-number", { delimited = { opens_with = "PAT", separator = ";", fields = ["nhs-number"] } }]
        "#;
        std::fs::write(&file, settings).unwrap();
        let config = Config::read(Some(&file), &serde_json::json!({})).unwrap();
        let read = |scan: &str| wristband::read(scan.as_bytes(), &config.wristbands).map(|band| band.nhs_number);
        let number = "9434765919".parse().ok();
        assert_eq!(read("PAT;943 476 5919;SAMPLE").unwrap(), number);
        assert_eq!(read("9434765919").unwrap(), number);
        assert!(read("W1|615592|9434765919|Sample|Amy|23/12/1981|F").is_err(), "that profile is not listed");
        std::fs::write(&file, "wristbands = [\"papyrus\"]").unwrap();
        let refused = Config::read(Some(&file), &serde_json::json!({})).unwrap_err();
        assert!(refused.detail().contains("wristbands"), "{}", refused.detail());
    }
}
