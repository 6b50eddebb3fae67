-- Which shelf a device that was used in theatre came from; none where the site keeps such devices, and not this pack. (append-only)
CREATE TABLE stock_uses (
    device_use_id  BYTEA PRIMARY KEY NOT NULL REFERENCES device_uses (id),
    stock_id       BYTEA REFERENCES stock_items (id),
    recorded_at    TIMESTAMP NOT NULL
);
CREATE INDEX stock_uses_unexpected ON stock_uses (recorded_at) WHERE stock_id IS NULL;

CREATE TRIGGER stock_uses_append_only BEFORE UPDATE OR DELETE ON stock_uses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
