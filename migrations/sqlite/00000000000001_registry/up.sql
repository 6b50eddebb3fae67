-- The registry. The same tables, columns and numbers as migrations/postgres; a test compares them.
--
-- Identifiers are UUIDv7 made at the edge, sixteen bytes. Moments are UTC with microseconds, written as
-- 'YYYY-MM-DD HH:MM:SS.ffffff'; days are 'YYYY-MM-DD'. Tables marked append-only refuse UPDATE and DELETE:
-- a correction is a new row that supersedes the old one, with a reason.

-- ---------------------------------------------------------------------------------------------- organisations
CREATE TABLE organisations (
    ods_code      TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE sites (
    ods_code          TEXT PRIMARY KEY NOT NULL,
    organisation_code TEXT NOT NULL REFERENCES organisations (ods_code),
    name              TEXT NOT NULL,
    created_at        TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- access
CREATE TABLE users (
    id            BLOB PRIMARY KEY NOT NULL,
    username      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('nurse', 'analyst', 'procurement', 'safety', 'admin')),
    site_code     TEXT REFERENCES sites (ods_code),
    created_at    TIMESTAMP NOT NULL,
    disabled_at   TIMESTAMP
) WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash  BLOB PRIMARY KEY NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    kind        TEXT NOT NULL CHECK (kind IN ('browser', 'workstation')),
    label       TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE staff (
    id                BLOB PRIMARY KEY NOT NULL,
    register          TEXT NOT NULL CHECK (register IN ('GMC', 'NMC', 'HCPC', 'local')),
    registration      TEXT NOT NULL,
    display_name      TEXT NOT NULL,
    user_id           BLOB REFERENCES users (id),
    created_at        TIMESTAMP NOT NULL,
    UNIQUE (register, registration)
) WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- audit (append-only)
CREATE TABLE audit_entries (
    id            BLOB PRIMARY KEY NOT NULL,
    recorded_at   TIMESTAMP NOT NULL,
    user_id       BLOB,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    subject_kind  TEXT NOT NULL,
    subject       TEXT NOT NULL,
    detail        TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_entries_recorded ON audit_entries (recorded_at);
CREATE INDEX audit_entries_subject ON audit_entries (subject_kind, subject);

-- The chain over the entries, written by the sealing job only.
CREATE TABLE audit_seals (
    position      BIGINT PRIMARY KEY NOT NULL,
    entry_id      BLOB NOT NULL UNIQUE REFERENCES audit_entries (id),
    hash          BLOB NOT NULL,
    sealed_at     TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- identity
-- person_id is the patient that stands for all linked ones; a patient who is linked to nobody stands for itself.
CREATE TABLE patients (
    id            BLOB PRIMARY KEY NOT NULL,
    person_id     BLOB NOT NULL,
    birth_year    INTEGER,
    sex           TEXT CHECK (sex IN ('female', 'male', 'other')),
    created_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX patients_person ON patients (person_id);

-- pseudonym: HMAC-SHA256 under a key that is not in the database; sealed: the identifier encrypted.
CREATE TABLE patient_identifiers (
    id            BLOB PRIMARY KEY NOT NULL,
    patient_id    BLOB NOT NULL REFERENCES patients (id),
    kind          TEXT NOT NULL CHECK (kind IN ('nhs', 'chi', 'local', 'temporary')),
    assigner      TEXT NOT NULL,
    pseudonym     BLOB NOT NULL UNIQUE,
    sealed        BLOB NOT NULL,
    created_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX patient_identifiers_patient ON patient_identifiers (patient_id);

CREATE TABLE patient_demographics (
    id            BLOB PRIMARY KEY NOT NULL,
    patient_id    BLOB NOT NULL REFERENCES patients (id),
    sealed        BLOB NOT NULL,
    recorded_at   TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX patient_demographics_patient ON patient_demographics (patient_id);

CREATE TABLE patient_links (
    id            BLOB PRIMARY KEY NOT NULL,
    patient_id    BLOB NOT NULL REFERENCES patients (id),
    linked_to     BLOB NOT NULL REFERENCES patients (id),
    reason        TEXT NOT NULL,
    linked_at     TIMESTAMP NOT NULL,
    linked_by     BLOB NOT NULL REFERENCES users (id),
    undone_at     TIMESTAMP,
    undone_by     BLOB REFERENCES users (id),
    undone_reason TEXT
) WITHOUT ROWID;
CREATE INDEX patient_links_patient ON patient_links (patient_id);
CREATE INDEX patient_links_linked_to ON patient_links (linked_to);

-- ---------------------------------------------------------------------------------------------- catalogue
CREATE TABLE products (
    id              BLOB PRIMARY KEY NOT NULL,
    maker           TEXT NOT NULL,
    brand           TEXT NOT NULL,
    reference       TEXT NOT NULL,
    description     TEXT NOT NULL,
    category        TEXT NOT NULL,
    gmdn            TEXT,
    side            TEXT CHECK (side IN ('left', 'right')),
    size            TEXT,
    lot_expected    BOOLEAN NOT NULL,
    serial_expected BOOLEAN NOT NULL,
    expiry_expected BOOLEAN NOT NULL,
    created_at      TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX products_maker_reference ON products (maker, reference);
CREATE INDEX products_reference ON products (reference);
CREATE INDEX products_category ON products (category);

CREATE TABLE product_identifiers (
    issuer        TEXT NOT NULL CHECK (issuer IN ('GS1', 'HIBCC', 'ICCBBA', 'IFA')),
    identifier    TEXT NOT NULL,
    product_id    BLOB NOT NULL REFERENCES products (id),
    kind          TEXT NOT NULL CHECK (kind IN ('primary', 'secondary', 'package', 'previous', 'unit-of-use', 'direct-marking')),
    quantity      INTEGER NOT NULL,
    PRIMARY KEY (issuer, identifier)
) WITHOUT ROWID;
CREATE INDEX product_identifiers_product ON product_identifiers (product_id);

-- ---------------------------------------------------------------------------------------------- theatre
CREATE TABLE procedures (
    id            BLOB PRIMARY KEY NOT NULL,
    patient_id    BLOB NOT NULL REFERENCES patients (id),
    site_code     TEXT NOT NULL REFERENCES sites (ods_code),
    theatre       TEXT NOT NULL,
    opcs4         TEXT NOT NULL,
    side          TEXT CHECK (side IN ('left', 'right', 'bilateral')),
    indication    TEXT,
    started_at    TIMESTAMP NOT NULL,
    ended_at      TIMESTAMP,
    opened_by     BLOB REFERENCES users (id),
    body_hash     BLOB
) WITHOUT ROWID;
CREATE INDEX procedures_patient ON procedures (patient_id);
CREATE INDEX procedures_started ON procedures (started_at);
CREATE INDEX procedures_opcs4 ON procedures (opcs4, started_at);

CREATE TABLE procedure_team (
    procedure_id  BLOB NOT NULL REFERENCES procedures (id),
    staff_id      BLOB NOT NULL REFERENCES staff (id),
    part          TEXT NOT NULL,
    PRIMARY KEY (procedure_id, staff_id)
) WITHOUT ROWID;

-- A wrong-patient correction or any other change to an opened procedure, each reversible. (append-only)
CREATE TABLE procedure_corrections (
    id            BLOB PRIMARY KEY NOT NULL,
    procedure_id  BLOB NOT NULL REFERENCES procedures (id),
    field         TEXT NOT NULL,
    before        TEXT NOT NULL,
    after         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    reverts       BLOB REFERENCES procedure_corrections (id),
    corrected_at  TIMESTAMP NOT NULL,
    corrected_by  BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX procedure_corrections_procedure ON procedure_corrections (procedure_id);

-- Every scan as received: payload holds the raw bytes of each barcode; sealed where it holds an identity. (append-only)
CREATE TABLE scan_events (
    id             BLOB PRIMARY KEY NOT NULL,
    procedure_id   BLOB REFERENCES procedures (id),
    user_id        BLOB NOT NULL REFERENCES users (id),
    entry          TEXT NOT NULL,
    scanned_at     TIMESTAMP NOT NULL,
    received_at    TIMESTAMP NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('pack', 'wristband', 'badge', 'location', 'other')),
    sealed         BOOLEAN NOT NULL,
    payload        BLOB NOT NULL,
    body_hash      BLOB NOT NULL,
    supersedes     BLOB REFERENCES scan_events (id),
    answer         TEXT NOT NULL
);
CREATE INDEX scan_events_procedure ON scan_events (procedure_id);
CREATE INDEX scan_events_received ON scan_events (received_at);

-- One row for each thing that happened to one device. The current row of a chain is the one that nothing supersedes. (append-only)
CREATE TABLE device_uses (
    id             BLOB PRIMARY KEY NOT NULL,
    procedure_id   BLOB NOT NULL REFERENCES procedures (id),
    scan_event_id  BLOB REFERENCES scan_events (id),
    product_id     BLOB REFERENCES products (id),
    issuer         TEXT,
    identifier     TEXT,
    lot            TEXT,
    lot_alike      TEXT,
    serial         TEXT,
    serial_alike   TEXT,
    expiry         DATE,
    manufacture    DATE,
    fate           TEXT NOT NULL CHECK (fate IN ('implanted', 'wasted', 'returned', 'explanted', 'entered-in-error')),
    side           TEXT CHECK (side IN ('left', 'right', 'bilateral')),
    answer         TEXT CHECK (answer IN ('may', 'look', 'stop')),
    reasons        TEXT,
    explant_of     BLOB REFERENCES device_uses (id),
    supersedes     BLOB REFERENCES device_uses (id),
    reason         TEXT,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_by    BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX device_uses_procedure ON device_uses (procedure_id);
CREATE INDEX device_uses_lot ON device_uses (identifier, lot_alike);
CREATE INDEX device_uses_serial ON device_uses (identifier, serial_alike);
CREATE INDEX device_uses_product ON device_uses (product_id, lot_alike);
-- Partial: nearly all rows have none, and statistics over them would make the planner scan the table.
CREATE INDEX device_uses_explant ON device_uses (explant_of) WHERE explant_of IS NOT NULL;
CREATE UNIQUE INDEX device_uses_supersedes ON device_uses (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX device_uses_scan ON device_uses (scan_event_id) WHERE scan_event_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- outcomes (append-only)
CREATE TABLE outcomes (
    id             BLOB PRIMARY KEY NOT NULL,
    patient_id     BLOB NOT NULL REFERENCES patients (id),
    kind           TEXT NOT NULL CHECK (kind IN ('revision', 'death', 'complication', 'prom')),
    occurred_on    DATE NOT NULL,
    procedure_id   BLOB REFERENCES procedures (id),
    code           TEXT,
    detail         TEXT,
    score          DOUBLE,
    supersedes     BLOB REFERENCES outcomes (id),
    withdrawn      BOOLEAN NOT NULL,
    reason         TEXT,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_by    BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX outcomes_patient ON outcomes (patient_id);
CREATE INDEX outcomes_procedure ON outcomes (procedure_id);
CREATE UNIQUE INDEX outcomes_supersedes ON outcomes (supersedes) WHERE supersedes IS NOT NULL;

-- Which devices a revision took out: it ends their life. (append-only)
CREATE TABLE revision_removals (
    outcome_id     BLOB NOT NULL REFERENCES outcomes (id),
    device_use_id  BLOB NOT NULL REFERENCES device_uses (id),
    PRIMARY KEY (outcome_id, device_use_id)
) WITHOUT ROWID;
CREATE INDEX revision_removals_device_use ON revision_removals (device_use_id);

-- ---------------------------------------------------------------------------------------------- recalls
CREATE TABLE recalls (
    id             BLOB PRIMARY KEY NOT NULL,
    reference      TEXT NOT NULL UNIQUE,
    title          TEXT NOT NULL,
    source         TEXT NOT NULL,
    action         TEXT NOT NULL,
    notice         TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('structured', 'active', 'closed')),
    entered_at     TIMESTAMP NOT NULL,
    entered_by     BLOB NOT NULL REFERENCES users (id),
    confirmed_at   TIMESTAMP,
    confirmed_by   BLOB REFERENCES users (id),
    closed_at      TIMESTAMP,
    closed_by      BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX recalls_state ON recalls (state);

CREATE TABLE recall_criteria (
    id             BLOB PRIMARY KEY NOT NULL,
    recall_id      BLOB NOT NULL REFERENCES recalls (id),
    issuer         TEXT,
    identifier     TEXT,
    maker          TEXT,
    reference      TEXT,
    units          TEXT NOT NULL CHECK (units IN ('all', 'lot', 'serial', 'expiry')),
    value          TEXT NOT NULL,
    value_alike    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX recall_criteria_recall ON recall_criteria (recall_id);
CREATE INDEX recall_criteria_identifier ON recall_criteria (identifier);
CREATE INDEX recall_criteria_reference ON recall_criteria (reference);

CREATE TABLE stock_items (
    id             BLOB PRIMARY KEY NOT NULL,
    site_code      TEXT NOT NULL REFERENCES sites (ods_code),
    location       TEXT NOT NULL,
    product_id     BLOB REFERENCES products (id),
    issuer         TEXT NOT NULL,
    identifier     TEXT NOT NULL,
    lot            TEXT,
    lot_alike      TEXT,
    serial         TEXT,
    serial_alike   TEXT,
    expiry         DATE,
    quantity       INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('available', 'quarantined', 'used')),
    received_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX stock_items_lot ON stock_items (identifier, lot_alike);
CREATE INDEX stock_items_serial ON stock_items (identifier, serial_alike);
CREATE INDEX stock_items_product ON stock_items (product_id);
