//! Products, their identifiers and attributes, their makers, ratings, and trays.

use super::identity::users;

diesel::table! {
    products (id) {
        id -> Binary,
        maker -> Text,
        brand -> Text,
        reference -> Text,
        description -> Text,
        category -> Text,
        gmdn -> Nullable<Text>,
        side -> Nullable<Text>,
        size -> Nullable<Text>,
        lot_expected -> Bool,
        serial_expected -> Bool,
        expiry_expected -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    product_identifiers (issuer, identifier) {
        issuer -> Text,
        identifier -> Text,
        product_id -> Binary,
        kind -> Text,
        quantity -> Integer,
    }
}

diesel::table! {
    odep_ratings (id) {
        id -> Binary,
        product_id -> Binary,
        rating -> Text,
        rated_on -> Date,
        source -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
    }
}

diesel::table! {
    product_attributes (product_id, name) {
        product_id -> Binary,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    trays (id) {
        id -> Binary,
        name -> Text,
        changed_at -> Timestamp,
        changed_by -> Nullable<Binary>,
    }
}

diesel::table! {
    tray_products (tray_id, product_id) {
        tray_id -> Binary,
        product_id -> Binary,
        place -> Integer,
    }
}

diesel::table! {
    makers (name) {
        name -> Text,
        address -> Text,
        website -> Text,
        changed_at -> Timestamp,
    }
}

diesel::joinable!(product_identifiers -> products (product_id));
diesel::joinable!(odep_ratings -> products (product_id));
diesel::joinable!(odep_ratings -> users (entered_by));
diesel::joinable!(tray_products -> trays (tray_id));
diesel::joinable!(tray_products -> products (product_id));
diesel::joinable!(product_attributes -> products (product_id));
