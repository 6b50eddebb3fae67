//! Organisations and their sites.

diesel::table! {
    organisations (ods_code) {
        ods_code -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sites (ods_code) {
        ods_code -> Text,
        organisation_code -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::joinable!(sites -> organisations (organisation_code));
