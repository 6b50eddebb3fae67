//! `tessera-scan parse`: barcodes in as text, what they say out: a table, CSV or JSON lines.

mod jsonl;
mod print;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{Datelike as _, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use tessera_scanner::explain::{Input, Kind, Options, Outcome, Request, explain};

use print::Printer;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Arguments {
    /// Scans; without any, or with -, one is read from each line of --file or of standard input. With --jsonl: the objects
    /// themselves, or files of them.
    scans: Vec<String>,
    /// A file with one scan a line; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "scans")]
    file: Option<PathBuf>,
    /// One JSON object a line in, one a line out: {"input": "…", "kind": "scan", "opts": {…}}.
    #[arg(long, conflicts_with_all = ["format", "explain", "kind", "pack", "requisites"])]
    jsonl: bool,
    /// How the scans came in.
    #[arg(long, value_enum, default_value = "auto")]
    kind: KindName,
    /// How to print what they say.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Say in plain words what each element is, which rule was broken and what was repaired.
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    /// All scans are of one pack.
    #[arg(long)]
    pack: bool,
    /// Also judge what an element needs beside it.
    #[arg(long)]
    requisites: bool,
    /// The year that decides the century of two-digit years; this year unless given.
    #[arg(long)]
    year: Option<i32>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KindName {
    /// By their looks: brackets, a web address, else typed by a scanner.
    Auto,
    /// Bytes from a decoder, with the AIM identifier; the strict rules hold.
    Scan,
    /// Typed by a handheld scanner; repair is allowed.
    Wedge,
    /// The text under a barcode.
    Bracketed,
    /// A GS1 Digital Link URI.
    DlUri,
    /// The memory of a radio tag in hexadecimal digits.
    EpcHex,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Auto => Self::Auto,
            KindName::Scan => Self::Scan,
            KindName::Wedge => Self::Wedge,
            KindName::Bracketed => Self::Bracketed,
            KindName::DlUri => Self::DlUri,
            KindName::EpcHex => Self::EpcHex,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Columns for a person.
    Table,
    /// Comma-separated values with a heading.
    Csv,
    /// One JSON object a line, as --jsonl gives.
    Json,
}

/// Answers every scan. Fails if the input cannot be read or the output written; what was scanned may be anything.
pub fn run(arguments: &Arguments) -> ExitCode {
    match answer_all(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer_all(arguments: &Arguments) -> io::Result<()> {
    let year = arguments.year.unwrap_or_else(|| Utc::now().year());
    let mut out = BufWriter::new(io::stdout().lock());
    if arguments.jsonl {
        for object in &arguments.scans {
            if object.trim_start().starts_with('{') {
                jsonl::answer(&mut out, object.as_bytes(), year)?;
            } else {
                answer_lines(&mut out, Lines::of(Some(Path::new(object)))?, year)?;
            }
        }
        if arguments.scans.is_empty() {
            answer_lines(&mut out, Lines::of(arguments.file.as_deref())?, year)?;
        }
        return out.flush();
    }
    let opts = Options { requisites: arguments.requisites, ..Options::default() };
    let mut printer = Printer::new(arguments.format, arguments.explain, year);
    let mut ask = |out: &mut BufWriter<_>, input: Input| {
        let request = Request { input, kind: arguments.kind.into(), opts: opts.clone() };
        printer.print(out, &request, &explain(&request, year))
    };
    if !arguments.scans.is_empty() && arguments.scans != ["-"] {
        if arguments.pack {
            ask(&mut out, Input::Several(arguments.scans.clone()))?;
        } else {
            for scan in &arguments.scans {
                ask(&mut out, Input::One(scan.clone()))?;
            }
        }
        return out.flush();
    }
    let mut lines = Lines::of(arguments.file.as_deref())?;
    let mut pack = Vec::new();
    while let Some(line) = lines.next_line()? {
        let scan = String::from_utf8_lossy(line).into_owned();
        if arguments.pack {
            pack.push(scan);
            continue;
        }
        ask(&mut out, Input::One(scan))?;
        if lines.waits() {
            out.flush()?;
        }
    }
    if arguments.pack {
        ask(&mut out, Input::Several(pack))?;
    }
    out.flush()
}

/// One answer for each line, in their order.
fn answer_lines(out: &mut impl Write, mut lines: Lines, year: i32) -> io::Result<()> {
    while let Some(line) = lines.next_line()? {
        jsonl::answer(out, line, year)?;
        // Whoever waits for this answer before asking again must get it.
        if lines.waits() {
            out.flush()?;
        }
    }
    Ok(())
}

/// Lines of a file or of standard input, counted for whoever waits.
struct Lines {
    from: BufReader<Box<dyn io::Read>>,
    line: Vec<u8>,
    progress: ProgressBar,
}

impl Lines {
    fn of(file: Option<&Path>) -> io::Result<Self> {
        let (from, length): (Box<dyn io::Read>, u64) = match file {
            Some(path) if path.as_os_str() != "-" => {
                let file =
                    File::open(path).map_err(|why| io::Error::new(why.kind(), format!("{}: {why}", path.display())))?;
                let length = file.metadata()?.len();
                (Box::new(file), length)
            }
            _ => (Box::new(io::stdin().lock()), 0),
        };
        // A bar over the answers themselves would only be in their way.
        let progress = if io::stderr().is_terminal() && !io::stdout().is_terminal() && length > 0 {
            let style = ProgressStyle::with_template("{bar:40} {percent} %  {elapsed} of about {duration}");
            let bar = ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        } else {
            ProgressBar::hidden()
        };
        Ok(Self { from: BufReader::with_capacity(1 << 16, from), line: Vec::new(), progress })
    }

    /// The next line without its end; bytes that are not UTF-8 included.
    fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let read = self.from.read_until(b'\n', &mut self.line)?;
        if read == 0 {
            self.progress.finish_and_clear();
            return Ok(None);
        }
        self.progress.inc(read as u64);
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        Ok(Some(&self.line))
    }

    /// Whether nothing more has come in yet.
    fn waits(&self) -> bool {
        self.from.buffer().is_empty()
    }
}

/// The outcome in a word.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Refused => "refused",
        Outcome::Ambiguous => "ambiguous",
        Outcome::Plain => "plain",
    }
}
