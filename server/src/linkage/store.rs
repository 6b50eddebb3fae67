//! Imported lines in the database.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::matching::{self, Said, Verdict, fitting_implants, fitting_procedures, ids, judge};
use super::model::{Decision, Line, LineId, LineRow, LineState, SourceCounts};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::PatientId;
use crate::outcomes::model::{NewOutcome, OutcomeId, OutcomeKind, What};
use crate::outcomes::store as outcome_store;
use crate::store::columns::Moment;
use crate::store::read::linkable::{known, patient_of};
use crate::store::schema::linked_lines;
use crate::store::{AnyConnection, Transaction};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// Lines that are outcomes now.
    pub matched: usize,
    /// Lines that wait for a person.
    pub review: usize,
    /// Lines whose patient the registry does not have: kept and counted.
    pub unlinked: usize,
    /// Lines that were brought in and settled before.
    pub before: usize,
}

impl Imported {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            review: self.review + other.review,
            unlinked: self.unlinked + other.unlinked,
            before: self.before + other.before,
        }
    }
}

/// Brings lines in. A line that is settled already stays; one that waits is looked at again.
///
/// # Errors
/// Those of the database.
pub fn bring_in(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    source: &str,
    lines: &[Line],
    today: NaiveDate,
) -> Result<Imported, Problem> {
    let mut imported = Imported::default();
    for line in lines {
        let pseudonym = keys.pseudonym("nhs", "", line.nhs.digits());
        let id = line.id(source, &pseudonym);
        let there = find(tx, id)?;
        let settled =
            |row: &LineRow| row.decided_by.is_some() || matches!(row.state, LineState::Matched | LineState::SetAside);
        if there.as_ref().is_some_and(settled) {
            imported.before += 1;
            continue;
        }
        let row = match there {
            Some(row) => row,
            None => add(tx, keys, actor, source, line, id, pseudonym.as_bytes())?,
        };
        match look(tx, actor, &row, today)? {
            LineState::Matched => imported.matched += 1,
            LineState::Review => imported.review += 1,
            _ => imported.unlinked += 1,
        }
    }
    let act =
        Act { action: "outcomes-imported", subject_kind: "source", subject: source.to_owned(), detail: &imported };
    audit::record(tx, actor, &act)?;
    Ok(imported)
}

fn add(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    source: &str,
    line: &Line,
    id: LineId,
    pseudonym: &[u8],
) -> Result<LineRow, Problem> {
    let now = Moment::now();
    let row = LineRow {
        id,
        source: source.to_owned(),
        pseudonym: pseudonym.to_vec(),
        sealed: keys.seal(line.nhs.digits().as_bytes(), id.uuid().as_bytes())?,
        kind: line.kind,
        occurred_on: line.on,
        opcs4: line.opcs4.clone(),
        side: line.side,
        code: line.code.clone(),
        detail: line.detail.clone(),
        score: line.score,
        state: LineState::Unlinked,
        why: String::new(),
        outcome_id: None,
        imported_at: now,
        imported_by: actor.user_id(),
        decided_at: now,
        decided_by: None,
    };
    diesel::insert_into(linked_lines::table).values(&row).execute(&mut **tx)?;
    Ok(row)
}

impl LineRow {
    /// What it says.
    pub fn said(&self) -> Said {
        Said {
            kind: self.kind,
            on: self.occurred_on,
            opcs4: self.opcs4.clone(),
            side: self.side,
            code: self.code.clone(),
            detail: self.detail.clone(),
            score: self.score,
        }
    }
}

/// Looks at a line again: what the rules say of it now.
fn look(tx: &mut Transaction<'_>, actor: &Actor, row: &LineRow, today: NaiveDate) -> Result<LineState, Problem> {
    let Some(patient) = patient_of(tx, &row.pseudonym)? else {
        let why = "Nobody in the registry has this number.";
        return settle(tx, row.id, LineState::Unlinked, why, None, None);
    };
    let known = known(tx, patient)?;
    match judge(&row.said(), &known) {
        Verdict::Review(why) => settle(tx, row.id, LineState::Review, &why, None, None),
        Verdict::Known(why) => settle(tx, row.id, LineState::Matched, why, None, None),
        Verdict::Certain(what) => match record(tx, actor, row, patient, what, today) {
            Ok(outcome) => settle(tx, row.id, LineState::Matched, "It fits for certain.", Some(outcome), None),
            // What the record refuses, a person looks at.
            Err(problem) if problem.cause().is_none() => {
                settle(tx, row.id, LineState::Review, problem.detail(), None, None)
            }
            Err(problem) => Err(problem),
        },
    }
}

fn record(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    row: &LineRow,
    patient: PatientId,
    what: What,
    today: NaiveDate,
) -> Result<OutcomeId, Problem> {
    let new =
        NewOutcome { id: row.id.into(), patient, occurred_on: row.occurred_on, what, supersedes: None, reason: None };
    let new = new.checked(today)?;
    outcome_store::record(tx, actor, &new)?;
    Ok(new.id)
}

fn settle(
    tx: &mut Transaction<'_>,
    id: LineId,
    state: LineState,
    why: &str,
    outcome: Option<OutcomeId>,
    by: Option<crate::access::UserId>,
) -> Result<LineState, Problem> {
    diesel::update(linked_lines::table.find(id))
        .set((
            linked_lines::state.eq(state),
            linked_lines::why.eq(why),
            linked_lines::outcome_id.eq(outcome),
            linked_lines::decided_at.eq(Moment::now()),
            linked_lines::decided_by.eq(by),
        ))
        .execute(&mut **tx)?;
    Ok(state)
}

/// What a person decides about a line that waits.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where it is settled, [`Code::InvalidInput`] for what cannot have been so.
pub fn decide(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    id: LineId,
    decision: &Decision,
    today: NaiveDate,
) -> Result<LineRow, Problem> {
    let row = find(tx, id)?.ok_or_else(|| Problem::not_found(format!("imported line {id}")))?;
    if row.outcome_id.is_some() || !matches!(row.state, LineState::Review | LineState::Unlinked) {
        return Err(Problem::new(Code::WrongState, format!("Line {id} is settled: it is {}.", row.state)));
    }
    let by = actor.user_id();
    if decision.set_aside {
        settle(tx, id, LineState::SetAside, &decision.note, None, by)?;
    } else {
        let patient = patient_of(tx, &row.pseudonym)?.ok_or_else(|| {
            Problem::new(Code::WrongState, "Nobody in the registry has this number, so it can be nobody's outcome yet.")
        })?;
        let known = known(tx, patient)?;
        let what = decided(&row.said(), decision, &known)?;
        let outcome = record(tx, actor, &row, patient, what, today)?;
        let state = if decision.unlinked { LineState::Unlinked } else { LineState::Matched };
        settle(tx, id, state, &decision.note, Some(outcome), by)?;
    }
    let act = Act { action: "line-decided", subject_kind: "imported-line", subject: id.to_string(), detail: decision };
    audit::record(tx, actor, &act)?;
    find(tx, id)?.ok_or_else(|| Problem::not_found(format!("imported line {id}")))
}

fn decided(said: &Said, decision: &Decision, known: &matching::Known) -> Result<What, Problem> {
    match said.kind {
        OutcomeKind::Revision => {
            let fitting = ids(&fitting_implants(said, known));
            let own: std::collections::BTreeSet<_> = known.implants.iter().map(|implant| implant.id).collect();
            if let Some(stranger) = decision.devices.iter().find(|device| !own.contains(device)) {
                return Err(Problem::invalid(format!("Device use {stranger} is none of this patient's implants.")));
            }
            if decision.procedure.is_some() || (decision.devices.is_empty() && !decision.unlinked) {
                return Err(Problem::invalid(
                    "Choose the devices that were taken out, or that none is the registry's.",
                ));
            }
            if decision.unlinked && fitting.len() == 1 && said.opcs4.is_some() && said.side.is_some() {
                return Err(Problem::invalid(
                    "One implant fits this revision by joint and side: choose it, or set the line aside.",
                ));
            }
            Ok(matching::revised(said, decision.devices.clone()))
        }
        OutcomeKind::Death => Ok(What::Death { code: said.code.clone() }),
        OutcomeKind::Complication | OutcomeKind::Prom => {
            if !decision.devices.is_empty() {
                return Err(Problem::invalid("A complication or a score is about a procedure, not about devices."));
            }
            Ok(matching::about(said, decision.procedure))
        }
    }
}

/// The line with this identifier.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: LineId) -> Result<Option<LineRow>, Problem> {
    Ok(linked_lines::table.find(id).select(LineRow::as_select()).get_result(connection).optional()?)
}

/// Looks again at lines that wait, the oldest first; those that a person decided stay.
///
/// # Errors
/// Those of the database.
pub fn look_again(tx: &mut Transaction<'_>, actor: &Actor, most: i64, today: NaiveDate) -> Result<Imported, Problem> {
    let waiting: Vec<LineRow> = linked_lines::table
        .filter(linked_lines::state.eq_any([LineState::Review, LineState::Unlinked]))
        .filter(linked_lines::decided_by.is_null())
        .order(linked_lines::decided_at)
        .limit(most)
        .select(LineRow::as_select())
        .load(&mut **tx)?;
    let mut imported = Imported::default();
    for row in waiting {
        match look(tx, actor, &row, today)? {
            LineState::Matched => imported.matched += 1,
            LineState::Review => imported.review += 1,
            _ => imported.unlinked += 1,
        }
    }
    let act = Act { action: "lines-looked-at", subject_kind: "source", subject: String::new(), detail: &imported };
    audit::record(tx, actor, &act)?;
    Ok(imported)
}

/// How many lines stand where, by source and kind.
///
/// # Errors
/// Those of the database.
pub fn counts(connection: &mut AnyConnection) -> Result<Vec<SourceCounts>, Problem> {
    let found: Vec<(String, OutcomeKind, LineState, i64)> = linked_lines::table
        .group_by((linked_lines::source, linked_lines::kind, linked_lines::state))
        .select((linked_lines::source, linked_lines::kind, linked_lines::state, diesel::dsl::count_star()))
        .load(connection)?;
    let mut all: BTreeMap<(String, &'static str), SourceCounts> = BTreeMap::new();
    for (source, kind, state, count) in found {
        let counts = all.entry((source.clone(), kind.word())).or_insert_with(|| SourceCounts {
            source,
            kind: kind.word().to_owned(),
            ..SourceCounts::default()
        });
        let place = match state {
            LineState::Matched => &mut counts.matched,
            LineState::Review => &mut counts.review,
            LineState::Unlinked => &mut counts.unlinked,
            LineState::SetAside => &mut counts.set_aside,
        };
        *place = u64::try_from(count).unwrap_or(0);
    }
    Ok(all.into_values().collect())
}

/// A line that waits, with what it may belong to.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The line.
    pub row: LineRow,
    /// Its patient.
    pub patient: Option<PatientId>,
    /// The implants that fit a revision; where none does, all of the patient's.
    pub implants: Vec<crate::store::read::implants::Implant>,
    /// The procedures that fit a complication or a score; where none does, all of the patient's.
    pub procedures: Vec<matching::KnownProcedure>,
}

/// The lines that wait for a person, the oldest outcome first.
///
/// # Errors
/// Those of the database.
pub fn waiting(connection: &mut AnyConnection, most: i64) -> Result<Vec<Waiting>, Problem> {
    let rows: Vec<LineRow> = linked_lines::table
        .filter(linked_lines::state.eq(LineState::Review))
        .order((linked_lines::occurred_on, linked_lines::id))
        .limit(most)
        .select(LineRow::as_select())
        .load(connection)?;
    let one = |row: LineRow| {
        let patient = patient_of(connection, &row.pseudonym)?;
        let known = patient.map(|patient| known(connection, patient)).transpose()?.unwrap_or_default();
        let (mut implants, mut procedures) = (Vec::new(), Vec::new());
        if row.kind == OutcomeKind::Revision {
            implants = fitting_implants(&row.said(), &known).into_iter().cloned().collect();
            if implants.is_empty() {
                implants = known.implants;
            }
        } else if row.kind != OutcomeKind::Death {
            procedures = fitting_procedures(&row.said(), &known).into_iter().cloned().collect();
            if procedures.is_empty() {
                procedures = known.procedures;
            }
        }
        Ok(Waiting { row, patient, implants, procedures })
    };
    rows.into_iter().map(one).collect()
}
