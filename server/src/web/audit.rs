//! Who did what, when and why.

use askama::Template;

use super::{Choice, Page};

/// `GET /audit?who=&act=&on=`
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// The frame.
    pub page: Page,
    /// The chain of hashes holds.
    pub chain_whole: bool,
    /// How far it was checked, in words.
    pub chain: String,
    /// As typed.
    pub who: String,
    /// Acts on record; the first, with an empty value, is "All".
    pub acts: Vec<Choice>,
    /// Day, as `YYYY-MM-DD`, or empty.
    pub on: String,
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// Address of the next page; empty on the last.
    pub older: String,
}

/// One act.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// When, to the second.
    pub at: String,
    /// User name and role.
    pub who: String,
    /// Stable name of the act, such as `identity.opened`.
    pub code: String,
    /// In words.
    pub act: String,
    /// Kind and id.
    pub subject: String,
    /// As given; empty for none.
    pub reason: String,
}
