-- ODEP ratings as published, by device; the one of the latest day is in force. (append-only)
CREATE TABLE odep_ratings (
    id            BLOB PRIMARY KEY NOT NULL,
    product_id    BLOB NOT NULL REFERENCES products (id),
    rating        TEXT NOT NULL,
    rated_on      DATE NOT NULL,
    source        TEXT NOT NULL,
    entered_at    TIMESTAMP NOT NULL,
    entered_by    BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX odep_ratings_product ON odep_ratings (product_id);

CREATE TRIGGER odep_ratings_no_update BEFORE UPDATE ON odep_ratings
BEGIN
    SELECT RAISE(ABORT, 'odep_ratings is append-only');
END;

CREATE TRIGGER odep_ratings_no_delete BEFORE DELETE ON odep_ratings
BEGIN
    SELECT RAISE(ABORT, 'odep_ratings is append-only');
END;
