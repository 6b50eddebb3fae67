//! Who outside is told of what happens, and what each was told.

diesel::table! {
    webhooks (id) {
        id -> Binary,
        url -> Text,
        site_code -> Nullable<Text>,
        kinds -> Text,
        note -> Text,
        secret -> Binary,
        created_at -> Timestamp,
        created_by -> Binary,
        stopped_at -> Nullable<Timestamp>,
        stopped_by -> Nullable<Binary>,
    }
}

diesel::table! {
    notification_events (id) {
        id -> Binary,
        kind -> Text,
        site_code -> Nullable<Text>,
        subject -> Text,
        body -> Text,
        occurred_at -> Timestamp,
        spread_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notification_deliveries (id) {
        id -> Binary,
        event_id -> Binary,
        webhook_id -> Nullable<Binary>,
        address -> Nullable<Text>,
        state -> Text,
        tries -> Integer,
        next_try_at -> Timestamp,
        last_try_at -> Nullable<Timestamp>,
        answer -> Text,
    }
}

diesel::joinable!(notification_deliveries -> notification_events (event_id));
diesel::joinable!(notification_deliveries -> webhooks (webhook_id));
