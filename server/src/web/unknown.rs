//! The catalogue team's queue of products that were scanned and are not in the catalogue.

use askama::Template;

use super::{FieldError, Page};

/// `GET /unknown`
#[derive(Debug, Template)]
#[template(path = "unknown_list.html")]
pub struct UnknownListPage {
    /// The frame.
    pub page: Page,
    /// Longest waiting first.
    pub rows: Vec<UnknownRow>,
}

/// One identifier.
#[derive(Clone, Debug)]
pub struct UnknownRow {
    /// Where it is resolved.
    pub href: String,
    /// Issuing agency.
    pub issuer: String,
    /// Device identifier.
    pub identifier: String,
    /// Such as `3 devices`.
    pub devices: String,
    /// Such as `2 in patients`.
    pub implanted: String,
    /// When the first was recorded.
    pub first: String,
    /// Some lots.
    pub lots: String,
}

/// `GET /unknown/{issuer}/{identifier}`, and `POST` there (`csrf`, `product`, or `id`, `maker`, `brand`, `reference`,
/// `description`, `category`, `lot`, `serial`, `expiry`).
#[derive(Debug, Template)]
#[template(path = "unknown.html")]
pub struct UnknownPage {
    /// The frame.
    pub page: Page,
    /// Issuing agency.
    pub issuer: String,
    /// Device identifier.
    pub identifier: String,
    /// What the packs said, barcode by barcode.
    pub said: Vec<String>,
    /// What was looked for.
    pub query: String,
    /// Products found: id and name.
    pub found: Vec<(String, String)>,
    /// The new product's id.
    pub id: String,
    /// As typed before.
    pub form: ProductForm,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// A new product as typed.
#[derive(Clone, Debug, Default)]
pub struct ProductForm {
    /// Who makes it.
    pub maker: String,
    /// What it is called.
    pub brand: String,
    /// Catalogue number.
    pub reference: String,
    /// What it is.
    pub description: String,
    /// Kind of implant.
    pub category: String,
    /// Packs carry a lot.
    pub lot_expected: bool,
    /// Packs carry a serial.
    pub serial_expected: bool,
    /// Packs carry an expiry date.
    pub expiry_expected: bool,
}
