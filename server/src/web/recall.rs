//! Recalls: enter, confirm by a second person, see what and who is affected, open one identity for a reason.

use std::collections::HashMap;

use askama::Template;

use super::recall_work::RecallFrame;
use super::{Choice, Fact, FieldError, Figure, Page};

/// Lines that the form for a new recall offers at the least.
pub const CRITERIA_ROWS: usize = 4;

/// Lines that the form takes at the most.
pub const MOST_CRITERIA_ROWS: usize = 500;

/// `GET /recalls`
#[derive(Debug, Template)]
#[template(path = "recall_list.html")]
pub struct RecallListPage {
    /// The frame.
    pub page: Page,
    /// This person may enter one.
    pub may_enter: bool,
    /// How many alerts nobody has taken, in words, for those who may see them.
    pub alerts: Option<String>,
    /// Newest first.
    pub rows: Vec<RecallRow>,
}

/// One recall of the list.
#[derive(Clone, Debug)]
pub struct RecallRow {
    /// Address of its page.
    pub href: String,
    /// Of the notice.
    pub reference: String,
    /// What is wrong.
    pub title: String,
    /// In words.
    pub state: String,
    /// Colour of the state: [`state_tag`].
    pub tag: &'static str,
    /// Affected packs in stock.
    pub stock: String,
    /// Affected patients.
    pub patients: String,
    /// When.
    pub entered: String,
}

/// The colour of a recall's state.
pub fn state_tag(state: &str) -> &'static str {
    match state {
        "active" => "nhsuk-tag--red",
        "draft" | "entered" | "unconfirmed" => "nhsuk-tag--yellow",
        _ => "nhsuk-tag--grey",
    }
}

/// `GET /recalls/new`, and `POST /recalls` that failed.
///
/// Posted: `csrf`, `id`, `reference`, `source`, `title`, `text`, and [`CriterionRow::of_form`]'s fields.
#[derive(Debug, Template)]
#[template(path = "recall_new.html")]
pub struct RecallNewPage {
    /// The frame.
    pub page: Page,
    /// The new recall's id, made when the page is shown: posting twice enters one recall.
    pub id: String,
    /// As typed before.
    pub reference: String,
    /// As typed before.
    pub source: String,
    /// As typed before.
    pub title: String,
    /// As typed before.
    pub text: String,
    /// The maker, for lines that the text names without a device identifier.
    pub maker: String,
    /// As typed before, or as read from the text; [`CRITERIA_ROWS`] of them at the least.
    pub criteria: Vec<CriterionRow>,
    /// What was read from the text, where somebody asked for it.
    pub reading: Option<ReadingShown>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// What was read from the text of a notice.
#[derive(Clone, Debug)]
pub struct ReadingShown {
    /// The text, cut where something was read.
    pub pieces: Vec<Piece>,
    /// What was made of it.
    pub lines: Vec<ReadLine>,
    /// Lines beyond those.
    pub more: usize,
    /// What was not understood, word for word.
    pub unread: Vec<String>,
}

/// A stretch of the text.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its words.
    pub text: String,
    /// Something was read here.
    pub read: bool,
}

/// One line as read.
#[derive(Clone, Debug)]
pub struct ReadLine {
    /// Identifier and catalogue number.
    pub device: String,
    /// Lot, serial, date, or all.
    pub units: String,
    /// The words that it came from.
    pub words: String,
    /// How sure the reading is, in words and percent.
    pub sure: String,
    /// Colour of that.
    pub tag: &'static str,
    /// Why it is not among the lines below; empty where it is.
    pub doubt: String,
}

/// One line of what a recall covers, as a person types it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriterionRow {
    /// UDI-DI.
    pub identifier: String,
    /// Maker, where there is no identifier.
    pub maker: String,
    /// Catalogue number, where there is no identifier.
    pub reference: String,
    /// `lot`, `serial`, `expiry`, `manufacture` or `all`.
    pub units: String,
    /// Lots, serials or dates, separated by commas.
    pub values: String,
}

impl CriterionRow {
    /// The lines of a posted form: `criteria-0-identifier`, `…-maker`, `…-reference`, `…-units`, `…-values`.
    pub fn of_form(form: &HashMap<String, String>) -> Vec<Self> {
        let field = |row: usize, name: &str| {
            form.get(&format!("criteria-{row}-{name}")).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        let number = |name: &String| name.strip_prefix("criteria-")?.split('-').next()?.parse::<usize>().ok();
        let rows = form.keys().filter_map(number).max().map_or(0, |last| last + 1).min(MOST_CRITERIA_ROWS);
        (0..rows)
            .map(|row| Self {
                identifier: field(row, "identifier"),
                maker: field(row, "maker"),
                reference: field(row, "reference"),
                units: field(row, "units"),
                values: field(row, "values"),
            })
            .collect()
    }

    /// The lines with blank ones to type more into.
    pub fn with_spare(mut rows: Vec<Self>) -> Vec<Self> {
        rows.truncate(MOST_CRITERIA_ROWS);
        let spare = usize::from(rows.last().is_some_and(|row| !row.is_blank()));
        rows.resize(CRITERIA_ROWS.max((rows.len() + spare).min(MOST_CRITERIA_ROWS)), Self::default());
        rows
    }

    /// Nothing was typed.
    pub fn is_blank(&self) -> bool {
        [&self.identifier, &self.maker, &self.reference, &self.values].iter().all(|text| text.is_empty())
    }

    /// The values one by one.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.split([',', ';']).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The choices for [`Self::units`].
    pub fn unit_choices(&self) -> Vec<Choice> {
        let units = if self.units.is_empty() { "lot" } else { &self.units };
        Choice::list(
            [
                ("lot", "These lots"),
                ("serial", "These serials"),
                ("expiry", "Expiry dates"),
                ("manufacture", "Dates of manufacture"),
                ("all", "All of them"),
            ],
            units,
        )
    }
}

/// `GET /recalls/{id}`; forms post to `/recalls/{id}/confirm` (`csrf`), `/recalls/{id}/close` (`csrf`, `reason`) and
/// `/recalls/{id}/patients/{patient}/identity` (`csrf`, `reason`); the export is `/recalls/{id}/affected.csv`.
#[derive(Debug, Template)]
#[template(path = "recall.html")]
pub struct RecallPage {
    /// The frame.
    pub page: Page,
    /// Its id.
    pub id: String,
    /// Of the notice.
    pub reference: String,
    /// Who published it; empty where unknown.
    pub source: String,
    /// What is wrong.
    pub title: String,
    /// Text of the notice; empty for none.
    pub text: String,
    /// In words.
    pub state: String,
    /// Colour of the state: [`state_tag`].
    pub tag: &'static str,
    /// Name of who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: String,
    /// Such as `Confirmed by …, 23 November 2026.`; empty while it is not.
    pub confirmed: String,
    /// How far its stock is set apart, while that goes on; empty otherwise.
    pub under_way: String,
    /// This person may confirm it now.
    pub may_confirm: bool,
    /// This person may close it: it is done with, or was withdrawn.
    pub may_close: bool,
    /// The pages of its work, for those who may see them.
    pub work: Option<RecallFrame>,
    /// What is wrong with the form that closes it.
    pub errors: Vec<FieldError>,
    /// Why not confirm, where that needs saying; empty for none.
    pub why_not_confirm: String,
    /// How many patients, packs, sites.
    pub figures: Vec<Figure>,
    /// Device and units of each line.
    pub criteria: Vec<Fact>,
    /// Lines beyond those.
    pub more_criteria: usize,
    /// Patients beyond those shown.
    pub more_patients: usize,
    /// Affected patients, surest first, by pseudonym.
    pub patients: Vec<PatientRow>,
    /// This person may open identities.
    pub may_open: bool,
    /// Affected packs in stock.
    pub stock: Vec<StockRow>,
}

/// One affected patient.
#[derive(Clone, Debug)]
pub struct PatientRow {
    /// Internal id, for the form that opens the identity.
    pub id: String,
    /// What is shown.
    pub pseudonym: String,
    /// `definite`, `probable` or `possible`.
    pub tier: &'static str,
    /// Why, in plain words.
    pub reason: String,
    /// Maker and brand.
    pub device: String,
    /// Lot and serial.
    pub unit: String,
    /// When.
    pub implanted: String,
    /// Where.
    pub site: String,
}

/// Affected packs on one shelf.
#[derive(Clone, Debug)]
pub struct StockRow {
    /// Site and location.
    pub place: String,
    /// Maker and brand.
    pub device: String,
    /// Lot, serial, expiry.
    pub unit: String,
    /// How many packs.
    pub quantity: String,
    /// `definite`, `probable` or `possible`.
    pub tier: &'static str,
    /// Why, in plain words.
    pub reason: String,
}

/// What `POST /recalls/{id}/patients/{patient}/identity` shows, never to be stored by the browser.
#[derive(Debug, Template)]
#[template(path = "identity.html")]
pub struct IdentityPage {
    /// The frame.
    pub page: Page,
    /// Address of the recall.
    pub back: String,
    /// What was shown before.
    pub pseudonym: String,
    /// Name, NHS number, date of birth.
    pub facts: Vec<Fact>,
    /// When, and by whom.
    pub opened: String,
    /// As given.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_form_becomes_lines() {
        let form = HashMap::from([
            ("criteria-0-identifier".to_owned(), " 00844505000772 ".to_owned()),
            ("criteria-0-units".to_owned(), "lot".to_owned()),
            ("criteria-0-values".to_owned(), "122927, 122928;122929,".to_owned()),
        ]);
        let rows = CriterionRow::of_form(&form);
        let spared = CriterionRow::with_spare(rows.clone());
        assert_eq!(spared.len(), CRITERIA_ROWS);
        assert!(spared[1..].iter().all(CriterionRow::is_blank));
        let full = vec![rows[0].clone(); CRITERIA_ROWS];
        assert_eq!(CriterionRow::with_spare(full).len(), CRITERIA_ROWS + 1, "one more to type into");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].identifier, "00844505000772");
        assert_eq!(rows[0].values().collect::<Vec<_>>(), ["122927", "122928", "122929"]);
        assert!(!rows[0].is_blank());
    }
}
