DROP TABLE signal_events;
DROP TABLE signals;
