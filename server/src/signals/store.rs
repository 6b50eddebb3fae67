//! Signals in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::judge::Finding;
use super::model::{EventRow, Happening, RuleWord, SignalChange, SignalEventId, SignalId, SignalRow, SignalState};
use crate::access::{Actor, User, UserId};
use crate::audit::{self, Act};
use crate::catalogue::ProductId;
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{signal_events, signals};
use crate::store::{AnyConnection, Transaction};

/// What a judgement changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Judged {
    /// Signals that are new, or stand again.
    pub raised: usize,
    /// Signals whose rule is no longer met.
    pub lifted: usize,
    /// Signals that stand.
    pub standing: usize,
}

/// Turns what was found into records. The same findings again change nothing but the moment of the judgement.
///
/// # Errors
/// Those of the database.
pub fn apply(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    findings: &[Finding],
    snapshot: &[u8],
) -> Result<Judged, Problem> {
    let all: Vec<SignalRow> = signals::table.select(SignalRow::as_select()).load(&mut **tx)?;
    let mut known: HashMap<(ProductId, RuleWord), SignalRow> =
        all.into_iter().map(|row| ((row.product_id, row.rule), row)).collect();
    let (mut judged, now) = (Judged::default(), Moment::now());
    for finding in findings {
        let before = known.remove(&(ProductId::from(finding.product), finding.rule));
        judged.standing += usize::from(finding.met);
        match before {
            None if finding.met => {
                judged.raised += 1;
                raise(tx, actor, finding, snapshot, now)?;
            }
            Some(row) if finding.met => {
                judged.raised += usize::from(!row.standing);
                stand(tx, actor, &row, finding, snapshot, now)?;
            }
            Some(row) if row.standing => {
                judged.lifted += 1;
                lift(tx, actor, &row, Some(finding), snapshot, now)?;
            }
            _ => {}
        }
    }
    // A device that nobody has any more is in no finding.
    for row in known.into_values().filter(|row| row.standing) {
        judged.lifted += 1;
        lift(tx, actor, &row, None, snapshot, now)?;
    }
    let act =
        Act { action: "signals-judged", subject_kind: "snapshot", subject: hex::encode(snapshot), detail: &judged };
    audit::record(tx, actor, &act)?;
    Ok(judged)
}

fn json(finding: &Finding) -> Result<String, Problem> {
    serde_json::to_string(&finding.evidence)
        .map_err(|error| Problem::new(Code::Internal, "The evidence could not be written.").because(error))
}

fn raise(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    finding: &Finding,
    snapshot: &[u8],
    now: Moment,
) -> Result<(), Problem> {
    let row = SignalRow {
        id: SignalId::new(),
        product_id: finding.product.into(),
        rule: finding.rule,
        state: SignalState::New,
        owner: None,
        standing: true,
        evidence: json(finding)?,
        snapshot_hash: snapshot.to_vec(),
        raised_at: now,
        judged_at: now,
    };
    diesel::insert_into(signals::table).values(&row).execute(&mut **tx)?;
    let detail = format!("{} is met.", finding.rule.in_words());
    tell(tx, actor, row.id, Happening::Raised, detail, Some((row.evidence, snapshot)))
}

/// The rule is met: the evidence follows; a signal that was lifted is new again.
fn stand(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    row: &SignalRow,
    finding: &Finding,
    snapshot: &[u8],
    now: Moment,
) -> Result<(), Problem> {
    let evidence = json(finding)?;
    let state = if row.standing { row.state } else { SignalState::New };
    diesel::update(signals::table.find(row.id))
        .set((
            signals::standing.eq(true),
            signals::state.eq(state),
            signals::evidence.eq(&evidence),
            signals::snapshot_hash.eq(snapshot),
            signals::judged_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if row.standing {
        return Ok(());
    }
    let detail = format!("{} is met again.", finding.rule.in_words());
    tell(tx, actor, row.id, Happening::RaisedAgain, detail, Some((evidence, snapshot)))
}

fn lift(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    row: &SignalRow,
    finding: Option<&Finding>,
    snapshot: &[u8],
    now: Moment,
) -> Result<(), Problem> {
    diesel::update(signals::table.find(row.id))
        .set((signals::standing.eq(false), signals::judged_at.eq(now)))
        .execute(&mut **tx)?;
    let detail = format!("{} is no longer met.", row.rule.in_words());
    let evidence = finding.map(json).transpose()?.map(|evidence| (evidence, snapshot));
    tell(tx, actor, row.id, Happening::NoLongerMet, detail, evidence)
}

fn tell(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    signal: SignalId,
    what: Happening,
    detail: String,
    evidence: Option<(String, &[u8])>,
) -> Result<(), Problem> {
    let (evidence, snapshot) = evidence.map_or((None, None), |(text, hash)| (Some(text), Some(hash.to_vec())));
    let event = EventRow {
        id: SignalEventId::new(),
        signal_id: signal,
        what,
        detail,
        evidence,
        snapshot_hash: snapshot,
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
    };
    diesel::insert_into(signal_events::table).values(&event).execute(&mut **tx)?;
    Ok(())
}

/// What a person decides about a signal.
///
/// # Errors
/// [`Code::NotFound`]; those of the database.
pub fn change(
    tx: &mut Transaction<'_>,
    user: &User,
    id: SignalId,
    change: &SignalChange,
) -> Result<SignalRow, Problem> {
    let row = find(tx, id)?;
    let actor = Actor::from(user);
    let (state, owner) = (change.state.unwrap_or(row.state), if change.take { Some(user.id) } else { row.owner });
    diesel::update(signals::table.find(id))
        .set((signals::state.eq(state), signals::owner.eq(owner)))
        .execute(&mut **tx)?;
    if change.take && row.owner != Some(user.id) {
        tell(tx, &actor, id, Happening::Owner, format!("{} looks after it.", user.display_name), None)?;
    }
    match change.state {
        Some(state) => {
            let detail = format!("{}: {}", state.in_words(), change.note);
            tell(tx, &actor, id, Happening::State, detail, None)?;
        }
        None if !change.note.is_empty() => tell(tx, &actor, id, Happening::Note, change.note.clone(), None)?,
        None => {}
    }
    let act = Act { action: "signal-changed", subject_kind: "signal", subject: id.to_string(), detail: &change.note };
    audit::record(tx, &actor, &act)?;
    Ok(SignalRow { state, owner, ..row })
}

/// A signal.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(connection: &mut AnyConnection, id: SignalId) -> Result<SignalRow, Problem> {
    let found = signals::table.find(id).select(SignalRow::as_select()).get_result(connection).optional()?;
    found.ok_or_else(|| Problem::not_found(format!("signal {id}")))
}

/// All signals, those that stand first, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<SignalRow>, Problem> {
    Ok(signals::table
        .order((signals::standing.desc(), signals::raised_at.desc(), signals::id.desc()))
        .limit(1_000)
        .select(SignalRow::as_select())
        .load(connection)?)
}

/// The history of a signal, first to last.
///
/// # Errors
/// Those of the database.
pub fn history(connection: &mut AnyConnection, id: SignalId) -> Result<Vec<EventRow>, Problem> {
    Ok(signal_events::table
        .filter(signal_events::signal_id.eq(id))
        .order(signal_events::id)
        .select(EventRow::as_select())
        .load(connection)?)
}

/// Signals that stand and that nobody has looked at.
///
/// # Errors
/// Those of the database.
pub fn waiting(connection: &mut AnyConnection) -> Result<i64, Problem> {
    let new = signals::standing.eq(true).and(signals::state.eq(SignalState::New));
    Ok(signals::table.filter(new).count().get_result(connection)?)
}

/// The users that signals and their history name.
pub fn users_named(rows: &[SignalRow], events: &[EventRow]) -> Vec<UserId> {
    rows.iter().filter_map(|row| row.owner).chain(events.iter().filter_map(|event| event.recorded_by)).collect()
}
