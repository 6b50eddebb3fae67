//! `tessera import`: lists that others made, brought into the registry.

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tessera_scanner::finding::Severity;
use tessera_server::access::Actor;
use tessera_server::catalogue::attributes;
use tessera_server::catalogue::import::{import, read_csv};
use tessera_server::error::{Code, Problem};
use tessera_server::identity::keys::IdentityKeys;
use tessera_server::import::synthetic::{self, Progress, Synthetic};

use super::Settings;

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Fill an empty registry with patients who do not exist, to try things out and to measure.
    Synthetic(ImportSynthetic),
    /// Bring in what products are beyond their size (columns issuer,identifier,name,value), for the rules of compatibility.
    Attributes(ImportCatalogue),
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
            Self::Synthetic(synthetic) => synthetic.run(),
            Self::Attributes(file) => file.attributes(),
            Self::Catalogue(catalogue) => catalogue.run(),
        }
    }
}

impl ImportCatalogue {
    fn attributes(self) -> Result<(), Problem> {
        let name = self.file.display();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Problem::new(Code::Unreadable, format!("{name} cannot be read.")).because(error))?;
        let products =
            self.settings.open_store()?.write_now(move |tx| attributes::import(tx, &Actor::System, &text))?;
        println!("attributes of {products} products");
        Ok(())
    }

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

#[derive(Debug, Args)]
pub struct ImportSynthetic {
    #[command(flatten)]
    settings: Settings,
    /// At least so many device uses.
    #[arg(long, default_value_t = 100_000)]
    device_uses: u64,
    /// The same seed gives the same registry.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl ImportSynthetic {
    fn run(self) -> Result<(), Problem> {
        let config = self.settings.read()?;
        let url = config.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        let keys = IdentityKeys::load(config.key_file.as_deref())?;
        let began = Instant::now();
        let bar = ProgressBar::new(self.device_uses);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} device uses, {elapsed} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let wanted = Synthetic { device_uses: self.device_uses, seed: self.seed };
        let loaded = synthetic::import(&url, &keys, wanted, |progress| match progress {
            Progress::Written(uses) => {
                bar.set_position(uses.min(wanted.device_uses));
                bar.set_message("");
            }
            Progress::Doing(doing) => bar.set_message(doing.to_owned()),
        })?;
        bar.finish_and_clear();
        println!(
            "{} device uses in {} procedures of {} patients, with {} outcomes, in {:.1} s",
            loaded.device_uses,
            loaded.procedures,
            loaded.patients,
            loaded.outcomes,
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }
}
