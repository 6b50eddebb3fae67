//! Where the registry is kept: SQLite by default, PostgreSQL in production, one code for both.
//!
//! Reach for [`Store::read`] to ask and [`Store::write`] to change. A change is one transaction: what it records and its
//! audit row are there together or not at all. Each concept's own `store.rs` holds its queries; questions that join
//! several concepts are in [`read`].
//!
//! Ask for the one row that a key names with `get_result`, not with `first`: that adds a LIMIT, and SQLite plans a
//! statement with a bound LIMIT anew at each execution. The same goes for `eq_any` with a few known values.

pub mod columns;
mod connection;
mod database_url;
mod migrate;
pub mod pace;
mod pool;
pub mod read;
pub mod schema;
#[cfg(test)]
mod schema_tests;
mod sqlite_writer;
#[cfg(test)]
pub mod testing;
mod transaction;

use std::sync::Arc;

pub use connection::{AnyConnection, Engine};
pub use database_url::{DatabaseUrl, UnknownDatabase};
pub use transaction::Transaction;

use crate::error::{Code, Problem};
use pool::Pool;
use sqlite_writer::SqliteWriter;

/// The registry's storage. Cheap to clone: all clones share the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    readers: Pool,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    /// SQLite takes one writer at a time: one thread owns it and commits in groups.
    Single(SqliteWriter),
    /// PostgreSQL takes many.
    Many(Pool),
}

impl Store {
    /// Opens the database, creating an SQLite file where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`] where the database cannot be reached or its migrations fail.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Problem> {
        migrate::bring_up_to_date(url)?;
        let readers = Pool::readers(url)?;
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Writer::Single(SqliteWriter::start(url)?),
            DatabaseUrl::Postgres(_) => Writer::Many(Pool::writers(url)?),
        };
        Ok(Self { inner: Arc::new(Inner { engine: url.engine(), readers, writer }) })
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Asks a question on a connection that cannot write.
    ///
    /// # Errors
    /// Whatever `question` answers, or [`Code::StorageUnavailable`] where no connection could be had.
    pub async fn read<T, F>(&self, question: F) -> Result<T, Problem>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let store = self.clone();
        off_the_event_loop(move || store.read_now(question)).await
    }

    /// [`Store::read`] for programs and tests without an event loop.
    ///
    /// # Errors
    /// Those of [`Store::read`].
    pub fn read_now<T>(&self, question: impl FnOnce(&mut AnyConnection) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut connection = self.inner.readers.get()?;
        question(&mut connection)
    }

    /// Changes the record in one transaction. `change` may run more than once (after a serialization failure), so it
    /// does nothing but read and write through the transaction it is given.
    ///
    /// The answer comes only after the change is durable.
    ///
    /// # Errors
    /// Whatever `change` answers (then nothing was changed), [`Code::Busy`] where too many changes wait, or
    /// [`Code::StorageUnavailable`].
    pub async fn write<T, F>(&self, change: F) -> Result<T, Problem>
    where
        F: Fn(&mut Transaction<'_>) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.writer {
            Writer::Single(writer) => writer.submit(change)?.await.unwrap_or_else(|_| Err(writer_gone())),
            Writer::Many(_) => {
                let store = self.clone();
                off_the_event_loop(move || store.write_now(change)).await
            }
        }
    }

    /// [`Store::write`] for programs and tests without an event loop.
    ///
    /// # Errors
    /// Those of [`Store::write`].
    pub fn write_now<T, F>(&self, change: F) -> Result<T, Problem>
    where
        F: Fn(&mut Transaction<'_>) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.writer {
            Writer::Single(writer) => writer.submit(change)?.blocking_recv().unwrap_or_else(|_| Err(writer_gone())),
            Writer::Many(pool) => transaction::run_with_retries(&mut *pool.get()?, change),
        }
    }

    /// Whether the database answers; for readiness checks.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`] where it does not.
    pub async fn ping(&self) -> Result<(), Problem> {
        self.read(|connection| {
            use diesel::prelude::*;
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1")).get_result::<i32>(connection)?;
            Ok(())
        })
        .await
    }
}

/// A connection of its own for the bulk loader, which changes what a [`Store`] never changes: indexes and durability.
pub(crate) fn connect_for_loading(url: &DatabaseUrl) -> Result<AnyConnection, Problem> {
    pool::open(url, pool::Access::Write).map_err(|error| {
        Problem::new(Code::StorageUnavailable, "The database cannot be opened for loading.").because(error)
    })
}

fn writer_gone() -> Problem {
    Problem::new(Code::StorageUnavailable, "The writer stopped before it confirmed the change.")
}

async fn off_the_event_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    actix_web::web::block(work)
        .await
        .unwrap_or_else(|_| Err(Problem::new(Code::StorageUnavailable, "The server is shutting down.")))
}
