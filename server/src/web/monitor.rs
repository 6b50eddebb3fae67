//! A cohort watched as it grows.

use askama::Template;

use super::{Choice, Figure, Page};

/// The chart that waits for no fixed time; empty where none is made.
#[derive(Debug, Default)]
pub struct ContinuousPart {
    /// The chart; empty for a role that is not to see its steps.
    pub svg: String,
    /// Whether the limit was reached.
    pub signal: bool,
    /// What it makes of the cohort.
    pub words: String,
    /// The limit and its false alarms, in one sentence.
    pub limit: String,
    /// How it was computed.
    pub method: String,
}

/// `GET /cusum?filter=&within=&odds=`
#[derive(Debug, Template)]
#[template(path = "monitor.html")]
pub struct MonitorPage {
    /// The frame.
    pub page: Page,
    /// The one device that is watched; empty for several.
    pub of: String,
    /// As typed.
    pub filter: String,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
    /// Days to choose from.
    pub within: Vec<Choice>,
    /// Odds ratios to choose from.
    pub odds: Vec<Choice>,
    /// Operations, revised, expected.
    pub figures: Vec<Figure>,
    /// The chart.
    pub svg: String,
    /// The chart that waits for no fixed time.
    pub continuous: ContinuousPart,
    /// Why there is no chart; empty where there is one.
    pub withheld: String,
    /// Days on which the limit was reached.
    pub signals: Vec<String>,
    /// The limit and its false alarms, in one sentence.
    pub limit: String,
    /// Address of the same as JSON.
    pub json: String,
    /// Method, snapshot, suppression.
    pub note: String,
}
