-- For an empty development database only.
DROP TABLE notification_deliveries;
DROP TABLE notification_events;
DROP TABLE webhooks;
