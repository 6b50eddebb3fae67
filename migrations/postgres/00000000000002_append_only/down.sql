DROP TRIGGER audit_entries_append_only ON audit_entries;
DROP TRIGGER audit_seals_append_only ON audit_seals;
DROP TRIGGER procedure_corrections_append_only ON procedure_corrections;
DROP TRIGGER scan_events_append_only ON scan_events;
DROP TRIGGER device_uses_append_only ON device_uses;
DROP TRIGGER outcomes_append_only ON outcomes;
DROP TRIGGER revision_removals_append_only ON revision_removals;
DROP FUNCTION refuse_change();
