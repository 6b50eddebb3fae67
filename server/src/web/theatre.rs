//! The point of care: open a procedure, scan, finish.

use askama::Template;

use super::{Choice, Fact, FieldError, Link, Page};

/// `GET /theatre`, and `POST /theatre` (`csrf`, `id`, `wristband`, `site`, `theatre`, `code`, `side`) that failed.
///
/// What was scanned as a wristband is never sent back: the field is empty again.
#[derive(Debug, Template)]
#[template(path = "theatre_start.html")]
pub struct StartPage {
    /// The frame.
    pub page: Page,
    /// The new procedure's id, made when the page is shown: posting twice opens one procedure.
    pub id: String,
    /// Sites of the organisation, by ODS code.
    pub sites: Vec<Choice>,
    /// As typed before, or the workstation's own.
    pub theatre: String,
    /// OPCS-4 codes to offer.
    pub codes: Vec<Choice>,
    /// As typed before.
    pub code: String,
    /// [`Choice::sides`], none chosen at first; `side` is then missing from the form, which is an error on `side-1`.
    pub sides: Vec<Choice>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// Procedures that are not finished.
    pub open: Vec<Link>,
    /// Procedures with an override whose second person has still to confirm it.
    pub to_confirm: Vec<Link>,
    /// The page that a browser keeps for when there is no network.
    pub offline: bool,
}

/// What a procedure is, at a glance.
#[derive(Clone, Debug)]
pub struct ProcedureFacts {
    /// Its id.
    pub id: String,
    /// As far as this person may see it: a name from the wristband, or a pseudonym.
    pub patient: String,
    /// OPCS-4.
    pub code: String,
    /// What the code means.
    pub code_text: String,
    /// `left`, `right`, `both`, or empty.
    pub side: String,
    /// The site (ODS code).
    pub site_code: String,
    /// Name of the site.
    pub site: String,
    /// Name of the theatre.
    pub theatre: String,
    /// Such as `23 November 2026, 09:12`.
    pub started: String,
    /// Names of the team, as known by their badges; empty for nobody yet.
    pub team: String,
}

/// `GET /theatre/{id}`: the page that `theatre.ts` keeps alive.
#[derive(Debug, Template)]
#[template(path = "theatre_procedure.html")]
pub struct ProcedurePage {
    /// The frame.
    pub page: Page,
    /// What is operated.
    pub procedure: ProcedureFacts,
    /// Newest first, those undone last.
    pub devices: Vec<DeviceUseShown>,
    /// The public half of the key that snapshots are signed with, in base64.
    pub snapshot_key: String,
    /// What a device has to fit (`OnTheTable` of scanner-lib, as JSON); empty where nothing is known.
    pub on_the_table: String,
}

impl ProcedurePage {
    /// The page of any procedure, without anybody's data: what a browser keeps for when there is no network.
    pub fn without_registry(page: Page, snapshot_key: String) -> Self {
        let procedure = ProcedureFacts {
            id: String::new(),
            patient: String::new(),
            code: String::new(),
            code_text: String::new(),
            side: String::new(),
            site_code: String::new(),
            site: String::new(),
            theatre: String::new(),
            started: String::new(),
            team: String::new(),
        };
        Self { page, procedure, devices: Vec::new(), snapshot_key, on_the_table: String::new() }
    }

    /// How many ask to be looked at.
    pub fn to_look(&self) -> usize {
        self.devices.iter().filter(|device| device.asks_to_look).count()
    }

    /// How many there are, without those undone.
    pub fn count(&self) -> usize {
        self.devices.iter().filter(|device| device.fate != "entered-in-error").count()
    }
}

/// `GET /theatre/{id}/summary`, and where `POST /theatre/{id}/finish` (`csrf`) leads.
#[derive(Debug, Template)]
#[template(path = "theatre_summary.html")]
pub struct SummaryPage {
    /// The frame.
    pub page: Page,
    /// What was operated.
    pub procedure: ProcedureFacts,
    /// When it was finished; empty while it is not.
    pub finished: String,
    /// In the patient now.
    pub implanted: Vec<DeviceUseShown>,
    /// Wasted, returned, undone.
    pub others: Vec<DeviceUseShown>,
}

/// One device use in a list.
#[derive(Clone, Debug)]
pub struct DeviceUseShown {
    /// Its id.
    pub id: String,
    /// Maker and brand, or `Unknown product`.
    pub name: String,
    /// REF, lot, serial, expiry: those that are known.
    pub facts: Vec<Fact>,
    /// `requested`, `checked`, `opened`, `implanted`, `wasted`, `returned`, `explanted` or `entered-in-error`.
    pub fate: String,
    /// `may`, `look` or `stop`: the verdict at its scan.
    pub answer: String,
    /// The verdict's reasons, in plain words.
    pub reasons: Vec<String>,
    /// When it was scanned.
    pub scanned: String,
    /// Who looked at the verdict and who stood by an override, in sentences.
    pub people: Vec<String>,
    /// The end of the badge whose owner stood by without a network and has still to confirm it; empty for nobody.
    pub not_verified: String,
    /// The verdict asks to look, and nobody has said yet that they did.
    pub asks_to_look: bool,
    /// Corrections with their reasons, oldest first.
    pub history: Vec<String>,
    /// The scan that it came from; empty for imported history.
    pub scan: String,
    /// Possible readings between which a person has to choose, by number and in words; empty where the reading is certain.
    pub readings: Vec<(usize, String)>,
}

impl DeviceUseShown {
    /// The fate as people say it.
    pub fn fate_text(&self) -> &str {
        match self.fate.as_str() {
            "entered-in-error" => "undone",
            "returned" => "returned unopened",
            other => other,
        }
    }

    /// The colour of the fate's tag.
    pub fn tag(&self) -> &'static str {
        match self.fate.as_str() {
            "implanted" => "nhsuk-tag--green",
            "wasted" => "nhsuk-tag--orange",
            "explanted" => "nhsuk-tag--purple",
            "returned" | "entered-in-error" => "nhsuk-tag--grey",
            _ => "nhsuk-tag--blue",
        }
    }
}
