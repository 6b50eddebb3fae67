//! Who may sign in, with what, and who works in theatre.

use super::organisation::sites;

diesel::table! {
    users (id) {
        id -> Binary,
        username -> Text,
        display_name -> Text,
        password_hash -> Text,
        role -> Text,
        site_code -> Nullable<Text>,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        kind -> Text,
        label -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    staff (id) {
        id -> Binary,
        register -> Text,
        registration -> Text,
        display_name -> Text,
        user_id -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    scanners (organisation_code, workstation) {
        organisation_code -> Text,
        workstation -> Text,
        profile -> Text,
        learnt_at -> Timestamp,
        learnt_by -> Binary,
    }
}

diesel::table! {
    user_badges (user_id) {
        user_id -> Binary,
        badge -> Text,
        pin_hash -> Nullable<Text>,
        tries -> Integer,
        locked_until -> Nullable<Timestamp>,
        given_at -> Timestamp,
        pin_set_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tablet_keys (id) {
        id -> Binary,
        user_id -> Binary,
        public_key -> Binary,
        enrolled_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(users -> sites (site_code));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(staff -> users (user_id));
diesel::joinable!(scanners -> users (learnt_by));
diesel::joinable!(user_badges -> users (user_id));
diesel::joinable!(tablet_keys -> users (user_id));
