//! A cohort watched as it grows.

use askama::Template;

use super::{Choice, Figure, Page};

/// `GET /cusum?filter=&within=&odds=`
#[derive(Debug, Template)]
#[template(path = "monitor.html")]
pub struct MonitorPage {
    /// The frame.
    pub page: Page,
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
