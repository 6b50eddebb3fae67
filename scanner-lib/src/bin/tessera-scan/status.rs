//! `tessera-scan status`: what waits, what was refused.

use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use tessera_scanner::deliver::{Item, Outbox, State};

use super::settings::{Failure, OutboxFile, STILL_WAITS, report};

/// So many of those that wait are shown one by one.
const SHOWN: i64 = 5;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    outbox: OutboxFile,
}

/// Ends well where nothing waits and nothing was refused; 75 where something waits; 1 where something was refused.
pub fn run(arguments: &Arguments) -> ExitCode {
    report(status(arguments))
}

fn status(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let path = arguments.outbox.path()?;
    if !path.exists() {
        println!("Nothing was ever kept in {}.", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    print(&mut Outbox::open(&path)?, &mut io::stdout().lock())
}

fn print(outbox: &mut Outbox, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let tally = outbox.tally()?;
    if tally.is_empty() {
        writeln!(out, "The outbox is empty.")?;
    }
    for one in &tally {
        let since = one.waiting_since.map(|time| format!(" (the oldest since {})", minute(time))).unwrap_or_default();
        writeln!(
            out,
            "{}: {} waiting{since}, {} refused, {} delivered",
            one.server, one.waiting, one.refused, one.delivered
        )?;
    }
    let waiting = outbox.list(State::Waiting, SHOWN)?;
    if !waiting.is_empty() {
        writeln!(out, "Waiting, oldest first; `tessera-scan deliver` sends them:")?;
        waiting.iter().try_for_each(|item| print_item(out, item))?;
    }
    let refused = outbox.list(State::Refused, i64::MAX)?;
    if !refused.is_empty() {
        writeln!(out, "Refused; put right what stands in the way, then `tessera-scan deliver --again ID`:")?;
        refused.iter().try_for_each(|item| print_item(out, item))?;
    }
    Ok(match (refused.is_empty(), waiting.is_empty()) {
        (false, _) => ExitCode::FAILURE,
        (true, false) => ExitCode::from(STILL_WAITS),
        (true, true) => ExitCode::SUCCESS,
    })
}

fn print_item(out: &mut impl Write, item: &Item) -> io::Result<()> {
    let why = item.last_error.as_deref().unwrap_or("not tried yet");
    let tries = if item.tries == 1 { "1 try".to_owned() } else { format!("{} tries", item.tries) };
    writeln!(out, "  {} kept {}, {tries}: {why}", item.id, minute(item.created))
}

fn minute(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
