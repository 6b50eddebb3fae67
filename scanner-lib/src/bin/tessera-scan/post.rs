//! `tessera-scan post`: keeps scans in the outbox, acknowledges them, and delivers them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tessera_scanner::deliver::{ScannedSymbol, ServerUrl};
use tessera_scanner::source::attached::{Scan, Speed, keyboard, serial};
use tessera_scanner::source::{self, Heard, Lines, RawSize};
use tessera_scanner::symbol::{self, ReadOptions};
use tessera_scanner::udi::{Entry, RawScan};
use uuid::Uuid;

use super::keeper::{Keeper, Sending};
use super::screen::Screen;
use super::settings::{Failure, report};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(help = "The registry, such as https://registry.example", long, value_name = "URL", env = "TESSERA_SERVER")]
    server: ServerUrl,
    /// The procedure that the scans belong to.
    #[arg(long, value_name = "ID")]
    procedure: Uuid,
    #[command(flatten)]
    by: Sending,
    #[command(flatten)]
    from: From,
    /// Width and height of raw luma files (.luma, .gray), such as 1280x720.
    #[arg(long, value_name = "WxH")]
    raw: Option<RawSize>,
    /// Bits a second of the serial port; scanners on USB ignore it.
    #[arg(long, value_name = "BAUD", default_value_t = Speed::default().0)]
    speed: u32,
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
    let screen = Screen::lines();
    let mut keeper = Keeper::open(&arguments.server, arguments.procedure, &arguments.by, screen.clone())?;
    let all_kept = match &arguments.from {
        From { stdin: true, .. } => lines(&mut keeper, &screen),
        From { keyboard: Some(device), .. } => attached(&mut keeper, &screen, device, keyboard::open(device)?),
        From { serial: Some(port), .. } => {
            attached(&mut keeper, &screen, port, serial::open(port, Speed(arguments.speed))?)
        }
        // Not `all`: one bad picture keeps none of the others from being kept.
        From { files, .. } => {
            files.iter().filter(|file| !picture(&mut keeper, &screen, file, arguments.raw, None)).count() == 0
        }
    };
    keeper.finish(all_kept)
}

/// One line, one scan.
fn lines(keeper: &mut Keeper, screen: &Screen) -> bool {
    let mut all_kept = true;
    for line in Lines::new(io::stdin().lock()) {
        match line {
            Ok(bytes) => all_kept &= triggered(keeper, bytes),
            Err(error) => {
                screen.say(&format!("not kept: {error}"));
                return false;
            }
        }
    }
    all_kept
}

/// What an attached scanner gives, for ever.
fn attached(keeper: &mut Keeper, screen: &Screen, device: &Path, scanner: impl Iterator<Item = Heard<Scan>>) -> bool {
    screen.say(&format!("waiting for scans from {}", device.display()));
    let mut all_kept = true;
    for heard in scanner {
        match heard {
            Heard::Said(scan) => {
                all_kept &= triggered(keeper, scan.bytes);
                if !scan.ended {
                    screen.say(
                        "  The scanner sent no line end. Set it up to send CR or Enter after each barcode: two scans in quick \
                         succession would be taken for one.",
                    );
                }
            }
            Heard::Gone(why) => screen.say(&format!("the scanner is not there, and is waited for: {why}")),
            Heard::Here => screen.say("the scanner is there"),
        }
    }
    all_kept
}

/// One trigger of a scanner.
fn triggered(keeper: &mut Keeper, bytes: Vec<u8>) -> bool {
    keeper.scanned(vec![RawScan { bytes, aim: None, entry: Entry::Handheld }], Entry::Handheld)
}

/// One picture, one pack, one scan; `id` as [`Keeper::pictured`] has it.
pub fn picture(keeper: &mut Keeper, screen: &Screen, file: &Path, raw: Option<RawSize>, id: Option<Uuid>) -> bool {
    let symbols = match source::load(file, raw) {
        Ok(pixels) => symbol::read(&pixels.frame(), &ReadOptions::default()),
        Err(error) => {
            screen.say(&format!("not kept: {}: {error}", file.display()));
            return false;
        }
    };
    if symbols.is_empty() {
        screen.say(&format!(
            "not kept: {}: no barcode found. Hold the pack flat and closer, and keep reflections off it",
            file.display()
        ));
        return false;
    }
    let symbols = symbols.into_iter().map(|symbol| ScannedSymbol { bytes: symbol.bytes, aim: Some(symbol.aim) });
    keeper.pictured(id, symbols.collect())
}
