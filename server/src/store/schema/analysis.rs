//! Cohorts as they stood, and signals.

use super::catalogue::products;
use super::identity::users;

diesel::table! {
    cohort_columns (digest) {
        digest -> Binary,
        piece -> Binary,
        written_at -> Timestamp,
    }
}

diesel::table! {
    cohort_snapshots (hash) {
        hash -> Binary,
        taken_at -> Timestamp,
        implants -> BigInt,
        sites -> Binary,
        devices -> Binary,
        left_out -> Binary,
        frozen -> Bool,
        surgeons -> Binary,
        indications -> Binary,
        beside -> Nullable<Binary>,
    }
}

diesel::table! {
    saved_cohorts (id) {
        id -> Binary,
        name -> Text,
        filter -> Text,
        shared -> Bool,
        snapshot_hash -> Nullable<Binary>,
        products -> Nullable<Binary>,
        until -> Nullable<Date>,
        content_hash -> Nullable<Binary>,
        created_at -> Timestamp,
        created_by -> Binary,
    }
}

diesel::table! {
    signals (id) {
        id -> Binary,
        product_id -> Binary,
        rule -> Text,
        state -> Text,
        owner -> Nullable<Binary>,
        standing -> Bool,
        evidence -> Text,
        snapshot_hash -> Binary,
        raised_at -> Timestamp,
        judged_at -> Timestamp,
    }
}

diesel::table! {
    signal_events (id) {
        id -> Binary,
        signal_id -> Binary,
        what -> Text,
        detail -> Text,
        evidence -> Nullable<Text>,
        snapshot_hash -> Nullable<Binary>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::joinable!(saved_cohorts -> users (created_by));
diesel::joinable!(signals -> products (product_id));
diesel::joinable!(signal_events -> signals (signal_id));
