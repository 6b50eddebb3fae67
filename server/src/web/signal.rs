//! Signals: which devices stand out, and one signal with its evidence and its history.

use askama::Template;

use super::{Choice, Figure, Page};

/// `GET /signals`
#[derive(Debug, Template)]
#[template(path = "signal_list.html")]
pub struct SignalListPage {
    /// The frame.
    pub page: Page,
    /// When devices were last judged.
    pub judged: String,
    /// The rules, as people call them.
    pub rules: Vec<String>,
    /// Devices with any signal.
    pub devices: Vec<DeviceSignals>,
    /// Whether this role may judge.
    pub may_judge: bool,
    /// How small numbers are shown; empty where all are.
    pub note: String,
}

/// One device with what each rule says of it.
#[derive(Clone, Debug)]
pub struct DeviceSignals {
    /// Address of its page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// The group that it is held against.
    pub group: String,
    /// Such as `24 of 120`.
    pub revised: String,
    /// Address and state of each rule's signal; both empty where there is none.
    pub rules: Vec<(String, String)>,
    /// Who looks after it.
    pub owner: String,
}

/// `GET /signals/{id}`
#[derive(Debug, Template)]
#[template(path = "signal.html")]
pub struct SignalPage {
    /// The frame.
    pub page: Page,
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// The device.
    pub device: String,
    /// Address of the device's page.
    pub device_href: String,
    /// Where it stands.
    pub state: String,
    /// Whether the rule is met.
    pub standing: String,
    /// Who looks after it.
    pub owner: String,
    /// Counts of the device and of its group.
    pub figures: Vec<Figure>,
    /// The rule's conditions.
    pub checks: Vec<CheckRow>,
    /// Hash of the snapshot that the evidence comes from.
    pub snapshot: String,
    /// First to last.
    pub history: Vec<HistoryRow>,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// Whether this role may judge.
    pub may_judge: bool,
    /// What was wrong with what was sent; empty where nothing was.
    pub error: String,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct CheckRow {
    /// In words.
    pub what: String,
    /// Found.
    pub value: String,
    /// Held against.
    pub threshold: String,
    /// `yes` or `no`.
    pub met: String,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}
