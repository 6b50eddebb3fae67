-- Snapshots of the registry as columns, and cohorts that somebody named.

-- The columns of one device, under their SHA-256: a device that did not change is not written again.
CREATE TABLE cohort_columns (
    digest        BYTEA PRIMARY KEY NOT NULL,
    piece         BYTEA NOT NULL,
    written_at    TIMESTAMP NOT NULL
);

-- sites: nine bytes each; devices: product (16 bytes) and digest (32 bytes) each; left_out: product (16) and count (8) each.
CREATE TABLE cohort_snapshots (
    hash          BYTEA PRIMARY KEY NOT NULL,
    taken_at      TIMESTAMP NOT NULL,
    implants      BIGINT NOT NULL,
    sites         BYTEA NOT NULL,
    devices       BYTEA NOT NULL,
    left_out      BYTEA NOT NULL,
    frozen        BOOLEAN NOT NULL
);
CREATE INDEX cohort_snapshots_taken ON cohort_snapshots (taken_at);

-- products: those that the filter meant when it was frozen, 16 bytes each.
CREATE TABLE saved_cohorts (
    id            BYTEA PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    filter        TEXT NOT NULL,
    shared        BOOLEAN NOT NULL,
    snapshot_hash BYTEA REFERENCES cohort_snapshots (hash),
    products      BYTEA,
    until         DATE,
    content_hash  BYTEA,
    created_at    TIMESTAMP NOT NULL,
    created_by    BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX saved_cohorts_created ON saved_cohorts (created_at);
