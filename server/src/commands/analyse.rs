//! `tessera analyse`.

use tessera_server::analysis::command::{AnalyseArgs, run};
use tessera_server::error::Problem;

/// Runs the analysis; what is wrong with the file is for the person who named it.
pub fn analyse(args: &AnalyseArgs) -> Result<(), Problem> {
    run(args).map_err(|error| Problem::invalid(format!("{error}.")))
}
