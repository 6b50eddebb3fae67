//! `tessera backup` and `tessera restore`: the embedded database as one file.
//!
//! PostgreSQL has better tools of its own (`pg_dump`, continuous archiving); these commands say so.

use std::path::{Path, PathBuf};

use clap::Args;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tessera_server::error::{Code, Problem};
use tessera_server::store::DatabaseUrl;

use super::Settings;

#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    settings: Settings,
    /// Where to write it; must not be there yet.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    settings: Settings,
    /// The backup.
    file: PathBuf,
}

impl Backup {
    /// Copies the registry while it is in use: `VACUUM INTO` reads one consistent state.
    pub fn run(self) -> Result<(), Problem> {
        let database = embedded(&self.settings)?;
        must_not_be_there(&self.file)?;
        copy(&database, &self.file)?;
        println!("Wrote {}. Keep the key file apart from it: without the key no identity opens.", self.file.display());
        Ok(())
    }
}

impl Restore {
    /// Puts a backup where the settings want the database; never over one that is there.
    pub fn run(self) -> Result<(), Problem> {
        let database = embedded(&self.settings)?;
        must_not_be_there(&database)?;
        for left in ["-wal", "-shm", "-journal"] {
            // SQLite would play the journal of the database that was here into the restored one.
            let mut beside = database.clone().into_os_string();
            beside.push(left);
            must_not_be_there(Path::new(&beside))?;
        }
        check(&self.file)?;
        // Copied beside its place and checked there: a restore that is interrupted leaves no half database behind.
        let mut beside = database.clone().into_os_string();
        beside.push(".restoring");
        let beside = PathBuf::from(beside);
        let failed = |error| Problem::invalid("The backup could not be copied.").because(error);
        std::fs::copy(&self.file, &beside).and_then(|_| std::fs::File::open(&beside)?.sync_all()).map_err(failed)?;
        check(&beside)?;
        std::fs::rename(&beside, &database).map_err(failed)?;
        println!("Restored {} from {}.", database.display(), self.file.display());
        Ok(())
    }
}

/// Copies one consistent state of a database to a file, and reads the copy again.
pub(super) fn copy(database: &Path, file: &Path) -> Result<(), Problem> {
    let mut connection = open(database)?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(file.to_string_lossy().into_owned()).execute(&mut connection)?;
    check(file)
}

fn embedded(settings: &Settings) -> Result<PathBuf, Problem> {
    match settings.read()?.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))? {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => {
            Err(Problem::invalid("For PostgreSQL use its own tools: pg_dump --format=custom, and pg_restore."))
        }
    }
}

fn must_not_be_there(file: &Path) -> Result<(), Problem> {
    if file.exists() {
        return Err(Problem::new(
            Code::WrongState,
            format!("{} is there already: move it away first, nothing is overwritten.", file.display()),
        ));
    }
    Ok(())
}

fn open(file: &Path) -> Result<SqliteConnection, Problem> {
    if !file.exists() {
        return Err(Problem::not_found(format!("file {}", file.display())));
    }
    SqliteConnection::establish(&file.to_string_lossy()).map_err(|error| {
        Problem::new(Code::StorageUnavailable, format!("{} cannot be opened.", file.display())).because(error)
    })
}

/// Reads every page of a database file and its tables' agreement with their indexes.
fn check(file: &Path) -> Result<(), Problem> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let mut connection = open(file)?;
    let damaged = || Problem::invalid(format!("{} is damaged: its integrity check fails.", file.display()));
    connection.batch_execute("PRAGMA query_only = ON;").map_err(|error| damaged().because(error))?;
    let lines: Vec<Line> =
        diesel::sql_query("PRAGMA integrity_check").load(&mut connection).map_err(|error| damaged().because(error))?;
    if lines.first().is_some_and(|line| line.integrity_check == "ok") { Ok(()) } else { Err(damaged()) }
}
