//! Recall notices: what a person enters, and what is kept.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::recall_match::Criterion;
use utoipa::ToSchema;

use super::criteria::CriterionForm;
use crate::access::UserId;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::recalls;

crate::record_id! {
    /// One recall notice.
    RecallId
}

crate::word_list! {
    /// How far a recall has come.
    RecallState {
        /// Entered; waits for a second person.
        Structured = "structured",
        /// Confirmed: theatres stop on it, stock is quarantined.
        Active = "active",
        /// Done with, or withdrawn.
        Closed = "closed",
    }
}

/// Lines of one notice at the most.
const MOST_CRITERIA: usize = 5000;

/// A notice as somebody enters it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecall {
    /// Identifier (UUIDv7), made by the client.
    pub id: RecallId,
    /// The notice's own reference, such as `Z-2308-2026`.
    pub reference: String,
    /// Who published it.
    #[serde(default)]
    pub source: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// What the notice asks to be done.
    #[serde(default)]
    pub action: String,
    /// The notice's text as published.
    #[serde(default)]
    pub notice: String,
    /// What it covers: one line or more.
    pub criteria: Vec<CriterionForm>,
}

/// A notice that can be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRecall {
    pub(super) id: RecallId,
    pub(super) reference: String,
    pub(super) source: String,
    pub(super) title: String,
    pub(super) action: String,
    pub(super) notice: String,
    pub(super) criteria: Vec<Criterion>,
}

impl NewRecall {
    /// Checks every field and every line; the same line twice is one line.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the field, or the line by its number.
    pub fn checked(&self) -> Result<CheckedRecall, Problem> {
        let (lines, many) = (self.criteria.len(), MOST_CRITERIA);
        if lines == 0 || lines > many {
            return Err(Problem::invalid(format!("A recall has 1 to {many} lines of what it covers, not {lines}.")));
        }
        let mut criteria: Vec<Criterion> = Vec::with_capacity(lines);
        let mut seen = BTreeSet::new();
        for (place, form) in self.criteria.iter().enumerate() {
            let line = form
                .checked()
                .map_err(|problem| Problem::invalid(format!("Line {}: {}", place + 1, problem.detail())))?;
            if seen.insert(CriterionForm::from(&line)) {
                criteria.push(line);
            }
        }
        Ok(CheckedRecall {
            id: self.id,
            reference: text("reference", &self.reference, 1, 120)?,
            source: text("source", &self.source, 0, 200)?,
            title: text("title", &self.title, 1, 400)?,
            action: text("action", &self.action, 0, 4000)?,
            notice: text("notice", &self.notice, 0, 500_000)?,
            criteria,
        })
    }
}

fn text(name: &str, text: &str, least: usize, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if (least..=most).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(Problem::invalid(format!("The {name} has to have {least} to {most} characters.")))
    }
}

/// A notice without its lines.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recalls)]
pub struct Notice {
    /// Identifier.
    pub id: RecallId,
    /// The notice's own reference.
    pub reference: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// Who published it; empty where unknown.
    pub source: String,
    /// What it asks to be done; empty where it says nothing.
    pub action: String,
    /// Its text as published.
    pub notice: String,
    /// How far it has come.
    pub state: RecallState,
    /// When it was entered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub entered_at: Moment,
    /// By whom.
    pub entered_by: UserId,
    /// When a second person confirmed it.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub confirmed_at: Option<Moment>,
    /// Who did.
    pub confirmed_by: Option<UserId>,
    /// When it was closed.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub closed_at: Option<Moment>,
    /// By whom.
    pub closed_by: Option<UserId>,
}

impl Notice {
    /// Whether this person may be the second one who confirms it.
    pub fn awaits(&self, second: UserId) -> bool {
        self.state == RecallState::Structured && self.entered_by != second
    }
}

/// A notice with what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// The notice.
    pub notice: Notice,
    /// Its lines, in order of entry.
    pub criteria: Vec<Criterion>,
}

impl CheckedRecall {
    /// Its identifier.
    pub fn id(&self) -> RecallId {
        self.id
    }

    /// Whether `recall` is this one as it was entered.
    pub(super) fn is(&self, recall: &Recall) -> bool {
        let Recall { notice, criteria } = recall;
        self.reference == notice.reference
            && self.source == notice.source
            && self.title == notice.title
            && self.action == notice.action
            && self.notice == notice.notice
            && self.criteria == *criteria
    }
}
