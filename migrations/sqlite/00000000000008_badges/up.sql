-- A user's badge (GSRN of a provider, AI 8017) and PIN. Tries are counted before the PIN is compared, so that many at once
-- are not many guesses.
CREATE TABLE user_badges (
    user_id       BLOB PRIMARY KEY NOT NULL REFERENCES users (id),
    badge         TEXT NOT NULL UNIQUE,
    pin_hash      TEXT,
    tries         INTEGER NOT NULL,
    locked_until  TIMESTAMP,
    given_at      TIMESTAMP NOT NULL,
    pin_set_at    TIMESTAMP
) WITHOUT ROWID;

-- Who stood by, with badge and PIN, when a device was recorded as implanted against a stop. (append-only)
CREATE TABLE override_witnesses (
    device_use_id BLOB PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    witness_id    BLOB NOT NULL REFERENCES users (id),
    witnessed_at  TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- Who looked at what a scan was answered with, before going on. (append-only)
CREATE TABLE acknowledgements (
    id              BLOB PRIMARY KEY NOT NULL,
    scan_event_id   BLOB NOT NULL REFERENCES scan_events (id),
    codes           TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    acknowledged_by BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX acknowledgements_scan ON acknowledgements (scan_event_id);

CREATE TRIGGER override_witnesses_no_update BEFORE UPDATE ON override_witnesses
BEGIN
    SELECT RAISE(ABORT, 'override_witnesses is append-only');
END;

CREATE TRIGGER override_witnesses_no_delete BEFORE DELETE ON override_witnesses
BEGIN
    SELECT RAISE(ABORT, 'override_witnesses is append-only');
END;

CREATE TRIGGER acknowledgements_no_update BEFORE UPDATE ON acknowledgements
BEGIN
    SELECT RAISE(ABORT, 'acknowledgements is append-only');
END;

CREATE TRIGGER acknowledgements_no_delete BEFORE DELETE ON acknowledgements
BEGIN
    SELECT RAISE(ABORT, 'acknowledgements is append-only');
END;
