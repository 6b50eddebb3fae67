-- The checks of a procedure (NatSSIPs 2, WHO checklist): what was said aloud, by whom and when. (append-only)
CREATE TABLE procedure_checks (
    id            BYTEA PRIMARY KEY NOT NULL,
    procedure_id  BYTEA NOT NULL REFERENCES procedures (id),
    step          TEXT NOT NULL CHECK (step IN ('identity', 'team', 'before-opening', 'read-back')),
    detail        TEXT NOT NULL,
    done_at       TIMESTAMP NOT NULL,
    done_by       BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX procedure_checks_procedure ON procedure_checks (procedure_id);

-- What else is known of one device: that it was opened, that it is on loan, what happens to it after it was taken out. (append-only)
CREATE TABLE device_use_marks (
    id            BYTEA PRIMARY KEY NOT NULL,
    device_use_id BYTEA NOT NULL REFERENCES device_uses (id),
    mark          TEXT NOT NULL CHECK (mark IN ('opened', 'loan', 'retained', 'returned-to-maker', 'sent-for-analysis', 'disposed-of', 'given-to-patient')),
    note          TEXT NOT NULL,
    marked_at     TIMESTAMP NOT NULL,
    marked_by     BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX device_use_marks_device_use ON device_use_marks (device_use_id);

-- Sets and trays whose parts carry no label of their own, and what lies in them.
CREATE TABLE trays (
    id            BYTEA PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    changed_at    TIMESTAMP NOT NULL,
    changed_by    BYTEA REFERENCES users (id)
);

CREATE TABLE tray_products (
    tray_id       BYTEA NOT NULL REFERENCES trays (id),
    product_id    BYTEA NOT NULL REFERENCES products (id),
    place         INTEGER NOT NULL,
    PRIMARY KEY (tray_id, product_id)
);

-- Where a maker can be reached, for the patient's implant card (MDR Article 18).
CREATE TABLE makers (
    name          TEXT PRIMARY KEY NOT NULL,
    address       TEXT NOT NULL,
    website       TEXT NOT NULL,
    changed_at    TIMESTAMP NOT NULL
);

CREATE TRIGGER procedure_checks_append_only BEFORE UPDATE OR DELETE ON procedure_checks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER device_use_marks_append_only BEFORE UPDATE OR DELETE ON device_use_marks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
