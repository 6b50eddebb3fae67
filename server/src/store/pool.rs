//! Connections ready for use.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use r2d2::{ManageConnection, PooledConnection};

use super::{AnyConnection, DatabaseUrl};
use crate::error::{Code, Problem};

/// How long a request waits for a connection before it is told that the registry is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// A set of open connections.
#[derive(Clone, Debug)]
pub struct Pool(r2d2::Pool<Manager>);

impl Pool {
    /// Connections that only read.
    pub fn readers(url: &DatabaseUrl) -> Result<Self, Problem> {
        Self::build(url, Access::Read, 8)
    }

    /// Connections that write; for an engine that takes several writers.
    pub fn writers(url: &DatabaseUrl) -> Result<Self, Problem> {
        Self::build(url, Access::Write, 16)
    }

    fn build(url: &DatabaseUrl, access: Access, size: u32) -> Result<Self, Problem> {
        r2d2::Pool::builder()
            .max_size(size)
            // Connections are opened when they are asked for, none ahead in the background: a program that ends while a
            // background thread still opens one is brought down by libpq's Kerberos library.
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            // A leader that went away must not be handed out: PostgreSQL connections are asked first.
            .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
            .build(Manager { url: url.clone(), access })
            .map(Self)
            .map_err(|error| Problem::new(Code::StorageUnavailable, "The database cannot be opened.").because(error))
    }

    /// A connection, within a few seconds.
    pub fn get(&self) -> Result<PooledConnection<Manager>, Problem> {
        self.0.get().map_err(|error| {
            Problem::new(Code::StorageUnavailable, "No database connection could be had.").because(error)
        })
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Questions only; the engine refuses changes.
    Read,
    /// Changes too.
    Write,
}

/// Opens and checks connections of one database.
#[derive(Debug)]
pub struct Manager {
    url: DatabaseUrl,
    access: Access,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        open(&self.url, self.access)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Self::Error> {
        connection.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || {
            use diesel::connection::TransactionManager as _;
            <AnyConnection as Connection>::TransactionManager::is_broken_transaction_manager(connection)
        }
    }
}

/// Opens one connection and settles how the engine works for us.
pub fn open(url: &DatabaseUrl, access: Access) -> Result<AnyConnection, diesel::r2d2::Error> {
    let connected = match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection =
                SqliteConnection::establish(&path.to_string_lossy()).map_err(diesel::r2d2::Error::ConnectionError)?;
            // WAL lets readers go on beside the writer; FULL makes each commit durable through a power cut.
            connection
                .batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824;",
                )
                .and_then(|()| match access {
                    Access::Read => connection.batch_execute("PRAGMA query_only = ON;"),
                    Access::Write => Ok(()),
                })
                .map_err(diesel::r2d2::Error::QueryError)?;
            AnyConnection::Sqlite(connection)
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url).map_err(diesel::r2d2::Error::ConnectionError)?;
            connection
                .batch_execute("SET TIME ZONE 'UTC'; SET application_name = 'tessera';")
                .and_then(|()| match access {
                    // Lists of a hundred thousand patients are joined in memory instead of on disk.
                    Access::Read => {
                        connection.batch_execute("SET default_transaction_read_only = on; SET work_mem = '64MB';")
                    }
                    Access::Write => Ok(()),
                })
                .map_err(diesel::r2d2::Error::QueryError)?;
            AnyConnection::Postgres(connection)
        }
    };
    Ok(connected)
}
