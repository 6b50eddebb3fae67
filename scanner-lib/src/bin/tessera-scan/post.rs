//! `tessera-scan post`: keeps scans in the outbox, acknowledges them, and delivers them.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use chrono::{Datelike as _, Utc};
use tessera_scanner::deliver::{Courier, Outbox, OutboxError, Scan, ScannedSymbol, ServerUrl, Settled, State, Trouble};
use tessera_scanner::handheld::Workstation;
use tessera_scanner::source::attached::{Heard, Speed, keyboard, serial};
use tessera_scanner::source::{self, Lines, RawSize};
use tessera_scanner::symbol::{self, ReadOptions};
use tessera_scanner::udi::{Entry, RawScan};
use uuid::Uuid;

use super::deliver::still_waits;
use super::pairing::Pairing;
use super::settings::{Failure, OutboxFile, Right, STILL_WAITS, report};
use super::words;

/// What was delivered longer ago is removed.
const KEEP_DELIVERED: Duration = Duration::from_secs(30 * 24 * 3600);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(help = "The registry, such as https://registry.example", long, value_name = "URL", env = "TESSERA_SERVER")]
    server: ServerUrl,
    /// The procedure that the scans belong to.
    #[arg(long, value_name = "ID")]
    procedure: Uuid,
    #[command(flatten)]
    right: Right,
    #[command(flatten)]
    outbox: OutboxFile,
    /// The workstation, as its scanner is set up in the registry (page "Set up this workstation's scanner").
    #[arg(long, value_name = "NAME", env = "TESSERA_WORKSTATION")]
    workstation: Option<Workstation>,
    #[command(flatten)]
    from: From,
    /// Width and height of raw luma files (.luma, .gray), such as 1280x720.
    #[arg(long, value_name = "WxH")]
    raw: Option<RawSize>,
    /// Bits a second of the serial port; scanners on USB ignore it.
    #[arg(long, value_name = "BAUD", default_value_t = Speed::default().0)]
    speed: u32,
    /// After the last scan, how long to try while the registry cannot be reached.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    patience: u64,
}

/// Where the scans come from: one of these.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct From {
    /// Take scans from standard input, one a line, as a handheld scanner types them.
    #[arg(long)]
    stdin: bool,
    /// Take a scanner that plays a keyboard for ourselves: /dev/input/by-id/…-event-kbd (`tessera-scan scanners` lists them).
    #[arg(long, value_name = "DEVICE")]
    keyboard: Option<PathBuf>,
    /// Take a scanner on a serial port, such as /dev/serial/by-id/…
    #[arg(long, value_name = "PORT")]
    serial: Option<PathBuf>,
    /// Pictures of packs, one pack each: PNG, JPEG, PGM, or raw luma with --raw.
    files: Vec<PathBuf>,
}

/// For each scan prints `kept ID` once it is on the disk, then the registry's answer, or why it still waits.
///
/// Ends well where everything is delivered; 75 where something waits; 1 where something was not kept or was refused.
pub fn run(arguments: &Arguments) -> ExitCode {
    report(post(arguments))
}

fn post(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut outbox = arguments.outbox.open()?;
    outbox.prune(KEEP_DELIVERED)?;
    let courier = Courier::new(arguments.outbox.open()?, arguments.right.client(&arguments.server)?);
    let patience = Duration::from_secs(arguments.patience);
    let (kept, hears) = channel();
    // Delivery runs alongside: the next scan is kept and acknowledged whatever the network does.
    let delivery = std::thread::Builder::new()
        .name("delivery".to_owned())
        .spawn(move || Delivery::new(courier, hears, patience).run())?;
    let mut keeper = Keeper {
        outbox,
        server: arguments.server.clone(),
        procedure: arguments.procedure,
        workstation: arguments.workstation.clone(),
        pairing: Pairing::default(),
        kept,
    };
    let all_kept = match &arguments.from {
        From { stdin: true, .. } => keeper.lines(),
        From { keyboard: Some(device), .. } => keeper.attached(device, keyboard::open(device)?),
        From { serial: Some(port), .. } => keeper.attached(port, serial::open(port, Speed(arguments.speed))?),
        From { files, .. } => keeper.pictures(files, arguments.raw),
    };
    drop(keeper);
    let end = delivery.join().map_err(|_| "the delivery stopped unexpectedly; what was kept is in the outbox")??;
    Ok(match (all_kept && end.refused == 0, end.trouble) {
        (false, _) => ExitCode::FAILURE,
        (true, Some(_)) => ExitCode::from(STILL_WAITS),
        (true, None) => ExitCode::SUCCESS,
    })
}

/// Puts scans into the outbox, and only then acknowledges them.
struct Keeper {
    outbox: Outbox,
    server: ServerUrl,
    procedure: Uuid,
    workstation: Option<Workstation>,
    pairing: Pairing,
    /// To the delivery; gone with the keeper, which tells the delivery that no more will come.
    kept: Sender<Uuid>,
}

impl Keeper {
    /// One line, one scan.
    fn lines(&mut self) -> bool {
        let mut all_kept = true;
        for line in Lines::new(io::stdin().lock()) {
            match line {
                Ok(bytes) => all_kept &= self.scanned(bytes),
                Err(error) => {
                    say(&format!("not kept: {error}"));
                    return false;
                }
            }
        }
        all_kept
    }

    /// What an attached scanner gives, for ever.
    fn attached(&mut self, device: &Path, scanner: impl Iterator<Item = Heard>) -> bool {
        say(&format!("waiting for scans from {}", device.display()));
        let mut all_kept = true;
        for heard in scanner {
            match heard {
                Heard::Scan(bytes) => all_kept &= self.scanned(bytes),
                Heard::ScanWithoutEnd(bytes) => {
                    all_kept &= self.scanned(bytes);
                    say(
                        "  The scanner sent no line end. Set it up to send CR or Enter after each barcode: two scans in quick \
                         succession would be taken for one.",
                    );
                }
                Heard::Gone(why) => say(&format!("the scanner is not there, and is waited for: {why}")),
                Heard::Here => say("the scanner is there"),
            }
        }
        all_kept
    }

    /// One trigger of a scanner. A line that completes the label begun by the line before takes that one's place.
    fn scanned(&mut self, bytes: Vec<u8>) -> bool {
        let raw = RawScan { bytes, aim: None, entry: Entry::Handheld };
        let (year, now) = (Utc::now().year(), Instant::now());
        let first = self.pairing.completes(&raw, year, now);
        let symbols = first.iter().map(|(_, half)| half).chain([&raw]).map(ScannedSymbol::from).collect();
        let mut scan = Scan::now(self.procedure, Entry::Handheld, symbols);
        scan.workstation.clone_from(&self.workstation);
        scan.supersedes_scan = first.as_ref().map(|(earlier, _)| *earlier);
        let kept = self.keep(&scan);
        if kept {
            self.pairing.kept(scan.id, raw, first.is_some(), year, now);
        }
        kept
    }

    /// One picture, one pack, one scan.
    fn pictures(&mut self, files: &[PathBuf], raw: Option<RawSize>) -> bool {
        // Not `all`: one bad picture keeps none of the others from being kept.
        files.iter().filter(|file| !self.picture(file, raw)).count() == 0
    }

    fn picture(&mut self, file: &Path, raw: Option<RawSize>) -> bool {
        let symbols = match source::load(file, raw) {
            Ok(pixels) => symbol::read(&pixels.frame(), &ReadOptions::default()),
            Err(error) => {
                say(&format!("not kept: {}: {error}", file.display()));
                return false;
            }
        };
        if symbols.is_empty() {
            say(&format!(
                "not kept: {}: no barcode found. Hold the pack flat and closer, and keep reflections off it",
                file.display()
            ));
            return false;
        }
        let symbols = symbols.into_iter().map(|symbol| ScannedSymbol { bytes: symbol.bytes, aim: Some(symbol.aim) });
        self.keep(&Scan::now(self.procedure, Entry::Photo, symbols.collect()))
    }

    fn keep(&mut self, scan: &Scan) -> bool {
        // Nobody else prints before the acknowledgement: the answer follows it.
        let mut out = io::stdout().lock();
        let kept = self.outbox.keep(&scan.message(&self.server));
        let line = match &kept {
            Ok(()) => format!("kept {}", scan.id),
            Err(error) => format!("not kept: {error}"),
        };
        // Whoever reads may be gone; the scan is kept all the same.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        if kept.is_ok() {
            // A delivery that stopped says so by itself at the end.
            let _ = self.kept.send(scan.id);
        }
        kept.is_ok()
    }
}

/// How the delivery ended.
#[derive(Debug, Default)]
struct End {
    refused: usize,
    trouble: Option<Trouble>,
}

/// Delivers while scans are kept, and for a while after the last.
struct Delivery {
    courier: Courier,
    hears: Receiver<Uuid>,
    patience: Duration,
    /// When to give up; set once the last scan is kept.
    deadline: Option<Instant>,
    /// Kept here, and not yet known to be settled.
    open: HashSet<Uuid>,
    /// Settled before we heard that it was kept.
    early: HashSet<Uuid>,
}

impl Delivery {
    fn new(courier: Courier, hears: Receiver<Uuid>, patience: Duration) -> Self {
        Self { courier, hears, patience, deadline: None, open: HashSet::new(), early: HashSet::new() }
    }

    fn run(mut self) -> Result<End, OutboxError> {
        let (mut end, mut said) = (End::default(), None);
        loop {
            self.hear();
            let ended = self.deadline.is_some();
            let (open, early) = (&mut self.open, &mut self.early);
            let pass = self.courier.pass(|settled| {
                if !open.remove(&settled.id) {
                    early.insert(settled.id);
                }
                print(settled);
            })?;
            end.refused += pass.refused + self.settled_by_others()?;
            end.trouble = pass.trouble;
            let Some(trouble) = &end.trouble else {
                said = None;
                if ended {
                    return Ok(end);
                }
                // Nothing waits: sleep until the next scan is kept.
                match self.hears.recv() {
                    Ok(id) => self.kept(id),
                    Err(_) => self.ended(),
                }
                continue;
            };
            if said.as_ref() != Some(trouble) {
                say(&still_waits(trouble));
                said = Some(trouble.clone());
            }
            let wait = self.courier.wait(trouble);
            match self.deadline {
                Some(deadline) if Instant::now() + wait >= deadline => return Ok(end),
                Some(_) => std::thread::sleep(wait),
                None => match self.hears.recv_timeout(wait) {
                    Ok(id) => self.kept(id),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => self.ended(),
                },
            }
        }
    }

    /// Takes in what was kept meanwhile.
    fn hear(&mut self) {
        loop {
            match self.hears.try_recv() {
                Ok(id) => self.kept(id),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.ended(),
            }
        }
    }

    fn kept(&mut self, id: Uuid) {
        if !self.early.remove(&id) {
            self.open.insert(id);
        }
    }

    fn ended(&mut self) {
        self.deadline.get_or_insert(Instant::now() + self.patience);
    }

    /// Prints what another program on the same outbox delivered for us; returns how many of them were refused.
    fn settled_by_others(&mut self) -> Result<usize, OutboxError> {
        let mut refused = 0;
        for id in self.open.clone() {
            let Some(item) = self.courier.outbox().find(id)? else { continue };
            if item.state != State::Waiting {
                self.open.remove(&id);
                refused += usize::from(item.state == State::Refused);
                print(&Settled { id, state: item.state, answer: item.answer, why: item.last_error });
            }
        }
        Ok(refused)
    }
}

fn print(settled: &Settled) {
    say(&words::lines(settled).join("\n"));
}

fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
