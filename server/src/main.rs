//! The program `tessera`: the registry's server and everything an administrator or analyst runs beside it.

mod commands;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match commands::Program::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            problem.log();
            eprintln!("tessera: {problem}");
            let mut cause = std::error::Error::source(&problem);
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
