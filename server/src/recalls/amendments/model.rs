//! One amendment.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::recall_match::{Criterion, Tier};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::recalls::criteria::CriterionForm;
use crate::recalls::model::{NewRecall, RecallId};
use crate::recalls::stock::model::StockId;
use crate::store::columns::Moment;
use crate::store::read::affected::{AffectedStock, AffectedUse};
use crate::store::schema::recall_amendments;
use crate::web::words::count;

crate::record_id! {
    /// One amendment of a notice.
    AmendmentId
}

crate::word_list! {
    /// How far an amendment has come.
    AmendmentState {
        /// Entered; waits for a second person.
        Waiting = "waiting",
        /// Confirmed: it is what the notice covers, unless a later one is.
        Confirmed = "confirmed",
        /// Taken back before anybody confirmed it.
        Withdrawn = "withdrawn",
    }
}

/// An amendment as somebody enters it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAmendment {
    /// Identifier (UUIDv7), made by the client.
    pub id: AmendmentId,
    /// Why: what the maker or the authority published.
    pub reason: String,
    /// The notice's text as it is now; empty where it stayed.
    #[serde(default)]
    pub notice: String,
    /// Everything that it covers now, not only what is new.
    pub criteria: Vec<CriterionForm>,
}

/// An amendment that can be entered.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedAmendment {
    pub(super) id: AmendmentId,
    pub(super) reason: String,
    pub(super) notice: String,
    pub(super) criteria: Vec<Criterion>,
}

impl NewAmendment {
    /// Checks every field and every line, by the rules of a new notice.
    ///
    /// # Errors
    /// [`Code::InvalidInput`], naming the field, or the line by its number.
    pub fn checked(&self) -> Result<CheckedAmendment, Problem> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > 1000 {
            return Err(Problem::invalid("Say why the notice is amended, in 1 to 1,000 characters."));
        }
        let as_new = NewRecall {
            id: RecallId::new(),
            reference: "amended".to_owned(),
            source: String::new(),
            title: "amended".to_owned(),
            action: String::new(),
            notice: self.notice.clone(),
            criteria: self.criteria.clone(),
        };
        let checked = as_new.checked()?;
        Ok(CheckedAmendment {
            id: self.id,
            reason: reason.to_owned(),
            notice: checked.notice,
            criteria: checked.criteria,
        })
    }
}

/// One amendment, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_amendments)]
pub struct Amendment {
    /// Identifier.
    pub id: AmendmentId,
    /// Of which recall.
    pub recall_id: RecallId,
    /// How far it has come.
    pub state: AmendmentState,
    /// Why.
    pub reason: String,
    /// The new text; empty where it stayed.
    pub notice: String,
    /// What it covers, as JSON.
    pub criteria: String,
    /// What the notice covered until it was confirmed, as JSON.
    pub replaced: Option<String>,
    /// When it was entered.
    pub entered_at: Moment,
    /// By whom.
    pub entered_by: UserId,
    /// When it was confirmed or withdrawn.
    pub settled_at: Option<Moment>,
    /// By whom.
    pub settled_by: Option<UserId>,
}

/// Lines as JSON.
///
/// # Errors
/// [`Code::Internal`] where they cannot be written.
pub(super) fn sealed(criteria: &[Criterion]) -> Result<String, Problem> {
    serde_json::to_string(criteria)
        .map_err(|error| Problem::new(Code::Internal, "The amendment could not be written.").because(error))
}

impl Amendment {
    /// What it covers.
    ///
    /// # Errors
    /// [`Code::Internal`] where it cannot be read.
    pub fn lines(&self) -> Result<Vec<Criterion>, Problem> {
        serde_json::from_str(&self.criteria)
            .map_err(|error| Problem::new(Code::Internal, "The amendment could not be read.").because(error))
    }

    /// Whether it is `new`, as this person entered it.
    pub(super) fn is(&self, recall: RecallId, by: UserId, new: &CheckedAmendment) -> bool {
        self.recall_id == recall
            && self.entered_by == by
            && self.reason == new.reason
            && self.notice == new.notice
            && self.lines().is_ok_and(|lines| lines == new.criteria)
    }
}

/// What an amendment changed, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    /// Patients who were not concerned before.
    pub patients_added: usize,
    /// Patients who are not concerned any more.
    pub patients_removed: usize,
    /// Patients for whom it is surer, or less sure.
    pub patients_changed: usize,
    /// Stock items that were not concerned before.
    pub stock_added: usize,
    /// Stock items that are not concerned any more.
    pub stock_removed: usize,
}

/// What was concerned at one moment.
#[derive(Clone, Debug, Default)]
pub struct Concerned {
    people: BTreeMap<PatientId, Tier>,
    stock: HashSet<StockId>,
}

impl Concerned {
    /// Everybody who has a device that is meant, each with the surest of them, and every stock item.
    pub fn of(uses: &[AffectedUse], stock: &[AffectedStock]) -> Self {
        let mut people = BTreeMap::new();
        for one in uses.iter().filter(|one| one.in_patient) {
            let known = people.entry(one.person).or_insert(one.tier);
            *known = (*known).max(one.tier);
        }
        Self { people, stock: stock.iter().map(|one| one.id).collect() }
    }

    /// How `now` differs from this.
    pub fn changed(&self, now: &Self) -> Changed {
        let both = |person: &PatientId| self.people.get(person).zip(now.people.get(person));
        Changed {
            patients_added: now.people.keys().filter(|person| !self.people.contains_key(person)).count(),
            patients_removed: self.people.keys().filter(|person| !now.people.contains_key(person)).count(),
            patients_changed: now.people.keys().filter_map(both).filter(|(before, after)| before != after).count(),
            stock_added: now.stock.difference(&self.stock).count(),
            stock_removed: self.stock.difference(&now.stock).count(),
        }
    }
}

impl Changed {
    /// In a sentence.
    pub fn words(&self) -> String {
        let told: Vec<_> = [
            (self.patients_added, "patient more", "patients more"),
            (self.patients_removed, "patient fewer", "patients fewer"),
            (self.patients_changed, "patient surer or less sure", "patients surer or less sure"),
            (self.stock_added, "stock item more", "stock items more"),
            (self.stock_removed, "stock item fewer", "stock items fewer"),
        ]
        .into_iter()
        .filter(|(many, ..)| *many > 0)
        .map(|(many, one, several)| count(many, one, several))
        .collect();
        let told = if told.is_empty() { "nobody and nothing more or fewer".to_owned() } else { told.join(", ") };
        format!("The notice was amended: {told}.")
    }
}
