//! The program of the theatre workstation: reads packs, and delivers what it read.

mod deliver;
mod pairing;
mod parse;
mod post;
mod read;
mod scanners;
mod settings;
mod status;
mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads the barcodes of implant packs, and delivers them to the registry whatever happens.
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
    /// Explain what barcodes say: from arguments, a file or standard input, without a registry.
    Parse(parse::Arguments),
    /// Record scans in the registry: pictures of packs, or lines that a handheld scanner types.
    Post(post::Arguments),
    /// List the scanners that are attached to this computer.
    Scanners,
    /// Send what waits in the outbox.
    Deliver(deliver::Arguments),
    /// Say what waits in the outbox, and what was refused.
    Status(status::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Read(arguments) => read::run(&arguments),
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Post(arguments) => post::run(&arguments),
        Command::Scanners => scanners::run(),
        Command::Deliver(arguments) => deliver::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
    }
}
