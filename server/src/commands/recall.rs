//! `tessera recall`: recall notices from the command line.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use chrono::{Datelike, Utc};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tessera_scanner::recall_notice::{NoticeReading, read};
use tessera_server::access::store::user_named;
use tessera_server::error::{Code, Problem};
use tessera_server::recalls::listing::bring_in::{bring_in, check};
use tessera_server::recalls::listing::read::Defaults;
use tessera_server::recalls::store as recalls;

use super::Settings;

#[derive(Debug, Subcommand)]
pub enum RecallCommand {
    /// Read the prose of one notice, and tell which devices, lots, serials and dates it names.
    Parse(RecallParse),
    /// Add a CSV file of lots and serials to a notice that waits for its second person.
    ImportCsv(Box<RecallImportCsv>),
}

#[derive(Debug, Args)]
pub struct RecallImportCsv {
    #[command(flatten)]
    settings: Settings,
    /// The file; its columns are identifier, maker, reference, lot, serial, expiry, manufacture, units.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The notice's reference.
    #[arg(long, value_name = "REFERENCE")]
    recall: String,
    /// Who brings it in: that person cannot confirm the notice.
    #[arg(long = "as", value_name = "USERNAME")]
    user: String,
    /// Device identifier (UDI-DI) of lines that name none.
    #[arg(long)]
    identifier: Option<String>,
    /// Maker of lines that name none.
    #[arg(long)]
    maker: Option<String>,
    /// Catalogue number of lines that name none.
    #[arg(long)]
    reference: Option<String>,
}

impl RecallImportCsv {
    fn run(self) -> Result<(), Problem> {
        let store = self.settings.open_store()?;
        let (user, recall) = store.read_now(|connection| {
            let recall = recalls::by_reference(connection, &self.recall)?;
            Ok((user_named(connection, &self.user)?, recall.id))
        })?;
        let defaults = Defaults { identifier: self.identifier, maker: self.maker, reference: self.reference };
        let looking = ProgressBar::new_spinner();
        let checked = check(&self.file, &defaults, |lines| looking.set_message(format!("{lines} lines checked")))?;
        looking.finish_and_clear();
        for bad in &checked.bad {
            eprintln!("{}, line {}: {}", self.file.display(), bad.line, bad.why);
        }
        if checked.bad_lines > 0 {
            let detail =
                format!("Nothing was brought in: {} of {} lines cannot be used.", checked.bad_lines, checked.lines);
            return Err(Problem::invalid(detail));
        }
        let bar = ProgressBar::new(checked.lines.unsigned_abs());
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} lines, {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let told = (self.file.as_path(), &defaults, &checked);
        let listing = bring_in(&store, &user, recall, told, |now| bar.set_position(now.done.unsigned_abs()))?;
        bar.finish_and_clear();
        println!("{} lines read, {} added to {}", listing.lines, listing.added, self.recall);
        Ok(())
    }
}

#[derive(Debug, Args)]
pub struct RecallParse {
    /// The notice's text; - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl RecallCommand {
    pub fn run(self) -> Result<(), Problem> {
        match self {
            Self::Parse(parse) => parse.run(),
            Self::ImportCsv(import) => import.run(),
        }
    }
}

impl RecallParse {
    fn run(self) -> Result<(), Problem> {
        let reading = read(&text_of(&self.file)?, Utc::now().year());
        let mut out = std::io::stdout().lock();
        let told = if self.json {
            serde_json::to_writer_pretty(&mut out, &reading).map_err(std::io::Error::from).and_then(|()| writeln!(out))
        } else {
            in_words(&mut out, &reading)
        };
        match told {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Problem::new(Code::Internal, "The answer could not be written.").because(error))
            }
            _ => Ok(()),
        }
    }
}

/// The text of a file, or of standard input; bytes that are no UTF-8 are read as Windows wrote them.
fn text_of(file: &Path) -> Result<String, Problem> {
    let name = file.display();
    let unreadable = |error| Problem::new(Code::Unreadable, format!("{name} cannot be read.")).because(error);
    let bytes = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(unreadable)?;
        bytes
    } else {
        fs::read(file).map_err(unreadable)?
    };
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|b| char::from(*b)).collect()))
}

fn in_words(out: &mut impl Write, reading: &NoticeReading) -> std::io::Result<()> {
    for line in &reading.criteria {
        let mut parts = Vec::new();
        let mut say = |what: &str, value: Option<&str>| parts.extend(value.map(|value| format!("{what} {value}")));
        say("UDI-DI", line.di.as_deref());
        say("REF", line.reference.as_deref());
        say("lot", line.lot.as_deref());
        say("serial", line.serial.as_deref());
        if let Some(range) = &line.range {
            let of = format!("{:?}", range.of).to_lowercase();
            say(&format!("{of} from"), range.from.as_deref());
            say(&format!("{of} to"), range.to.as_deref());
        }
        say("expiry", line.expiry.map(|date| date.to_string()).as_deref());
        if line.all {
            parts.push("all units".to_owned());
        }
        writeln!(
            out,
            "{:>3.0} %  {}  from: {}",
            line.confidence * 100.0,
            parts.join(", "),
            line.words.replace('\n', " ")
        )?;
    }
    for words in &reading.unread {
        writeln!(out, "not understood: {words}")?;
    }
    Ok(())
}
