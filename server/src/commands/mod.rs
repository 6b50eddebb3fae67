//! The command line: one file per subcommand.

mod analyse;
mod backup;
mod demo;
mod import;
mod recall;
mod recall_drill;
mod serve;
mod user;
mod verify_audit;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use tessera_server::analysis::command::AnalyseArgs;
use tessera_server::config::Config;
use tessera_server::error::Problem;
use tessera_server::store::Store;

/// Implant registry: record, recall, learn.
#[derive(Debug, Parser)]
#[command(name = "tessera", version, arg_required_else_help = true)]
pub struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Analyse a CSV file with the registry's own estimators.
    Analyse(AnalyseArgs),
    /// Bring in lists that others made, or a registry to try things out with.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Recall notices.
    #[command(subcommand)]
    Recall(recall::RecallCommand),
    /// Rehearse a recall on a copy of the registry: how long from notice to list?
    RecallDrill(recall_drill::RecallDrill),
    /// Copy the embedded database to one file, while it is in use.
    Backup(backup::Backup),
    /// Put a backup where the embedded database belongs.
    Restore(backup::Restore),
    /// Try it: the sample hospital, on this machine only.
    Demo(demo::Demo),
    /// Look after users.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Read the audit rows' hash chain again and say whether it is whole.
    VerifyAudit(verify_audit::VerifyAudit),
}

impl Program {
    pub fn run(self) -> Result<(), Problem> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Analyse(args) => analyse::analyse(&args),
            Command::Import(import) => import.run(),
            Command::Recall(recall) => recall.run(),
            Command::RecallDrill(drill) => drill.run(),
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
            Command::Demo(demo) => demo.run(),
            Command::User(user) => user.run(),
            Command::VerifyAudit(verify) => verify.run(),
        }
    }
}

/// Settings that can be given on the command line; what is not given comes from the environment or the file.
#[derive(Clone, Debug, Default, Args, Serialize)]
pub struct Settings {
    /// Settings file (default: tessera.toml where there is one).
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// File with the key that seals identities.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

impl Settings {
    pub fn read(&self) -> Result<Config, Problem> {
        Config::read(self.config.as_deref(), self)
    }

    pub fn open_store(&self) -> Result<Store, Problem> {
        let url = self.read()?.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        Store::open(&url)
    }
}
