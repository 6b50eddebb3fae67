//! The hash chain over the audit rows.
//!
//! Each seal's hash covers the seal before it and its row, so that a row changed, removed or slipped in behind the
//! database's back shows. A job adds the seals; verification reads everything again.

use diesel::dsl::not;
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{AuditEntry, AuditId};
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::{audit_entries, audit_seals};
use crate::store::{AnyConnection, Transaction};

/// Rows sealed in one transaction at the most.
const BATCH: i64 = 1000;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seals)]
struct Seal {
    position: i64,
    entry_id: AuditId,
    hash: Vec<u8>,
    sealed_at: Moment,
}

/// Seals rows that have no seal yet; answers how many.
///
/// # Errors
/// Those of the database.
pub fn seal(transaction: &mut Transaction<'_>) -> Result<usize, Problem> {
    let last: Option<Seal> = audit_seals::table
        .select(Seal::as_select())
        .order(audit_seals::position.desc())
        .first(&mut **transaction)
        .optional()?;
    let (mut position, mut hash) = last.map_or((0, vec![0; 32]), |seal| (seal.position, seal.hash));
    let sealed = audit_seals::table.filter(audit_seals::entry_id.eq(audit_entries::id)).select(audit_seals::entry_id);
    let open: Vec<AuditEntry> = audit_entries::table
        .select(AuditEntry::as_select())
        .filter(not(diesel::dsl::exists(sealed)))
        .order(audit_entries::id)
        .limit(BATCH)
        .load(&mut **transaction)?;
    let sealed_at = Moment::now();
    for entry in &open {
        position += 1;
        hash = link(&hash, entry);
        let seal = Seal { position, entry_id: entry.id, hash: hash.clone(), sealed_at };
        diesel::insert_into(audit_seals::table).values(&seal).execute(&mut **transaction)?;
    }
    Ok(open.len())
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Every seal is right.
    Whole {
        /// Rows under seal.
        sealed: usize,
        /// Rows that wait for the sealing job.
        waiting: usize,
    },
    /// The chain is broken at this position.
    Broken {
        /// Where.
        position: i64,
    },
}

/// Reads the whole chain again.
///
/// # Errors
/// Those of the database.
pub fn verify(connection: &mut AnyConnection) -> Result<Verified, Problem> {
    verify_after(connection, 0, vec![0; 32])
}

/// Reads the latest seals again, `most` of them: quick enough for a page.
///
/// # Errors
/// Those of the database.
pub fn verify_latest(connection: &mut AnyConnection, most: i64) -> Result<Verified, Problem> {
    let last: Option<i64> = audit_seals::table.select(diesel::dsl::max(audit_seals::position)).first(connection)?;
    let before: Option<Seal> = audit_seals::table
        .filter(audit_seals::position.eq(last.unwrap_or_default().saturating_sub(most)))
        .select(Seal::as_select())
        .first(connection)
        .optional()?;
    let (position, hash) = before.map_or((0, vec![0; 32]), |seal| (seal.position, seal.hash));
    verify_after(connection, position, hash)
}

fn verify_after(connection: &mut AnyConnection, mut position: i64, mut hash: Vec<u8>) -> Result<Verified, Problem> {
    loop {
        let seals: Vec<(Seal, Option<AuditEntry>)> = audit_seals::table
            .left_join(audit_entries::table)
            .select((Seal::as_select(), Option::<AuditEntry>::as_select()))
            .filter(audit_seals::position.gt(position))
            .order(audit_seals::position)
            .limit(BATCH)
            .load(connection)?;
        if seals.is_empty() {
            break;
        }
        for (seal, entry) in seals {
            let expected = entry.as_ref().map(|entry| link(&hash, entry));
            if seal.position != position + 1 || expected.as_ref() != Some(&seal.hash) {
                return Ok(Verified::Broken { position: position + 1 });
            }
            position = seal.position;
            hash = seal.hash;
        }
    }
    let entries: i64 = audit_entries::table.count().get_result(connection)?;
    let sealed = usize::try_from(position).unwrap_or_default();
    Ok(Verified::Whole { sealed, waiting: usize::try_from(entries).unwrap_or_default().saturating_sub(sealed) })
}

/// The hash of one link: the one before, then each field with its length, so that no two rows read alike.
fn link(previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    let moment = entry.recorded_at.utc().timestamp_micros().to_string();
    let user = entry.user_id.map(|user| user.to_string()).unwrap_or_default();
    let id = entry.id.to_string();
    for field in [&id, &moment, &user, &entry.actor, &entry.action, &entry.subject_kind, &entry.subject, &entry.detail]
    {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finalize().to_vec()
}
