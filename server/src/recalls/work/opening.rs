//! What is still open in a recall: whoever signs it off hears of each thing.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::picture::Picture;
use super::site::Standing;
use super::stage::Stage;
use crate::web::words::{count, day};

/// What kind of thing is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenKind {
    /// A second person has to confirm the notice.
    Confirmation,
    /// Sites were not asked, or have not acknowledged.
    Site,
    /// Packs that nobody found or declared unaccounted for.
    Shelf,
    /// Patients whom nobody has reached.
    Patient,
    /// The patient list was not frozen.
    List,
    /// An alert that nobody has taken.
    Alert,
}

/// One thing that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Open {
    /// What kind of thing.
    pub kind: OpenKind,
    /// In words.
    pub text: String,
    /// Its deadline has passed.
    pub overdue: bool,
}

impl Open {
    fn new(kind: OpenKind, text: String) -> Self {
        Self { kind, text, overdue: false }
    }
}

/// Everything that is open, on this day. Nothing is where the recall is closed.
pub fn open(picture: &Picture, today: NaiveDate) -> Vec<Open> {
    let mut open = Vec::new();
    if picture.stage == Stage::Closed {
        return open;
    }
    if picture.stage == Stage::Received {
        open.push(Open::new(OpenKind::Confirmation, "A second person has to confirm the notice.".to_owned()));
    }
    if picture.sites.is_empty() {
        open.push(Open::new(OpenKind::Site, "No site was asked to acknowledge the recall.".to_owned()));
    }
    for site in &picture.sites {
        let name = picture.site(&site.site_code);
        match site.standing(today) {
            Standing::Acknowledged => {}
            Standing::Waiting(_) => {
                let text = format!("{name} has not acknowledged: it is due by {}.", day(site.due_on));
                open.push(Open::new(OpenKind::Site, text));
            }
            Standing::Overdue(days) => {
                let late = count(usize::try_from(days).unwrap_or_default(), "day", "days");
                let text = format!("{name} has not acknowledged: it was due by {}, {late} ago.", day(site.due_on));
                open.push(Open { overdue: true, ..Open::new(OpenKind::Site, text) });
            }
        }
    }
    let packs: i32 = picture.shelves.iter().map(super::finding::ShelfLine::open).sum();
    if packs > 0 {
        let packs = count(usize::try_from(packs).unwrap_or_default(), "pack is", "packs are");
        open.push(Open::new(OpenKind::Shelf, format!("{packs} neither found nor declared unaccounted for.")));
    }
    let waiting = picture.waiting().len();
    if waiting > 0 {
        let patients = count(waiting, "patient has", "patients have");
        open.push(Open::new(OpenKind::Patient, format!("{patients} not been reached.")));
    }
    for (patient, step, on) in picture.late_steps(today) {
        let text = format!("{}: \"{step}\" was to happen by {}.", patient.pseudonym(), day(on));
        open.push(Open { overdue: true, ..Open::new(OpenKind::Patient, text) });
    }
    let alert = |text: &str| Open::new(OpenKind::Alert, format!("Nobody has taken the alert: {text}"));
    open.extend(picture.alerts.iter().map(|one| alert(&one.text)));
    if picture.frozen.is_none() && !picture.uses.is_empty() {
        open.push(Open::new(OpenKind::List, "The patient list was not frozen.".to_owned()));
    }
    open
}
