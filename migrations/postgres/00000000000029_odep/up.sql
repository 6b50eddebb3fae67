-- ODEP ratings as published, by device; the one of the latest day is in force. (append-only)
CREATE TABLE odep_ratings (
    id            BYTEA PRIMARY KEY NOT NULL,
    product_id    BYTEA NOT NULL REFERENCES products (id),
    rating        TEXT NOT NULL,
    rated_on      DATE NOT NULL,
    source        TEXT NOT NULL,
    entered_at    TIMESTAMP NOT NULL,
    entered_by    BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX odep_ratings_product ON odep_ratings (product_id);

CREATE TRIGGER odep_ratings_append_only BEFORE UPDATE OR DELETE ON odep_ratings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
