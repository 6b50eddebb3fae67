-- Which shelf a device that was used in theatre came from; none where the site keeps such devices, and not this pack. (append-only)
CREATE TABLE stock_uses (
    device_use_id  BLOB PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    stock_id       BLOB REFERENCES stock_items (id),
    recorded_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX stock_uses_unexpected ON stock_uses (recorded_at) WHERE stock_id IS NULL;

CREATE TRIGGER stock_uses_no_update BEFORE UPDATE ON stock_uses
BEGIN
    SELECT RAISE(ABORT, 'stock_uses is append-only');
END;

CREATE TRIGGER stock_uses_no_delete BEFORE DELETE ON stock_uses
BEGIN
    SELECT RAISE(ABORT, 'stock_uses is append-only');
END;
