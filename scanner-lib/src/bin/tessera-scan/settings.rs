//! What several subcommands ask for: which registry, by whose right, and which outbox.

use std::path::PathBuf;
use std::process::ExitCode;

use tessera_scanner::deliver::{Client, Outbox, ServerUrl, Token};
use zeroize::Zeroizing;

/// Kept, but not all of it delivered: `EX_TEMPFAIL` of sysexits.h.
pub const STILL_WAITS: u8 = 75;

/// Why a subcommand cannot begin.
pub type Failure = Box<dyn std::error::Error>;

/// By whose right scans are sent.
#[derive(Debug, clap::Args)]
pub struct Right {
    #[arg(
        long,
        value_name = "FILE",
        help = "File with the workstation's token (else the environment's TESSERA_TOKEN)"
    )]
    token_file: Option<PathBuf>,
    /// Send over unencrypted HTTP to another machine: only in a closed test network.
    #[arg(long)]
    plain_http: bool,
}

impl Right {
    /// A client for this registry.
    pub fn client(&self, server: &ServerUrl) -> Result<Client, Failure> {
        if !server.is_private() && !self.plain_http {
            return Err(format!(
                "{server} is not encrypted: scans hold identities. Use https://…, or --plain-http in a closed test network"
            )
            .into());
        }
        let token = match (&self.token_file, std::env::var("TESSERA_TOKEN").map(Zeroizing::new)) {
            (Some(file), _) => Token::read(file)?,
            (None, Ok(text)) => Token::new(&text)?,
            (None, Err(_)) => {
                return Err("there is no token: name a file with --token-file or set TESSERA_TOKEN \
                            (`tessera user token` on the server prints one)"
                    .into());
            }
        };
        Ok(Client::new(server.clone(), token))
    }
}

/// Where the outbox is.
#[derive(Debug, clap::Args)]
pub struct OutboxFile {
    #[arg(
        long = "outbox",
        value_name = "FILE",
        env = "TESSERA_OUTBOX",
        help = "The outbox (default: tessera/outbox.db in the user's state folder, $XDG_STATE_HOME or ~/.local/state)"
    )]
    file: Option<PathBuf>,
}

impl OutboxFile {
    /// Its path.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(file) = &self.file {
            return Ok(file.clone());
        }
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")));
        Ok(state.ok_or("there is no home folder: name the outbox with --outbox")?.join("tessera/outbox.db"))
    }

    /// The outbox, made where there is none.
    pub fn open(&self) -> Result<Outbox, Failure> {
        Ok(Outbox::open(&self.path()?)?)
    }
}

/// Runs a subcommand; says what went wrong where it could not begin or go on.
pub fn report(outcome: Result<ExitCode, Failure>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("tessera-scan: {error}.");
        ExitCode::FAILURE
    })
}
