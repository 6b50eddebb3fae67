//! What was done and seen, and the seals over it.

diesel::table! {
    audit_entries (id) {
        id -> Binary,
        recorded_at -> Timestamp,
        user_id -> Nullable<Binary>,
        actor -> Text,
        action -> Text,
        subject_kind -> Text,
        subject -> Text,
        detail -> Text,
    }
}

diesel::table! {
    audit_seals (position) {
        position -> BigInt,
        entry_id -> Binary,
        hash -> Binary,
        sealed_at -> Timestamp,
    }
}

diesel::joinable!(audit_seals -> audit_entries (entry_id));
