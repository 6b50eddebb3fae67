//! `tessera recall-drill`: from notice to list on a copy, timed, with a report of one page.

use std::path::PathBuf;

use chrono::Utc;
use clap::Args;
use tessera_server::catalogue::model::Agency;
use tessera_server::error::{Code, Problem};
use tessera_server::recalls::drill::{rehearse, report};
use tessera_server::recalls::figures::{in_a_table, measure};
use tessera_server::store::read::drill::DrillLot;
use tessera_server::store::{DatabaseUrl, Store};
use uuid::Uuid;

use super::Settings;
use super::backup::copy;

#[derive(Debug, Args)]
pub struct RecallDrill {
    #[command(flatten)]
    settings: Settings,
    /// Write the report to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The device identifier to recall (default: the lot that was implanted most often of late).
    #[arg(long, requires = "lot", value_name = "UDI-DI")]
    identifier: Option<String>,
    /// The lot to recall.
    #[arg(long, requires = "identifier")]
    lot: Option<String>,
    /// The database is a copy already: write the rehearsal into it (the only way with PostgreSQL).
    #[arg(long)]
    copied: bool,
    /// Instead of one rehearsal: how fast are lots, large notices, scans and long lists on this registry?
    #[arg(long, conflicts_with_all = ["identifier", "lot"])]
    figures: bool,
}

impl RecallDrill {
    pub fn run(self) -> Result<(), Problem> {
        let url: DatabaseUrl =
            self.settings.read()?.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        let lot = self.identifier.clone().zip(self.lot.clone()).map(|(identifier, lot)| DrillLot {
            issuer: if identifier.starts_with(|c: char| c.is_ascii_digit()) { Agency::Gs1 } else { Agency::Hibcc },
            identifier,
            lot,
        });
        let page = |store: &Store| {
            if self.figures {
                return measure(store, |doing| eprintln!("{doing}")).map(|figures| in_a_table(&figures, Utc::now()));
            }
            rehearse(store, lot.clone()).map(|drill| report(&drill, Utc::now()))
        };
        let page = match url {
            url if self.copied => page(&Store::open(&url)?)?,
            DatabaseUrl::Sqlite(database) => {
                let file = std::env::temp_dir().join(format!("tessera-drill-{}.db", Uuid::now_v7()));
                eprintln!("Copying the registry to {} for the rehearsal.", file.display());
                let told = copy(&database, &file)
                    .and_then(|()| Store::open(&DatabaseUrl::Sqlite(file.clone())))
                    .and_then(|store| page(&store));
                for left in ["", "-wal", "-shm"] {
                    let mut beside = file.clone().into_os_string();
                    beside.push(left);
                    // Not all of them are there.
                    let _ = std::fs::remove_file(beside);
                }
                told?
            }
            DatabaseUrl::Postgres(_) => {
                return Err(Problem::invalid(
                    "With PostgreSQL, make a copy (pg_dump, or createdb --template), name it with --database, and say --copied.",
                ));
            }
        };
        match &self.report {
            None => print!("{page}"),
            Some(file) => std::fs::write(file, page).map_err(|error| {
                Problem::new(Code::Internal, format!("{} could not be written.", file.display())).because(error)
            })?,
        }
        Ok(())
    }
}
