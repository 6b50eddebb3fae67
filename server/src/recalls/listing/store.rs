//! Lists in the database.

use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::Criterion;

use super::model::{Listing, ListingId};
use crate::access::User;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::schema::recall_listings;
use crate::store::{AnyConnection, Transaction};

#[derive(Debug, Serialize)]
struct Detail<'a> {
    listing: ListingId,
    digest: &'a str,
    lines: i64,
    added: i64,
}

/// The list of this file, begun or found where it was begun before.
///
/// # Errors
/// [`Code::WrongState`] where the notice does not wait for its second person, [`Code::NotFound`].
pub fn begin(
    tx: &mut Transaction<'_>,
    user: &User,
    recall: RecallId,
    (digest, lines): (&str, i64),
) -> Result<Listing, Problem> {
    let notice = recalls::notice(tx, recall)?;
    let known = recall_listings::table
        .filter(recall_listings::recall_id.eq(recall))
        .filter(recall_listings::digest.eq(digest))
        .select(Listing::as_select());
    if let Some(there) = known.get_result(&mut **tx).optional()? {
        return Ok(there);
    }
    waits(notice.state, &notice.reference)?;
    let listing = Listing {
        id: ListingId::new(),
        recall_id: recall,
        digest: digest.to_owned(),
        lines,
        done: 0,
        added: 0,
        started_at: Moment::now(),
        started_by: user.id,
        finished_at: None,
    };
    diesel::insert_into(recall_listings::table).values(&listing).execute(&mut **tx)?;
    Ok(listing)
}

fn waits(state: RecallState, reference: &str) -> Result<(), Problem> {
    if state == RecallState::Structured {
        return Ok(());
    }
    let detail = format!("{reference} is {state}: lines are added to a notice that waits for its second person.");
    Err(Problem::new(Code::WrongState, detail))
}

/// Adds the next lines: those of the file from `listing.done` on, of which `some` are not repeated.
///
/// # Errors
/// [`Code::WrongState`] where somebody else went on with this list, or the notice was confirmed or closed meanwhile.
pub fn add(
    tx: &mut Transaction<'_>,
    user: &User,
    listing: &Listing,
    (some, read): (&[Criterion], i64),
) -> Result<Listing, Problem> {
    let notice = recalls::notice(tx, listing.recall_id)?;
    waits(notice.state, &notice.reference)?;
    let mut now = Listing { done: listing.done + read, ..listing.clone() };
    now.added += i64::try_from(some.len()).unwrap_or_default();
    now.finished_at = (now.done >= now.lines).then(Moment::now);
    let row = recall_listings::table
        .filter(recall_listings::id.eq(listing.id))
        .filter(recall_listings::done.eq(listing.done));
    let changed = diesel::update(row)
        .set((
            recall_listings::done.eq(now.done),
            recall_listings::added.eq(now.added),
            recall_listings::finished_at.eq(now.finished_at),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "Somebody else is bringing this list in."));
    }
    recalls::insert_criteria(tx, listing.recall_id, some)?;
    if now.finished_at.is_some() {
        let detail = Detail { listing: now.id, digest: &now.digest, lines: now.lines, added: now.added };
        let subject = now.recall_id.to_string();
        let act = Act { action: "recall-list-brought-in", subject_kind: "recall", subject, detail: &detail };
        audit::record(tx, &user.into(), &act)?;
    }
    Ok(now)
}

/// The lists of a recall, the first first.
///
/// # Errors
/// Those of the database.
pub fn of_recall(connection: &mut AnyConnection, recall: RecallId) -> Result<Vec<Listing>, Problem> {
    Ok(recall_listings::table
        .filter(recall_listings::recall_id.eq(recall))
        .select(Listing::as_select())
        .order(recall_listings::id)
        .load(connection)?)
}
