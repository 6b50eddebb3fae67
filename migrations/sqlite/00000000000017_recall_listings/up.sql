-- Lists of lots and serials that were added to a notice; and the way from a scanned unit to the lines that name it.

CREATE TABLE recall_listings (
    id             BLOB PRIMARY KEY NOT NULL,
    recall_id      BLOB NOT NULL REFERENCES recalls (id),
    digest         TEXT NOT NULL,
    lines          BIGINT NOT NULL,
    done           BIGINT NOT NULL,
    added          BIGINT NOT NULL,
    started_at     TIMESTAMP NOT NULL,
    started_by     BLOB NOT NULL REFERENCES users (id),
    finished_at    TIMESTAMP,
    UNIQUE (recall_id, digest)
) WITHOUT ROWID;

DROP INDEX recall_criteria_identifier;
CREATE INDEX recall_criteria_unit ON recall_criteria (identifier, units, value_alike);
DROP INDEX recall_criteria_reference;
CREATE INDEX recall_criteria_number ON recall_criteria (reference, units, value_alike);
