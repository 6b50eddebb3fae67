//! One connection type for both engines.

use diesel::prelude::*;

/// A connection to whichever engine the database URL names.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

impl std::fmt::Debug for AnyConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "AnyConnection::Sqlite",
            Self::Postgres(_) => "AnyConnection::Postgres",
        })
    }
}

/// The engines that the registry runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, for production.
    Postgres,
}

/// Runs one body on whichever engine the connection is: for what diesel's common subset lacks (ON CONFLICT, COPY), and
/// for statements that every scan runs, which spares writing their text anew each time.
///
/// ```ignore
/// on_engine!(connection, c => diesel::insert_into(sites::table).values(rows).on_conflict_do_nothing().execute(c))?;
/// ```
#[macro_export]
macro_rules! on_engine {
    ($connection:expr, $inner:ident => $body:expr) => {
        match $connection {
            $crate::store::AnyConnection::Sqlite($inner) => $body,
            $crate::store::AnyConnection::Postgres($inner) => $body,
        }
    };
}
