-- For an empty development database only.
DROP TABLE recall_quarantines;
