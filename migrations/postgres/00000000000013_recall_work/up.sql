-- What people do about a recall: the patient list as it stood at a moment, and every attempt to reach somebody on it.

CREATE TABLE recall_frozen_lists (
    id             BYTEA PRIMARY KEY NOT NULL,
    recall_id      BYTEA NOT NULL REFERENCES recalls (id),
    frozen_at      TIMESTAMP NOT NULL,
    frozen_by      BYTEA NOT NULL REFERENCES users (id),
    hash           TEXT NOT NULL,
    content        TEXT NOT NULL
);
CREATE INDEX recall_frozen_lists_recall ON recall_frozen_lists (recall_id);

CREATE TABLE recall_contacts (
    id             BYTEA PRIMARY KEY NOT NULL,
    recall_id      BYTEA NOT NULL REFERENCES recalls (id),
    patient_id     BYTEA NOT NULL REFERENCES patients (id),
    made_at        TIMESTAMP NOT NULL,
    made_by        BYTEA NOT NULL REFERENCES users (id),
    means          TEXT NOT NULL CHECK (means IN ('letter', 'telephone', 'in-person', 'e-mail')),
    outcome        TEXT NOT NULL CHECK (outcome IN ('sent', 'reached', 'no-answer', 'returned', 'declined', 'died')),
    next_step      TEXT NOT NULL,
    next_on        DATE,
    note           TEXT NOT NULL
);
CREATE INDEX recall_contacts_recall ON recall_contacts (recall_id);
CREATE INDEX recall_contacts_patient ON recall_contacts (patient_id);
