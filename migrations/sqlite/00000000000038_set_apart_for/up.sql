-- Why packs are set apart: what theatre says of them depends on it. None for packs that were set apart before this was written down.
ALTER TABLE stock_items ADD COLUMN set_apart_for TEXT CHECK (set_apart_for IN ('recalled', 'damaged', 'returned', 'in-question'));
