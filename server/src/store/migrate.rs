//! Brings a database's tables up to date.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::pool::{Access, open};
use super::{AnyConnection, DatabaseUrl};
use crate::error::{Code, Problem};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Runs every migration that the database has not had yet.
pub fn bring_up_to_date(url: &DatabaseUrl) -> Result<(), Problem> {
    let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Problem::new(Code::StorageUnavailable, "The database could not be brought up to date.").because(error)
    };
    let mut connection = open(url, Access::Write).map_err(|error| unavailable(error.into()))?;
    match &mut connection {
        AnyConnection::Sqlite(connection) => connection.run_pending_migrations(SQLITE).map(|_| ()),
        AnyConnection::Postgres(connection) => connection.run_pending_migrations(POSTGRES).map(|_| ()),
    }
    .map_err(unavailable)
}
