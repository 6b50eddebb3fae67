//! The durable outbox: an SQLite file in which everything that was scanned waits until the registry has it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as SqlError};
use diesel::sql_types::{Integer, Text};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::KEY_VARIABLE;
use super::seal::{NoKey, SealKey};
use super::table::{CREATE, VERSION, facts, outbox};
use super::{Endpoint, Item, Message, OutboxError, ServerUrl, State, Tally, folder};

/// A sealed text that tells whether a key is the outbox's own.
const KEY_CHECK: &str = "key-check";

/// A message as it is sent: what [`Outbox::next`] gives.
pub(super) struct Due {
    pub(super) position: i64,
    pub(super) id: Uuid,
    pub(super) tries: i32,
    /// `None` where the row cannot be read any more: a damaged disk, or a newer program's endpoint.
    pub(super) content: Option<(Endpoint, Zeroizing<Vec<u8>>)>,
}

/// Position, id, tries, endpoint, sealed body.
type DueRow = (i64, Vec<u8>, i32, String, Vec<u8>);

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(diesel::sqlite::Sqlite))]
struct Row {
    position: i64,
    id: Vec<u8>,
    server: String,
    created: i64,
    state: String,
    tries: i32,
    last_error: Option<String>,
    answer: Option<Vec<u8>>,
}

/// The outbox. One per thread: SQLite itself arbitrates between threads and programs on the same file.
///
/// # Example
/// ```
/// use tessera_scanner::deliver::{Outbox, Scan, State};
/// use tessera_scanner::udi::Entry;
///
/// let folder = tempfile::tempdir().unwrap();
/// let mut outbox = Outbox::open(&folder.path().join("outbox.db")).unwrap();
/// let scan = Scan::now(uuid::Uuid::now_v7(), Entry::Handheld, Vec::new());
/// outbox.keep(&scan.message(&"https://registry.example".parse().unwrap())).unwrap();
/// // Now it is on the disk and may be acknowledged.
/// assert_eq!(outbox.find(scan.id).unwrap().unwrap().state, State::Waiting);
/// ```
pub struct Outbox {
    file: PathBuf,
    connection: SqliteConnection,
    key: SealKey,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({})", self.file.display())
    }
}

impl Outbox {
    /// Opens the outbox in this file; makes it, and its key beside it, where there is none.
    ///
    /// # Errors
    /// [`OutboxError`], which says what to do.
    pub fn open(file: &Path) -> Result<Self, OutboxError> {
        Self::open_with(file, std::env::var(KEY_VARIABLE).ok().map(Zeroizing::new))
    }

    pub(super) fn open_with(file: &Path, key: Option<Zeroizing<String>>) -> Result<Self, OutboxError> {
        let name = || file.display().to_string();
        let in_file = |error| OutboxError::File { file: name(), error };
        let in_sql = |error: SqlError| OutboxError::Sql { file: name(), error: error.to_string() };
        // An absolute path is never taken for one of SQLite's special names.
        let path = std::path::absolute(file).map_err(in_file)?;
        folder::create_private(&path).map_err(in_file)?;
        let text = path.to_str().ok_or_else(|| in_file(std::io::Error::other("its path is not UTF-8")))?;
        let mut connection = SqliteConnection::establish(text)
            .map_err(|error| OutboxError::Sql { file: name(), error: error.to_string() })?;
        connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON;").map_err(in_sql)?;
        let found = journal_in_wal(&mut connection).map_err(in_sql)?;
        if found != "wal" {
            return Err(OutboxError::NotDurable { file: name(), found });
        }
        // FULL: a commit returns only when it is on the disk. In WAL mode NORMAL would not wait.
        connection.batch_execute("PRAGMA synchronous = FULL;").map_err(in_sql)?;
        match version(&mut connection).map_err(in_sql)? {
            VERSION => {}
            0 => connection.immediate_transaction(|tx| tx.batch_execute(CREATE)).map_err(in_sql)?,
            found => return Err(OutboxError::Newer { file: name(), found }),
        }
        let key = key_of(&mut connection, &path, key)?;
        folder::sync_around(&path).map_err(in_file)?;
        Ok(Self { file: path, connection, key })
    }

    /// Keeps a message. When this returns, it is on the disk: only then may it be acknowledged.
    ///
    /// The same message again changes nothing.
    ///
    /// # Errors
    /// [`OutboxError::IdReused`] for another message of the same id, else what the disk says; then it was not kept.
    pub fn keep(&mut self, message: &Message) -> Result<(), OutboxError> {
        let sealed = self.key.seal(&message.body, &body_context(message.id)).map_err(|error| self.in_file(error))?;
        let inserted = diesel::insert_into(outbox::table)
            .values((
                outbox::id.eq(message.id.as_bytes().as_slice()),
                outbox::endpoint.eq(message.endpoint.word()),
                outbox::server.eq(message.server.as_str()),
                outbox::created.eq(Utc::now().timestamp_millis()),
                outbox::body.eq(sealed),
                outbox::state.eq(State::Waiting.word()),
                outbox::tries.eq(0),
            ))
            .execute(&mut self.connection);
        match inserted {
            Ok(_) => Ok(()),
            Err(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => self.must_be_the_same(message),
            Err(error) => Err(self.in_sql(&error)),
        }
    }

    fn must_be_the_same(&mut self, message: &Message) -> Result<(), OutboxError> {
        let (endpoint, server, sealed): (String, String, Vec<u8>) = outbox::table
            .filter(outbox::id.eq(message.id.as_bytes().as_slice()))
            .select((outbox::endpoint, outbox::server, outbox::body))
            .first(&mut self.connection)
            .map_err(|error| self.in_sql(&error))?;
        let body = self.key.open(&sealed, &body_context(message.id));
        let same = endpoint == message.endpoint.word() && server == message.server.as_str();
        if same && body.as_ref() == Some(&message.body) { Ok(()) } else { Err(OutboxError::IdReused(message.id)) }
    }

    /// One message.
    ///
    /// # Errors
    /// [`OutboxError::Sql`].
    pub fn find(&mut self, id: Uuid) -> Result<Option<Item>, OutboxError> {
        let row = outbox::table
            .filter(outbox::id.eq(id.as_bytes().as_slice()))
            .select(Row::as_select())
            .first(&mut self.connection)
            .optional()
            .map_err(|error| self.in_sql(&error))?;
        Ok(row.map(|row| self.item(row)))
    }

    /// The first `most` messages of this state, in order.
    ///
    /// # Errors
    /// [`OutboxError::Sql`].
    pub fn list(&mut self, state: State, most: i64) -> Result<Vec<Item>, OutboxError> {
        let rows: Vec<Row> = outbox::table
            .filter(outbox::state.eq(state.word()))
            .order(outbox::position)
            .limit(most)
            .select(Row::as_select())
            .load(&mut self.connection)
            .map_err(|error| self.in_sql(&error))?;
        Ok(rows.into_iter().map(|row| self.item(row)).collect())
    }

    /// How much of each there is, for each registry.
    ///
    /// # Errors
    /// [`OutboxError::Sql`].
    pub fn tally(&mut self) -> Result<Vec<Tally>, OutboxError> {
        let counted: Vec<(String, String, i64, Option<i64>)> = outbox::table
            .group_by((outbox::server, outbox::state))
            .select((outbox::server, outbox::state, diesel::dsl::count_star(), diesel::dsl::min(outbox::created)))
            .order((outbox::server, outbox::state))
            .load(&mut self.connection)
            .map_err(|error| self.in_sql(&error))?;
        let mut tallies: Vec<Tally> = Vec::new();
        for (server, state, count, oldest) in counted {
            if tallies.last().is_none_or(|tally| tally.server != server) {
                tallies.push(Tally { server, waiting: 0, delivered: 0, refused: 0, waiting_since: None });
            }
            let tally = tallies.last_mut().expect("one was just pushed where there was none");
            match State::of_word(&state) {
                State::Waiting => {
                    tally.waiting = count;
                    tally.waiting_since = oldest.and_then(DateTime::from_timestamp_millis);
                }
                State::Delivered => tally.delivered = count,
                State::Refused => tally.refused = count,
            }
        }
        Ok(tallies)
    }

    /// Lets a refused message wait again, after a person has put right what stood in its way.
    ///
    /// # Errors
    /// [`OutboxError::NotRefused`] where there is no such message.
    pub fn wait_again(&mut self, id: Uuid) -> Result<(), OutboxError> {
        let refused = outbox::table
            .filter(outbox::id.eq(id.as_bytes().as_slice()))
            .filter(outbox::state.eq(State::Refused.word()));
        let changed = diesel::update(refused)
            .set((outbox::state.eq(State::Waiting.word()), outbox::settled.eq(None::<i64>)))
            .execute(&mut self.connection)
            .map_err(|error| self.in_sql(&error))?;
        if changed == 1 { Ok(()) } else { Err(OutboxError::NotRefused(id)) }
    }

    /// Sends what waits for one registry to another address: the registry has moved.
    ///
    /// # Errors
    /// [`OutboxError::Sql`].
    pub fn redirect(&mut self, from: &ServerUrl, to: &ServerUrl) -> Result<usize, OutboxError> {
        let waiting =
            outbox::table.filter(outbox::server.eq(from.as_str())).filter(outbox::state.eq(State::Waiting.word()));
        diesel::update(waiting)
            .set(outbox::server.eq(to.as_str()))
            .execute(&mut self.connection)
            .map_err(|error| self.in_sql(&error))
    }

    /// Removes what was delivered longer ago than `kept_for`. What waits or was refused stays.
    ///
    /// # Errors
    /// [`OutboxError::Sql`].
    pub fn prune(&mut self, kept_for: Duration) -> Result<usize, OutboxError> {
        let before = Utc::now().timestamp_millis() - i64::try_from(kept_for.as_millis()).unwrap_or(i64::MAX);
        let old = outbox::table.filter(outbox::state.eq(State::Delivered.word())).filter(outbox::settled.lt(before));
        diesel::delete(old).execute(&mut self.connection).map_err(|error| self.in_sql(&error))
    }

    /// The first message for this registry that waits, after this position.
    pub(super) fn next(&mut self, server: &ServerUrl, after: i64) -> Result<Option<Due>, OutboxError> {
        let row: Option<DueRow> = outbox::table
            .filter(outbox::state.eq(State::Waiting.word()))
            .filter(outbox::server.eq(server.as_str()))
            .filter(outbox::position.gt(after))
            .order(outbox::position)
            .select((outbox::position, outbox::id, outbox::tries, outbox::endpoint, outbox::body))
            .first(&mut self.connection)
            .optional()
            .map_err(|error| self.in_sql(&error))?;
        Ok(row.map(|(position, id, tries, endpoint, sealed)| {
            let id = Uuid::from_slice(&id).unwrap_or_default();
            let content = Endpoint::of_word(&endpoint).zip(self.key.open(&sealed, &body_context(id)));
            Due { position, id, tries, content }
        }))
    }

    /// Writes down that the registry has it, or will not take it.
    ///
    /// Of two programs that sent it, a delivery wins over a refusal: the registry has it.
    pub(super) fn settle(
        &mut self,
        due: &Due,
        state: State,
        error: Option<&str>,
        answer: Option<&[u8]>,
    ) -> Result<(), OutboxError> {
        let sealed = answer
            .map(|answer| self.key.seal(answer, &answer_context(due.id)))
            .transpose()
            .map_err(|error| self.in_file(error))?;
        let open =
            outbox::table.filter(outbox::position.eq(due.position)).filter(outbox::state.ne(State::Delivered.word()));
        diesel::update(open)
            .set((
                outbox::state.eq(state.word()),
                outbox::tries.eq(outbox::tries + 1),
                outbox::last_error.eq(error),
                outbox::answer.eq(sealed),
                outbox::settled.eq(Some(Utc::now().timestamp_millis())),
            ))
            .execute(&mut self.connection)
            .map(|_| ())
            .map_err(|error| self.in_sql(&error))
    }

    /// Writes down a try that changed nothing.
    pub(super) fn tried(&mut self, due: &Due, error: &str) -> Result<(), OutboxError> {
        let waiting =
            outbox::table.filter(outbox::position.eq(due.position)).filter(outbox::state.eq(State::Waiting.word()));
        diesel::update(waiting)
            .set((outbox::tries.eq(outbox::tries + 1), outbox::last_error.eq(error)))
            .execute(&mut self.connection)
            .map(|_| ())
            .map_err(|error| self.in_sql(&error))
    }

    fn item(&self, row: Row) -> Item {
        let id = Uuid::from_slice(&row.id).unwrap_or_default();
        Item {
            position: row.position,
            id,
            server: row.server,
            created: DateTime::from_timestamp_millis(row.created).unwrap_or_default(),
            state: State::of_word(&row.state),
            tries: row.tries,
            last_error: row.last_error,
            answer: row.answer.and_then(|sealed| self.key.open(&sealed, &answer_context(id))),
        }
    }

    fn in_file(&self, error: std::io::Error) -> OutboxError {
        OutboxError::File { file: self.file.display().to_string(), error }
    }

    fn in_sql(&self, error: &SqlError) -> OutboxError {
        OutboxError::Sql { file: self.file.display().to_string(), error: error.to_string() }
    }
}

fn body_context(id: Uuid) -> String {
    format!("tessera outbox 1, body of {id}")
}

fn answer_context(id: Uuid) -> String {
    format!("tessera outbox 1, answer to {id}")
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

fn journal_in_wal(connection: &mut SqliteConnection) -> QueryResult<String> {
    let mut tries = 0;
    loop {
        match diesel::sql_query("PRAGMA journal_mode = WAL").get_result::<JournalMode>(connection) {
            Ok(mode) => return Ok(mode.journal_mode),
            // Another program is making the same outbox: SQLite does not wait by itself here.
            Err(_) if tries < 100 => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error),
        }
    }
}

fn version(connection: &mut SqliteConnection) -> QueryResult<i32> {
    diesel::sql_query("PRAGMA user_version").get_result::<UserVersion>(connection).map(|found| found.user_version)
}

/// The outbox's key, proved against what it sealed before. Only an outbox that never sealed anything gets a new one.
fn key_of(
    connection: &mut SqliteConnection,
    path: &Path,
    given: Option<Zeroizing<String>>,
) -> Result<SealKey, OutboxError> {
    let name = || path.display().to_string();
    let in_sql = |error: SqlError| OutboxError::Sql { file: name(), error: error.to_string() };
    let beside = PathBuf::from(format!("{}.key", path.display()));
    let check = || facts::table.filter(facts::name.eq(KEY_CHECK)).select(facts::value);
    let known: Option<Vec<u8>> = check().first(connection).optional().map_err(in_sql)?;
    let key = match given {
        Some(text) => SealKey::from_hex(&text),
        None if known.is_some() && !beside.exists() => return Err(OutboxError::KeyMissing { file: name() }),
        None => SealKey::read_or_create(&beside),
    };
    let key = key.map_err(|error| match error {
        NoKey::Malformed => OutboxError::KeyMalformed { file: name() },
        NoKey::Io(error) => OutboxError::File { file: format!("{}.key", name()), error },
    })?;
    let known = if let Some(known) = known {
        known
    } else {
        let new = key.seal(b"", KEY_CHECK).map_err(|error| OutboxError::File { file: name(), error })?;
        // Of two programs that make the outbox at once, the first one's key is its key.
        diesel::insert_or_ignore_into(facts::table)
            .values((facts::name.eq(KEY_CHECK), facts::value.eq(new)))
            .execute(connection)
            .map_err(in_sql)?;
        check().first(connection).map_err(in_sql)?
    };
    if key.open(&known, KEY_CHECK).is_some() { Ok(key) } else { Err(OutboxError::WrongKey { file: name() }) }
}

#[cfg(test)]
mod tests;
