//! A signal, its evidence and its history.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::analysis::signals::Rule;
use crate::catalogue::ProductId;
use crate::error::Problem;
use crate::small_numbers::Sight;
use crate::store::columns::Moment;
use crate::store::schema::{signal_events, signals};

crate::record_id! {
    /// A signal.
    SignalId
}

crate::record_id! {
    /// Something that happened to a signal.
    SignalEventId
}

crate::word_list! {
    /// A published rule, or the alarm of a chart.
    RuleWord {
        /// National Joint Registry, level 1.
        NjrLevel1 = "njr-level-1",
        /// National Joint Registry, level 2.
        NjrLevel2 = "njr-level-2",
        /// Australian registry, stage 1.
        AoanjrrStage1 = "aoanjrr-stage-1",
        /// Risk-adjusted CUSUM of revisions within a year.
        Cusum = "cusum",
        /// CGR-CUSUM of revisions at any time.
        CgrCusum = "cgr-cusum",
    }
}

impl RuleWord {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NjrLevel1 => "NJR level 1",
            Self::NjrLevel2 => "NJR level 2",
            Self::AoanjrrStage1 => "AOANJRR stage 1",
            Self::Cusum => "CUSUM",
            Self::CgrCusum => "CGR-CUSUM",
        }
    }
}

impl From<Rule> for RuleWord {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::NjrLevel1 => Self::NjrLevel1,
            Rule::NjrLevel2 => Self::NjrLevel2,
            Rule::AoanjrrStage1 => Self::AoanjrrStage1,
        }
    }
}

crate::word_list! {
    /// Where a signal stands.
    SignalState {
        /// Nobody has looked yet.
        New = "new",
        /// Somebody looks.
        UnderReview = "under-review",
        /// It is the device.
        Confirmed = "confirmed",
        /// It is something else, such as the patients or one site.
        Explained = "explained",
        /// Nothing more is to be done.
        Ended = "ended",
    }
}

impl SignalState {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::UnderReview => "Under review",
            Self::Confirmed => "Confirmed",
            Self::Explained => "Explained",
            Self::Ended => "Ended",
        }
    }
}

crate::word_list! {
    /// What happened to a signal.
    Happening {
        /// Its rule was met for the first time.
        Raised = "raised",
        /// Its rule is met again.
        RaisedAgain = "raised-again",
        /// Its rule is met no longer.
        NoLongerMet = "no-longer-met",
        /// Its state was changed.
        State = "state",
        /// Somebody took it.
        Owner = "owner",
        /// Somebody wrote something about it.
        Note = "note",
    }
}

/// What a rule saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The group that the device was held against.
    pub group: String,
    /// The device.
    pub device: Counts,
    /// Its group, with it.
    pub of_group: Counts,
    /// Each condition of the rule.
    pub checks: Vec<CheckSeen>,
}

/// What a rule saw, as a role may see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EvidenceSeen {
    /// The group that the device was held against.
    pub group: String,
    /// The device; null where its numbers are too small to be told.
    pub device: Option<Counts>,
    /// Its group, with it; null where that would tell the device's.
    pub of_group: Option<Counts>,
    /// Each condition of the rule; without what was found where that would tell the device's numbers.
    pub checks: Vec<CheckSeen>,
}

impl Evidence {
    /// As a role may see it; `open` says whether the device's counts may be told among the devices of its kind.
    pub fn seen(self, sight: Sight, open: bool) -> EvidenceSeen {
        let (device, group) = (self.device, self.of_group);
        let apart = |own: u64, whole: u64| sight.tells_beside(own, whole);
        let open = sight.is_all()
            || (open
                && apart(device.primaries, group.primaries)
                && apart(device.revisions, group.revisions)
                && sight.parts(device.primaries, &[device.revisions])[0].is_some());
        let found = |check: CheckSeen| CheckSeen { value: check.value.filter(|_| open), ..check };
        EvidenceSeen {
            group: self.group,
            device: open.then_some(device),
            of_group: open.then_some(group),
            checks: self.checks.into_iter().map(found).collect(),
        }
    }
}

/// Primaries, revisions and years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Implanted.
    pub primaries: u64,
    /// Revised.
    pub revisions: u64,
    /// Years of use.
    pub years: f64,
}

/// One condition with its threshold in view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckSeen {
    /// In plain words.
    pub what: String,
    /// What was found; null where it cannot be had or told.
    pub value: Option<f64>,
    /// What it is held against.
    pub threshold: Option<f64>,
    /// Whether it holds.
    pub met: bool,
}

/// A signal as it is kept.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signals)]
pub struct SignalRow {
    /// Identifier.
    pub id: SignalId,
    /// The device.
    pub product_id: ProductId,
    /// The rule.
    pub rule: RuleWord,
    /// Where it stands.
    pub state: SignalState,
    /// Who looks after it.
    pub owner: Option<UserId>,
    /// Whether its rule is met by the latest judgement.
    pub standing: bool,
    /// JSON of [`Evidence`], the latest in which the rule was met.
    pub evidence: String,
    /// The snapshot of that evidence.
    pub snapshot_hash: Vec<u8>,
    /// When it was first raised.
    pub raised_at: Moment,
    /// When it was last judged.
    pub judged_at: Moment,
}

impl SignalRow {
    /// The evidence; empty where it cannot be read.
    pub fn evidence(&self) -> Evidence {
        serde_json::from_str(&self.evidence).unwrap_or_default()
    }
}

/// Something that happened to a signal, as it is kept.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signal_events)]
pub struct EventRow {
    /// Identifier, in order of time.
    pub id: SignalEventId,
    /// The signal.
    pub signal_id: SignalId,
    /// What happened.
    pub what: Happening,
    /// In words.
    pub detail: String,
    /// JSON of [`Evidence`], where a rule was judged.
    pub evidence: Option<String>,
    /// The snapshot of that evidence.
    pub snapshot_hash: Option<Vec<u8>>,
    /// When.
    pub recorded_at: Moment,
    /// By whom; none for the nightly judgement.
    pub recorded_by: Option<UserId>,
}

/// A change that a person makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub struct SignalChange {
    /// The new state.
    #[serde(default)]
    pub state: Option<SignalState>,
    /// Whoever sends this takes it.
    #[serde(default)]
    pub take: bool,
    /// Why, or what was found.
    #[serde(default)]
    pub note: String,
}

impl SignalChange {
    /// The same with its note trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a change of nothing, or a state without a reason.
    pub fn checked(self) -> Result<Self, Problem> {
        let note = self.note.trim().to_owned();
        if note.chars().count() > 2_000 {
            return Err(Problem::invalid("A note has at most 2,000 characters."));
        }
        if self.state.is_some() && note.is_empty() {
            return Err(Problem::invalid("Say why the state changes."));
        }
        if self.state.is_none() && !self.take && note.is_empty() {
            return Err(Problem::invalid("Choose a state, take the signal, or write a note."));
        }
        Ok(Self { note, ..self })
    }
}
