-- For an empty development database only.
DROP TABLE stock_uses;
