-- Devices that stand out by a published rule. A signal is a reason to look: who looks, and what came of it, is its history.
CREATE TABLE signals (
    id            BYTEA PRIMARY KEY NOT NULL,
    product_id    BYTEA NOT NULL REFERENCES products (id),
    rule          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('new', 'under-review', 'confirmed', 'explained', 'ended')),
    owner         BYTEA REFERENCES users (id),
    standing      BOOLEAN NOT NULL,
    evidence      TEXT NOT NULL,
    snapshot_hash BYTEA NOT NULL,
    raised_at     TIMESTAMP NOT NULL,
    judged_at     TIMESTAMP NOT NULL,
    UNIQUE (product_id, rule)
);
CREATE INDEX signals_state ON signals (state);

-- What happened to a signal, first to last. (append-only)
CREATE TABLE signal_events (
    id            BYTEA PRIMARY KEY NOT NULL,
    signal_id     BYTEA NOT NULL REFERENCES signals (id),
    what          TEXT NOT NULL CHECK (what IN ('raised', 'raised-again', 'no-longer-met', 'state', 'owner', 'note')),
    detail        TEXT NOT NULL,
    evidence      TEXT,
    snapshot_hash BYTEA,
    recorded_at   TIMESTAMP NOT NULL,
    recorded_by   BYTEA REFERENCES users (id)
);
CREATE INDEX signal_events_signal ON signal_events (signal_id);

CREATE TRIGGER signal_events_append_only BEFORE UPDATE OR DELETE ON signal_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
