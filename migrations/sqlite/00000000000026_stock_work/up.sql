-- Stock beyond the pack on the shelf: where the shelf is, on which terms packs came, what became of them, how many there should be.

-- A GLN (GS1 General Specifications 2.4.4) on a shelf's label stands for a place.
CREATE TABLE stock_places (
    id             BLOB PRIMARY KEY NOT NULL,
    site_code      TEXT NOT NULL REFERENCES sites (ods_code),
    name           TEXT NOT NULL,
    gln            TEXT UNIQUE,
    created_at     TIMESTAMP NOT NULL,
    UNIQUE (site_code, name)
) WITHOUT ROWID;

-- As the packs came: what is moved or taken later leaves this as it is. (append-only)
CREATE TABLE stock_terms (
    stock_id       BLOB PRIMARY KEY NOT NULL REFERENCES stock_items (id),
    site_code      TEXT NOT NULL,
    location       TEXT NOT NULL,
    quantity       INTEGER NOT NULL,
    supplier       TEXT NOT NULL,
    ownership      TEXT NOT NULL CHECK (ownership IN ('owned', 'consignment', 'loan')),
    unit_price     BIGINT,
    return_by      DATE,
    delivery       TEXT NOT NULL,
    received_by    BLOB REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX stock_terms_supplier ON stock_terms (supplier);
CREATE INDEX stock_terms_return ON stock_terms (return_by) WHERE return_by IS NOT NULL;

-- (append-only)
CREATE TABLE stock_movements (
    id             BLOB PRIMARY KEY NOT NULL,
    stock_id       BLOB NOT NULL REFERENCES stock_items (id),
    kind           TEXT NOT NULL CHECK (kind IN ('used', 'wasted', 'returned', 'moved', 'missing')),
    quantity       INTEGER NOT NULL,
    cause          TEXT CHECK (cause IN ('expired', 'dropped', 'damaged', 'opened-not-used', 'wrong-size', 'recalled', 'other')),
    note           TEXT NOT NULL,
    to_site        TEXT REFERENCES sites (ods_code),
    to_location    TEXT,
    to_stock       BLOB REFERENCES stock_items (id),
    moved_at       TIMESTAMP NOT NULL,
    moved_by       BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX stock_movements_stock ON stock_movements (stock_id);
CREATE INDEX stock_movements_kind ON stock_movements (kind, moved_at);

CREATE TABLE stock_pars (
    site_code      TEXT NOT NULL REFERENCES sites (ods_code),
    product_id     BLOB NOT NULL REFERENCES products (id),
    least          INTEGER NOT NULL,
    set_at         TIMESTAMP NOT NULL,
    set_by         BLOB NOT NULL REFERENCES users (id),
    PRIMARY KEY (site_code, product_id)
) WITHOUT ROWID;

CREATE INDEX stock_items_expiry ON stock_items (expiry) WHERE state <> 'used';
CREATE INDEX stock_items_site ON stock_items (site_code, state);
CREATE INDEX stock_items_lot_alike ON stock_items (lot_alike);
CREATE INDEX stock_items_serial_alike ON stock_items (serial_alike);
-- Nearly nothing is wasted: how much is, is asked often.
CREATE INDEX device_uses_wasted ON device_uses (procedure_id) WHERE fate = 'wasted';

CREATE TRIGGER stock_terms_no_update BEFORE UPDATE ON stock_terms
BEGIN
    SELECT RAISE(ABORT, 'stock_terms is append-only');
END;

CREATE TRIGGER stock_terms_no_delete BEFORE DELETE ON stock_terms
BEGIN
    SELECT RAISE(ABORT, 'stock_terms is append-only');
END;

CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements
BEGIN
    SELECT RAISE(ABORT, 'stock_movements is append-only');
END;

CREATE TRIGGER stock_movements_no_delete BEFORE DELETE ON stock_movements
BEGIN
    SELECT RAISE(ABORT, 'stock_movements is append-only');
END;
