-- Append-only means append-only: the database itself refuses to change or delete what was recorded.

CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'audit_entries is append-only');
END;

CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'audit_entries is append-only');
END;

CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;

CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;

CREATE TRIGGER procedure_corrections_no_update BEFORE UPDATE ON procedure_corrections
BEGIN
    SELECT RAISE(ABORT, 'procedure_corrections is append-only');
END;

CREATE TRIGGER procedure_corrections_no_delete BEFORE DELETE ON procedure_corrections
BEGIN
    SELECT RAISE(ABORT, 'procedure_corrections is append-only');
END;

CREATE TRIGGER scan_events_no_update BEFORE UPDATE ON scan_events
BEGIN
    SELECT RAISE(ABORT, 'scan_events is append-only');
END;

CREATE TRIGGER scan_events_no_delete BEFORE DELETE ON scan_events
BEGIN
    SELECT RAISE(ABORT, 'scan_events is append-only');
END;

CREATE TRIGGER device_uses_no_update BEFORE UPDATE ON device_uses
BEGIN
    SELECT RAISE(ABORT, 'device_uses is append-only');
END;

CREATE TRIGGER device_uses_no_delete BEFORE DELETE ON device_uses
BEGIN
    SELECT RAISE(ABORT, 'device_uses is append-only');
END;

CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
BEGIN
    SELECT RAISE(ABORT, 'outcomes is append-only');
END;

CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes
BEGIN
    SELECT RAISE(ABORT, 'outcomes is append-only');
END;

CREATE TRIGGER revision_removals_no_update BEFORE UPDATE ON revision_removals
BEGIN
    SELECT RAISE(ABORT, 'revision_removals is append-only');
END;

CREATE TRIGGER revision_removals_no_delete BEFORE DELETE ON revision_removals
BEGIN
    SELECT RAISE(ABORT, 'revision_removals is append-only');
END;
