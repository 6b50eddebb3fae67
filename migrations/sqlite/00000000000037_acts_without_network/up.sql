-- A person's key on one tablet: what they do there without a network is signed with its private half, which their PIN opens.
CREATE TABLE tablet_keys (
    id          BLOB PRIMARY KEY NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    public_key  BLOB NOT NULL,
    enrolled_at TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    revoked_at  TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX tablet_keys_user ON tablet_keys (user_id);

-- Overrides made without a network whose second person could not be verified: open until override_witnesses has them.
-- (append-only)
CREATE TABLE override_claims (
    device_use_id BLOB PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    badge         TEXT NOT NULL,
    claimed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER override_claims_no_update BEFORE UPDATE ON override_claims
BEGIN
    SELECT RAISE(ABORT, 'override_claims is append-only');
END;

CREATE TRIGGER override_claims_no_delete BEFORE DELETE ON override_claims
BEGIN
    SELECT RAISE(ABORT, 'override_claims is append-only');
END;
