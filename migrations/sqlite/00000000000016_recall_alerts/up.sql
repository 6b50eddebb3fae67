-- Alerts about recalls, amended notices, and dates of manufacture as what a notice covers.

CREATE TABLE recall_alerts (
    id             BLOB PRIMARY KEY NOT NULL,
    recall_id      BLOB NOT NULL REFERENCES recalls (id),
    kind           TEXT NOT NULL CHECK (kind IN ('patient', 'gone', 'shelf', 'amended')),
    device_use_id  BLOB REFERENCES device_uses (id),
    text           TEXT NOT NULL,
    raised_at      TIMESTAMP NOT NULL,
    taken_at       TIMESTAMP,
    taken_by       BLOB REFERENCES users (id),
    note           TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX recall_alerts_recall ON recall_alerts (recall_id);
CREATE INDEX recall_alerts_open ON recall_alerts (raised_at) WHERE taken_by IS NULL;

CREATE TABLE recall_amendments (
    id             BLOB PRIMARY KEY NOT NULL,
    recall_id      BLOB NOT NULL REFERENCES recalls (id),
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'withdrawn')),
    reason         TEXT NOT NULL,
    notice         TEXT NOT NULL,
    criteria       TEXT NOT NULL,
    replaced       TEXT,
    entered_at     TIMESTAMP NOT NULL,
    entered_by     BLOB NOT NULL REFERENCES users (id),
    settled_at     TIMESTAMP,
    settled_by     BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX recall_amendments_recall ON recall_amendments (recall_id);

-- SQLite cannot widen a CHECK: the table is made anew.
CREATE TABLE recall_criteria_anew (
    id             BLOB PRIMARY KEY NOT NULL,
    recall_id      BLOB NOT NULL REFERENCES recalls (id),
    issuer         TEXT,
    identifier     TEXT,
    maker          TEXT,
    reference      TEXT,
    units          TEXT NOT NULL CHECK (units IN ('all', 'lot', 'serial', 'expiry', 'manufacture')),
    value          TEXT NOT NULL,
    value_alike    TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO recall_criteria_anew SELECT id, recall_id, issuer, identifier, maker, reference, units, value, value_alike FROM recall_criteria;
DROP TABLE recall_criteria;
ALTER TABLE recall_criteria_anew RENAME TO recall_criteria;
CREATE INDEX recall_criteria_recall ON recall_criteria (recall_id);
CREATE INDEX recall_criteria_identifier ON recall_criteria (identifier);
CREATE INDEX recall_criteria_reference ON recall_criteria (reference);
