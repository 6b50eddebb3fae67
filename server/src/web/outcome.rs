//! The outcomes of one procedure, and the forms that record them.

use askama::Template;

use super::date_field::DateField;
use super::theatre::ProcedureFacts;
use super::{Choice, FieldError, Page};

/// `GET /procedures/{id}/outcomes?kind=`, and `POST` to it (`csrf`, `id`, `kind`, `removed`…, `unlinked`, `on-day`, `on-month`,
/// `on-year`, `code`, `detail`, `score`) that failed.
#[derive(Debug, Template)]
#[template(path = "record_outcome.html")]
pub struct RecordOutcomePage {
    /// The frame.
    pub page: Page,
    /// The procedure; the patient as a pseudonym.
    pub procedure: ProcedureFacts,
    /// The new outcome's id, made when the page is shown: posting twice records one outcome.
    pub id: String,
    /// Kinds of outcome, the chosen one selected.
    pub kinds: [Choice; 4],
    /// The chosen one: `revision`, `complication`, `prom` or `death`.
    pub kind: &'static str,
    /// What was implanted in it.
    pub implants: Vec<ImplantChoice>,
    /// None of them was taken out, but a device that the registry does not have.
    pub unlinked: bool,
    /// What the day is called.
    pub day_legend: String,
    /// The day, as typed.
    pub on: DateField,
    /// The day is wrong.
    pub date_wrong: bool,
    /// Reasons of a revision, complications, questionnaires; none for a death.
    pub codes: Vec<Choice>,
    /// As typed or chosen.
    pub code: String,
    /// More about it.
    pub detail: String,
    /// As typed.
    pub score: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// What became of it until now, oldest first.
    pub outcomes: Vec<OutcomeShown>,
}

/// One implant to choose.
#[derive(Clone, Debug)]
pub struct ImplantChoice {
    /// Its device use.
    pub id: String,
    /// Maker and brand, with catalogue number, lot or serial.
    pub name: String,
    /// Since when it is out; empty while it is in place.
    pub removed: String,
    /// It is the one chosen.
    pub selected: bool,
}

/// One outcome of the list.
#[derive(Clone, Debug)]
pub struct OutcomeShown {
    /// Its id.
    pub id: String,
    /// The day.
    pub on: String,
    /// What happened, in words.
    pub text: String,
    /// Corrections and withdrawals with their reason; empty for none.
    pub note: String,
    /// The id that a withdrawal of it would have; empty where it cannot be withdrawn (again).
    pub withdrawal: String,
}
