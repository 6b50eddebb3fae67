ALTER TABLE cohort_snapshots DROP COLUMN indications;
ALTER TABLE cohort_snapshots DROP COLUMN surgeons;
ALTER TABLE procedures DROP COLUMN asa;
ALTER TABLE procedures DROP COLUMN bmi;
ALTER TABLE procedures DROP COLUMN surgeon_id;
