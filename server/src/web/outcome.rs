//! The outcomes of one procedure, and the form that records a revision.

use askama::Template;

use super::theatre::ProcedureFacts;
use super::{Choice, FieldError, Page};

/// `GET /procedures/{id}/outcomes`, and `POST` to it (`csrf`, `id`, `removed`…, `unlinked`, `on`, `code`, `detail`) that failed.
#[derive(Debug, Template)]
#[template(path = "record_outcome.html")]
pub struct RecordOutcomePage {
    /// The frame.
    pub page: Page,
    /// The procedure; the patient as a pseudonym.
    pub procedure: ProcedureFacts,
    /// The new outcome's id, made when the page is shown: posting twice records one revision.
    pub id: String,
    /// What was implanted in it.
    pub implants: Vec<ImplantChoice>,
    /// None of them was taken out, but a device that the registry does not have.
    pub unlinked: bool,
    /// The day, as `YYYY-MM-DD`.
    pub on: String,
    /// The latest day that can be chosen.
    pub today: String,
    /// Reasons of a revision.
    pub codes: Vec<Choice>,
    /// More about why.
    pub detail: String,
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
