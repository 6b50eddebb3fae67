//! Outcomes of patients, and the lines of other registries that told them.

use super::device_use::device_uses;
use super::identity::users;
use super::patient::patients;
use super::procedure::procedures;

diesel::table! {
    outcomes (id) {
        id -> Binary,
        patient_id -> Binary,
        kind -> Text,
        occurred_on -> Date,
        procedure_id -> Nullable<Binary>,
        code -> Nullable<Text>,
        detail -> Nullable<Text>,
        score -> Nullable<Double>,
        supersedes -> Nullable<Binary>,
        withdrawn -> Bool,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    revision_removals (outcome_id, device_use_id) {
        outcome_id -> Binary,
        device_use_id -> Binary,
    }
}

diesel::table! {
    linked_lines (id) {
        id -> Binary,
        source -> Text,
        pseudonym -> Binary,
        sealed -> Binary,
        kind -> Text,
        occurred_on -> Date,
        opcs4 -> Nullable<Text>,
        side -> Nullable<Text>,
        code -> Nullable<Text>,
        detail -> Nullable<Text>,
        score -> Nullable<Double>,
        state -> Text,
        why -> Text,
        outcome_id -> Nullable<Binary>,
        imported_at -> Timestamp,
        imported_by -> Nullable<Binary>,
        decided_at -> Timestamp,
        decided_by -> Nullable<Binary>,
    }
}

diesel::joinable!(outcomes -> patients (patient_id));
diesel::joinable!(outcomes -> procedures (procedure_id));
diesel::joinable!(outcomes -> users (recorded_by));
diesel::joinable!(revision_removals -> outcomes (outcome_id));
diesel::joinable!(revision_removals -> device_uses (device_use_id));
diesel::joinable!(linked_lines -> outcomes (outcome_id));
