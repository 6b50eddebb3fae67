//! Packs on the shelves of sites, and where they went.

use super::catalogue::products;
use super::device_use::device_uses;
use super::organisation::sites;

diesel::table! {
    stock_items (id) {
        id -> Binary,
        site_code -> Text,
        location -> Text,
        product_id -> Nullable<Binary>,
        issuer -> Text,
        identifier -> Text,
        lot -> Nullable<Text>,
        lot_alike -> Nullable<Text>,
        serial -> Nullable<Text>,
        serial_alike -> Nullable<Text>,
        expiry -> Nullable<Date>,
        quantity -> Integer,
        state -> Text,
        received_at -> Timestamp,
        set_apart_for -> Nullable<Text>,
    }
}

diesel::table! {
    stock_places (id) {
        id -> Binary,
        site_code -> Text,
        name -> Text,
        gln -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    stock_terms (stock_id) {
        stock_id -> Binary,
        site_code -> Text,
        location -> Text,
        quantity -> Integer,
        supplier -> Text,
        ownership -> Text,
        unit_price -> Nullable<BigInt>,
        return_by -> Nullable<Date>,
        delivery -> Text,
        received_by -> Nullable<Binary>,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Binary,
        stock_id -> Binary,
        kind -> Text,
        quantity -> Integer,
        cause -> Nullable<Text>,
        note -> Text,
        to_site -> Nullable<Text>,
        to_location -> Nullable<Text>,
        to_stock -> Nullable<Binary>,
        moved_at -> Timestamp,
        moved_by -> Binary,
    }
}

diesel::table! {
    stock_pars (site_code, product_id) {
        site_code -> Text,
        product_id -> Binary,
        least -> Integer,
        set_at -> Timestamp,
        set_by -> Binary,
    }
}

diesel::table! {
    stock_uses (device_use_id) {
        device_use_id -> Binary,
        stock_id -> Nullable<Binary>,
        recorded_at -> Timestamp,
    }
}

diesel::joinable!(stock_items -> sites (site_code));
diesel::joinable!(stock_items -> products (product_id));
diesel::joinable!(stock_places -> sites (site_code));
diesel::joinable!(stock_terms -> stock_items (stock_id));
diesel::joinable!(stock_movements -> stock_items (stock_id));
diesel::joinable!(stock_pars -> products (product_id));
diesel::joinable!(stock_uses -> device_uses (device_use_id));
diesel::joinable!(stock_uses -> stock_items (stock_id));
