//! `tessera user`: users are added by an administrator on the server itself.

use std::io::Read as _;

use clap::{Args, Subcommand};
use tessera_server::access::store::{self as access_store, NewUser, SessionKind};
use tessera_server::access::{Actor, Password, Role, Token};
use tessera_server::error::{Code, Problem};

use super::Settings;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is read from standard input.
    Add(Add),
    /// Print a token for a workstation that acts as this user.
    Token(WorkstationToken),
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    settings: Settings,
    /// Name to sign in with.
    #[arg(long)]
    username: String,
    /// Name to show (default: the user name).
    #[arg(long)]
    display_name: Option<String>,
    /// nurse, analyst, procurement, safety or admin.
    #[arg(long)]
    role: Role,
    /// The user's site, if only one (ODS code).
    #[arg(long)]
    site: Option<String>,
    /// Read the password from standard input (the only way: arguments are visible to others).
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct WorkstationToken {
    #[command(flatten)]
    settings: Settings,
    /// Name of the user that the workstation acts as.
    #[arg(long)]
    username: String,
}

impl UserCommand {
    pub fn run(self) -> Result<(), Problem> {
        match self {
            Self::Add(add) => add.run(),
            Self::Token(token) => token.run(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), Problem> {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Problem::new(Code::Unreadable, "The password could not be read.").because(error))?;
        let user = NewUser {
            display_name: self.display_name.unwrap_or_else(|| self.username.clone()),
            username: self.username,
            role: self.role,
            site_code: self.site,
            password: Password::new(text.trim_end_matches(['\r', '\n']))?.hash()?,
        };
        let name = user.username.clone();
        let store = self.settings.open_store()?;
        store.write_now(move |tx| access_store::add_user(tx, &Actor::System, &user))?;
        println!("added {name}");
        Ok(())
    }
}

impl WorkstationToken {
    fn run(self) -> Result<(), Problem> {
        let store = self.settings.open_store()?;
        let user = store.read_now(|connection| access_store::user_named(connection, &self.username))?;
        let token = Token::new()?;
        let kept = token.clone();
        store.write_now(move |tx| access_store::begin_session(tx, &user, &kept, SessionKind::Workstation))?;
        println!("{}", token.reveal());
        Ok(())
    }
}
