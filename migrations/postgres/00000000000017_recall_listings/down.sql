-- For an empty development database only.
DROP INDEX recall_criteria_unit;
DROP INDEX recall_criteria_number;
DROP TABLE recall_listings;
