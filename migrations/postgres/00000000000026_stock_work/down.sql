-- For an empty development database only.
DROP TABLE stock_pars;
DROP TABLE stock_movements;
DROP TABLE stock_terms;
DROP TABLE stock_places;
DROP INDEX stock_items_expiry;
DROP INDEX stock_items_site;
DROP INDEX stock_items_lot_alike;
DROP INDEX stock_items_serial_alike;
DROP INDEX device_uses_wasted;
