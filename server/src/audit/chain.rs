//! The hash chain over the audit rows.
//!
//! Each seal's hash covers the seal before it and its row, so that a row changed, removed or slipped in behind the
//! database's back shows. A job adds the seals; verification reads everything again.

use std::collections::HashSet;

use chrono::TimeDelta;
use diesel::dsl::not;
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{AuditEntry, AuditId};
use crate::error::Problem;
use crate::on_engine;
use crate::store::columns::Moment;
use crate::store::schema::{audit_entries, audit_seals};
use crate::store::{AnyConnection, Transaction};

/// Rows sealed in one transaction at the most: few enough that nobody's record waits long behind them.
const BATCH: i64 = 250;
/// Rows read at once for verification.
const PAGE: i64 = 1000;
/// A row may become visible so much later than rows with a later time: its transaction took long.
const LATE: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seals)]
struct Seal {
    position: i64,
    entry_id: AuditId,
    hash: Vec<u8>,
    sealed_at: Moment,
}

/// Where to look for rows without a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere: at the start, and from time to time, so that nothing stays unsealed however late it came.
    Everything,
    /// From a little before the latest sealed row on: what a running job has to do, whatever the size of the registry.
    Recent,
}

/// The oldest rows that have no seal yet, to be sealed together. None holds up those who record: this only reads.
///
/// # Errors
/// Those of the database.
pub fn unsealed(connection: &mut AnyConnection, reach: Reach) -> Result<Vec<AuditEntry>, Problem> {
    let latest: Option<Moment> = match reach {
        Reach::Everything => None,
        Reach::Recent => audit_seals::table
            .inner_join(audit_entries::table)
            .select(audit_entries::recorded_at)
            .order(audit_seals::position.desc())
            .first(connection)
            .optional()?,
    };
    let sealed = audit_seals::table.filter(audit_seals::entry_id.eq(audit_entries::id)).select(audit_seals::entry_id);
    let mut open =
        audit_entries::table.select(AuditEntry::as_select()).filter(not(diesel::dsl::exists(sealed))).into_boxed();
    if let Some(latest) = latest {
        open = open.filter(audit_entries::recorded_at.ge(Moment::from(latest.utc() - LATE)));
    }
    Ok(open.order((audit_entries::recorded_at, audit_entries::id)).limit(BATCH).load(connection)?)
}

/// Seals these rows, but for those that another server sealed meanwhile; answers how many.
///
/// # Errors
/// Those of the database.
pub fn seal(transaction: &mut Transaction<'_>, open: &[AuditEntry]) -> Result<usize, Problem> {
    let last: Option<Seal> = audit_seals::table
        .select(Seal::as_select())
        .order(audit_seals::position.desc())
        .first(&mut **transaction)
        .optional()?;
    let (mut position, mut hash) = last.map_or((0, vec![0; 32]), |seal| (seal.position, seal.hash));
    let ids: Vec<AuditId> = open.iter().map(|entry| entry.id).collect();
    let sealed: HashSet<AuditId> = audit_seals::table
        .filter(audit_seals::entry_id.eq_any(ids))
        .select(audit_seals::entry_id)
        .load(&mut **transaction)?
        .into_iter()
        .collect();
    let sealed_at = Moment::now();
    let mut seals = Vec::with_capacity(open.len());
    for entry in open.iter().filter(|entry| !sealed.contains(&entry.id)) {
        position += 1;
        hash = link(&hash, entry);
        seals.push(Seal { position, entry_id: entry.id, hash: hash.clone(), sealed_at });
    }
    on_engine!(&mut **transaction, c => diesel::insert_into(audit_seals::table).values(&seals).execute(c))?;
    Ok(seals.len())
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
            .limit(PAGE)
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

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::access::Actor;
    use crate::audit::{Act, record};
    use crate::store::testing::on_both_engines;
    use crate::store::{Engine, Store};

    fn act(store: &Store, subject: &str) {
        let subject = subject.to_owned();
        let recorded = store.write_now(move |tx| {
            let act = Act { action: "tested", subject_kind: "test", subject: subject.clone(), detail: &() };
            record(tx, &Actor::System, &act)
        });
        recorded.expect("an audit row");
    }

    fn seal_now(store: &Store, reach: Reach) -> usize {
        let open = store.read_now(|connection| unsealed(connection, reach)).expect("rows");
        store.write_now(move |tx| seal(tx, &open)).expect("seals")
    }

    #[test]
    fn rows_are_sealed_once_and_in_order() {
        on_both_engines(|store| {
            for subject in ["one", "two", "three"] {
                act(store, subject);
            }
            assert_eq!(seal_now(store, Reach::Recent), 3);
            act(store, "four");
            let open = store.read_now(|connection| unsealed(connection, Reach::Recent)).unwrap();
            assert_eq!(open.iter().map(|entry| entry.subject.as_str()).collect::<Vec<_>>(), ["four"]);
            for expected in [1, 0] {
                let open = open.clone();
                assert_eq!(store.write_now(move |tx| seal(tx, &open)).unwrap(), expected, "sealed twice");
            }
            let verified = store.read_now(verify).unwrap();
            assert_eq!(verified, Verified::Whole { sealed: 4, waiting: 0 });
            assert_eq!(store.read_now(|connection| verify_latest(connection, 2)).unwrap(), verified);
        });
    }

    #[test]
    fn audit_rows_cannot_be_changed_and_a_forged_chain_shows() {
        on_both_engines(|store| {
            for subject in ["a", "b", "c"] {
                act(store, subject);
            }
            assert_eq!(seal_now(store, Reach::Everything), 3);
            assert_eq!(store.read_now(verify).unwrap(), Verified::Whole { sealed: 3, waiting: 0 });
            let forged = store.write_now(|tx| Ok(tx.batch_execute("UPDATE audit_entries SET actor = 'nobody'")?));
            assert!(forged.is_err(), "the database must refuse");
            // Someone with the database's own rights takes the guard away and changes a row: the chain tells.
            let disarm = match store.engine() {
                Engine::Sqlite => "DROP TRIGGER audit_entries_no_update",
                Engine::Postgres => "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only",
            };
            store
                .write_now(move |tx| {
                    tx.batch_execute(disarm)?;
                    Ok(tx.batch_execute("UPDATE audit_entries SET actor = 'nobody' WHERE subject = 'b'")?)
                })
                .unwrap();
            assert_eq!(store.read_now(verify).unwrap(), Verified::Broken { position: 2 });
        });
    }

    #[test]
    fn a_row_that_became_visible_late_is_sealed_at_the_next_full_look() {
        on_both_engines(|store| {
            act(store, "in time");
            assert_eq!(seal_now(store, Reach::Recent), 1);
            let late = AuditEntry {
                id: AuditId::new(),
                recorded_at: Moment::from(chrono::Utc::now() - LATE * 2),
                user_id: None,
                actor: "system".to_owned(),
                action: "tested".to_owned(),
                subject_kind: "test".to_owned(),
                subject: "late".to_owned(),
                detail: "null".to_owned(),
            };
            store
                .write_now(move |tx| {
                    Ok(diesel::insert_into(audit_entries::table).values(late.clone()).execute(&mut **tx)?)
                })
                .unwrap();
            assert_eq!(seal_now(store, Reach::Recent), 0);
            assert_eq!(seal_now(store, Reach::Everything), 1);
            assert_eq!(store.read_now(verify).unwrap(), Verified::Whole { sealed: 2, waiting: 0 });
        });
    }
}
