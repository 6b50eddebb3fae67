//! A barcode explained in plain words.

use askama::Template;

use super::Page;

/// `GET /udi`, and `POST` to it (`csrf`, `text`, `more`).
#[derive(Debug, Template)]
#[template(path = "udi.html")]
pub struct UdiPage {
    /// The frame.
    pub page: Page,
    /// As scanned or pasted.
    pub text: String,
    /// The pack's other barcode, if there is one.
    pub more: String,
    /// The answer; none before anything was asked.
    pub explained: Option<Explained>,
}

/// What a barcode says.
#[derive(Clone, Debug)]
pub struct Explained {
    /// How far the reading went, in a word or two.
    pub outcome: &'static str,
    /// Its colour.
    pub tag: &'static str,
    /// In one sentence.
    pub headline: String,
    /// Each element, reading and finding.
    pub lines: Vec<String>,
}
