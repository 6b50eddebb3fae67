//! Procedures: team, plan, checks, corrections.

use super::identity::{staff, users};
use super::organisation::sites;
use super::patient::patients;

diesel::table! {
    procedures (id) {
        id -> Binary,
        patient_id -> Binary,
        site_code -> Text,
        theatre -> Text,
        opcs4 -> Text,
        side -> Nullable<Text>,
        indication -> Nullable<Text>,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        opened_by -> Nullable<Binary>,
        body_hash -> Nullable<Binary>,
        surgeon_id -> Nullable<Binary>,
        bmi -> Nullable<Double>,
        asa -> Nullable<Integer>,
    }
}

diesel::table! {
    procedure_team (procedure_id, staff_id) {
        procedure_id -> Binary,
        staff_id -> Binary,
        part -> Text,
    }
}

diesel::table! {
    procedure_corrections (id) {
        id -> Binary,
        procedure_id -> Binary,
        field -> Text,
        before -> Text,
        after -> Text,
        reason -> Text,
        reverts -> Nullable<Binary>,
        corrected_at -> Timestamp,
        corrected_by -> Binary,
    }
}

diesel::table! {
    procedure_plans (id) {
        id -> Binary,
        procedure_id -> Binary,
        name -> Text,
        value -> Text,
        source -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
    }
}

diesel::table! {
    procedure_checks (id) {
        id -> Binary,
        procedure_id -> Binary,
        step -> Text,
        detail -> Text,
        done_at -> Timestamp,
        done_by -> Binary,
    }
}

diesel::joinable!(procedures -> patients (patient_id));
diesel::joinable!(procedures -> sites (site_code));
diesel::joinable!(procedures -> users (opened_by));
diesel::joinable!(procedure_team -> procedures (procedure_id));
diesel::joinable!(procedure_team -> staff (staff_id));
diesel::joinable!(procedure_corrections -> procedures (procedure_id));
diesel::joinable!(procedure_corrections -> users (corrected_by));
diesel::joinable!(procedure_checks -> procedures (procedure_id));
diesel::joinable!(procedure_checks -> users (done_by));
diesel::joinable!(procedure_plans -> procedures (procedure_id));
