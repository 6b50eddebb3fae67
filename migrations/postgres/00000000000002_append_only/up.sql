-- Append-only means append-only: the database itself refuses to change or delete what was recorded.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER procedure_corrections_append_only BEFORE UPDATE OR DELETE ON procedure_corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER scan_events_append_only BEFORE UPDATE OR DELETE ON scan_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER device_uses_append_only BEFORE UPDATE OR DELETE ON device_uses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER outcomes_append_only BEFORE UPDATE OR DELETE ON outcomes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER revision_removals_append_only BEFORE UPDATE OR DELETE ON revision_removals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
