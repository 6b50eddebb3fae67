-- For an empty development database only.
DROP TABLE override_follow_ups;
