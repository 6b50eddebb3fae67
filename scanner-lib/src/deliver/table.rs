//! The outbox's tables, as diesel knows them.

/// What makes a new outbox. `position` gives the order, whatever the clock does; AUTOINCREMENT never gives one twice.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS outbox (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB    NOT NULL UNIQUE,
    endpoint   TEXT    NOT NULL,
    server     TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    body       BLOB    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'refused')),
    tries      INTEGER NOT NULL,
    last_error TEXT,
    answer     BLOB,
    settled    INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_state ON outbox (state, server, position);
CREATE TABLE IF NOT EXISTS facts (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;
PRAGMA user_version = 1;
";

/// The version that [`CREATE`] makes.
pub(super) const VERSION: i32 = 1;

diesel::table! {
    /// One row per message.
    outbox (position) {
        position -> BigInt,
        id -> Binary,
        endpoint -> Text,
        server -> Text,
        created -> BigInt,
        body -> Binary,
        state -> Text,
        tries -> Integer,
        last_error -> Nullable<Text>,
        answer -> Nullable<Binary>,
        settled -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What is true of the outbox as a whole.
    facts (name) {
        name -> Text,
        value -> Binary,
    }
}
