-- What somebody found out about a second person who was named and never confirmed: nobody waits for them any more. (append-only)
CREATE TABLE override_follow_ups (
    device_use_id BLOB PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    note          TEXT NOT NULL,
    closed_at     TIMESTAMP NOT NULL,
    closed_by     BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;

CREATE TRIGGER override_follow_ups_no_update BEFORE UPDATE ON override_follow_ups
BEGIN
    SELECT RAISE(ABORT, 'override_follow_ups is append-only');
END;

CREATE TRIGGER override_follow_ups_no_delete BEFORE DELETE ON override_follow_ups
BEGIN
    SELECT RAISE(ABORT, 'override_follow_ups is append-only');
END;
