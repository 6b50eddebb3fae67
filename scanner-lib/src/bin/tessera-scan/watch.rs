//! `tessera-scan watch`: a camera, or a folder of photographs, for as long as it gives something.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{Datelike as _, Utc};
use sha2::{Digest as _, Sha256};
use tessera_scanner::deliver::ServerUrl;
use tessera_scanner::label::assemble;
use tessera_scanner::label::gathering::Gathering;
use tessera_scanner::source::Heard;
use tessera_scanner::source::camera::folder::Arrivals;
use tessera_scanner::source::camera::{self, Frames, Place};
use tessera_scanner::symbol::{Hint, ReadOptions, Tracker};
use tessera_scanner::udi::{Entry, RawScan};
use uuid::{Builder, Uuid};

use super::keeper::{Keeper, Sending};
use super::screen::Screen;
use super::settings::{Failure, report};
use super::{post, read};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(help = "A camera (/dev/video0, http://…), - for JPEG pictures on standard input, or a folder")]
    place: Place,
    /// The folder's pictures are the frames of one video, in the order of their names; without this, each is the photograph
    /// of a pack, and more are waited for.
    #[arg(long)]
    frames: bool,
    #[arg(
        help = "The registry, such as https://registry.example; without it and a procedure, packs are shown and not recorded",
        long,
        value_name = "URL",
        env = "TESSERA_SERVER"
    )]
    server: Option<ServerUrl>,
    /// The procedure that the packs belong to.
    #[arg(long, value_name = "ID", requires = "server")]
    procedure: Option<Uuid>,
    #[command(flatten)]
    by: Sending,
}

/// Records every pack that is seen, once; without a registry, shows it.
pub fn run(arguments: &Arguments) -> ExitCode {
    report(watch(arguments))
}

fn watch(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let screen = Screen::with_foot();
    let keeper = if let (Some(server), Some(procedure)) = (&arguments.server, arguments.procedure) {
        Some(Keeper::open(server, procedure, &arguments.by, screen.clone())?)
    } else {
        screen.say("Nothing is recorded: no registry and procedure are named (--server, --procedure).");
        None
    };
    let mut watcher = Watcher { keeper, screen: screen.clone() };
    let all_kept = match &arguments.place {
        Place::Folder(folder) if !arguments.frames => {
            let arrivals = Arrivals::of(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            arrivals.filter(|photograph| !watcher.photograph(photograph)).count() == 0
        }
        place => watcher.camera(camera::open(place).map_err(|error| format!("{place}: {error}"))?),
    };
    screen.end();
    match watcher.keeper {
        Some(keeper) => keeper.finish(all_kept),
        None => Ok(if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
    }
}

struct Watcher {
    keeper: Option<Keeper>,
    screen: Screen,
}

impl Watcher {
    /// Looks at every frame; whether all that was read was kept.
    fn camera(&mut self, frames: Frames) -> bool {
        // All the care there is: a workstation has time to spare, and a camera that is too fast for it is not waited for.
        let options = ReadOptions::default();
        let (mut tracker, mut gathering, mut pace) = (Tracker::default(), Gathering::default(), Pace::default());
        let (began, mut all_kept) = (Instant::now(), true);
        for heard in frames {
            match heard {
                Heard::Said(pixels) => {
                    let looked = Instant::now();
                    let sighting = tracker.look(&pixels.frame(), &options);
                    pace.looked(looked);
                    for symbol in sighting.new {
                        let raw = RawScan { bytes: symbol.bytes, aim: Some(symbol.aim), entry: Entry::Camera };
                        gathering.saw(raw, began.elapsed());
                    }
                    let in_view = tracker.in_view().count();
                    if in_view == 0 {
                        gathering.view_is_empty();
                    }
                    self.screen.foot(format!("{pace}   {}", advice(in_view, sighting.hint)));
                }
                Heard::Gone(why) => {
                    self.screen.say(&format!("no picture: {why}"));
                    // Who knows when the next frame comes: what was read is kept now.
                    all_kept &= gathering.end(Utc::now().year()).is_none_or(|pack| self.pack(pack));
                }
                Heard::Here => self.screen.say("the camera is there"),
            }
            if let Some(pack) = gathering.ready(began.elapsed(), Utc::now().year()) {
                all_kept &= self.pack(pack);
            }
        }
        gathering.end(Utc::now().year()).is_none_or(|pack| self.pack(pack)) && all_kept
    }

    /// One pack that the camera read.
    fn pack(&mut self, pack: Vec<RawScan>) -> bool {
        self.show(&pack);
        self.keeper.as_mut().is_none_or(|keeper| keeper.scanned(pack, Entry::Camera))
    }

    /// Says what is on a pack.
    fn show(&self, pack: &[RawScan]) {
        let label = assemble(pack, Utc::now().year());
        let barcodes = if pack.len() == 1 { "1 barcode".to_owned() } else { format!("{} barcodes", pack.len()) };
        self.screen.aside(|out| {
            // Whoever reads may be gone; the scan is kept all the same.
            let _ = writeln!(out, "{} {barcodes}", Utc::now().format("%H:%M:%SZ"))
                .and_then(|()| read::print_label(out, label.outcome, label.udi.as_ref(), &label.findings));
        });
    }

    /// One photograph of a pack: recorded and put aside, or shown.
    fn photograph(&mut self, file: &Path) -> bool {
        let Some(keeper) = &mut self.keeper else {
            return self.screen.aside(|out| read::print_file(out, file)).unwrap_or(true);
        };
        let id = match fs::read(file) {
            Ok(bytes) => content_id(keeper.procedure(), &bytes),
            Err(error) => {
                self.screen.say(&format!("not kept: {}: {error}", file.display()));
                return false;
            }
        };
        let kept = post::picture(keeper, &self.screen, file, None, Some(id));
        match put_aside(file, if kept { "kept" } else { "not-kept" }, id) {
            Ok(place) => self.screen.say(&format!("  {}", place.display())),
            Err(error) => self.screen.say(&format!("  {} stays where it is: {error}", file.display())),
        }
        kept
    }
}

/// The id of the scan that a photograph makes for a procedure: the same photograph, met again after a power cut between
/// keeping it and putting it aside, makes no second scan. A UUID of version 8 (RFC 9562, section 5.8) of its content.
fn content_id(procedure: Uuid, photograph: &[u8]) -> Uuid {
    let digest = Sha256::new().chain_update(procedure.as_bytes()).chain_update(photograph).finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(first).into_uuid()
}

/// Moves a photograph into a folder beside it; one of that name is there already, the id keeps them apart.
fn put_aside(file: &Path, folder: &str, id: Uuid) -> io::Result<PathBuf> {
    let name = file.file_name().unwrap_or_default();
    let folder = file.with_file_name(folder);
    fs::create_dir_all(&folder)?;
    let mut to = folder.join(name);
    if to.exists() {
        to = folder.join(format!("{id} {}", name.to_string_lossy()));
    }
    fs::rename(file, &to)?;
    Ok(to)
}

/// What the person at the camera can do.
fn advice(in_view: usize, hint: Option<Hint>) -> String {
    match (in_view, hint) {
        (0, None) => "Hold the codes of the pack into the picture.".to_owned(),
        (0, Some(hint)) => hint.words().to_owned(),
        (1, _) => "1 barcode in view".to_owned(),
        (more, _) => format!("{more} barcodes in view"),
    }
}

/// How fast frames come, and what a look costs: over the last second or so.
#[derive(Debug, Default)]
struct Pace {
    last: Option<Instant>,
    between: Duration,
    look: Duration,
}

impl Pace {
    /// A look that began then has ended now.
    fn looked(&mut self, began: Instant) {
        let now = Instant::now();
        let smooth = |mean: &mut Duration, value: Duration| {
            *mean = if mean.is_zero() { value } else { (*mean * 15 + value) / 16 }
        };
        smooth(&mut self.look, now - began);
        if let Some(last) = self.last.replace(now) {
            smooth(&mut self.between, now - last);
        }
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rate = if self.between.is_zero() { 0.0 } else { self.between.as_secs_f64().recip() };
        write!(f, "{rate:.0} frames a second, {} ms each", self.look.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photograph_met_again_is_the_same_scan() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(content_id(one, b"pack"), content_id(one, b"pack"));
        assert_ne!(content_id(one, b"pack"), content_id(other, b"pack"));
        assert_ne!(content_id(one, b"pack"), content_id(one, b"another"));
        assert_eq!(content_id(one, b"pack").get_version_num(), 8);
    }

    #[test]
    fn photographs_of_one_name_are_both_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pack.jpg");
        for number in 1..=2 {
            fs::write(&file, "picture").unwrap();
            put_aside(&file, "kept", Uuid::from_u128(number)).unwrap();
        }
        let names: Vec<_> =
            fs::read_dir(folder.path().join("kept")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(!file.exists());
    }
}
