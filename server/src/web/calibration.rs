//! Setting up a workstation's scanner.

use askama::Template;

use super::Page;

/// A scanner that the organisation knows.
#[derive(Debug)]
pub struct ScannerShown {
    /// Where it is.
    pub workstation: String,
    /// The computer's keyboard, in words.
    pub layout: String,
    /// What it types for a separator, in words.
    pub separator: String,
    /// All that is known of it, as JSON: what the browser keeps when it is chosen.
    pub kept: String,
}

/// `GET /calibration`: the page that `calibrate.ts` keeps alive; it posts to `/api/v1/scanner/calibration`.
#[derive(Debug, Template)]
#[template(path = "calibration.html")]
pub struct CalibrationPage {
    /// The frame.
    pub page: Page,
    /// What the organisation knows already.
    pub scanners: Vec<ScannerShown>,
}
