-- What other systems and people are told: written with the change that it tells of, sent afterwards.

CREATE TABLE webhooks (
    id             BLOB PRIMARY KEY NOT NULL,
    url            TEXT NOT NULL,
    site_code      TEXT REFERENCES sites (ods_code),
    kinds          TEXT NOT NULL,
    note           TEXT NOT NULL,
    secret         BLOB NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    created_by     BLOB NOT NULL REFERENCES users (id),
    stopped_at     TIMESTAMP,
    stopped_by     BLOB REFERENCES users (id)
) WITHOUT ROWID;

CREATE TABLE notification_events (
    id             BLOB PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL,
    site_code      TEXT,
    subject        TEXT NOT NULL,
    body           TEXT NOT NULL,
    occurred_at    TIMESTAMP NOT NULL,
    spread_at      TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX notification_events_new ON notification_events (id) WHERE spread_at IS NULL;

CREATE TABLE notification_deliveries (
    id             BLOB PRIMARY KEY NOT NULL,
    event_id       BLOB NOT NULL REFERENCES notification_events (id),
    webhook_id     BLOB REFERENCES webhooks (id),
    address        TEXT,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    tries          INTEGER NOT NULL,
    next_try_at    TIMESTAMP NOT NULL,
    last_try_at    TIMESTAMP,
    answer         TEXT NOT NULL,
    CHECK ((webhook_id IS NULL) <> (address IS NULL))
) WITHOUT ROWID;
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_try_at) WHERE state = 'waiting';
