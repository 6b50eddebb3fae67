-- What somebody found out about a second person who was named and never confirmed: nobody waits for them any more. (append-only)
CREATE TABLE override_follow_ups (
    device_use_id BYTEA PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    note          TEXT NOT NULL,
    closed_at     TIMESTAMP NOT NULL,
    closed_by     BYTEA NOT NULL REFERENCES users (id)
);

CREATE TRIGGER override_follow_ups_append_only BEFORE UPDATE OR DELETE ON override_follow_ups
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
