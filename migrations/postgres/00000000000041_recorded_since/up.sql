-- What was recorded since a moment, by which the registry's columns follow the record, is asked on every page of a device.
CREATE INDEX device_uses_recorded ON device_uses (recorded_at);
CREATE INDEX outcomes_recorded ON outcomes (recorded_at);
CREATE INDEX patient_links_linked ON patient_links (linked_at);
CREATE INDEX patient_links_undone ON patient_links (undone_at);
CREATE INDEX procedure_corrections_corrected ON procedure_corrections (corrected_at);
