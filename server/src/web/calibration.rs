//! Setting up a workstation's scanner.

use askama::Template;

use super::Page;

/// `GET /calibration`: the page that `calibrate.ts` keeps alive; it posts to `/api/v1/scanner/calibration`.
#[derive(Debug, Template)]
#[template(path = "calibration.html")]
pub struct CalibrationPage {
    /// The frame.
    pub page: Page,
}
