//! Outcomes by procedure code, side, site, indication and period.

use askama::Template;

use super::{Choice, Page};

/// `GET /procedures?code=&side=&site=&indication=&from=&to=`
#[derive(Debug, Template)]
#[template(path = "procedure_outcomes.html")]
pub struct OutcomesPage {
    /// The frame.
    pub page: Page,
    /// OPCS-4 codes on record; the first, with an empty value, is "All".
    pub codes: Vec<Choice>,
    /// [`Choice::sides`] under [`Choice::with_all`].
    pub sides: Vec<Choice>,
    /// Sites; the first is "All".
    pub sites: Vec<Choice>,
    /// Why procedures were done, as recorded; the first is "All".
    pub indications: Vec<Choice>,
    /// First day, as `YYYY-MM-DD`, or empty.
    pub from: String,
    /// Last day, as `YYYY-MM-DD`, or empty.
    pub to: String,
    /// The period in words.
    pub period: String,
    /// One line per code, side and site.
    pub rows: Vec<OutcomeRow>,
    /// The devices used in them, most used first.
    pub devices: Vec<DeviceUsedRow>,
    /// Such as how small numbers are shown; empty for none.
    pub note: String,
}

/// One code, side and site.
#[derive(Clone, Debug)]
pub struct OutcomeRow {
    /// OPCS-4.
    pub code: String,
    /// What the code means.
    pub text: String,
    /// In words.
    pub side: String,
    /// Name of the site.
    pub site: String,
    /// How many.
    pub procedures: String,
    /// How many devices were implanted in them.
    pub implanted: String,
    /// Mean score of each questionnaire, with how many scores.
    pub proms: String,
    /// How many of their implants were revised.
    pub revised: String,
    /// How many of their patients died within 30, 90 and 365 days.
    pub deaths: String,
    /// Complications recorded.
    pub complications: String,
    /// Revisions per 100 years of use.
    pub rate: String,
    /// Its 95 % limits.
    pub interval: String,
}

/// A device used in the procedures shown.
#[derive(Clone, Debug)]
pub struct DeviceUsedRow {
    /// Address of its page.
    pub href: String,
    /// Maker and brand.
    pub name: String,
    /// How many were implanted.
    pub implanted: String,
    /// How many of them were revised.
    pub revised: String,
}
