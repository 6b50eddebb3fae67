-- The checks of a procedure (NatSSIPs 2, WHO checklist): what was said aloud, by whom and when. (append-only)
CREATE TABLE procedure_checks (
    id            BLOB PRIMARY KEY NOT NULL,
    procedure_id  BLOB NOT NULL REFERENCES procedures (id),
    step          TEXT NOT NULL CHECK (step IN ('identity', 'team', 'before-opening', 'read-back')),
    detail        TEXT NOT NULL,
    done_at       TIMESTAMP NOT NULL,
    done_by       BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX procedure_checks_procedure ON procedure_checks (procedure_id);

-- What else is known of one device: that it was opened, that it is on loan, what happens to it after it was taken out. (append-only)
CREATE TABLE device_use_marks (
    id            BLOB PRIMARY KEY NOT NULL,
    device_use_id BLOB NOT NULL REFERENCES device_uses (id),
    mark          TEXT NOT NULL CHECK (mark IN ('opened', 'loan', 'retained', 'returned-to-maker', 'sent-for-analysis', 'disposed-of', 'given-to-patient')),
    note          TEXT NOT NULL,
    marked_at     TIMESTAMP NOT NULL,
    marked_by     BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX device_use_marks_device_use ON device_use_marks (device_use_id);

-- Sets and trays whose parts carry no label of their own, and what lies in them.
CREATE TABLE trays (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    changed_at    TIMESTAMP NOT NULL,
    changed_by    BLOB REFERENCES users (id)
) WITHOUT ROWID;

CREATE TABLE tray_products (
    tray_id       BLOB NOT NULL REFERENCES trays (id),
    product_id    BLOB NOT NULL REFERENCES products (id),
    place         INTEGER NOT NULL,
    PRIMARY KEY (tray_id, product_id)
) WITHOUT ROWID;

-- Where a maker can be reached, for the patient's implant card (MDR Article 18).
CREATE TABLE makers (
    name          TEXT PRIMARY KEY NOT NULL,
    address       TEXT NOT NULL,
    website       TEXT NOT NULL,
    changed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER procedure_checks_no_update BEFORE UPDATE ON procedure_checks
BEGIN
    SELECT RAISE(ABORT, 'procedure_checks is append-only');
END;

CREATE TRIGGER procedure_checks_no_delete BEFORE DELETE ON procedure_checks
BEGIN
    SELECT RAISE(ABORT, 'procedure_checks is append-only');
END;

CREATE TRIGGER device_use_marks_no_update BEFORE UPDATE ON device_use_marks
BEGIN
    SELECT RAISE(ABORT, 'device_use_marks is append-only');
END;

CREATE TRIGGER device_use_marks_no_delete BEFORE DELETE ON device_use_marks
BEGIN
    SELECT RAISE(ABORT, 'device_use_marks is append-only');
END;
