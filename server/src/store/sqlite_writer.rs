//! SQLite's single writer: one thread, commits in groups.
//!
//! SQLite takes one writer at a time, and each durable commit costs an fsync. So one thread owns the writing connection,
//! takes what waits in its queue, runs the changes one after the other, and commits them together; nobody is answered
//! before the commit. Where one of them fails, the group is rolled back and run again, each change in a savepoint of its
//! own: a change that fails takes nothing with it, and the many groups without a failure are spared the savepoints.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use tokio::sync::oneshot;

use super::pool::{Access, open};
use super::transaction::Transaction;
use super::{AnyConnection, DatabaseUrl};
use crate::error::{Code, Problem};
use crate::on_engine;

/// Changes that may wait; one more is told that the registry is busy.
const QUEUE: usize = 1024;
/// Changes committed together at the most, so that the first of them does not wait long.
const GROUP: usize = 128;

/// A change that waits: run it now, and say what came of it once the group is committed.
trait Change: Send {
    /// Runs the change; whether it succeeded.
    fn run(&mut self, connection: &mut AnyConnection) -> bool;
    /// Runs the change inside a savepoint of its own.
    fn run_apart(&mut self, connection: &mut AnyConnection);
    /// Tells the asker: what `run` found, or that the commit failed.
    fn answer(self: Box<Self>, committed: Result<(), Problem>);
}

struct Asked<T, F> {
    change: F,
    outcome: Option<Result<T, Problem>>,
    asker: oneshot::Sender<Result<T, Problem>>,
}

impl<T, F> Change for Asked<T, F>
where
    F: Fn(&mut Transaction<'_>) -> Result<T, Problem> + Send,
    T: Send,
{
    fn run(&mut self, connection: &mut AnyConnection) -> bool {
        let change = &self.change;
        // A panic in one change must not take the writer down with everybody else's changes: it counts as a failure.
        let outcome = catch_unwind(AssertUnwindSafe(|| change(&mut Transaction::new(connection))))
            .unwrap_or_else(|_| Err(Problem::new(Code::Internal, "A change stopped unexpectedly.")));
        self.outcome.insert(outcome).is_ok()
    }

    fn run_apart(&mut self, connection: &mut AnyConnection) {
        // The savepoint rolls back on the error that `run` leaves, which is then put back for the asker.
        let apart: QueryResult<()> = connection.transaction(|connection| {
            if self.run(connection) { Ok(()) } else { Err(diesel::result::Error::RollbackTransaction) }
        });
        if let Err(error) = apart
            && matches!(self.outcome, Some(Ok(_)))
        {
            self.outcome = Some(Err(error.into()));
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), Problem>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(super::writer_gone()));
        // The asker may have hung up; the change stands all the same.
        let _ = self.asker.send(committed.and(outcome));
    }
}

/// The way to the writing thread.
#[derive(Clone)]
pub struct SqliteWriter {
    queue: SyncSender<Box<dyn Change>>,
}

impl std::fmt::Debug for SqliteWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteWriter")
    }
}

impl SqliteWriter {
    /// Opens the writing connection and starts the thread. It ends when the last clone of the writer is gone.
    pub fn start(url: &DatabaseUrl) -> Result<Self, Problem> {
        let connection = open(url, Access::Write).map_err(|error| {
            Problem::new(Code::StorageUnavailable, "The database cannot be opened for writing.").because(error)
        })?;
        let (queue, waiting) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_in_groups(connection, &waiting))
            .map_err(|error| {
                Problem::new(Code::StorageUnavailable, "The writer could not be started.").because(error)
            })?;
        Ok(Self { queue })
    }

    /// Puts a change in the queue; the receiver yields its outcome once it is durable.
    pub fn submit<T, F>(&self, change: F) -> Result<oneshot::Receiver<Result<T, Problem>>, Problem>
    where
        F: Fn(&mut Transaction<'_>) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let (asker, answer) = oneshot::channel();
        match self.queue.try_send(Box::new(Asked { change, outcome: None, asker })) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(Problem::new(Code::Busy, "Too many changes wait to be written.")),
            Err(TrySendError::Disconnected(_)) => Err(super::writer_gone()),
        }
    }
}

fn write_in_groups(mut connection: AnyConnection, waiting: &Receiver<Box<dyn Change>>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        let committed = commit_together(&mut connection, &mut group, waiting);
        if let Err(error) = &committed {
            tracing::error!(%error, changes = group.len(), "a group of changes could not be committed");
            roll_back(&mut connection);
        }
        for change in group {
            change.answer(
                committed
                    .as_ref()
                    .map(|&()| ())
                    .map_err(|_| Problem::new(Code::StorageUnavailable, "The change could not be written to disk.")),
            );
        }
    }
}

fn commit_together(
    connection: &mut AnyConnection,
    group: &mut Vec<Box<dyn Change>>,
    waiting: &Receiver<Box<dyn Change>>,
) -> QueryResult<()> {
    begin(connection)?;
    let mut next = 0;
    let mut well = true;
    while well && next < group.len() {
        well = group[next].run(connection);
        next += 1;
        if group.len() < GROUP
            && let Ok(another) = waiting.try_recv()
        {
            group.push(another);
        }
    }
    if !well {
        roll_back(connection);
        begin(connection)?;
        for change in group {
            change.run_apart(connection);
        }
    }
    on_engine!(connection, c => AnsiTransactionManager::commit_transaction(c))
}

fn begin(connection: &mut AnyConnection) -> QueryResult<()> {
    on_engine!(connection, c => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))
}

fn roll_back(connection: &mut AnyConnection) {
    if let Err(error) = on_engine!(connection, c => AnsiTransactionManager::rollback_transaction(c)) {
        tracing::debug!(%error, "nothing to roll back");
    }
}
