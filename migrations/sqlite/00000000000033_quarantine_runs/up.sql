-- How far the stock of a confirmed recall is set apart: many short changes, which go on where they were broken off.
CREATE TABLE recall_quarantines (
    recall_id      BLOB PRIMARY KEY NOT NULL REFERENCES recalls (id),
    begun_at       TIMESTAMP NOT NULL,
    begun_by       BLOB NOT NULL REFERENCES users (id),
    found          BIGINT,
    done           BIGINT NOT NULL,
    touched_at     TIMESTAMP NOT NULL,
    finished_at    TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX recall_quarantines_open ON recall_quarantines (touched_at) WHERE finished_at IS NULL;
