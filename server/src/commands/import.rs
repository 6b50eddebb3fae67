//! `tessera import`: lists that others made, brought into the registry.

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tessera_scanner::finding::Severity;
use tessera_scanner::verdict::london_date;
use tessera_server::access::Actor;
use tessera_server::catalogue::attributes;
use tessera_server::catalogue::import::{import, read_csv};
use tessera_server::error::{Code, Problem};
use tessera_server::identity::keys::IdentityKeys;
use tessera_server::import::synthetic::{self, Progress, Synthetic};
use tessera_server::linkage::api::{AT_ONCE, source_name};
use tessera_server::linkage::mapping::Mapping;
use tessera_server::linkage::reading;
use tessera_server::linkage::store::{Imported, bring_in};

use super::Settings;

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Fill an empty registry with patients who do not exist, to try things out and to measure.
    Synthetic(ImportSynthetic),
    /// Bring in what products are beyond their size (columns issuer,identifier,name,value), for the rules of compatibility.
    Attributes(ImportCatalogue),
    /// Bring in outcomes that others recorded: hospital episodes, deaths, reported scores. The same file again changes nothing.
    Outcomes(ImportOutcomes),
    /// Bring in a catalogue of products from a CSV file (columns as in fixtures/catalogue/README.md).
    Catalogue(ImportCatalogue),
}

#[derive(Debug, Args)]
pub struct ImportOutcomes {
    #[command(flatten)]
    settings: Settings,
    /// The file: CSV.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which column means what: hes-apc, ons-deaths, proms, or a file such as fixtures/outcomes/hes-apc.toml.
    #[arg(long, value_name = "NAME|FILE")]
    mapping: String,
    /// Whose record it is, such as "HES APC 2025-26".
    #[arg(long)]
    source: String,
}

impl ImportOutcomes {
    fn run(self) -> Result<(), Problem> {
        let name = self.file.display();
        let opened = File::open(&self.file)
            .map_err(|error| Problem::new(Code::Unreadable, format!("{name} cannot be opened.")).because(error))?;
        let (mapping, source) = (Mapping::named(&self.mapping)?, source_name(&self.source)?);
        let today = london_date(chrono::Utc::now());
        let file = reading::read(opened, &mapping, today)?;
        let config = self.settings.read()?;
        let keys = IdentityKeys::load(config.key_file.as_deref())?;
        let store = self.settings.open_store()?;
        let bar = ProgressBar::new(file.lines.len() as u64);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos} of {len} lines")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let mut imported = Imported::default();
        for some in file.lines.chunks(AT_ONCE) {
            let (lines, keys, source) = (some.to_vec(), keys.clone(), source.clone());
            let done = store.write_now(move |tx| bring_in(tx, &keys, &Actor::System, &source, &lines, today))?;
            imported = imported.plus(done);
            bar.inc(some.len() as u64);
        }
        bar.finish_and_clear();
        for bad in &file.bad {
            eprintln!("{name}, {bad}");
        }
        println!(
            "{} linked, {} wait for a person, {} not linked, {} there already, {} passed over, {} could not be used",
            imported.matched,
            imported.review,
            imported.unlinked,
            imported.before,
            file.passed_over,
            file.bad.len()
        );
        Ok(())
    }
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
            Self::Outcomes(outcomes) => outcomes.run(),
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
    /// At least so many products: further sizes of the sample catalogue's devices (up to 1,000,000).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    products: u64,
    /// So many stock items.
    #[arg(long, default_value_t = 0)]
    stock: u64,
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
        let wanted =
            Synthetic { device_uses: self.device_uses, seed: self.seed, products: self.products, stock: self.stock };
        let loaded = synthetic::import(&url, &keys, wanted, |progress| match progress {
            Progress::Written(uses) => {
                bar.set_position(uses.min(wanted.device_uses));
                bar.set_message("");
            }
            Progress::Doing(doing) => bar.set_message(doing.to_owned()),
        })?;
        bar.finish_and_clear();
        println!(
            "{} device uses in {} procedures of {} patients, with {} outcomes, and {} stock items, in {:.1} s",
            loaded.device_uses,
            loaded.procedures,
            loaded.patients,
            loaded.outcomes,
            loaded.stock,
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }
}
