//! The practice theatre.

use askama::Template;

use super::Page;

/// `GET /practice`
#[derive(Debug, Template)]
#[template(path = "practice.html")]
pub struct PracticePage {
    /// The frame.
    pub page: Page,
    /// How many scenes there are.
    pub scenes: usize,
}

/// `GET /practice/sheet`
#[derive(Debug, Template)]
#[template(path = "practice_sheet.html")]
pub struct SheetPage {
    /// The frame.
    pub page: Page,
    /// Until which day the dates on it fit, in words.
    pub day: String,
    /// The packs and wristbands.
    pub items: Vec<SheetItem>,
}

/// A pack or a wristband of the sheet.
#[derive(Clone, Debug)]
pub struct SheetItem {
    /// By which the scenes call it.
    pub number: usize,
    /// `Pack` or `Wristband`.
    pub kind: &'static str,
    /// What is printed for eyes.
    pub printed: Vec<String>,
    /// Its barcodes.
    pub barcodes: Vec<SheetBarcode>,
}

/// A barcode, drawn.
#[derive(Clone, Debug)]
pub struct SheetBarcode {
    /// Modules across.
    pub width: usize,
    /// Modules down; one of bars.
    pub height: usize,
    /// Dark modules, an SVG path.
    pub path: String,
    /// Printed width, in millimetres.
    pub wide_mm: String,
    /// Printed height, in millimetres.
    pub high_mm: String,
}

/// `POST /practice/scene` (`csrf`, `at`, `kept`, `before`, `scan`, `act`)
#[derive(Debug, Template)]
#[template(path = "practice_scene.html")]
pub struct ScenePage {
    /// The frame.
    pub page: Page,
    /// Its place, from zero.
    pub at: usize,
    /// How many there are.
    pub scenes: usize,
    /// What the person is told.
    pub told: &'static str,
    /// It may have several barcodes.
    pub several: bool,
    /// How the scenes before went: `y` or `n` each.
    pub kept: String,
    /// The scans of this scene, as they are sent again.
    pub before: String,
    /// What is wrong with the scan; empty where nothing is.
    pub trouble: String,
    /// What the scan was answered; none before one.
    pub verdict: Option<VerdictPart>,
    /// What came of the decision; none before it.
    pub decided: Option<Decided>,
}

impl ScenePage {
    /// Whether the next thing is a scan: the first, one that failed, or the other barcode that amber asks for.
    fn wants_a_scan(&self) -> bool {
        !self.trouble.is_empty() || self.verdict.as_ref().is_none_or(|verdict| verdict.answer == "look")
    }
}

/// A verdict as the theatre page shows it.
#[derive(Clone, Debug)]
pub struct VerdictPart {
    /// `may`, `look` or `stop`.
    pub answer: &'static str,
    /// In a few words.
    pub headline: String,
    /// Why, and what to do.
    pub reasons: Vec<(String, String)>,
}

/// What came of a decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// It was right.
    pub right: bool,
    /// What would have been right, in words.
    pub should: &'static str,
    /// What the scene was about.
    pub title: &'static str,
    /// It was the last one.
    pub last: bool,
}

/// `POST /practice/result` (`csrf`, `kept`, `name`)
#[derive(Debug, Template)]
#[template(path = "practice_result.html")]
pub struct ResultPage {
    /// The frame.
    pub page: Page,
    /// How each scene went.
    pub rows: Vec<(&'static str, bool)>,
    /// How many were right.
    pub right: usize,
    /// As sent, for the name's form.
    pub kept: String,
    /// Whose certificate; empty before it is given.
    pub name: String,
    /// The day, in words.
    pub day: String,
}
