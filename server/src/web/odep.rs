//! ODEP: the benchmark over all devices, and one device with its ratings.

use askama::Template;

use super::Page;

/// `GET /odep`
#[derive(Debug, Template)]
#[template(path = "odep_list.html")]
pub struct OdepListPage {
    /// The frame.
    pub page: Page,
    /// ODEP's years.
    pub years: Vec<u32>,
    /// One for each device.
    pub rows: Vec<OdepRow>,
    /// The rule, and how small numbers are shown.
    pub note: String,
}

/// One device.
#[derive(Clone, Debug)]
pub struct OdepRow {
    /// Address of its page of ratings.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// The class that it is held against.
    pub class: String,
    /// As published.
    pub rating: String,
    /// One for each of the years.
    pub cells: Vec<BenchmarkCell>,
}

/// One device at one year.
#[derive(Clone, Debug)]
pub struct BenchmarkCell {
    /// Limit and threshold.
    pub text: String,
    /// `met`, `missed`, or empty where it cannot be said.
    pub met: String,
}

/// `GET /devices/{id}/odep`
#[derive(Debug, Template)]
#[template(path = "odep_device.html")]
pub struct OdepDevicePage {
    /// The frame.
    pub page: Page,
    /// Address of the device's page.
    pub href: String,
    /// The product's identifier.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The class that it is held against.
    pub class: String,
    /// The rating in force.
    pub rating: String,
    /// The benchmark, year by year.
    pub years: Vec<ThresholdRow>,
    /// All ratings, the one in force first.
    pub ratings: Vec<RatingShown>,
    /// Whether this role may enter one.
    pub may_enter: bool,
    /// The id under which a new one would be entered.
    pub new_id: String,
    /// What was wrong with what was sent; empty where nothing was.
    pub error: String,
    /// What was sent: rating, day, source.
    pub typed: (String, String, String),
    /// The rule, the snapshot, and how small numbers are shown.
    pub note: String,
}

/// The benchmark at one year.
#[derive(Clone, Debug)]
pub struct ThresholdRow {
    /// Years since the operation.
    pub year: u32,
    /// Still followed then.
    pub at_risk: String,
    /// Percent revised.
    pub percent: String,
    /// Its upper limit.
    pub upper: String,
    /// Percent of the class.
    pub class_percent: String,
    /// What the upper limit must lie below.
    pub threshold: String,
    /// `met`, `missed`, or empty where it cannot be said.
    pub met: String,
}

/// A rating that was entered.
#[derive(Clone, Debug)]
pub struct RatingShown {
    /// As published.
    pub rating: String,
    /// The day of which it is.
    pub on: String,
    /// Where it was published.
    pub source: String,
}
