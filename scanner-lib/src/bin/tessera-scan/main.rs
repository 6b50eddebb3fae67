//! The program of the theatre workstation: reads packs, and delivers what it read.

mod read;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads the barcodes of implant packs.
#[derive(Debug, Parser)]
#[command(name = "tessera-scan", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what is on pictures of packs.
    Read(read::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Read(arguments) => read::run(&arguments),
    }
}
