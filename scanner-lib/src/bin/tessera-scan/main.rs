//! The program of the theatre workstation: reads packs, and delivers what it read.
//!
//! `post` and `watch` take scans and pictures in; `keeper` puts them into the outbox, and `delivery` sends them alongside.

mod deliver;
mod delivery;
mod keeper;
mod pairing;
mod parse;
mod post;
mod read;
mod scanners;
mod screen;
mod settings;
mod status;
mod watch;
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
    /// Watch a camera, or a folder of photographs, and record every pack that it shows.
    Watch(watch::Arguments),
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
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Scanners => scanners::run(),
        Command::Deliver(arguments) => deliver::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
    }
}
