//! `tessera recall`: recall notices from the command line.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use chrono::{Datelike, Utc};
use clap::{Args, Subcommand};
use tessera_scanner::recall_notice::{NoticeReading, read};
use tessera_server::error::{Code, Problem};

#[derive(Debug, Subcommand)]
pub enum RecallCommand {
    /// Read the prose of one notice, and tell which devices, lots, serials and dates it names.
    Parse(RecallParse),
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
