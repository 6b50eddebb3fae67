//! What was scanned and what became of the device; overrides and who answers for them.

use super::catalogue::products;
use super::identity::users;
use super::procedure::procedures;

diesel::table! {
    scan_events (id) {
        id -> Binary,
        procedure_id -> Nullable<Binary>,
        user_id -> Binary,
        entry -> Text,
        scanned_at -> Timestamp,
        received_at -> Timestamp,
        kind -> Text,
        sealed -> Bool,
        payload -> Binary,
        body_hash -> Binary,
        supersedes -> Nullable<Binary>,
        answer -> Text,
    }
}

diesel::table! {
    device_uses (id) {
        id -> Binary,
        procedure_id -> Binary,
        scan_event_id -> Nullable<Binary>,
        product_id -> Nullable<Binary>,
        issuer -> Nullable<Text>,
        identifier -> Nullable<Text>,
        lot -> Nullable<Text>,
        lot_alike -> Nullable<Text>,
        serial -> Nullable<Text>,
        serial_alike -> Nullable<Text>,
        expiry -> Nullable<Date>,
        manufacture -> Nullable<Date>,
        fate -> Text,
        side -> Nullable<Text>,
        answer -> Nullable<Text>,
        reasons -> Nullable<Text>,
        explant_of -> Nullable<Binary>,
        supersedes -> Nullable<Binary>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    override_witnesses (device_use_id) {
        device_use_id -> Binary,
        witness_id -> Binary,
        witnessed_at -> Timestamp,
    }
}

diesel::table! {
    override_claims (device_use_id) {
        device_use_id -> Binary,
        badge -> Text,
        claimed_at -> Timestamp,
    }
}

diesel::table! {
    override_follow_ups (device_use_id) {
        device_use_id -> Binary,
        note -> Text,
        closed_at -> Timestamp,
        closed_by -> Binary,
    }
}

diesel::table! {
    acknowledgements (id) {
        id -> Binary,
        scan_event_id -> Binary,
        codes -> Text,
        acknowledged_at -> Timestamp,
        acknowledged_by -> Binary,
    }
}

diesel::table! {
    device_use_marks (id) {
        id -> Binary,
        device_use_id -> Binary,
        mark -> Text,
        note -> Text,
        marked_at -> Timestamp,
        marked_by -> Binary,
    }
}

diesel::joinable!(scan_events -> procedures (procedure_id));
diesel::joinable!(scan_events -> users (user_id));
diesel::joinable!(device_uses -> procedures (procedure_id));
diesel::joinable!(device_uses -> scan_events (scan_event_id));
diesel::joinable!(device_uses -> products (product_id));
diesel::joinable!(device_uses -> users (recorded_by));
diesel::joinable!(device_use_marks -> device_uses (device_use_id));
diesel::joinable!(override_witnesses -> device_uses (device_use_id));
diesel::joinable!(override_witnesses -> users (witness_id));
diesel::joinable!(override_claims -> device_uses (device_use_id));
diesel::joinable!(override_follow_ups -> device_uses (device_use_id));
diesel::joinable!(override_follow_ups -> users (closed_by));
diesel::joinable!(acknowledgements -> scan_events (scan_event_id));
diesel::joinable!(acknowledgements -> users (acknowledged_by));
