//! Lines of active recalls that may mean a unit, in the database.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::min;
use diesel::prelude::*;

use super::Shown;
use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::recalls::criteria::{CriterionRow, UnitKind};
use crate::recalls::model::{RecallId, RecallState};
use crate::store::AnyConnection;
use crate::store::schema::{recall_criteria, recalls};

/// Lines by what they name.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Identifier(String),
    Reference(String),
    OnlyTheMaker,
}

pub(super) type Row = (String, String, CriterionRow);
/// As the database has it: recall, kind of units, issuer, identifier, maker, catalogue number, and one of the values.
type Line = (RecallId, UnitKind, Option<Agency>, Option<String>, Option<String>, Option<String>, Option<String>);
/// The same with the notice's reference and title.
pub(super) type Vague =
    (String, String, UnitKind, Option<Agency>, Option<String>, Option<String>, Option<String>, Option<String>);

/// Narrows a question to lines that name this.
macro_rules! naming {
    ($query:expr, $named:expr) => {
        match $named.clone() {
            Named::Identifier(text) => $query.filter(recall_criteria::identifier.eq(text)),
            Named::Reference(text) => $query.filter(recall_criteria::reference.eq(text)),
            Named::OnlyTheMaker => {
                $query.filter(recall_criteria::identifier.is_null()).filter(recall_criteria::reference.is_null())
            }
        }
    };
}

/// Lines that name this unit, and those that name no unit but all, or a time.
pub(super) fn exact(connection: &mut AnyConnection, named: &Named, shown: &Shown) -> Result<Vec<Row>, Problem> {
    let lines = |units: Vec<UnitKind>| {
        let lines = recall_criteria::table
            .inner_join(recalls::table)
            .filter(recalls::state.eq(RecallState::Active))
            .filter(recall_criteria::units.eq_any(units))
            .select((recalls::reference, recalls::title, CriterionRow::as_select()))
            .into_boxed();
        naming!(lines, named)
    };
    let mut rows: Vec<Row> = lines(vec![UnitKind::All, UnitKind::Expiry, UnitKind::Manufacture]).load(connection)?;
    for (kind, values) in [(UnitKind::Lot, &shown.lots), (UnitKind::Serial, &shown.serials)] {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().cloned().collect();
            rows.extend(lines(vec![kind]).filter(recall_criteria::value_alike.eq_any(values)).load::<Row>(connection)?);
        }
    }
    Ok(rows)
}

/// One line of each recall and device that names lots or serials which the unit does not show.
pub(super) fn vague(connection: &mut AnyConnection, named: &Named, shown: &Shown) -> Result<Vec<Vague>, Problem> {
    let kinds = shown.vague();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let active = recalls::table.filter(recalls::state.eq(RecallState::Active)).select(recalls::id);
    let lines = recall_criteria::table
        .filter(recall_criteria::recall_id.eq_any(active))
        .filter(recall_criteria::units.eq_any(kinds))
        .group_by((
            recall_criteria::recall_id,
            recall_criteria::units,
            recall_criteria::issuer,
            recall_criteria::identifier,
            recall_criteria::maker,
            recall_criteria::reference,
        ))
        .select((
            recall_criteria::recall_id,
            recall_criteria::units,
            recall_criteria::issuer,
            recall_criteria::identifier,
            recall_criteria::maker,
            recall_criteria::reference,
            min(recall_criteria::value),
        ));
    let found: Vec<Line> = match named.clone() {
        Named::Identifier(text) => lines.filter(recall_criteria::identifier.eq(text)).load(connection)?,
        Named::Reference(text) => lines.filter(recall_criteria::reference.eq(text)).load(connection)?,
        Named::OnlyTheMaker => Vec::new(),
    };
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<RecallId> = found.iter().map(|line| line.0).collect();
    let notices: Vec<(RecallId, String, String)> = recalls::table
        .filter(recalls::id.eq_any(ids.into_iter().collect::<Vec<_>>()))
        .select((recalls::id, recalls::reference, recalls::title))
        .load(connection)?;
    let notices: BTreeMap<RecallId, (String, String)> =
        notices.into_iter().map(|(id, reference, title)| (id, (reference, title))).collect();
    let known = found.into_iter().filter_map(|(id, kind, issuer, identifier, maker, reference, value)| {
        let (notice, title) = notices.get(&id)?.clone();
        Some((notice, title, kind, issuer, identifier, maker, reference, value))
    });
    Ok(known.collect())
}
