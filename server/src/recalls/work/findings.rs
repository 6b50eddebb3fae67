//! Findings on shelves in the database.

use diesel::prelude::*;

use super::finding::{Finding, FindingId};
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::store::schema::recall_findings;
use crate::store::{AnyConnection, Transaction};

/// Every finding because of a recall, the latest first.
///
/// # Errors
/// Those of the database.
pub fn of_recall(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<Finding>, Problem> {
    Ok(recall_findings::table
        .filter(recall_findings::recall_id.eq(recall))
        .select(Finding::as_select())
        .order((recall_findings::recorded_at.desc(), recall_findings::id.desc()))
        .load(connection)?)
}

/// One finding, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: FindingId) -> Result<Option<Finding>, Problem> {
    Ok(recall_findings::table.find(id).select(Finding::as_select()).first(connection).optional()?)
}

/// Keeps one finding.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Transaction<'_>, finding: &Finding) -> Result<(), Problem> {
    diesel::insert_into(recall_findings::table).values(finding).execute(&mut **tx)?;
    Ok(())
}
