-- For an empty development database only.
DROP TABLE recall_contacts;
DROP TABLE recall_frozen_lists;
