-- What a product is, beyond its size, such as a taper or a lens's power: what the rules of compatibility compare.
CREATE TABLE product_attributes (
    product_id    BLOB NOT NULL REFERENCES products (id),
    name          TEXT NOT NULL,
    value         TEXT NOT NULL,
    PRIMARY KEY (product_id, name)
) WITHOUT ROWID;

-- What was planned for an operation, such as the power of a lens by the biometry; the latest of a name counts. (append-only)
CREATE TABLE procedure_plans (
    id            BLOB PRIMARY KEY NOT NULL,
    procedure_id  BLOB NOT NULL REFERENCES procedures (id),
    name          TEXT NOT NULL,
    value         TEXT NOT NULL,
    source        TEXT NOT NULL,
    entered_at    TIMESTAMP NOT NULL,
    entered_by    BLOB NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX procedure_plans_procedure ON procedure_plans (procedure_id);

CREATE TRIGGER procedure_plans_no_update BEFORE UPDATE ON procedure_plans
BEGIN
    SELECT RAISE(ABORT, 'procedure_plans is append-only');
END;

CREATE TRIGGER procedure_plans_no_delete BEFORE DELETE ON procedure_plans
BEGIN
    SELECT RAISE(ABORT, 'procedure_plans is append-only');
END;
