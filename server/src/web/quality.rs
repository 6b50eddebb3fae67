//! Data quality and linkage.

use askama::Template;

use super::Page;

/// `GET /quality`
#[derive(Debug, Template)]
#[template(path = "quality.html")]
pub struct QualityPage {
    /// The frame.
    pub page: Page,
    /// What the record lacks.
    pub record: Vec<QualityRow>,
    /// What became of lines that others recorded.
    pub linkage: Vec<LinkageRow>,
    /// Lines that wait for a person; empty for roles that do not decide.
    pub waiting: Vec<WaitingRow>,
    /// Whether this role decides about lines.
    pub may_link: bool,
    /// How small numbers are shown; empty where all are.
    pub note: String,
    /// What was wrong with what was sent; empty where nothing was.
    pub error: String,
}

/// One thing that the record may lack.
#[derive(Clone, Debug)]
pub struct QualityRow {
    /// Of what.
    pub of: String,
    /// How many there are.
    pub all: String,
    /// What they lack.
    pub lack: String,
    /// How many.
    pub lacking: String,
    /// The share.
    pub share: String,
}

/// One source and kind of outcome.
#[derive(Clone, Debug)]
pub struct LinkageRow {
    /// Whose record.
    pub source: String,
    /// What kind of outcome.
    pub kind: String,
    /// Lines that are outcomes.
    pub matched: String,
    /// Lines that wait.
    pub review: String,
    /// Lines that fit nobody.
    pub unlinked: String,
    /// Lines set aside.
    pub set_aside: String,
}

/// A line that waits.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    /// Identifier.
    pub id: String,
    /// What it is, and of whom by pseudonym.
    pub heading: String,
    /// Day, code, side, reason.
    pub facts: String,
    /// Whose record.
    pub source: String,
    /// Why it waits.
    pub why: String,
    /// What it may belong to.
    pub candidates: Vec<CandidateRow>,
    /// Whether it may be an outcome of none of the registry's implants.
    pub may_be_unlinked: bool,
}

/// An implant or a procedure that a line may belong to.
#[derive(Clone, Debug)]
pub struct CandidateRow {
    /// Of the form's field.
    pub name: String,
    /// `checkbox` or `radio`.
    pub kind: String,
    /// Its identifier.
    pub value: String,
    /// In words.
    pub text: String,
}
