//! Patients, by what they are known, and which are one person.

diesel::table! {
    patients (id) {
        id -> Binary,
        person_id -> Binary,
        birth_year -> Nullable<Integer>,
        sex -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    patient_identifiers (id) {
        id -> Binary,
        patient_id -> Binary,
        kind -> Text,
        assigner -> Text,
        pseudonym -> Binary,
        sealed -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    patient_demographics (id) {
        id -> Binary,
        patient_id -> Binary,
        sealed -> Binary,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    patient_links (id) {
        id -> Binary,
        patient_id -> Binary,
        linked_to -> Binary,
        reason -> Text,
        linked_at -> Timestamp,
        linked_by -> Binary,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Binary>,
        undone_reason -> Nullable<Text>,
    }
}

diesel::joinable!(patient_identifiers -> patients (patient_id));
diesel::joinable!(patient_demographics -> patients (patient_id));
