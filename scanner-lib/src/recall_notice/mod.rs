//! The prose of a recall notice as criteria: which devices, which lots, serials and dates, each with the words that say so.
//!
//! Reach for [`read`] with the text of a notice: openFDA's `code_info`, a Field Safety Notice, a National Patient Safety
//! Alert, a letter. Nothing in the answer acts by itself: a person looks at it, and a second one confirms.
//!
//! What is answered stands in the text. Two things are normalised: blanks and hyphens within a device identifier's digits
//! are left out, and dates are ISO dates, a month without a day being its last day. What was not understood comes back
//! word for word in `unread`. A device identifier whose check digit fails is reported, with less confidence.

mod announced;
mod asides;
mod carriers;
mod codes;
mod columns;
mod dates;
mod every;
mod form;
mod groups;
mod heads;
mod items;
mod labels;
mod lines;
mod marks;
mod order;
mod pairing;
mod period;
mod table;
mod text;
mod units;
mod unlabelled;
mod values;
mod vernacular;
mod walk;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use items::Period;
use text::Text;
use walk::Walk;

pub use codes::{may_be_ends, template};

/// What a notice says, as far as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoticeReading {
    /// What it covers, in the order of the text.
    pub criteria: Vec<NoticeCriterion>,
    /// Stretches that were not understood, word for word.
    pub unread: Vec<String>,
}

/// One line of what a notice covers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoticeCriterion {
    /// The device identifier, as written but without blanks; its check digit may fail.
    pub di: Option<String>,
    /// The maker's catalogue, model or part number.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The lot. Where the notice says only "Lot/Serial", the same value stands in `serial`.
    pub lot: Option<String>,
    /// The serial.
    pub serial: Option<String>,
    /// Lots, serials or days from one to another.
    pub range: Option<Ends>,
    /// The last day of use: of the lot or serial, or, where neither is named, of the units covered.
    pub expiry: Option<NaiveDate>,
    /// Every unit: because the notice says so, or because it names the device and no unit of it.
    pub all: bool,
    /// The words that it came from.
    pub words: String,
    /// How sure the reading is, from 0 to 1.
    pub confidence: f64,
    /// Where its parts stand in the text, in characters from the start.
    pub places: Vec<(usize, usize)>,
}

/// The two ends of a range; one is missing where the notice gives only the other ("and lower").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ends {
    /// What runs from one end to the other.
    pub of: Of,
    /// The first that is covered.
    pub from: Option<String>,
    /// The last that is covered.
    pub to: Option<String>,
}

/// What a range runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Lots.
    Lot,
    /// Serials.
    Serial,
    /// Expiry dates (ISO).
    Expiry,
    /// Dates of manufacture (ISO).
    Manufacture,
}

impl Ends {
    fn of(of: Of, period: Period) -> Self {
        Self { of, from: period.from.map(|d| d.to_string()), to: period.to.map(|d| d.to_string()) }
    }
}

/// Reads a notice. `current_year` decides the century of the two-digit years in full UDIs.
///
/// # Example
/// ```
/// use tessera_scanner::recall_notice::read;
///
/// let text = "UDI code: (01)00844505000772(10)122927(17)310301 Lot Number: 122927";
/// let reading = read(text, 2026);
/// let [line] = &reading.criteria[..] else { panic!("one line, not {reading:?}") };
/// assert_eq!(line.di.as_deref(), Some("00844505000772"));
/// assert_eq!(line.lot.as_deref(), Some("122927"));
/// assert_eq!(line.expiry.unwrap().to_string(), "2031-03-01");
/// ```
pub fn read(notice: &str, current_year: i32) -> NoticeReading {
    let text = Text::new(notice);
    let (items, used) = Walk::new(&text, current_year).all();
    let mut criteria = groups::criteria(notice, items);
    in_characters(notice, &mut criteria);
    NoticeReading { criteria, unread: unread(&text, &used) }
}

/// Places in bytes become places in characters.
fn in_characters(notice: &str, criteria: &mut [NoticeCriterion]) {
    let mut counts = vec![0_usize; notice.len() + 1];
    let mut many = 0;
    for (at, c) in notice.char_indices() {
        counts[at..at + c.len_utf8()].fill(many);
        many += 1;
    }
    counts[notice.len()] = many;
    for line in criteria {
        for (start, end) in &mut line.places {
            (*start, *end) = (counts[*start], counts[*end]);
        }
        line.places.sort_unstable();
        line.places.dedup();
        line.confidence = (line.confidence * 100.0).round() / 100.0;
    }
}

/// Stretches of words that nothing was made of.
fn unread(text: &Text<'_>, used: &[bool]) -> Vec<String> {
    let mut stretches = Vec::new();
    let mut i = 0;
    while i < used.len() {
        if used[i] {
            i += 1;
            continue;
        }
        let end = (i..used.len()).find(|j| used[*j] || *j > i && text.gap(*j) == text::Gap::Line).unwrap_or(used.len());
        let says = (i..end).any(|j| text.is_word(j) && !values::says_nothing(text.lower(j)));
        let words = text
            .slice(i, end)
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '/' | '|'));
        if says && words.chars().any(char::is_alphanumeric) {
            stretches.push(words.to_owned());
        }
        i = end;
    }
    stretches
}

#[cfg(test)]
mod tests;
