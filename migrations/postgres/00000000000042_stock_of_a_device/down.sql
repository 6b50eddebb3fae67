-- For an empty development database only.
DROP INDEX stock_items_device;
