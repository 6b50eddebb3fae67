//! What belongs to one operation beside its scans: checks, one device, the record for the notes, the patient's card.

use askama::Template;

use super::theatre::{DeviceUseShown, ProcedureFacts};
use super::{Choice, Fact, FieldError, Page};

/// `GET /theatre/{id}/checks`, and `POST /theatre/{id}/checks` (`csrf`, `id`, `step`, `identifier` several) and
/// `POST /theatre/{id}/plan` (`csrf`, `id`, `value`, `source`).
#[derive(Debug, Template)]
#[template(path = "case_checks.html")]
pub struct ChecksPage {
    /// The frame.
    pub page: Page,
    /// What is operated.
    pub procedure: ProcedureFacts,
    /// The steps in order.
    pub steps: Vec<StepShown>,
    /// Identifiers to choose from.
    pub identifiers: Vec<Choice>,
    /// The power of the lens as entered; empty for none.
    pub lens_power: String,
    /// The id of the plan's next entry.
    pub plan_id: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// One step of the checks.
#[derive(Clone, Debug)]
pub struct StepShown {
    /// Its word, such as `identity`.
    pub step: String,
    /// As people call it.
    pub title: String,
    /// What is said aloud.
    pub text: String,
    /// When and by whom it was done, each time.
    pub done: Vec<String>,
    /// The id of the next one.
    pub id: String,
}

/// `GET /theatre/{id}/devices/{device}`: everything that is seldom done with one device.
#[derive(Debug, Template)]
#[template(path = "case_device.html")]
pub struct DevicePage {
    /// The frame.
    pub page: Page,
    /// What is operated.
    pub procedure: ProcedureFacts,
    /// The device.
    pub device: DeviceUseShown,
    /// It may be recorded again: no serial, in the patient.
    pub repeatable: bool,
    /// Marks that may be made, by word and in words.
    pub marks: Vec<Choice>,
    /// The id of the next mark.
    pub mark_id: String,
    /// From which the ids of further units follow.
    pub again_id: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// `GET /theatre/{id}/explant`: what is in the patient from earlier, to be recorded as taken out.
#[derive(Debug, Template)]
#[template(path = "case_explant.html")]
pub struct ExplantPage {
    /// The frame.
    pub page: Page,
    /// What is operated.
    pub procedure: ProcedureFacts,
    /// What is in the patient: id of the device use, name, facts in a line.
    pub devices: Vec<(String, String, String)>,
    /// The id of the device use that it makes.
    pub id: String,
    /// The id of the mark that it makes.
    pub mark_id: String,
    /// What happens to it.
    pub marks: Vec<Choice>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// `GET /theatre/{id}/record`: to print, or to copy into the notes.
#[derive(Debug, Template)]
#[template(path = "case_record.html")]
pub struct RecordPage {
    /// The frame.
    pub page: Page,
    /// Whose record it is.
    pub procedure: ProcedureFacts,
    /// Plain text.
    pub text: String,
    /// How many lines it has.
    pub lines: usize,
}

/// `GET /theatre/{id}/card`: the patient's implant card (MDR Article 18, MDCG 2019-8).
#[derive(Debug, Template)]
#[template(path = "case_card.html")]
pub struct CardPage {
    /// The frame.
    pub page: Page,
    /// The procedure's id.
    pub procedure: String,
    /// Name, or the pseudonym where the name is not open.
    pub patient: String,
    /// There is room for the name to be written by hand.
    pub by_hand: bool,
    /// Such as `27 November 2026`.
    pub date: String,
    /// The institution.
    pub institution: String,
    /// One card for each device.
    pub cards: Vec<Card>,
}

/// What one card says of one device.
#[derive(Clone, Debug)]
pub struct Card {
    /// Name of the device.
    pub name: String,
    /// Model, UDI, serial, lot.
    pub facts: Vec<Fact>,
    /// Maker's name.
    pub maker: String,
    /// Address and website; what is missing says so.
    pub reach: String,
}

/// `GET /theatre/{id}/tray`: parts without a label, by tray, size and count.
#[derive(Debug, Template)]
#[template(path = "case_tray.html")]
pub struct TrayPage {
    /// The frame.
    pub page: Page,
    /// What is operated.
    pub procedure: ProcedureFacts,
    /// Trays to choose from.
    pub trays: Vec<Choice>,
    /// What lies in the one chosen: product id, size, name and reference.
    pub products: Vec<(String, String, String)>,
    /// What makes this pick one pick, however often it is sent.
    pub pick: String,
    /// The tray's id; empty for none.
    pub tray: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}
