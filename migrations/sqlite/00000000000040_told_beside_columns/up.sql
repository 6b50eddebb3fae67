-- Why implants were revised, and revisions that name no device, by product (JSON): what columns do not hold. Null in snapshots of before.
ALTER TABLE cohort_snapshots ADD COLUMN beside BLOB;
