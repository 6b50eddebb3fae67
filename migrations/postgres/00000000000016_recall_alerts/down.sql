-- For an empty development database only.
DROP TABLE recall_amendments;
DROP TABLE recall_alerts;
