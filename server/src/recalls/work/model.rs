//! Frozen patient lists with their hash, how the live list differs from one, and contacts with patients.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tessera_scanner::recall_match::Tier;
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::read::affected::AffectedUse;
use crate::store::schema::{recall_contacts, recall_frozen_lists};
use crate::theatre::model::DeviceUseId;

crate::record_id! {
    /// A patient list as it stood at a moment.
    FrozenListId
}

crate::record_id! {
    /// One attempt to reach a patient.
    ContactId
}

crate::word_list! {
    /// How somebody tried to reach a patient.
    ContactMeans {
        /// By letter.
        Letter = "letter",
        /// By telephone.
        Telephone = "telephone",
        /// In person.
        InPerson = "in-person",
        /// By e-mail.
        EMail = "e-mail",
    }
}

crate::word_list! {
    /// What came of it.
    ContactOutcome {
        /// On its way.
        Sent = "sent",
        /// The patient knows.
        Reached = "reached",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// The letter came back.
        Returned = "returned",
        /// The patient wants nothing done.
        Declined = "declined",
        /// The patient has died.
        Died = "died",
    }
}

impl ContactMeans {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Letter => "Letter",
            Self::Telephone => "Telephone",
            Self::InPerson => "In person",
            Self::EMail => "E-mail",
        }
    }
}

impl ContactOutcome {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Sent => "On its way",
            Self::Reached => "Reached",
            Self::NoAnswer => "No answer",
            Self::Returned => "Came back",
            Self::Declined => "Declined",
            Self::Died => "Died",
        }
    }

    /// Whether nobody has to try again.
    pub fn settles(self) -> bool {
        matches!(self, Self::Reached | Self::Declined | Self::Died)
    }
}

/// One device in one patient, as a frozen list keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FrozenLine {
    /// The record of the device's use.
    pub device_use: DeviceUseId,
    /// The patient, as this registry knows them.
    pub patient: PatientId,
    /// The person's name among those who may not know the identity.
    pub pseudonym: String,
    /// How sure.
    #[schema(value_type = String)]
    pub tier: Tier,
    /// Whether the device was still in the patient.
    pub in_patient: bool,
}

impl From<&AffectedUse> for FrozenLine {
    fn from(one: &AffectedUse) -> Self {
        Self {
            device_use: one.device_use,
            patient: one.person,
            pseudonym: one.pseudonym.clone(),
            tier: one.tier,
            in_patient: one.in_patient,
        }
    }
}

/// Lines in the order in which they are kept and hashed.
pub fn frozen_lines(uses: &[AffectedUse]) -> Vec<FrozenLine> {
    let mut lines: Vec<_> = uses.iter().map(FrozenLine::from).collect();
    lines.sort_by_key(|line| line.device_use);
    lines
}

/// The lines as JSON, and the SHA-256 of exactly those bytes in hexadecimal.
///
/// # Errors
/// [`Code::Internal`] where they cannot be written.
pub fn sealed(lines: &[FrozenLine]) -> Result<(String, String), Problem> {
    let content = serde_json::to_string(lines)
        .map_err(|error| Problem::new(Code::Internal, "The list could not be written.").because(error))?;
    let hash = hash_of(&content);
    Ok((content, hash))
}

/// The SHA-256 of a list's content in hexadecimal.
pub fn hash_of(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

/// A list as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_frozen_lists)]
pub struct FrozenList {
    /// Identifier.
    pub id: FrozenListId,
    /// Of which recall.
    pub recall_id: RecallId,
    /// When.
    pub frozen_at: Moment,
    /// By whom.
    pub frozen_by: UserId,
    /// SHA-256 of the content, in hexadecimal.
    pub hash: String,
    /// The lines as JSON.
    pub content: String,
}

/// A frozen list without its content.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = recall_frozen_lists)]
pub struct FrozenSeen {
    /// Identifier.
    pub id: FrozenListId,
    /// When.
    pub frozen_at: Moment,
    /// By whom.
    pub frozen_by: UserId,
    /// SHA-256 of the content, in hexadecimal.
    pub hash: String,
}

impl FrozenList {
    /// The lines, after the content was held against its hash.
    ///
    /// # Errors
    /// [`Code::Internal`] where the content was changed since.
    pub fn lines(&self) -> Result<Vec<FrozenLine>, Problem> {
        let broken = || Problem::new(Code::Internal, format!("The frozen list {} is not as it was frozen.", self.id));
        if hash_of(&self.content) != self.hash {
            return Err(broken());
        }
        serde_json::from_str(&self.content).map_err(|error| broken().because(error))
    }
}

/// How the live list differs from a frozen one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// On the live list only: a scan that came late, a corrected lot, an amended notice.
    pub added: Vec<FrozenLine>,
    /// On the frozen list only.
    pub removed: Vec<FrozenLine>,
    /// On both, but surer, less sure, or taken out since: as it is now.
    pub changed: Vec<FrozenLine>,
}

/// Compares a frozen list with the live one.
pub fn difference(frozen: &[FrozenLine], live: &[FrozenLine]) -> Difference {
    let before: BTreeMap<_, _> = frozen.iter().map(|line| (line.device_use, line)).collect();
    let now: BTreeMap<_, _> = live.iter().map(|line| (line.device_use, line)).collect();
    let told = |line: &FrozenLine| line.clone();
    Difference {
        added: live.iter().filter(|line| !before.contains_key(&line.device_use)).map(told).collect(),
        removed: frozen.iter().filter(|line| !now.contains_key(&line.device_use)).map(told).collect(),
        changed: live
            .iter()
            .filter(|line| before.get(&line.device_use).is_some_and(|known| *known != *line))
            .map(told)
            .collect(),
    }
}

/// An attempt to reach a patient, as somebody records it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Identifier (UUIDv7), made by the client.
    pub id: ContactId,
    /// The patient.
    pub patient: PatientId,
    /// How.
    pub means: ContactMeans,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// What happens next.
    #[serde(default)]
    pub next_step: String,
    /// By which day.
    #[serde(default)]
    pub next_on: Option<NaiveDate>,
    /// In a few words.
    #[serde(default)]
    pub note: String,
}

impl NewContact {
    /// The contact as it is kept.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where a text is too long.
    pub fn checked(&self, recall: RecallId, by: UserId) -> Result<Contact, Problem> {
        for (name, text) in [("next step", &self.next_step), ("note", &self.note)] {
            if text.chars().count() > 1000 {
                return Err(Problem::invalid(format!("The {name} has up to 1,000 characters.")));
            }
        }
        Ok(Contact {
            id: self.id,
            recall_id: recall,
            patient_id: self.patient,
            made_at: Moment::now(),
            made_by: by,
            means: self.means,
            outcome: self.outcome,
            next_step: self.next_step.trim().to_owned(),
            next_on: self.next_on,
            note: self.note.trim().to_owned(),
        })
    }
}

/// An attempt to reach a patient.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_contacts)]
pub struct Contact {
    /// Identifier.
    pub id: ContactId,
    /// Because of which recall.
    pub recall_id: RecallId,
    /// The patient.
    pub patient_id: PatientId,
    /// When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub made_at: Moment,
    /// By whom.
    pub made_by: UserId,
    /// How.
    pub means: ContactMeans,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// What happens next.
    pub next_step: String,
    /// By which day.
    pub next_on: Option<NaiveDate>,
    /// In a few words.
    pub note: String,
}

impl Contact {
    /// Whether it is the same attempt, sent again.
    pub fn is(&self, new: &Self) -> bool {
        Self { made_at: new.made_at, ..self.clone() } == *new
    }
}
