//! A change under way.

use std::ops::{Deref, DerefMut};

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::AnyConnection;
use crate::error::Problem;

/// Tries of one change before its conflict is reported.
const TRIES: usize = 5;

/// A connection inside a transaction. Functions that change the record take this, so that none can be called outside one.
#[derive(Debug)]
pub struct Transaction<'a> {
    connection: &'a mut AnyConnection,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(connection: &'a mut AnyConnection) -> Self {
        Self { connection }
    }
}

impl Deref for Transaction<'_> {
    type Target = AnyConnection;
    fn deref(&self) -> &AnyConnection {
        self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.connection
    }
}

/// Runs a change in a transaction, again where the engine says that another one got in between.
pub fn run_with_retries<T>(
    connection: &mut AnyConnection,
    change: impl Fn(&mut Transaction<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut tries = 1;
    loop {
        let outcome = connection.transaction(|connection| change(&mut Transaction { connection }));
        match outcome {
            Err(problem) if tries < TRIES && problem.cause().is_some_and(another_got_in_between) => tries += 1,
            outcome => return outcome,
        }
    }
}

/// The same id inserted twice at once is such a case too: on the second try the first one's row is there to be found.
fn another_got_in_between(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation, _) => {
            true
        }
        DieselError::DatabaseError(_, information) => information.message().contains("deadlock detected"),
        _ => false,
    }
}
