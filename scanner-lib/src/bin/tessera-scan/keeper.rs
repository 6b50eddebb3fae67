//! Scans into the outbox, acknowledged once they are on the disk, and delivered alongside.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{Datelike as _, Utc};
use tessera_scanner::deliver::{Courier, Outbox, OutboxError, Scan, ScannedSymbol, ServerUrl};
use tessera_scanner::handheld::Workstation;
use tessera_scanner::udi::{Entry, RawScan};
use uuid::Uuid;

use super::delivery::{Delivery, End};
use super::pairing::Pairing;
use super::screen::Screen;
use super::settings::{Failure, OutboxFile, Right, STILL_WAITS};

/// What was delivered longer ago is removed.
const KEEP_DELIVERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// How scans are kept and sent.
#[derive(Debug, clap::Args)]
pub struct Sending {
    #[command(flatten)]
    right: Right,
    #[command(flatten)]
    outbox: OutboxFile,
    /// The workstation, as its scanner is set up in the registry (page "Set up this workstation's scanner").
    #[arg(long, value_name = "NAME", env = "TESSERA_WORKSTATION")]
    workstation: Option<Workstation>,
    /// After the last scan, how long to try while the registry cannot be reached.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    patience: u64,
}

/// Puts scans into the outbox, and only then acknowledges them.
pub struct Keeper {
    outbox: Outbox,
    server: ServerUrl,
    procedure: Uuid,
    workstation: Option<Workstation>,
    pairing: Pairing,
    screen: Screen,
    /// To the delivery; gone with the keeper, which tells the delivery that no more will come.
    kept: Sender<Uuid>,
    delivery: JoinHandle<Result<End, OutboxError>>,
}

impl Keeper {
    /// Opens the outbox and begins to deliver; the scans belong to `procedure` in the registry at `server`.
    ///
    /// # Errors
    /// The outbox cannot be opened, or there is no right to deliver.
    pub fn open(server: &ServerUrl, procedure: Uuid, by: &Sending, screen: Screen) -> Result<Self, Failure> {
        let mut outbox = by.outbox.open()?;
        outbox.prune(KEEP_DELIVERED)?;
        let courier = Courier::new(by.outbox.open()?, by.right.client(server)?);
        let (kept, hears) = channel();
        // Delivery runs alongside: the next scan is kept and acknowledged whatever the network does.
        let delivery = Delivery::new(screen.clone(), courier, hears, Duration::from_secs(by.patience));
        let delivery = std::thread::Builder::new().name("delivery".to_owned()).spawn(move || delivery.run())?;
        Ok(Self {
            outbox,
            server: server.clone(),
            procedure,
            workstation: by.workstation.clone(),
            pairing: Pairing::default(),
            screen,
            kept,
            delivery,
        })
    }

    /// Waits for the delivery; `all_kept` says whether every scan came into the outbox.
    ///
    /// # Errors
    /// The outbox could not be read or written.
    pub fn finish(self, all_kept: bool) -> Result<ExitCode, Failure> {
        drop(self.kept);
        let end =
            self.delivery.join().map_err(|_| "the delivery stopped unexpectedly; what was kept is in the outbox")??;
        Ok(match (all_kept && end.refused == 0, end.trouble) {
            (false, _) => ExitCode::FAILURE,
            (true, Some(_)) => ExitCode::from(STILL_WAITS),
            (true, None) => ExitCode::SUCCESS,
        })
    }

    /// Barcodes that were scanned or seen together. If they complete the label begun by those before, they take its place.
    pub fn scanned(&mut self, together: Vec<RawScan>, entry: Entry) -> bool {
        let (year, now) = (Utc::now().year(), Instant::now());
        let first = self.pairing.completes(&together, year, now);
        let half = first.as_ref().map(|(_, half)| half.as_slice()).unwrap_or_default();
        let symbols = half.iter().chain(&together).map(ScannedSymbol::from).collect();
        let mut scan = Scan::now(self.procedure, entry, symbols);
        scan.workstation.clone_from(&self.workstation);
        scan.supersedes_scan = first.as_ref().map(|(earlier, _)| *earlier);
        let kept = self.keep(&scan);
        if kept {
            self.pairing.kept(scan.id, together, first.is_some(), year, now);
        }
        kept
    }

    /// One scan that stands for itself. `id` is its own where the same scan may come again; it is then kept once.
    pub fn pictured(&mut self, id: Option<Uuid>, symbols: Vec<ScannedSymbol>) -> bool {
        let mut scan = Scan::now(self.procedure, Entry::Photo, symbols);
        if let Some(id) = id {
            scan.id = id;
            if matches!(self.outbox.find(id), Ok(Some(_))) {
                self.screen.say(&format!("kept {id} before"));
                return true;
            }
        }
        self.keep(&scan)
    }

    /// The procedure that scans are kept for.
    pub fn procedure(&self) -> Uuid {
        self.procedure
    }

    fn keep(&mut self, scan: &Scan) -> bool {
        let message = scan.message(&self.server);
        let kept = self.screen.aside(|out| {
            let kept = self.outbox.keep(&message);
            let line = match &kept {
                Ok(()) => format!("kept {}", scan.id),
                Err(error) => format!("not kept: {error}"),
            };
            // Whoever reads may be gone; the scan is kept all the same.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
            kept.is_ok()
        });
        if kept {
            // A delivery that stopped says so by itself at the end.
            let _ = self.kept.send(scan.id);
        }
        kept
    }
}
