//! `tessera-scan deliver`: sends what waits in the outbox.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tessera_scanner::deliver::{Courier, Outbox, ServerUrl, Settled, State, Trouble};
use uuid::Uuid;

use super::settings::{Failure, OutboxFile, Right, STILL_WAITS, report};
use super::words;

/// With --follow, how often to look for what others have put into the outbox.
const LOOK: Duration = Duration::from_millis(500);
/// With --follow, how often to remove what was delivered long ago.
const PRUNE: Duration = Duration::from_secs(3600);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The registry (default: the one that the waiting scans were kept for).
    #[arg(long, value_name = "URL", env = "TESSERA_SERVER")]
    server: Option<ServerUrl>,
    #[command(flatten)]
    right: Right,
    #[command(flatten)]
    outbox: OutboxFile,
    /// Go on for ever: send what comes into the outbox as soon as it is there.
    #[arg(long)]
    follow: bool,
    /// Without --follow: how long to try while the registry cannot be reached.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    patience: u64,
    /// Send a refused scan once more.
    #[arg(long, value_name = "ID")]
    again: Vec<Uuid>,
    /// The registry has moved: send what waits for this address to --server.
    #[arg(long, value_name = "URL", requires = "server")]
    moved_from: Option<ServerUrl>,
    /// Remove what was delivered longer ago than this. What waits or was refused is never removed.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    keep_delivered: u64,
}

/// Ends well where everything is delivered; 75 where something waits; 1 where something was refused.
pub fn run(arguments: &Arguments) -> ExitCode {
    report(deliver(arguments))
}

fn deliver(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut outbox = arguments.outbox.open()?;
    for id in &arguments.again {
        outbox.wait_again(*id)?;
    }
    if let (Some(from), Some(to)) = (&arguments.moved_from, &arguments.server) {
        println!("{} moved from {from} to {to}", outbox.redirect(from, to)?);
    }
    let Some(server) = which_server(arguments, &mut outbox)? else {
        println!("Nothing waits.");
        return Ok(ExitCode::SUCCESS);
    };
    let mut courier = Courier::new(outbox, arguments.right.client(&server)?);
    let kept_for = Duration::from_secs(arguments.keep_delivered.saturating_mul(24 * 3600));
    if arguments.follow {
        return follow(&mut courier, kept_for);
    }
    let pass = courier.until_empty(Duration::from_secs(arguments.patience), print)?;
    courier.outbox().prune(kept_for)?;
    println!("{} delivered, {} refused", pass.delivered, pass.refused);
    if let Some(trouble) = &pass.trouble {
        println!("{}", still_waits(trouble));
    }
    Ok(match pass.trouble {
        Some(_) => ExitCode::from(STILL_WAITS),
        None if pass.refused > 0 => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}

/// The registry named, or the only one that something waits for.
fn which_server(arguments: &Arguments, outbox: &mut Outbox) -> Result<Option<ServerUrl>, Failure> {
    let waiting: Vec<_> = outbox.tally()?.into_iter().filter(|tally| tally.waiting > 0).collect();
    if let Some(server) = &arguments.server {
        for other in waiting.iter().filter(|tally| tally.server != server.as_str()) {
            println!("{} wait for {}, not for {server}.", other.waiting, other.server);
        }
        return Ok(Some(server.clone()));
    }
    match waiting.as_slice() {
        [only] => Ok(Some(only.server.parse()?)),
        [] if arguments.follow => Err("nothing waits yet: name the registry with --server".into()),
        [] => Ok(None),
        many => {
            let names: Vec<&str> = many.iter().map(|tally| tally.server.as_str()).collect();
            Err(format!("scans wait for {}: name one with --server", names.join(" and for ")).into())
        }
    }
}

fn follow(courier: &mut Courier, kept_for: Duration) -> Result<ExitCode, Failure> {
    let (mut said, mut pruned) = (None, None::<Instant>);
    loop {
        let pass = courier.pass(print)?;
        let wait = match &pass.trouble {
            Some(trouble) => {
                if said.as_ref() != Some(trouble) {
                    println!("{}", still_waits(trouble));
                }
                courier.wait(trouble)
            }
            None => LOOK,
        };
        said = pass.trouble;
        if pruned.is_none_or(|at| at.elapsed() > PRUNE) {
            courier.outbox().prune(kept_for)?;
            pruned = Some(Instant::now());
        }
        std::thread::sleep(wait);
    }
}

fn print(settled: &Settled) {
    // Answers are for whoever scanned; here it is enough to say that it arrived, or why not.
    let lines = words::lines(settled);
    let shown = if settled.state == State::Delivered { 1 } else { lines.len() };
    println!("{}", lines[..shown].join("\n"));
}

/// That nothing is lost, why it is not delivered, and what to do.
pub fn still_waits(trouble: &Trouble) -> String {
    format!("kept, not yet delivered: {trouble}. Run `tessera-scan deliver`, or leave it running with --follow.")
}
