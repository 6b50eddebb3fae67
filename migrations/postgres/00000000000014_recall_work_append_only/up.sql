-- A frozen list and a contact stay as they were recorded.

CREATE TRIGGER recall_frozen_lists_append_only BEFORE UPDATE OR DELETE ON recall_frozen_lists
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER recall_contacts_append_only BEFORE UPDATE OR DELETE ON recall_contacts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
