-- A frozen list and a contact stay as they were recorded.

CREATE TRIGGER recall_frozen_lists_no_update BEFORE UPDATE ON recall_frozen_lists
BEGIN
    SELECT RAISE(ABORT, 'recall_frozen_lists is append-only');
END;

CREATE TRIGGER recall_frozen_lists_no_delete BEFORE DELETE ON recall_frozen_lists
BEGIN
    SELECT RAISE(ABORT, 'recall_frozen_lists is append-only');
END;

CREATE TRIGGER recall_contacts_no_update BEFORE UPDATE ON recall_contacts
BEGIN
    SELECT RAISE(ABORT, 'recall_contacts is append-only');
END;

CREATE TRIGGER recall_contacts_no_delete BEFORE DELETE ON recall_contacts
BEGIN
    SELECT RAISE(ABORT, 'recall_contacts is append-only');
END;
