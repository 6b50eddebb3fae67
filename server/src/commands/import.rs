//! `tessera import`: lists that others made, brought into the registry.

use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tessera_scanner::finding::Severity;
use tessera_server::access::Actor;
use tessera_server::catalogue::import::{import, read_csv};
use tessera_server::error::{Code, Problem};

use super::Settings;

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Bring in a catalogue of products from a CSV file (columns as in fixtures/catalogue/README.md).
    Catalogue(ImportCatalogue),
}

#[derive(Debug, Args)]
pub struct ImportCatalogue {
    #[command(flatten)]
    settings: Settings,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl ImportCommand {
    pub fn run(self) -> Result<(), Problem> {
        match self {
            Self::Catalogue(catalogue) => catalogue.run(),
        }
    }
}

impl ImportCatalogue {
    fn run(self) -> Result<(), Problem> {
        let name = self.file.display();
        let opened = File::open(&self.file)
            .map_err(|error| Problem::new(Code::Unreadable, format!("{name} cannot be opened.")).because(error))?;
        let file = read_csv(opened)?;
        let bar = ProgressBar::new(file.rows.len() as u64);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos} of {len} products")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let report = import(&self.settings.open_store()?, &Actor::System, file, |done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        for finding in &report.findings {
            eprintln!("{name}, {finding}");
        }
        let left_out = report.findings.iter().filter(|one| one.finding.severity == Severity::Error).count();
        println!("{} added, {} there already, {left_out} left out", report.added, report.unchanged);
        Ok(())
    }
}
