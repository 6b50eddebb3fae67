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
    /// What their patients reported; one line per code, side, site and questionnaire.
    pub scores: Vec<ScoreRow>,
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

/// One questionnaire of one code, side and site.
#[derive(Clone, Debug)]
pub struct ScoreRow {
    /// Code, side and site.
    pub procedure: String,
    /// The questionnaire, in words.
    pub questionnaire: String,
    /// Of how many procedures there is a score after the operation.
    pub n: String,
    /// The mean of these scores.
    pub mean: String,
    /// Of how many there is one from before the operation as well.
    pub pairs: String,
    /// The mean change of those, with its 95 % limits.
    pub change: String,
    /// The share that is better, and the share that is worse, by as much as one patient notices.
    pub noticed: String,
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
