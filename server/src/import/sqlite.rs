//! Bulk loading into SQLite: into a copy of the file, which takes the file's place once it is whole.
//!
//! While the copy is being made nothing is synchronised or journalled, which is what makes it fast; a failure leaves the
//! registry as it was and an unfinished copy that the next load removes. Device uses are written beside the rest, by a
//! second thread ([`super::sqlite_apart`]). Before the copy takes the place, its references and its pages are checked and
//! it is brought to disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::rows::{Batch, TABLES, each_table};
use super::sqlite_apart::{DeviceUsesApart, beside};
use crate::error::{Code, Problem};
use crate::store::{AnyConnection, DatabaseUrl, connect_for_loading};

/// A load under way.
pub(super) struct SqliteLoad {
    file: PathBuf,
    copy: PathBuf,
    connection: SqliteConnection,
    indexes: Vec<Definition>,
    device_uses: DeviceUsesApart,
}

/// What makes a table, an index or a trigger.
#[derive(QueryableByName)]
pub(super) struct Definition {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sql: String,
}

/// Nothing synchronised, journalled or checked while rows are written: what goes wrong goes wrong in a copy.
///
/// Indexes are sorted in pieces of the cache's size, in temporary files and by further threads: with ten million rows that
/// takes half the time of sorting all of them in memory, which SQLite does in one thread with every look a cache miss.
pub(super) const FAST: &str = "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
     PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; PRAGMA temp_store = FILE; PRAGMA threads = 2; \
     PRAGMA ignore_check_constraints = ON;";
/// Pseudonyms come in no order, and their index is kept while rows are written: it stays in memory.
const LARGE_CACHE: &str = "PRAGMA cache_size = -524288;";
const SMALL_CACHE: &str = "PRAGMA cache_size = -32768;";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

impl SqliteLoad {
    /// Takes the registry for itself, copies it and drops the copy's indexes.
    pub fn begin(file: &Path) -> Result<Self, Problem> {
        let mut registry = sqlite(file)?;
        // Leaving WAL needs the file to itself: this is how a running server is noticed. It also leaves no WAL behind
        // that would be taken for the new file's.
        let mode = leave_wal(&mut registry)?;
        if mode != "delete" {
            return Err(Problem::new(Code::WrongState, "The registry is in use: stop the server, then load."));
        }
        let copy = file.with_extension("loading");
        remove(&copy)?;
        registry.batch_execute(&format!("VACUUM INTO {}", quoted(&copy.display().to_string(), '\'')))?;
        let device_uses = DeviceUsesApart::begin(&mut registry, beside(&copy))?;
        drop(registry);
        let mut connection = sqlite(&copy)?;
        connection.batch_execute(FAST)?;
        connection.batch_execute(LARGE_CACHE)?;
        let mut indexes = Vec::new();
        for table in TABLES {
            let of_table: Vec<Definition> = diesel::sql_query(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
            )
            .bind::<Text, _>(table)
            .load(&mut connection)?;
            for index in &of_table {
                connection.batch_execute(&format!("DROP INDEX {}", quoted(&index.name, '"')))?;
            }
            indexes.extend(of_table.into_iter().filter(|_| table != "device_uses"));
        }
        Ok(Self { file: file.to_owned(), copy, connection, indexes, device_uses })
    }

    /// Writes the rows of a batch, each by a statement that was prepared once.
    pub fn write(&mut self, mut batch: Batch) -> Result<(), Problem> {
        self.device_uses.write(std::mem::take(&mut batch.device_uses));
        self.connection.transaction(|connection| {
            each_table!(batch, |table, rows| {
                for row in rows {
                    diesel::insert_into(table).values(row).execute(connection)?;
                }
            });
            Ok(())
        })
    }

    /// Rebuilds the indexes, checks everything, and lets the copy take the registry's place.
    pub fn finish(mut self, mut say: impl FnMut(&str)) -> Result<(), Problem> {
        self.device_uses.no_more_rows();
        self.connection.batch_execute(SMALL_CACHE)?;
        for index in &self.indexes {
            say(&format!("building index {}", index.name));
            self.connection.batch_execute(&index.sql)?;
        }
        // All but the device uses is there: it is checked while their thread still builds their indexes.
        say("checking what is there, while the device uses are still sorted");
        let (apart, here): (Vec<_>, Vec<_>) =
            all_tables(&mut self.connection)?.into_iter().partition(|table| APART.contains(&table.as_str()));
        self.connection.batch_execute("PRAGMA ignore_check_constraints = OFF;")?;
        for table in &here {
            check_rows(&mut self.connection, table)?;
            check_references(&mut self.connection, table)?;
        }
        say("moving the device uses");
        self.device_uses.move_into(&mut self.connection)?;
        self.connection.batch_execute("PRAGMA analysis_limit = 2000; ANALYZE;")?;
        drop(self.connection);
        say("checking the device uses");
        std::thread::scope(|scope| {
            let references = scope.spawn(|| {
                let mut connection = sqlite(&self.copy)?;
                apart.iter().try_for_each(|table| check_references(&mut connection, table))
            });
            let mut connection = sqlite(&self.copy)?;
            apart.iter().try_for_each(|table| check_rows(&mut connection, table))?;
            references
                .join()
                .unwrap_or_else(|_| Err(Problem::new(Code::Internal, "The check of references stopped unexpectedly.")))
        })?;
        say("bringing the file to disk");
        let in_place = || -> std::io::Result<()> {
            File::open(&self.copy)?.sync_all()?;
            fs::rename(&self.copy, &self.file)?;
            // The new name must survive a power cut too.
            let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()
        };
        in_place().map_err(|error| {
            Problem::new(Code::StorageUnavailable, "The loaded file could not take the registry's place.")
                .because(error)
        })
    }
}

/// Tables that are whole only once the device uses are there.
const APART: [&str; 2] = ["device_uses", "revision_removals"];

fn all_tables(connection: &mut SqliteConnection) -> Result<Vec<String>, Problem> {
    let tables: Vec<Line> = diesel::sql_query(
        "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .load(connection)?;
    Ok(tables.into_iter().map(|table| table.text).collect())
}

/// Whether every row that a row of the table refers to is there.
fn check_references(connection: &mut SqliteConnection, table: &str) -> Result<(), Problem> {
    let lost: Option<Line> = diesel::sql_query("SELECT parent AS text FROM pragma_foreign_key_check(?) LIMIT 1")
        .bind::<Text, _>(table)
        .get_result(connection)
        .optional()?;
    match lost {
        Some(lost) => {
            let text = format!("A row of {table} refers to one of {} that is not there.", lost.text);
            Err(Problem::new(Code::Internal, text))
        }
        None => Ok(()),
    }
}

/// Whether the pages of a table and its indexes hold together and every row keeps the columns' own rules, which were left
/// aside while the rows were written.
fn check_rows(connection: &mut SqliteConnection, table: &str) -> Result<(), Problem> {
    let whole: Line = diesel::sql_query("SELECT quick_check AS text FROM pragma_quick_check(?) LIMIT 1")
        .bind::<Text, _>(table)
        .get_result(connection)?;
    if whole.text == "ok" {
        Ok(())
    } else {
        Err(Problem::new(Code::Internal, format!("The loaded table {table} is not whole: {}.", whole.text)))
    }
}

/// `PRAGMA journal_mode = DELETE`, and what the mode is then.
fn leave_wal(registry: &mut SqliteConnection) -> Result<String, Problem> {
    // Its failure shows in the mode that it leaves.
    let _ = registry.batch_execute("PRAGMA journal_mode = DELETE;");
    let mode: Line = diesel::sql_query("SELECT journal_mode AS text FROM pragma_journal_mode").get_result(registry)?;
    Ok(mode.text)
}

pub(super) fn sqlite(file: &Path) -> Result<SqliteConnection, Problem> {
    match connect_for_loading(&DatabaseUrl::Sqlite(file.to_owned()))? {
        AnyConnection::Sqlite(connection) => Ok(connection),
        AnyConnection::Postgres(_) => unreachable!("an SQLite URL opens SQLite"),
    }
}

pub(super) fn remove(copy: &Path) -> Result<(), Problem> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = copy.as_os_str().to_owned();
        name.push(suffix);
        if let Err(error) = fs::remove_file(&name)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            let text = format!("{} is in the way and cannot be removed.", copy.display());
            return Err(Problem::new(Code::StorageUnavailable, text).because(error));
        }
    }
    Ok(())
}

/// A name or a text within quotation marks of its kind.
pub(super) fn quoted(text: &str, mark: char) -> String {
    format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}")))
}
