-- What is known of the scanners of an organisation's workstations. Learnt anew, a scanner's row is replaced: each scan keeps
-- the profile that it was read with, and the audit says who taught which.
CREATE TABLE scanners (
    organisation_code TEXT NOT NULL,
    workstation       TEXT NOT NULL,
    profile           TEXT NOT NULL,
    learnt_at         TIMESTAMP NOT NULL,
    learnt_by         BLOB NOT NULL REFERENCES users (id),
    PRIMARY KEY (organisation_code, workstation)
) WITHOUT ROWID;
