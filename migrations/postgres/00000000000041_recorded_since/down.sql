-- For an empty development database only.
DROP INDEX procedure_corrections_corrected;
DROP INDEX patient_links_undone;
DROP INDEX patient_links_linked;
DROP INDEX outcomes_recorded;
DROP INDEX device_uses_recorded;
