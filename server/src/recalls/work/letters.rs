//! Letters in the database.

use diesel::prelude::*;
use serde::Serialize;

use super::letter::{Letter, LetterId};
use crate::access::User;
use crate::audit::{self, Act};
use crate::error::Problem;
use crate::once::{Written, repeated};
use crate::recalls::model::RecallId;
use crate::recalls::store as recalls;
use crate::store::schema::recall_letters;
use crate::store::{AnyConnection, Transaction};

#[derive(Debug, Serialize)]
struct LetterWritten {
    letter: LetterId,
}

/// Keeps a template; from now on it is the recall's.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), [`Code::IdReused`](crate::error::Code::IdReused).
pub fn write(tx: &mut Transaction<'_>, user: &User, new: &Letter) -> Result<Written, Problem> {
    let there = recall_letters::table.find(new.id).select(Letter::as_select()).first(&mut **tx).optional()?;
    let same = |there: &Letter| Letter { written_at: new.written_at, ..there.clone() } == *new;
    if repeated(there, same, || format!("letter {}", new.id))?.is_some() {
        return Ok(Written::Before);
    }
    recalls::notice(tx, new.recall_id)?;
    diesel::insert_into(recall_letters::table).values(new).execute(&mut **tx)?;
    let detail = LetterWritten { letter: new.id };
    let act = Act {
        action: "recall-letter-written",
        subject_kind: "recall",
        subject: new.recall_id.to_string(),
        detail: &detail,
    };
    audit::record(tx, &user.into(), &act)?;
    Ok(Written::Now)
}

/// The template of a recall, if somebody wrote one.
///
/// # Errors
/// Those of the database.
pub fn latest(connection: &mut AnyConnection, recall: RecallId) -> Result<Option<Letter>, Problem> {
    Ok(recall_letters::table
        .filter(recall_letters::recall_id.eq(recall))
        .select(Letter::as_select())
        .order((recall_letters::written_at.desc(), recall_letters::id.desc()))
        .first(connection)
        .optional()?)
}
