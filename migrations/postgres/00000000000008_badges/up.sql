-- A user's badge (GSRN of a provider, AI 8017) and PIN. Tries are counted before the PIN is compared, so that many at once
-- are not many guesses.
CREATE TABLE user_badges (
    user_id       BYTEA PRIMARY KEY NOT NULL REFERENCES users (id),
    badge         TEXT NOT NULL UNIQUE,
    pin_hash      TEXT,
    tries         INTEGER NOT NULL,
    locked_until  TIMESTAMP,
    given_at      TIMESTAMP NOT NULL,
    pin_set_at    TIMESTAMP
);

-- Who stood by, with badge and PIN, when a device was recorded as implanted against a stop. (append-only)
CREATE TABLE override_witnesses (
    device_use_id BYTEA PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    witness_id    BYTEA NOT NULL REFERENCES users (id),
    witnessed_at  TIMESTAMP NOT NULL
);

-- Who looked at what a scan was answered with, before going on. (append-only)
CREATE TABLE acknowledgements (
    id              BYTEA PRIMARY KEY NOT NULL,
    scan_event_id   BYTEA NOT NULL REFERENCES scan_events (id),
    codes           TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    acknowledged_by BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX acknowledgements_scan ON acknowledgements (scan_event_id);

CREATE TRIGGER override_witnesses_append_only BEFORE UPDATE OR DELETE ON override_witnesses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER acknowledgements_append_only BEFORE UPDATE OR DELETE ON acknowledgements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
