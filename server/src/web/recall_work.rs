//! The work of a recall: its progress, the quarantine list, the patient lists, contacts and letters.

use askama::Template;

use super::recall::CriterionRow;
use super::{Choice, Fact, Figure, Page};

/// Where a page of one recall's work belongs.
#[derive(Clone, Debug, Default)]
pub struct RecallFrame {
    /// The recall's id.
    pub id: String,
    /// Of the notice.
    pub reference: String,
    /// What is wrong.
    pub title: String,
    /// `progress`, `quarantine`, `lists`, `contacts` or `amend`.
    pub here: &'static str,
    /// What was wrong with what was sent; empty where nothing was.
    pub error: String,
}

impl RecallFrame {
    /// The pages of the work: address, text, whether it is this one.
    pub fn links(&self) -> Vec<(String, &'static str, bool)> {
        [
            ("", "Recall"),
            ("progress", "Progress"),
            ("quarantine", "Quarantine list"),
            ("lists", "Patient lists"),
            ("contacts", "Contacts and letters"),
            ("amend", "Amend the notice"),
        ]
        .into_iter()
        .map(|(part, text)| {
            let slash = if part.is_empty() { "" } else { "/" };
            (format!("/recalls/{}{slash}{part}", self.id), text, part == self.here)
        })
        .collect()
    }
}

/// `GET /recalls/{id}/progress`
#[derive(Debug, Template)]
#[template(path = "recall_progress.html")]
pub struct ProgressPage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// The stage in words.
    pub stage: String,
    /// Its colour.
    pub tag: &'static str,
    /// The status for the Central Alerting System.
    pub status: String,
    /// Patients, packs, sites.
    pub figures: Vec<Figure>,
    /// What is open; each with whether it is late.
    pub open: Vec<(String, bool)>,
    /// The sites that were asked.
    pub sites: Vec<SiteRow>,
    /// When, who and what, first to last.
    pub history: Vec<(String, String, String)>,
    /// This person may ask the sites now.
    pub may_ask: bool,
    /// The day that the form offers, `YYYY-MM-DD`.
    pub due_on: String,
    /// This person may sign it off, as far as the role goes and it is under way.
    pub may_sign: bool,
}

/// One site.
#[derive(Clone, Debug)]
pub struct SiteRow {
    /// ODS code.
    pub code: String,
    /// Name.
    pub name: String,
    /// By when, and reminders.
    pub due: String,
    /// Where it stands, in words.
    pub standing: String,
    /// Its colour.
    pub tag: &'static str,
    /// What the site said; empty for nothing.
    pub note: String,
    /// This person may acknowledge for it now.
    pub may_acknowledge: bool,
}

/// `GET /recalls/{id}/quarantine`
#[derive(Debug, Template)]
#[template(path = "recall_quarantine.html")]
pub struct QuarantinePage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The chosen one; empty for all.
    pub site: String,
    /// Expected, found, unaccounted for, open.
    pub figures: Vec<Figure>,
    /// The packs that should be there.
    pub lines: Vec<ShelfRow>,
    /// Packs that no record had: unit, why, when and by whom.
    pub unexpected: Vec<(String, String, String)>,
    /// This person may scan.
    pub may_scan: bool,
    /// The next finding's id.
    pub next_id: String,
    /// What the last scan led to: heading, text, and whether the pack is to be set apart.
    pub answer: Option<(String, String, bool)>,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct ShelfRow {
    /// The stock item.
    pub stock: String,
    /// Site and location.
    pub place: String,
    /// Maker and brand.
    pub device: String,
    /// Lot, serial, expiry.
    pub unit: String,
    /// How sure.
    pub tier: &'static str,
    /// Packs.
    pub expected: String,
    /// Packs.
    pub found: String,
    /// Packs.
    pub unaccounted: String,
    /// Packs; empty for none.
    pub open: String,
    /// An id for the form that declares packs unaccounted for.
    pub next_id: String,
}

/// `GET /recalls/{id}/lists`
#[derive(Debug, Template)]
#[template(path = "recall_lists.html")]
pub struct ListsPage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// An id for the next list.
    pub next_id: String,
    /// The lists, the latest first.
    pub lists: Vec<ListRow>,
    /// How the live list differs from the one looked at: heading and lines; nothing where none is looked at.
    pub difference: Option<DifferenceShown>,
}

/// One frozen list.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Its id.
    pub id: String,
    /// When, and by whom.
    pub frozen: String,
    /// Devices and patients.
    pub size: String,
    /// SHA-256.
    pub hash: String,
}

/// The live list beside a frozen one.
#[derive(Clone, Debug)]
pub struct DifferenceShown {
    /// Which list.
    pub of: String,
    /// What: `Added`, `No longer on it`, `Changed`; pseudonym; how sure, and whether the device is still in the patient.
    pub rows: Vec<(&'static str, String, String)>,
}

/// `GET /recalls/{id}/contacts`
#[derive(Debug, Template)]
#[template(path = "recall_contacts.html")]
pub struct ContactsPage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// Patients, reached, waiting.
    pub figures: Vec<Figure>,
    /// Everybody concerned, those who wait first.
    pub people: Vec<PersonRow>,
    /// People beyond those.
    pub more: usize,
    /// An id for the next contact.
    pub next_id: String,
    /// The person that the form is about; empty for none.
    pub chosen: String,
    /// Means to choose from.
    pub means: Vec<Choice>,
    /// Outcomes to choose from.
    pub outcomes: Vec<Choice>,
    /// This person may record contacts and write the letter.
    pub may_record: bool,
    /// This person may open identities.
    pub may_open: bool,
    /// The letter's subject.
    pub subject: String,
    /// The letter's text.
    pub body: String,
    /// An id for the next letter.
    pub letter_id: String,
    /// Placeholders, and what fills them.
    pub placeholders: Vec<Fact>,
}

/// One person concerned.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Internal id.
    pub id: String,
    /// What is shown.
    pub pseudonym: String,
    /// Where it stands.
    pub standing: String,
    /// Its colour.
    pub tag: &'static str,
    /// Attempts, the latest first.
    pub log: Vec<String>,
    /// What happens next; empty for nothing.
    pub next: String,
}

/// `POST /recalls/{id}/letters`: letters ready to print, never to be stored by the browser.
#[derive(Debug, Template)]
#[template(path = "recall_letters.html")]
pub struct LettersPage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// Subject, and paragraphs of lines.
    pub letters: Vec<(String, Vec<Vec<String>>)>,
}

/// `GET /recall-alerts`
#[derive(Debug, Template)]
#[template(path = "recall_alerts.html")]
pub struct AlertsPage {
    /// The frame.
    pub page: Page,
    /// The latest first.
    pub rows: Vec<AlertRow>,
    /// The oldest first.
    pub not_verified: Vec<NotVerifiedRow>,
    /// This person may take them.
    pub may_take: bool,
}

/// One alert that nobody has taken.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Its id.
    pub id: String,
    /// Address of the recall's progress.
    pub href: String,
    /// Of the notice.
    pub reference: String,
    /// What it is about.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// When.
    pub raised: String,
}

/// A second person in theatre who was named without a network and has not confirmed.
#[derive(Clone, Debug)]
pub struct NotVerifiedRow {
    /// The device use's id.
    pub id: String,
    /// Address of the procedure's summary.
    pub href: String,
    /// The device.
    pub device: String,
    /// Why it was recorded against the stop.
    pub reason: String,
    /// Whose badge was named by whom.
    pub people: String,
    /// When the registry had it.
    pub since: String,
}

/// `GET /recalls/{id}/amend`
#[derive(Debug, Template)]
#[template(path = "recall_amend.html")]
pub struct AmendPage {
    /// The frame.
    pub page: Page,
    /// Which recall.
    pub frame: RecallFrame,
    /// It can be amended: it acts.
    pub active: bool,
    /// The amendment that waits for a second person.
    pub waiting: Option<WaitingAmendment>,
    /// An id for the next one.
    pub next_id: String,
    /// As typed before.
    pub reason: String,
    /// The notice's text.
    pub text: String,
    /// Everything that it covers.
    pub criteria: Vec<CriterionRow>,
}

/// An amendment that waits.
#[derive(Clone, Debug)]
pub struct WaitingAmendment {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Lines that come.
    pub added: Vec<String>,
    /// Lines that go.
    pub removed: Vec<String>,
    /// This person may confirm it.
    pub may_confirm: bool,
}
