//! `tessera-scan read`: pictures in, what they say out, for a person or as JSON lines.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike as _, Utc};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use tessera_scanner::finding::{Finding, Severity};
use tessera_scanner::label::{self, Outcome};
use tessera_scanner::source::{self, RawSize};
use tessera_scanner::symbol::{self, Quality, ReadOptions, Symbol};
use tessera_scanner::udi::{Entry, RawScan, Udi};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Pictures: PNG, JPEG, PGM, or raw luma with --raw.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// One line of JSON for each file, in the order given.
    #[arg(long)]
    json: bool,
    /// Width and height of raw luma files (.luma, .gray), such as 1280x720.
    #[arg(long, value_name = "WxH")]
    raw: Option<RawSize>,
}

/// One line of output. The names are a contract with whoever runs the program.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    symbols: Vec<SymbolLine>,
    udi: Option<Udi>,
    findings: Vec<Finding>,
    cpu_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// For people: how far the reading of the pack went.
    #[serde(skip)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
struct SymbolLine {
    format: &'static str,
    text: String,
    bytes: String,
    aim: String,
    corners: [[f32; 2]; 4],
    quality: QualityLine,
}

/// How well a symbol was printed and seen; `null` where that cannot be told.
#[derive(Debug, Serialize)]
struct QualityLine {
    contrast: Option<f64>,
    modulation: Option<f64>,
    print_growth: Option<f64>,
    unused_correction: Option<f64>,
    module_pixels: Option<f64>,
}

/// Reads each file and prints what it says. Fails if any file could not be read at all.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut out = io::stdout().lock();
    let mut all_readable = true;
    for path in &arguments.files {
        let line = read(path, arguments.raw);
        all_readable &= line.error.is_none();
        let printed = if arguments.json { print_json(&mut out, &line) } else { print_words(&mut out, &line) };
        if printed.and_then(|()| out.flush()).is_err() {
            // Whoever reads our output has gone.
            return ExitCode::FAILURE;
        }
    }
    if all_readable { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(path: &Path, raw: Option<RawSize>) -> Line {
    let mut line = Line {
        file: path.to_string_lossy().into_owned(),
        symbols: Vec::new(),
        udi: None,
        findings: Vec::new(),
        cpu_ms: 0.0,
        error: None,
        outcome: Outcome::NotADevice,
    };
    match source::load(path, raw) {
        Ok(pixels) => {
            let before = thread_cpu_ms();
            let symbols = symbol::read(&pixels.frame(), &ReadOptions::default());
            line.cpu_ms = ((thread_cpu_ms() - before) * 1000.0).round() / 1000.0;
            line.symbols = symbols.iter().map(SymbolLine::from).collect();
            let scans: Vec<RawScan> = symbols.iter().map(scan).collect();
            let label = label::assemble(&scans, Utc::now().year());
            (line.udi, line.findings, line.outcome) = (label.udi, label.findings, label.outcome);
        }
        Err(error) => line.error = Some(error.to_string()),
    }
    line
}

/// A symbol of a photograph as the label takes it.
fn scan(symbol: &Symbol) -> RawScan {
    RawScan { bytes: symbol.bytes.clone(), aim: Some(symbol.aim.clone()), entry: Entry::Photo }
}

/// Processor time of this thread so far: what reading costs, whatever else the machine does.
fn thread_cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a program's life and nanoseconds fit in 53 bits")]
    let (seconds, nanoseconds) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds * 1e3 + nanoseconds / 1e6
}

impl From<&Symbol> for SymbolLine {
    fn from(symbol: &Symbol) -> Self {
        Self {
            format: symbol.format.name(),
            text: symbol.text(),
            bytes: STANDARD.encode(&symbol.bytes),
            aim: symbol.aim.clone(),
            corners: symbol.corners.map(|corner| corner.map(|value| (value * 10.0).round() / 10.0)),
            quality: QualityLine::from(&symbol.quality),
        }
    }
}

impl From<&Quality> for QualityLine {
    fn from(quality: &Quality) -> Self {
        let rounded = |value: Option<f32>| value.map(|value| (f64::from(value) * 100.0).round() / 100.0);
        Self {
            contrast: rounded(quality.contrast),
            modulation: rounded(quality.modulation),
            print_growth: rounded(quality.print_growth),
            unused_correction: rounded(quality.unused_correction),
            module_pixels: rounded(quality.module_pixels),
        }
    }
}

/// Reads one file and prints what it says, for a person; whether it could be read at all.
pub fn print_file(out: &mut impl Write, file: &Path) -> io::Result<bool> {
    let line = read(file, None);
    print_words(out, &line).map(|()| line.error.is_none())
}

fn print_json(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}

fn print_words(out: &mut impl Write, line: &Line) -> io::Result<()> {
    writeln!(out, "{}", line.file)?;
    if let Some(error) = &line.error {
        return writeln!(out, "  Not read: {error}.");
    }
    if line.symbols.is_empty() {
        return writeln!(out, "  No barcode found. Hold the pack flat and closer, and keep reflections off it.");
    }
    for symbol in &line.symbols {
        writeln!(out, "  {:<16} {}", symbol.format, symbol.text.replace('\u{1d}', "␝"))?;
    }
    print_label(out, line.outcome, line.udi.as_ref(), &line.findings)
}

/// What the barcodes of a pack say together.
pub fn print_label(out: &mut impl Write, outcome: Outcome, udi: Option<&Udi>, findings: &[Finding]) -> io::Result<()> {
    writeln!(out, "  {}", sentence(outcome))?;
    if let Some(udi) = udi {
        print_udi(out, udi)?;
    }
    for finding in findings {
        let weight = match finding.severity {
            Severity::Note => "Note",
            Severity::Warning => "Look",
            Severity::Error => "Wrong",
        };
        writeln!(out, "  {weight}: {}", finding.text)?;
    }
    Ok(())
}

fn sentence(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Read => "The pack says:",
        Outcome::Ambiguous => "The pack can be read in more than one way. Compare with the print:",
        Outcome::Refused => "The barcode breaks the rules of its standard. As far as it can be read:",
        Outcome::Incomplete => "Half a label: the barcode that names the device is missing. Scan the other one too.",
        Outcome::NotADevice => "None of these barcodes names a device.",
    }
}

fn print_udi(out: &mut impl Write, udi: &Udi) -> io::Result<()> {
    writeln!(out, "    {:<10} {}", "Device", udi.device.text)?;
    let lot = udi.lot.as_ref().map(|lot| lot.as_str().to_owned());
    let serial = udi.serial.as_ref().map(|serial| serial.as_str().to_owned());
    let expiry = udi.expiry.map(|date| date.last_day().to_string());
    let made = udi.manufacture.map(|date| date.last_day().to_string());
    let rows = [("REF", udi.reference.clone()), ("Lot", lot), ("Serial", serial), ("Use by", expiry), ("Made", made)];
    for (name, value) in rows {
        if let Some(value) = value {
            writeln!(out, "    {name:<10} {value}")?;
        }
    }
    Ok(())
}
