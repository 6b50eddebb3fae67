//! Recalls in the database.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::{Criterion, may_be_one_maker};
use tessera_scanner::udi::DeviceIdentifier;
use tessera_scanner::verdict::RecallFacts;

use super::criteria::CriterionRow;
use super::model::{CheckedRecall, Notice, Recall, RecallId, RecallState};
use super::work::stage::Stage;
use super::{listing, quarantine, work};
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::catalogue::model::Agency;
use crate::error::{Code, Problem};
use crate::notifications::{EventKind, Happening, tell};
use crate::on_engine;
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{recall_criteria, recalls};
use crate::store::{AnyConnection, Transaction};

/// Lines of one notice as it is entered at the most; see [`super::model`].
const MOST_CRITERIA: i64 = 5000;
/// Lines written in one statement: below SQLite's limit of bound values.
const LINES_AT_ONCE: usize = 500;

/// Lines of one change from which on the planner of the database is told.
const MANY_LINES: usize = 1_000;

/// Enters a notice, to be confirmed by a second person.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another one, [`Code::WrongState`] where the reference does.
pub fn enter(tx: &mut Transaction<'_>, user: &User, new: &CheckedRecall) -> Result<Written, Problem> {
    let same = |there: &Recall| new.is(there) && there.notice.entered_by == user.id;
    if repeated(find(tx, new.id)?, same, || format!("recall {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    let taken: i64 = recalls::table.filter(recalls::reference.eq(&new.reference)).count().get_result(&mut **tx)?;
    if taken > 0 {
        return Err(Problem::new(Code::WrongState, format!("{} was entered already.", new.reference)));
    }
    let notice = Notice {
        id: new.id,
        reference: new.reference.clone(),
        title: new.title.clone(),
        source: new.source.clone(),
        action: new.action.clone(),
        notice: new.notice.clone(),
        state: RecallState::Structured,
        entered_at: Moment::now(),
        entered_by: user.id,
        confirmed_at: None,
        confirmed_by: None,
        closed_at: None,
        closed_by: None,
    };
    diesel::insert_into(recalls::table).values(&notice).execute(&mut **tx)?;
    insert_criteria(tx, new.id, &new.criteria)?;
    work::store::begin(tx, &user.into(), new.id)?;
    let detail = Detail { reference: &new.reference, lines: Some(new.criteria.len()), reason: None };
    record(tx, &user.into(), "recall-entered", new.id, &detail)?;
    tell(
        tx,
        &Happening::of(
            EventKind::Received,
            &notice,
            "A recall was entered. A second person has to confirm it before it acts.",
        ),
    )?;
    Ok(Written::Now)
}

/// Confirms a notice as its second reader. From then on it acts; [`quarantine::run`] then sets stock apart.
/// Confirming again what one confirmed changes nothing. Its lines are not read: there may be a million.
///
/// # Errors
/// [`Code::SecondPerson`] for the one who entered it, [`Code::WrongState`] where it does not wait for this.
pub fn confirm(tx: &mut Transaction<'_>, user: &User, id: RecallId) -> Result<Notice, Problem> {
    let entered = notice(tx, id)?;
    match entered.state {
        RecallState::Active if entered.confirmed_by == Some(user.id) => return Ok(entered),
        RecallState::Structured => {}
        state => return Err(Problem::new(Code::WrongState, format!("{} is {state}.", entered.reference))),
    }
    if entered.entered_by == user.id {
        let detail = format!("You entered {} yourself.", entered.reference);
        return Err(Problem::new(Code::SecondPerson, detail));
    }
    for list in listing::store::of_recall(tx, id)? {
        if list.finished_at.is_none() {
            let detail = format!("A list is still being brought in: {} of {} lines.", list.done, list.lines);
            return Err(Problem::new(Code::WrongState, detail));
        }
        if list.started_by == user.id {
            return Err(Problem::new(Code::SecondPerson, "You brought a list of this recall in yourself."));
        }
    }
    let changed =
        diesel::update(recalls::table.filter(recalls::id.eq(id)).filter(recalls::state.eq(RecallState::Structured)))
            .set((
                recalls::state.eq(RecallState::Active),
                recalls::confirmed_at.eq(Moment::now()),
                recalls::confirmed_by.eq(user.id),
            ))
            .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, format!("{} was just changed.", entered.reference)));
    }
    work::store::advance(tx, &user.into(), (id, RecallState::Structured), Stage::Confirmed, "")?;
    quarantine::store::begin(tx, user, id)?;
    record(
        tx,
        &user.into(),
        "recall-confirmed",
        id,
        &Detail { reference: &entered.reference, lines: None, reason: None },
    )?;
    tell(
        tx,
        &Happening::of(EventKind::Confirmed, &entered, "A recall was confirmed. Theatres stop on it from now on."),
    )?;
    notice(tx, id)
}

/// Closes a recall: it is done with, or was withdrawn. Quarantined stock stays where it is until somebody releases it.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason, [`Code::WrongState`] where it is closed already.
pub fn close(tx: &mut Transaction<'_>, user: &User, id: RecallId, reason: &str) -> Result<Notice, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("Say why the recall is closed."));
    }
    let before = notice(tx, id)?.state;
    let changed =
        diesel::update(recalls::table.filter(recalls::id.eq(id)).filter(recalls::state.ne(RecallState::Closed)))
            .set((
                recalls::state.eq(RecallState::Closed),
                recalls::closed_at.eq(Moment::now()),
                recalls::closed_by.eq(user.id),
            ))
            .execute(&mut **tx)?;
    let closed = notice(tx, id)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, format!("{} is closed already.", closed.reference)));
    }
    work::store::advance(tx, &user.into(), (id, before), Stage::Closed, reason)?;
    let detail = Detail { reference: &closed.reference, lines: None, reason: Some(reason) };
    record(tx, &user.into(), "recall-closed", id, &detail)?;
    tell(tx, &Happening::of(EventKind::Closed, &closed, "A recall was closed. Theatres no longer stop on it."))?;
    Ok(closed)
}

/// Writes down that somebody took the list of what and who is affected out of the registry.
///
/// # Errors
/// Those of the database.
pub fn record_export(tx: &mut Transaction<'_>, actor: &Actor, notice: &Notice, rows: usize) -> Result<(), Problem> {
    let detail = Detail { reference: &notice.reference, lines: Some(rows), reason: None };
    record(tx, actor, "recall-exported", notice.id, &detail)
}

/// A small change for a rehearsal, which tells how long others wait: one audit row.
///
/// # Errors
/// Those of the database.
pub(super) fn record_drill(tx: &mut Transaction<'_>) -> Result<(), Problem> {
    let detail = Detail { reference: "", lines: None, reason: None };
    let act = Act { action: "recall-drill", subject_kind: "recall", subject: String::new(), detail: &detail };
    audit::record(tx, &Actor::System, &act)
}

#[derive(Debug, Serialize)]
struct Detail<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

fn record(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    id: RecallId,
    detail: &Detail<'_>,
) -> Result<(), Problem> {
    audit::record(tx, actor, &Act { action, subject_kind: "recall", subject: id.to_string(), detail })
}

/// All notices, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<Notice>, Problem> {
    Ok(recalls::table.select(Notice::as_select()).order(recalls::entered_at.desc()).load(connection)?)
}

/// One recall.
///
/// # Errors
/// [`Code::NotFound`].
pub fn show(connection: &mut AnyConnection, id: RecallId) -> Result<Recall, Problem> {
    find(connection, id)?.ok_or_else(|| Problem::not_found(format!("recall {id}")))
}

/// One notice without its lines.
///
/// # Errors
/// [`Code::NotFound`].
pub fn notice(connection: &mut AnyConnection, id: RecallId) -> Result<Notice, Problem> {
    let notice = recalls::table.find(id).select(Notice::as_select()).get_result(connection).optional()?;
    notice.ok_or_else(|| Problem::not_found(format!("recall {id}")))
}

/// What a notice covered when it was entered, before lists were added: the first lines.
///
/// # Errors
/// Those of the database.
pub(super) fn first_criteria(connection: &mut AnyConnection, id: RecallId) -> Result<Vec<Criterion>, Problem> {
    let rows: Vec<CriterionRow> = recall_criteria::table
        .filter(recall_criteria::recall_id.eq(id))
        .select(CriterionRow::as_select())
        .order(recall_criteria::id)
        .limit(MOST_CRITERIA)
        .load(connection)?;
    rows.into_iter().map(Criterion::try_from).collect()
}

/// One line of a notice that names one of these devices, or this catalogue number.
///
/// # Errors
/// Those of the database.
pub fn line_about(
    connection: &mut AnyConnection,
    id: RecallId,
    devices: &[DeviceIdentifier],
    reference: Option<&str>,
) -> Result<Option<Criterion>, Problem> {
    let texts: Vec<String> = devices.iter().map(|device| device.text.clone()).collect();
    let lines = || recall_criteria::table.filter(recall_criteria::recall_id.eq(id)).select(CriterionRow::as_select());
    let mut row: Option<CriterionRow> =
        lines().filter(recall_criteria::identifier.eq_any(texts)).first(connection).optional()?;
    if let Some(reference) = reference.filter(|_| row.is_none()) {
        row = lines().filter(recall_criteria::reference.eq(reference.trim())).first(connection).optional()?;
    }
    row.map(Criterion::try_from).transpose()
}

/// One recall, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: RecallId) -> Result<Option<Recall>, Problem> {
    let notice: Option<Notice> = recalls::table.find(id).select(Notice::as_select()).first(connection).optional()?;
    let Some(notice) = notice else { return Ok(None) };
    let rows: Vec<CriterionRow> = recall_criteria::table
        .filter(recall_criteria::recall_id.eq(id))
        .select(CriterionRow::as_select())
        .order(recall_criteria::id)
        .load(connection)?;
    let criteria = rows.into_iter().map(Criterion::try_from).collect::<Result<_, _>>()?;
    Ok(Some(Recall { notice, criteria }))
}

/// The notice with this reference.
///
/// # Errors
/// [`Code::NotFound`].
pub fn by_reference(connection: &mut AnyConnection, reference: &str) -> Result<Notice, Problem> {
    let notice = recalls::table.filter(recalls::reference.eq(reference)).select(Notice::as_select());
    let notice = notice.get_result(connection).optional()?;
    notice.ok_or_else(|| Problem::not_found(format!("recall {reference}")))
}

/// Puts an amendment's lines in the place of what a recall covers, and its text where it has one.
///
/// # Errors
/// Those of the database.
pub fn replace_criteria(
    tx: &mut Transaction<'_>,
    id: RecallId,
    criteria: &[Criterion],
    notice: &str,
) -> Result<(), Problem> {
    diesel::delete(recall_criteria::table.filter(recall_criteria::recall_id.eq(id))).execute(&mut **tx)?;
    insert_criteria(tx, id, criteria)?;
    if !notice.is_empty() {
        diesel::update(recalls::table.find(id)).set(recalls::notice.eq(notice)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Adds lines to what a recall covers.
///
/// # Errors
/// Those of the database.
pub(super) fn insert_criteria(tx: &mut Transaction<'_>, id: RecallId, criteria: &[Criterion]) -> Result<(), Problem> {
    for some in criteria.chunks(LINES_AT_ONCE) {
        let rows: Vec<_> = some.iter().map(|criterion| CriterionRow::new(id, criterion)).collect();
        on_engine!(&mut **tx, c => diesel::insert_into(recall_criteria::table).values(rows).execute(c))?;
    }
    if criteria.len() >= MANY_LINES { lines_changed(tx) } else { Ok(()) }
}

/// Tells PostgreSQL that very many lines came: a scan in the minute before it finds out for itself would be looked up by whole
/// recalls.
///
/// # Errors
/// Those of the database.
pub(super) fn lines_changed(tx: &mut Transaction<'_>) -> Result<(), Problem> {
    if let AnyConnection::Postgres(connection) = &mut **tx {
        diesel::sql_query("ANALYZE recall_criteria, recalls").execute(connection)?;
    }
    Ok(())
}

/// Active recalls that name one of these identifiers, or this catalogue number, or only the maker of a lot: what the verdict
/// holds a scan against. Beside an identifier or catalogue number `maker` sharpens nothing: spellings of makers differ, and
/// the match itself weighs them.
///
/// # Errors
/// Those of the database.
pub fn active_about(
    connection: &mut AnyConnection,
    devices: &[DeviceIdentifier],
    maker: Option<&str>,
    reference: Option<&str>,
) -> Result<Vec<RecallFacts>, Problem> {
    let texts: BTreeSet<&str> = devices.iter().map(|device| device.text.as_str()).collect();
    let named = || {
        recall_criteria::table.inner_join(recalls::table).filter(recalls::state.eq(RecallState::Active)).select((
            recalls::reference,
            recalls::title,
            CriterionRow::as_select(),
        ))
    };
    let mut rows: Vec<(String, String, CriterionRow)> = Vec::new();
    // One question for each of the few identifiers: SQLite prepares a question of fixed length only once.
    for text in texts {
        rows.extend(named().filter(recall_criteria::identifier.eq(text)).load(connection)?);
    }
    rows.retain(|(_, _, row)| {
        row.issuer().is_none_or(|issuer| devices.iter().any(|device| Agency::from(device.issuer) == issuer))
    });
    if let Some(reference) = reference.map(str::trim).filter(|text| !text.is_empty()) {
        rows.extend(named().filter(recall_criteria::reference.eq(reference)).load(connection)?);
    }
    let mut of_maker: Vec<(String, String, CriterionRow)> = named()
        .filter(recall_criteria::identifier.is_null().and(recall_criteria::reference.is_null()))
        .load(connection)?;
    of_maker.retain(|(_, _, row)| row.maker().zip(maker).is_none_or(|(theirs, ours)| may_be_one_maker(theirs, ours)));
    rows.extend(of_maker);
    facts(rows)
}

/// Every active recall with all its criteria: what a theatre keeps to judge by without the registry.
///
/// # Errors
/// Those of the database.
pub fn active(connection: &mut AnyConnection) -> Result<Vec<RecallFacts>, Problem> {
    let rows = recall_criteria::table
        .inner_join(recalls::table)
        .filter(recalls::state.eq(RecallState::Active))
        .select((recalls::reference, recalls::title, CriterionRow::as_select()))
        .load(connection)?;
    facts(rows)
}

/// Rows by recall, in an order that does not depend on the database's.
fn facts(rows: Vec<(String, String, CriterionRow)>) -> Result<Vec<RecallFacts>, Problem> {
    let mut recalls: BTreeMap<(String, String), BTreeMap<_, Criterion>> = BTreeMap::new();
    for (reference, title, row) in rows {
        recalls.entry((reference, title)).or_default().insert(row.id(), row.try_into()?);
    }
    Ok(recalls
        .into_iter()
        .map(|((reference, title), criteria)| RecallFacts {
            reference,
            title,
            criteria: criteria.into_values().collect(),
        })
        .collect())
}
