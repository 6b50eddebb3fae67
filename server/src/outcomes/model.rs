//! Outcomes: their types and rules.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::store::columns::Moment;
use crate::store::schema::outcomes;
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};

crate::record_id! {
    /// One outcome.
    OutcomeId
}

crate::word_list! {
    /// What kind of outcome it is.
    OutcomeKind {
        /// A device was taken out or exchanged.
        Revision = "revision",
        /// The patient died.
        Death = "death",
        /// Something went wrong.
        Complication = "complication",
        /// A score that the patient reported.
        Prom = "prom",
    }
}

crate::word_list! {
    /// Why a device was taken out.
    RevisionReason {
        /// Came loose without infection.
        AsepticLoosening = "aseptic-loosening",
        /// Infected.
        Infection = "infection",
        /// Dislocated, subluxed or unstable.
        Dislocation = "dislocation",
        /// The bone about it broke.
        Fracture = "fracture",
        /// It broke, leaked or stopped working.
        DeviceFailure = "device-failure",
        /// Worn, or reaction to what wore off.
        Wear = "wear",
        /// Wrongly placed or of the wrong size.
        Malposition = "malposition",
        /// Pain without another reason.
        Pain = "pain",
        /// At the end of its battery's life.
        Battery = "battery",
        /// Recalled.
        Recall = "recall",
        /// Another one; say which.
        Other = "other",
    }
}

impl RevisionReason {
    /// In words, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::AsepticLoosening => "Aseptic loosening",
            Self::Infection => "Infection",
            Self::Dislocation => "Dislocation or instability",
            Self::Fracture => "Fracture about the implant",
            Self::DeviceFailure => "Device broke, leaked or stopped working",
            Self::Wear => "Wear or reaction to debris",
            Self::Malposition => "Wrong position or size",
            Self::Pain => "Pain without another reason",
            Self::Battery => "Battery at its end",
            Self::Recall => "Recall",
            Self::Other => "Other",
        }
    }
}

/// An outcome to be recorded; its `id` is made by the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewOutcome {
    /// Identifier (UUIDv7), made by the client.
    pub id: OutcomeId,
    /// Whose outcome it is.
    pub patient: PatientId,
    /// The day; not in the future.
    pub occurred_on: NaiveDate,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
    /// The outcome that this one corrects.
    #[serde(default)]
    pub supersedes: Option<OutcomeId>,
    /// Why it is corrected.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What happened, by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A device was taken out or exchanged.
    Revision {
        /// The procedure in which it was taken out, where the registry has it.
        #[serde(default)]
        procedure: Option<ProcedureId>,
        /// Why.
        code: RevisionReason,
        /// More about why.
        #[serde(default)]
        detail: Option<String>,
        /// The device uses whose devices were taken out; none where the registry does not have them.
        #[serde(default)]
        removed: Vec<DeviceUseId>,
    },
    /// The patient died.
    Death {
        /// The cause as coded, where known.
        #[serde(default)]
        code: Option<String>,
    },
    /// Something went wrong.
    Complication {
        /// The procedure that it is a complication of.
        #[serde(default)]
        procedure: Option<ProcedureId>,
        /// A code or a short name, such as `deep-vein-thrombosis`.
        code: String,
        /// More about it.
        #[serde(default)]
        detail: Option<String>,
    },
    /// A score that the patient reported.
    Prom {
        /// The procedure that it is about.
        #[serde(default)]
        procedure: Option<ProcedureId>,
        /// The questionnaire, such as `oxford-hip`.
        instrument: String,
        /// The score.
        score: f64,
    },
}

impl NewOutcome {
    /// The same outcome with its texts trimmed and its devices in order.
    ///
    /// `today` is the day in Europe/London.
    ///
    /// # Errors
    /// [`Code::InvalidInput`], naming the first thing that cannot be used.
    pub fn checked(mut self, today: NaiveDate) -> Result<Self, Problem> {
        if self.occurred_on > today {
            return Err(Problem::invalid(format!("{} is in the future.", self.occurred_on)));
        }
        self.reason = optional("reason", self.reason.take(), 400)?;
        if self.supersedes.is_some() != self.reason.is_some() {
            return Err(Problem::invalid(
                "A correction names the outcome that it supersedes and the reason; nothing else does.",
            ));
        }
        match &mut self.what {
            What::Revision { detail, removed, code, .. } => {
                *detail = optional("detail", detail.take(), 400)?;
                if *code == RevisionReason::Other && detail.is_none() {
                    return Err(Problem::invalid("The reason \"other\" needs words in detail."));
                }
                removed.sort();
                removed.dedup();
            }
            What::Death { code } => *code = optional("code", code.take(), 40)?,
            What::Complication { code, detail, .. } => {
                *code = required("code", code, 40)?;
                *detail = optional("detail", detail.take(), 400)?;
            }
            What::Prom { instrument, score, .. } => {
                *instrument = required("instrument", instrument, 40)?;
                if !score.is_finite() {
                    return Err(Problem::invalid("score is to be a number."));
                }
            }
        }
        Ok(self)
    }

    /// The devices that were taken out.
    pub fn removed(&self) -> &[DeviceUseId] {
        match &self.what {
            What::Revision { removed, .. } => removed,
            _ => &[],
        }
    }

    /// The row of the outcomes' table.
    pub(super) fn row(&self, recorded_at: Moment, recorded_by: Option<UserId>) -> OutcomeRow {
        let (kind, procedure_id, code, detail, score) = match self.what.clone() {
            What::Revision { procedure, code, detail, .. } => {
                (OutcomeKind::Revision, procedure, Some(code.to_string()), detail, None)
            }
            What::Death { code } => (OutcomeKind::Death, None, code, None, None),
            What::Complication { procedure, code, detail } => {
                (OutcomeKind::Complication, procedure, Some(code), detail, None)
            }
            What::Prom { procedure, instrument, score } => {
                (OutcomeKind::Prom, procedure, Some(instrument), None, Some(score))
            }
        };
        OutcomeRow {
            id: self.id,
            patient_id: self.patient,
            kind,
            occurred_on: self.occurred_on,
            procedure_id,
            code,
            detail,
            score,
            supersedes: self.supersedes,
            withdrawn: false,
            reason: self.reason.clone(),
            recorded_at,
            recorded_by,
        }
    }
}

fn required(name: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(Problem::invalid(format!("{name} is to have 1 to {longest} characters.")));
    }
    Ok(text.to_owned())
}

/// Blank is none.
fn optional(name: &str, text: Option<String>, longest: usize) -> Result<Option<String>, Problem> {
    text.filter(|text| !text.trim().is_empty()).map(|text| required(name, &text, longest)).transpose()
}

/// The withdrawal of an outcome that never was; its `id` is made by the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Withdrawal {
    /// Identifier (UUIDv7) of the withdrawal, made by the client.
    pub id: OutcomeId,
    /// Why.
    pub reason: String,
}

impl Withdrawal {
    /// The same with its reason trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] without a reason.
    pub fn checked(self) -> Result<Self, Problem> {
        Ok(Self { reason: required("reason", &self.reason, 400)?, ..self })
    }
}

/// A row of the outcomes' table.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = outcomes)]
pub struct OutcomeRow {
    /// Identifier.
    pub id: OutcomeId,
    /// Whose outcome it is.
    pub patient_id: PatientId,
    /// What kind it is.
    pub kind: OutcomeKind,
    /// The day.
    pub occurred_on: NaiveDate,
    /// A revision's own procedure; the procedure that a complication or a score is about.
    pub procedure_id: Option<ProcedureId>,
    /// Reason of a revision, cause of a death, name of a complication, questionnaire of a score.
    pub code: Option<String>,
    /// More in words.
    pub detail: Option<String>,
    /// A reported score.
    pub score: Option<f64>,
    /// The outcome that this one corrects or withdraws.
    pub supersedes: Option<OutcomeId>,
    /// The outcome was withdrawn: it never was.
    pub withdrawn: bool,
    /// Why it was corrected or withdrawn.
    pub reason: Option<String>,
    /// When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub recorded_at: Moment,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// An outcome as recorded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Outcome {
    /// Its row.
    #[serde(flatten)]
    pub row: OutcomeRow,
    /// The device uses whose devices a revision took out.
    pub removed: Vec<DeviceUseId>,
    /// A revision whose device the registry does not know.
    pub unlinked: bool,
}

impl Outcome {
    /// A row with the devices that it took out.
    pub fn new(row: OutcomeRow, removed: Vec<DeviceUseId>) -> Self {
        let unlinked = row.kind == OutcomeKind::Revision && !row.withdrawn && removed.is_empty();
        Self { row, removed, unlinked }
    }
}

/// What must be known of a device before it can be said to have been taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImplantFacts {
    /// Its device use.
    pub id: DeviceUseId,
    /// What became of it.
    pub fate: Fate,
    /// Another row supersedes it.
    pub superseded: bool,
    /// Who stands for the patient and everybody linked to them.
    pub person: PatientId,
    /// The day of the procedure.
    pub implanted_on: NaiveDate,
    /// A revision took it out already.
    pub removed: bool,
}

impl ImplantFacts {
    /// Whether a revision of this person on this day can have taken it out.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] or [`Code::WrongState`], saying why not.
    pub fn may_be_removed(&self, person: PatientId, on: NaiveDate) -> Result<(), Problem> {
        let id = self.id;
        if self.person != person {
            return Err(Problem::invalid(format!("Device use {id} belongs to another patient.")));
        }
        if self.superseded {
            return Err(Problem::new(
                Code::WrongState,
                format!("Device use {id} was corrected: name the corrected row."),
            ));
        }
        if self.fate != Fate::Implanted {
            return Err(Problem::invalid(format!("Device use {id} was not implanted: its device is {}.", self.fate)));
        }
        if self.removed {
            return Err(Problem::new(Code::WrongState, format!("The device of {id} was taken out already.")));
        }
        if on < self.implanted_on {
            return Err(Problem::invalid(format!(
                "The device of {id} was implanted on {}, after that.",
                self.implanted_on
            )));
        }
        Ok(())
    }
}
