-- Alerts about recalls, amended notices, and dates of manufacture as what a notice covers.

CREATE TABLE recall_alerts (
    id             BYTEA PRIMARY KEY NOT NULL,
    recall_id      BYTEA NOT NULL REFERENCES recalls (id),
    kind           TEXT NOT NULL CHECK (kind IN ('patient', 'gone', 'shelf', 'amended')),
    device_use_id  BYTEA REFERENCES device_uses (id),
    text           TEXT NOT NULL,
    raised_at      TIMESTAMP NOT NULL,
    taken_at       TIMESTAMP,
    taken_by       BYTEA REFERENCES users (id),
    note           TEXT NOT NULL
);
CREATE INDEX recall_alerts_recall ON recall_alerts (recall_id);
CREATE INDEX recall_alerts_open ON recall_alerts (raised_at) WHERE taken_by IS NULL;

CREATE TABLE recall_amendments (
    id             BYTEA PRIMARY KEY NOT NULL,
    recall_id      BYTEA NOT NULL REFERENCES recalls (id),
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'withdrawn')),
    reason         TEXT NOT NULL,
    notice         TEXT NOT NULL,
    criteria       TEXT NOT NULL,
    replaced       TEXT,
    entered_at     TIMESTAMP NOT NULL,
    entered_by     BYTEA NOT NULL REFERENCES users (id),
    settled_at     TIMESTAMP,
    settled_by     BYTEA REFERENCES users (id)
);
CREATE INDEX recall_amendments_recall ON recall_amendments (recall_id);

ALTER TABLE recall_criteria DROP CONSTRAINT recall_criteria_units_check;
ALTER TABLE recall_criteria ADD CONSTRAINT recall_criteria_units_check
    CHECK (units IN ('all', 'lot', 'serial', 'expiry', 'manufacture'));
