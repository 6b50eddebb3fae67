//! `tessera verify-audit`.

use clap::Args;
use tessera_server::audit::chain::{Verified, verify};
use tessera_server::error::{Code, Problem};

use super::Settings;

#[derive(Debug, Args)]
pub struct VerifyAudit {
    #[command(flatten)]
    settings: Settings,
}

impl VerifyAudit {
    pub fn run(self) -> Result<(), Problem> {
        match self.settings.open_store()?.read_now(verify)? {
            Verified::Whole { sealed, waiting } => {
                println!("The audit chain is whole: {sealed} rows sealed, {waiting} waiting for the sealing job.");
                Ok(())
            }
            Verified::Broken { position } => Err(Problem::new(
                Code::Internal,
                format!("The audit chain is broken at position {position}: a row was changed, removed or slipped in."),
            )),
        }
    }
}
