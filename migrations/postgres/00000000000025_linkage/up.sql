-- Outcomes that others recorded, line by line: whose they are is known by pseudonym alone. A line is kept whatever becomes of it: what
-- matches for certain is an outcome, what does not waits for a person or for its patient.
CREATE TABLE linked_lines (
    id             BYTEA PRIMARY KEY NOT NULL,
    source         TEXT NOT NULL,
    pseudonym      BYTEA NOT NULL,
    sealed         BYTEA NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('revision', 'death', 'complication', 'prom')),
    occurred_on    DATE NOT NULL,
    opcs4          TEXT,
    side           TEXT CHECK (side IN ('left', 'right', 'bilateral')),
    code           TEXT,
    detail         TEXT,
    score          DOUBLE PRECISION,
    state          TEXT NOT NULL CHECK (state IN ('matched', 'review', 'unlinked', 'set-aside')),
    why            TEXT NOT NULL,
    outcome_id     BYTEA REFERENCES outcomes (id),
    imported_at    TIMESTAMP NOT NULL,
    imported_by    BYTEA REFERENCES users (id),
    decided_at     TIMESTAMP NOT NULL,
    decided_by     BYTEA REFERENCES users (id)
);
CREATE INDEX linked_lines_state ON linked_lines (state, occurred_on);
