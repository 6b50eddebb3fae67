-- For an empty development database only.
ALTER TABLE stock_items DROP COLUMN set_apart_for;
