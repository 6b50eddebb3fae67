-- What other systems and people are told: written with the change that it tells of, sent afterwards.

CREATE TABLE webhooks (
    id             BYTEA PRIMARY KEY NOT NULL,
    url            TEXT NOT NULL,
    site_code      TEXT REFERENCES sites (ods_code),
    kinds          TEXT NOT NULL,
    note           TEXT NOT NULL,
    secret         BYTEA NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    created_by     BYTEA NOT NULL REFERENCES users (id),
    stopped_at     TIMESTAMP,
    stopped_by     BYTEA REFERENCES users (id)
);

CREATE TABLE notification_events (
    id             BYTEA PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL,
    site_code      TEXT,
    subject        TEXT NOT NULL,
    body           TEXT NOT NULL,
    occurred_at    TIMESTAMP NOT NULL,
    spread_at      TIMESTAMP
);
CREATE INDEX notification_events_new ON notification_events (id) WHERE spread_at IS NULL;

CREATE TABLE notification_deliveries (
    id             BYTEA PRIMARY KEY NOT NULL,
    event_id       BYTEA NOT NULL REFERENCES notification_events (id),
    webhook_id     BYTEA REFERENCES webhooks (id),
    address        TEXT,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    tries          INTEGER NOT NULL,
    next_try_at    TIMESTAMP NOT NULL,
    last_try_at    TIMESTAMP,
    answer         TEXT NOT NULL,
    CHECK ((webhook_id IS NULL) <> (address IS NULL))
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_try_at) WHERE state = 'waiting';
