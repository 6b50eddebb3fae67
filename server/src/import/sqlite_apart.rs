//! Device uses on their way into SQLite: a file of their own, filled and indexed by a thread of its own.
//!
//! SQLite takes one writer for a file, and device uses are half of the work of a load. So they are written beside the rest
//! and taken over whole: SQLite copies a table and its indexes from a file with the same definitions without looking
//! into the rows (its transfer optimisation, <https://sqlite.org/lang_insert.html> and `xferOptimization` in insert.c).

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::rows::DeviceUseRow;
use super::sqlite::{Definition, FAST, quoted, remove, sqlite};
use crate::error::{Code, Problem};
use crate::store::schema::device_uses;

/// The file and the thread that fills it.
pub(super) struct DeviceUsesApart {
    file: PathBuf,
    /// Until all rows are given.
    rows: Option<SyncSender<Vec<DeviceUseRow>>>,
    filling: JoinHandle<Result<(), Problem>>,
}

impl DeviceUsesApart {
    /// Makes the file with the registry's own definitions of the table and its indexes.
    pub fn begin(registry: &mut SqliteConnection, file: PathBuf) -> Result<Self, Problem> {
        remove(&file)?;
        let table = definitions(registry, "table")?;
        let indexes = definitions(registry, "index")?;
        let mut connection = sqlite(&file)?;
        connection.batch_execute(FAST)?;
        // A partial index has few rows or none, and rows come in the order of their procedures: keeping such an index costs
        // less than reading the whole table for it at the end.
        let kept = |index: &Definition| index.sql.contains(" WHERE ") || index.name == "device_uses_procedure";
        let (kept, sorted): (Vec<_>, Vec<_>) = indexes.into_iter().partition(kept);
        for one in table.iter().chain(&kept) {
            connection.batch_execute(&one.sql)?;
        }
        let (rows, received) = sync_channel::<Vec<DeviceUseRow>>(2);
        let fill = move || {
            for some in received {
                connection.transaction(|connection| {
                    for row in &some {
                        diesel::insert_into(device_uses::table).values(row).execute(connection)?;
                    }
                    Ok::<_, Problem>(())
                })?;
            }
            for index in &sorted {
                connection.batch_execute(&index.sql)?;
            }
            Ok(())
        };
        let filling = std::thread::Builder::new().name("device-uses".to_owned()).spawn(fill).map_err(|error| {
            Problem::new(Code::StorageUnavailable, "The loader's second thread could not be started.").because(error)
        })?;
        Ok(Self { file, rows: Some(rows), filling })
    }

    /// Takes rows to be written. A failure shows in [`DeviceUsesApart::move_into`].
    pub fn write(&self, rows: Vec<DeviceUseRow>) {
        // Nobody receives them once the thread has failed; what it failed of is told at the end.
        let _ = self.rows.as_ref().map(|thread| thread.send(rows));
    }

    /// Says that all rows are given: the thread goes on to the indexes.
    pub fn no_more_rows(&mut self) {
        self.rows = None;
    }

    /// Waits for the thread and moves the table with its indexes, which must be empty and without them there.
    pub fn move_into(mut self, registry: &mut SqliteConnection) -> Result<(), Problem> {
        self.no_more_rows();
        let stopped = |_| Err(Problem::new(Code::Internal, "The loader's second thread stopped unexpectedly."));
        self.filling.join().unwrap_or_else(stopped)?;
        // A table with triggers is copied row by row.
        let triggers = definitions(registry, "trigger")?;
        for trigger in &triggers {
            registry.batch_execute(&format!("DROP TRIGGER {}", quoted(&trigger.name, '"')))?;
        }
        let file = quoted(&self.file.display().to_string(), '\'');
        registry.batch_execute(&format!("ATTACH {file} AS apart"))?;
        for index in attached_indexes(registry)? {
            registry.batch_execute(&index.sql)?;
        }
        registry.batch_execute("INSERT INTO main.device_uses SELECT * FROM apart.device_uses; DETACH apart;")?;
        for trigger in &triggers {
            registry.batch_execute(&trigger.sql)?;
        }
        remove(&self.file)
    }
}

/// How the registry defines the table of device uses, its indexes or its triggers.
fn definitions(registry: &mut SqliteConnection, kind: &str) -> Result<Vec<Definition>, Problem> {
    Ok(diesel::sql_query(
        "SELECT name, sql FROM sqlite_master WHERE type = ? AND tbl_name = 'device_uses' AND sql IS NOT NULL ORDER BY name",
    )
    .bind::<Text, _>(kind)
    .load(registry)?)
}

fn attached_indexes(registry: &mut SqliteConnection) -> Result<Vec<Definition>, Problem> {
    Ok(diesel::sql_query(
        "SELECT name, sql FROM apart.sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    )
    .load(registry)?)
}

/// Where the file of a copy's device uses lies.
pub(super) fn beside(copy: &Path) -> PathBuf {
    copy.with_extension("loading-device-uses")
}
