-- For an empty development database only.
ALTER TABLE cohort_snapshots DROP COLUMN beside;
