-- A person's key on one tablet: what they do there without a network is signed with its private half, which their PIN opens.
CREATE TABLE tablet_keys (
    id          BYTEA PRIMARY KEY NOT NULL,
    user_id     BYTEA NOT NULL REFERENCES users (id),
    public_key  BYTEA NOT NULL,
    enrolled_at TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    revoked_at  TIMESTAMP
);
CREATE INDEX tablet_keys_user ON tablet_keys (user_id);

-- Overrides made without a network whose second person could not be verified: open until override_witnesses has them.
-- (append-only)
CREATE TABLE override_claims (
    device_use_id BYTEA PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    badge         TEXT NOT NULL,
    claimed_at    TIMESTAMP NOT NULL
);

CREATE TRIGGER override_claims_append_only BEFORE UPDATE OR DELETE ON override_claims
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
