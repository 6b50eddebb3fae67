//! `tessera demo`: the sample hospital on this machine, ready to try.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tessera_server::application::Application;
use tessera_server::config::Config;
use tessera_server::demonstration::{self, BADGES, PASSWORD, USERS, WRISTBAND};
use tessera_server::error::{Code, Problem};
use tessera_server::identity::keys::{IdentityKeys, create_key_file};
use tessera_server::import::synthetic::Progress;

use super::serve::{serve, start_logging};

#[derive(Debug, Args)]
pub struct Demo {
    /// Folder for the database and the key; made where it is missing, kept where it is there.
    #[arg(long, value_name = "FOLDER", default_value = "demo-data")]
    data: PathBuf,
    /// Address and port to listen on; this machine only.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Demo {
    pub fn run(self) -> Result<(), Problem> {
        if !self.listen.ip().is_loopback() {
            return Err(Problem::invalid("The demonstration's passwords are public: it listens on 127.0.0.1 only."));
        }
        std::fs::create_dir_all(&self.data).map_err(|error| {
            Problem::new(Code::Internal, format!("The folder {} cannot be made.", self.data.display())).because(error)
        })?;
        let key_file = self.data.join("identity.key");
        if !key_file.exists() {
            create_key_file(&key_file)?;
        }
        let config = Config {
            database: format!("sqlite:{}", self.data.join("registry.db").display()),
            listen: self.listen,
            key_file: Some(key_file.clone()),
            organisation: "RX1".to_owned(),
            demonstration: true,
            curve_stops_at: 10,
            curve_greys_at: 40,
            ..Config::default()
        };
        fill(&config)?;
        if std::env::var_os("RUST_LOG").is_none() {
            println!("(Set RUST_LOG=info to see each request.)");
        } else {
            start_logging(false);
        }
        serve(Application::open(config)?, welcome)
    }
}

fn fill(config: &Config) -> Result<(), Problem> {
    let url = config.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
    let keys = IdentityKeys::load(config.key_file.as_deref())?;
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template("  {spinner} {msg} ({elapsed})")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    bar.set_message("loading the sample hospital");
    demonstration::fill(&url, &keys, |progress| match progress {
        Progress::Written(uses) => bar.set_message(format!("loading the sample hospital: {uses} device uses")),
        Progress::Doing(doing) => bar.set_message(format!("loading the sample hospital: {doing}")),
    })?;
    bar.finish_and_clear();
    Ok(())
}

fn welcome(address: SocketAddr) {
    println!("\nTessera is ready: http://{address}\n");
    println!("Sign in as (password for all: {PASSWORD})");
    for user in USERS {
        println!("  {:<8} {:<16} {}", user.username, user.display_name, user.role);
    }
    println!("\nThree things to try:");
    println!("  1. As nina, open a procedure (right side, W38.1): paste this wristband into the field, Enter:");
    println!("       {}", WRISTBAND.replace('\u{1d}', "{GS}"));
    println!("     Then scan a pack:  ]d201095210010001231731073110HWKRA7");
    println!(
        "     or upload fixtures/labels/story-good.png, and story-expired.png to see a stop. Badge: {}.",
        BADGES[1].0
    );
    println!(
        "  2. As priya, enter a recall of GTIN 09521001000123, lot HWKRA7; as sam, confirm it: stock and patient appear."
    );
    println!("  3. As anders, open Devices, choose one, and read its curve with numbers at risk.");
    println!("\nlistening on http://{address}   (stop with Ctrl-C; the data stays in the folder)");
    let _ = std::io::stdout().flush();
}
