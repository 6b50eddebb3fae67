//! Recalls: whom they concern, and how each is worked through.

use super::organisation::sites;
use super::patient::patients;

diesel::table! {
    recalls (id) {
        id -> Binary,
        reference -> Text,
        title -> Text,
        source -> Text,
        action -> Text,
        notice -> Text,
        state -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
        confirmed_at -> Nullable<Timestamp>,
        confirmed_by -> Nullable<Binary>,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<Binary>,
    }
}

diesel::table! {
    recall_criteria (id) {
        id -> Binary,
        recall_id -> Binary,
        issuer -> Nullable<Text>,
        identifier -> Nullable<Text>,
        maker -> Nullable<Text>,
        reference -> Nullable<Text>,
        units -> Text,
        value -> Text,
        value_alike -> Text,
    }
}

diesel::table! {
    recall_frozen_lists (id) {
        id -> Binary,
        recall_id -> Binary,
        frozen_at -> Timestamp,
        frozen_by -> Binary,
        hash -> Text,
        content -> Text,
    }
}

diesel::table! {
    recall_contacts (id) {
        id -> Binary,
        recall_id -> Binary,
        patient_id -> Binary,
        made_at -> Timestamp,
        made_by -> Binary,
        means -> Text,
        outcome -> Text,
        next_step -> Text,
        next_on -> Nullable<Date>,
        note -> Text,
    }
}

diesel::table! {
    recall_stages (id) {
        id -> Binary,
        recall_id -> Binary,
        stage -> Text,
        entered_at -> Timestamp,
        entered_by -> Nullable<Binary>,
        note -> Text,
    }
}

diesel::table! {
    recall_sites (recall_id, site_code) {
        recall_id -> Binary,
        site_code -> Text,
        asked_at -> Timestamp,
        asked_by -> Binary,
        due_on -> Date,
        acknowledged_at -> Nullable<Timestamp>,
        acknowledged_by -> Nullable<Binary>,
        note -> Text,
        reminded_on -> Nullable<Date>,
        escalated_on -> Nullable<Date>,
    }
}

diesel::table! {
    recall_findings (id) {
        id -> Binary,
        recall_id -> Binary,
        site_code -> Text,
        outcome -> Text,
        stock_id -> Nullable<Binary>,
        unit -> Text,
        scanned -> Text,
        quantity -> Integer,
        reason -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Binary,
    }
}

diesel::table! {
    recall_letters (id) {
        id -> Binary,
        recall_id -> Binary,
        subject -> Text,
        body -> Text,
        written_at -> Timestamp,
        written_by -> Binary,
    }
}

diesel::table! {
    recall_alerts (id) {
        id -> Binary,
        recall_id -> Binary,
        kind -> Text,
        device_use_id -> Nullable<Binary>,
        text -> Text,
        raised_at -> Timestamp,
        taken_at -> Nullable<Timestamp>,
        taken_by -> Nullable<Binary>,
        note -> Text,
    }
}

diesel::table! {
    recall_amendments (id) {
        id -> Binary,
        recall_id -> Binary,
        state -> Text,
        reason -> Text,
        notice -> Text,
        criteria -> Text,
        replaced -> Nullable<Text>,
        entered_at -> Timestamp,
        entered_by -> Binary,
        settled_at -> Nullable<Timestamp>,
        settled_by -> Nullable<Binary>,
    }
}

diesel::table! {
    recall_listings (id) {
        id -> Binary,
        recall_id -> Binary,
        digest -> Text,
        lines -> BigInt,
        done -> BigInt,
        added -> BigInt,
        started_at -> Timestamp,
        started_by -> Binary,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recall_quarantines (recall_id) {
        recall_id -> Binary,
        begun_at -> Timestamp,
        begun_by -> Binary,
        found -> Nullable<BigInt>,
        done -> BigInt,
        touched_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(recall_criteria -> recalls (recall_id));
diesel::joinable!(recall_frozen_lists -> recalls (recall_id));
diesel::joinable!(recall_contacts -> recalls (recall_id));
diesel::joinable!(recall_contacts -> patients (patient_id));
diesel::joinable!(recall_stages -> recalls (recall_id));
diesel::joinable!(recall_sites -> recalls (recall_id));
diesel::joinable!(recall_sites -> sites (site_code));
diesel::joinable!(recall_findings -> recalls (recall_id));
diesel::joinable!(recall_letters -> recalls (recall_id));
diesel::joinable!(recall_alerts -> recalls (recall_id));
diesel::joinable!(recall_amendments -> recalls (recall_id));
diesel::joinable!(recall_listings -> recalls (recall_id));
diesel::joinable!(recall_quarantines -> recalls (recall_id));
