-- For an empty development database only.
DROP INDEX recall_criteria_vague;
