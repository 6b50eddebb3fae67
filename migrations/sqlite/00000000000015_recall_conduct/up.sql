-- How a recall is worked through: its stages, what each site was asked, what was found on the shelves, the letters.

-- (append-only)
CREATE TABLE recall_stages (
    id              BLOB PRIMARY KEY NOT NULL,
    recall_id       BLOB NOT NULL REFERENCES recalls (id),
    stage           TEXT NOT NULL CHECK (stage IN ('received', 'confirmed', 'under-way', 'signed-off', 'closed')),
    entered_at      TIMESTAMP NOT NULL,
    entered_by      BLOB REFERENCES users (id),
    note            TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX recall_stages_recall ON recall_stages (recall_id);

CREATE TABLE recall_sites (
    recall_id       BLOB NOT NULL REFERENCES recalls (id),
    site_code       TEXT NOT NULL REFERENCES sites (ods_code),
    asked_at        TIMESTAMP NOT NULL,
    asked_by        BLOB NOT NULL REFERENCES users (id),
    due_on          DATE NOT NULL,
    acknowledged_at TIMESTAMP,
    acknowledged_by BLOB REFERENCES users (id),
    note            TEXT NOT NULL,
    reminded_on     DATE,
    escalated_on    DATE,
    PRIMARY KEY (recall_id, site_code)
) WITHOUT ROWID;
CREATE INDEX recall_sites_open ON recall_sites (due_on) WHERE acknowledged_at IS NULL;

-- (append-only)
CREATE TABLE recall_findings (
    id              BLOB PRIMARY KEY NOT NULL,
    recall_id       BLOB NOT NULL REFERENCES recalls (id),
    site_code       TEXT NOT NULL REFERENCES sites (ods_code),
    outcome         TEXT NOT NULL CHECK (outcome IN ('found', 'unaccounted', 'unexpected')),
    stock_id        BLOB REFERENCES stock_items (id),
    unit            TEXT NOT NULL,
    scanned         TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    reason          TEXT NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_by     BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX recall_findings_recall ON recall_findings (recall_id);

-- (append-only: the latest counts)
CREATE TABLE recall_letters (
    id              BLOB PRIMARY KEY NOT NULL,
    recall_id       BLOB NOT NULL REFERENCES recalls (id),
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL,
    written_at      TIMESTAMP NOT NULL,
    written_by      BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX recall_letters_recall ON recall_letters (recall_id);

CREATE TRIGGER recall_stages_no_update BEFORE UPDATE ON recall_stages
BEGIN
    SELECT RAISE(ABORT, 'recall_stages is append-only');
END;

CREATE TRIGGER recall_stages_no_delete BEFORE DELETE ON recall_stages
BEGIN
    SELECT RAISE(ABORT, 'recall_stages is append-only');
END;

CREATE TRIGGER recall_findings_no_update BEFORE UPDATE ON recall_findings
BEGIN
    SELECT RAISE(ABORT, 'recall_findings is append-only');
END;

CREATE TRIGGER recall_findings_no_delete BEFORE DELETE ON recall_findings
BEGIN
    SELECT RAISE(ABORT, 'recall_findings is append-only');
END;

CREATE TRIGGER recall_letters_no_update BEFORE UPDATE ON recall_letters
BEGIN
    SELECT RAISE(ABORT, 'recall_letters is append-only');
END;

CREATE TRIGGER recall_letters_no_delete BEFORE DELETE ON recall_letters
BEGIN
    SELECT RAISE(ABORT, 'recall_letters is append-only');
END;
