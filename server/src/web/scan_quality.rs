//! How well scanning goes.

use askama::Template;

use super::{Choice, Page};

/// `GET /scan-quality` (`by`, `from`, `to`).
#[derive(Debug, Template)]
#[template(path = "scan_quality.html")]
pub struct ScanQualityPage {
    /// The frame.
    pub page: Page,
    /// By what the rows are told apart.
    pub choices: Vec<Choice>,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, or empty.
    pub to: String,
    /// The most items first.
    pub rows: Vec<ScanQualityRow>,
    /// Where the same is a CSV file.
    pub export: String,
}

/// One supplier, product, scanner or theatre.
#[derive(Clone, Debug)]
pub struct ScanQualityRow {
    /// Which one.
    pub name: String,
    /// Packs.
    pub items: String,
    /// Percent read by one scan.
    pub first_scan: String,
    /// Packs that took more.
    pub repaired: String,
    /// Packs not read.
    pub unread: String,
    /// Recorded against a stop.
    pub overrides: String,
    /// Median seconds per item.
    pub seconds: String,
    /// The most frequent reasons.
    pub reasons: Vec<String>,
}
