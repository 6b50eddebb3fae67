-- Devices that stand out by a published rule. A signal is a reason to look: who looks, and what came of it, is its history.
CREATE TABLE signals (
    id            BLOB PRIMARY KEY NOT NULL,
    product_id    BLOB NOT NULL REFERENCES products (id),
    rule          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('new', 'under-review', 'confirmed', 'explained', 'ended')),
    owner         BLOB REFERENCES users (id),
    standing      BOOLEAN NOT NULL,
    evidence      TEXT NOT NULL,
    snapshot_hash BLOB NOT NULL,
    raised_at     TIMESTAMP NOT NULL,
    judged_at     TIMESTAMP NOT NULL,
    UNIQUE (product_id, rule)
) WITHOUT ROWID;
CREATE INDEX signals_state ON signals (state);

-- What happened to a signal, first to last. (append-only)
CREATE TABLE signal_events (
    id            BLOB PRIMARY KEY NOT NULL,
    signal_id     BLOB NOT NULL REFERENCES signals (id),
    what          TEXT NOT NULL CHECK (what IN ('raised', 'raised-again', 'no-longer-met', 'state', 'owner', 'note')),
    detail        TEXT NOT NULL,
    evidence      TEXT,
    snapshot_hash BLOB,
    recorded_at   TIMESTAMP NOT NULL,
    recorded_by   BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX signal_events_signal ON signal_events (signal_id);

CREATE TRIGGER signal_events_no_update BEFORE UPDATE ON signal_events
BEGIN
    SELECT RAISE(ABORT, 'signal_events is append-only');
END;

CREATE TRIGGER signal_events_no_delete BEFORE DELETE ON signal_events
BEGIN
    SELECT RAISE(ABORT, 'signal_events is append-only');
END;
