-- What outcomes are adjusted for and chosen by beyond the code of the operation: who led it, the patient's body mass index (kg/m²) and ASA
-- grade. None of them where nobody recorded it.
ALTER TABLE procedures ADD COLUMN surgeon_id BYTEA REFERENCES staff (id);
ALTER TABLE procedures ADD COLUMN bmi DOUBLE PRECISION CHECK (bmi BETWEEN 5 AND 150);
ALTER TABLE procedures ADD COLUMN asa INTEGER CHECK (asa BETWEEN 1 AND 6);

-- surgeons: sixteen bytes each; indications: 48 bytes each. A snapshot taken before has none.
ALTER TABLE cohort_snapshots ADD COLUMN surgeons BYTEA NOT NULL DEFAULT '\x';
ALTER TABLE cohort_snapshots ADD COLUMN indications BYTEA NOT NULL DEFAULT '\x';
