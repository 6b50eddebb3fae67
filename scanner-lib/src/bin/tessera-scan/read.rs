//! `tessera-scan read`: pictures in, what they say out, for a person or as JSON lines.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use tessera_scanner::finding::Finding;
use tessera_scanner::source::{self, RawSize};
use tessera_scanner::symbol::{self, ReadOptions, Symbol};
use tessera_scanner::udi::Udi;

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
}

#[derive(Debug, Serialize)]
struct SymbolLine {
    format: &'static str,
    text: String,
    bytes: String,
    aim: String,
    corners: [[f32; 2]; 4],
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
    };
    match source::load(path, raw) {
        Ok(pixels) => {
            let before = thread_cpu_ms();
            let symbols = symbol::read(&pixels.frame(), &ReadOptions::default());
            line.cpu_ms = ((thread_cpu_ms() - before) * 1000.0).round() / 1000.0;
            line.symbols = symbols.iter().map(SymbolLine::from).collect();
        }
        Err(error) => line.error = Some(error.to_string()),
    }
    line
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
        }
    }
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
    Ok(())
}
