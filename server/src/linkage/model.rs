//! A line of somebody else's record, and what became of it.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tessera_scanner::identifiers::NhsNumber;
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::Problem;
use crate::identity::keys::Pseudonym;
use crate::outcomes::model::{OutcomeId, OutcomeKind};
use crate::store::columns::Moment;
use crate::store::schema::linked_lines;
use crate::theatre::model::{DeviceUseId, OperatedSide, ProcedureId};

crate::record_id! {
    /// A line. Made of its content, so that the same line again is the same record.
    LineId
}

crate::word_list! {
    /// What became of a line.
    LineState {
        /// It is an outcome.
        Matched = "matched",
        /// A person has to decide.
        Review = "review",
        /// Its patient or its device is not in the registry.
        Unlinked = "unlinked",
        /// A person decided that it is no outcome of the registry.
        SetAside = "set-aside",
    }
}

/// A line as it was read.
#[derive(Clone, PartialEq)]
pub struct Line {
    /// Where it stands in its file, the heading being line 1.
    pub number: usize,
    /// Whose it is.
    pub nhs: NhsNumber,
    /// What kind of outcome.
    pub kind: OutcomeKind,
    /// The day.
    pub on: NaiveDate,
    /// OPCS-4 without the dot, of the operation that it is or is about.
    pub opcs4: Option<String>,
    /// Side.
    pub side: Option<OperatedSide>,
    /// Reason, cause, name of a complication, or questionnaire.
    pub code: Option<String>,
    /// More in words.
    pub detail: Option<String>,
    /// A reported score.
    pub score: Option<f64>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({}, {}, {})", self.number, self.kind, self.on)
    }
}

impl Line {
    /// The identifier that its content gives it within a source.
    pub fn id(&self, source: &str, pseudonym: &Pseudonym) -> LineId {
        let mut hash = Sha256::new();
        hash.update(b"tessera imported line, version 1\n");
        for part in [
            source,
            &hex::encode(pseudonym.as_bytes()),
            self.kind.word(),
            &self.on.to_string(),
            self.opcs4.as_deref().unwrap_or_default(),
            &self.side.map(|side| side.to_string()).unwrap_or_default(),
            self.code.as_deref().unwrap_or_default(),
            self.detail.as_deref().unwrap_or_default(),
            &self.score.map(|score| score.to_string()).unwrap_or_default(),
        ] {
            hash.update(part);
            hash.update(b"\0");
        }
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        LineId::from(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// A line as it is kept.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = linked_lines)]
pub struct LineRow {
    /// Identifier.
    pub id: LineId,
    /// Whose record it comes from.
    pub source: String,
    /// The keyed hash of the number.
    pub pseudonym: Vec<u8>,
    /// The number, encrypted.
    pub sealed: Vec<u8>,
    /// What kind of outcome.
    pub kind: OutcomeKind,
    /// The day.
    pub occurred_on: NaiveDate,
    /// OPCS-4 without the dot.
    pub opcs4: Option<String>,
    /// Side.
    pub side: Option<OperatedSide>,
    /// Reason, cause, name or questionnaire.
    pub code: Option<String>,
    /// More in words.
    pub detail: Option<String>,
    /// A reported score.
    pub score: Option<f64>,
    /// What became of it.
    pub state: LineState,
    /// Why, in words.
    pub why: String,
    /// The outcome that it became.
    pub outcome_id: Option<OutcomeId>,
    /// When it was brought in.
    pub imported_at: Moment,
    /// By whom; none for the command line.
    pub imported_by: Option<UserId>,
    /// When its state was decided.
    pub decided_at: Moment,
    /// By whom; none for the rules.
    pub decided_by: Option<UserId>,
}

/// The outcome that a line becomes has the line's own identifier, so that it cannot become two.
impl From<LineId> for OutcomeId {
    fn from(line: LineId) -> Self {
        Self::from(line.uuid())
    }
}

/// What a person decides about a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Decision {
    /// The device uses whose devices a revision took out.
    #[serde(default)]
    pub devices: Vec<DeviceUseId>,
    /// The procedure that a complication or a score is about.
    #[serde(default)]
    pub procedure: Option<ProcedureId>,
    /// It is an outcome of this patient, but of no implant or procedure of the registry: it is recorded and counted as unlinked.
    #[serde(default)]
    pub unlinked: bool,
    /// It is no outcome of the registry.
    #[serde(default)]
    pub set_aside: bool,
    /// Why.
    #[serde(default)]
    pub note: String,
}

impl Decision {
    /// The same with its note trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where nothing, or more than one thing, is decided, or no reason given.
    pub fn checked(mut self) -> Result<Self, Problem> {
        self.devices.sort();
        self.devices.dedup();
        self.note = self.note.trim().to_owned();
        let chosen = [!self.devices.is_empty(), self.procedure.is_some(), self.unlinked, self.set_aside];
        if chosen.iter().filter(|chosen| **chosen).count() != 1 {
            return Err(Problem::invalid(
                "Choose one: the devices, the procedure, none of the registry's, or to set it aside.",
            ));
        }
        if self.note.is_empty() || self.note.chars().count() > 400 {
            return Err(Problem::invalid("Say why, in 1 to 400 characters."));
        }
        Ok(self)
    }
}

/// How many lines stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceCounts {
    /// Whose record.
    pub source: String,
    /// What kind of outcome.
    pub kind: String,
    /// Lines that are outcomes.
    pub matched: u64,
    /// Lines that wait for a person.
    pub review: u64,
    /// Lines whose patient or device the registry does not have.
    pub unlinked: u64,
    /// Lines that a person set aside.
    pub set_aside: u64,
}
