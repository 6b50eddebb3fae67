DROP TABLE saved_cohorts;
DROP TABLE cohort_snapshots;
DROP TABLE cohort_columns;
