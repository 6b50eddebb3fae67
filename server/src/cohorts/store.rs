//! Snapshots and saved cohorts in the database.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{CohortId, SavedCohort};
use super::snapshot::Snapshot;
use crate::access::{Actor, UserId};
use crate::analysis::cohort::{Cohort, NameBytes};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::on_engine;
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::read::cohort::StoredCohort;
use crate::store::schema::{cohort_columns, cohort_snapshots, saved_cohorts};
use crate::store::{AnyConnection, Transaction};

/// Pieces asked for at once.
const CHUNK: usize = 200;
/// Columns that no snapshot names are kept this long: one that names them may be on its way.
const SPARED: chrono::Duration = chrono::Duration::days(1);

/// The latest stored snapshot; none where it is of a time when less was kept.
///
/// # Errors
/// [`Code::Internal`] where it is damaged; those of the database.
pub fn latest(connection: &mut AnyConnection) -> Result<Option<Snapshot>, Problem> {
    let hash: Option<Vec<u8>> = cohort_snapshots::table
        .order(cohort_snapshots::taken_at.desc())
        .select((cohort_snapshots::hash, cohort_snapshots::beside.is_not_null()))
        .first(connection)
        .optional()?
        .filter(|(_, whole)| *whole)
        .map(|(hash, _): (_, bool)| hash);
    hash.map(|hash| snapshot(connection, &hash)).transpose()
}

/// When the latest stored snapshot was taken.
///
/// # Errors
/// Those of the database.
pub fn latest_taken(connection: &mut AnyConnection) -> Result<Option<Moment>, Problem> {
    Ok(cohort_snapshots::table.select(diesel::dsl::max(cohort_snapshots::taken_at)).get_result(connection)?)
}

/// The digests of all columns that are stored.
///
/// # Errors
/// Those of the database.
pub fn digests(connection: &mut AnyConnection) -> Result<HashSet<[u8; 32]>, Problem> {
    let all: Vec<Vec<u8>> = cohort_columns::table.select(cohort_columns::digest).load(connection)?;
    Ok(all.iter().filter_map(|digest| digest.as_slice().try_into().ok()).collect())
}

/// When it was taken; its sites, surgeons and indications; its devices; what was left out, and what is told beside the columns.
type Found = (Moment, (Vec<u8>, Vec<u8>, Vec<u8>), Vec<u8>, (Vec<u8>, Option<Vec<u8>>));

/// A stored snapshot, verified against its hash.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`] where it is damaged; those of the database.
pub fn snapshot(connection: &mut AnyConnection, hash: &[u8]) -> Result<Snapshot, Problem> {
    let found: Option<Found> = cohort_snapshots::table
        .find(hash)
        .select((
            cohort_snapshots::taken_at,
            (cohort_snapshots::sites, cohort_snapshots::surgeons, cohort_snapshots::indications),
            cohort_snapshots::devices,
            (cohort_snapshots::left_out, cohort_snapshots::beside),
        ))
        .get_result(connection)
        .optional()?;
    let Some((taken, (sites, surgeons, indications), devices, (left_out, beside))) = found else {
        return Err(Problem::not_found(format!("snapshot {}", hex::encode(hash))));
    };
    let damaged = || Problem::new(Code::Internal, format!("The stored snapshot {} is damaged.", hex::encode(hash)));
    let named = pairs::<16, 32>(&devices).ok_or_else(damaged)?;
    let mut columns = BTreeMap::new();
    for chunk in named.chunks(CHUNK) {
        let digests: Vec<&[u8]> = chunk.iter().map(|(_, digest)| digest.as_slice()).collect();
        let found: Vec<(Vec<u8>, Vec<u8>)> = cohort_columns::table
            .filter(cohort_columns::digest.eq_any(digests))
            .select((cohort_columns::digest, cohort_columns::piece))
            .load(connection)?;
        columns.extend(found);
    }
    let pieces: Option<Vec<_>> = named
        .into_iter()
        .map(|(product, digest)| Some((Uuid::from_bytes(product), digest, columns.get(digest.as_slice())?.clone())))
        .collect();
    let names = NameBytes { sites, surgeons, indications };
    let cohort = Cohort::from_pieces(&names, pieces.ok_or_else(damaged)?).map_err(|error| damaged().because(error))?;
    if cohort.hash() != *hash {
        return Err(damaged());
    }
    let left_out = pairs::<16, 8>(&left_out).ok_or_else(damaged)?;
    let left_out =
        left_out.into_iter().map(|(product, count)| (Uuid::from_bytes(product), u64::from_le_bytes(count))).collect();
    let beside = beside.map(|json| serde_json::from_slice(&json)).transpose();
    let beside = beside.map_err(|error| damaged().because(error))?.unwrap_or_default();
    Ok(Snapshot::new(StoredCohort { cohort, left_out, beside }, taken.utc()))
}

/// A list of fixed pieces; None where the length is not that of whole ones.
fn pairs<const A: usize, const B: usize>(bytes: &[u8]) -> Option<Vec<([u8; A], [u8; B])>> {
    let whole = bytes.chunks(A + B);
    whole.map(|pair| Some((pair.get(..A)?.try_into().ok()?, pair.get(A..)?.try_into().ok()?))).collect()
}

/// Writes columns under their digests; those that are there stay.
///
/// # Errors
/// Those of the database.
pub fn write_columns(tx: &mut Transaction<'_>, pieces: &[([u8; 32], Vec<u8>)]) -> Result<(), Problem> {
    let now = Moment::now();
    for (digest, columns) in pieces {
        let row = (
            cohort_columns::digest.eq(digest.as_slice()),
            cohort_columns::piece.eq(columns),
            cohort_columns::written_at.eq(now),
        );
        on_engine!(&mut **tx, c => diesel::insert_into(cohort_columns::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Writes a snapshot whose columns are there. The same content again is the same snapshot, taken later; frozen, it stays frozen.
///
/// # Errors
/// Those of the database.
pub fn write_snapshot(tx: &mut Transaction<'_>, snapshot: &Snapshot, frozen: bool) -> Result<(), Problem> {
    let hash = snapshot.hash();
    let devices: Vec<u8> = snapshot
        .cohort()
        .pieces()
        .flat_map(|piece| [&piece.product.as_bytes()[..], &piece.digest()].concat())
        .collect();
    let left_out: Vec<u8> = snapshot
        .stored()
        .left_out
        .iter()
        .flat_map(|(product, count)| [&product.as_bytes()[..], &count.to_le_bytes()].concat())
        .collect();
    let beside = serde_json::to_vec(&snapshot.stored().beside)
        .map_err(|error| Problem::new(Code::Internal, "The snapshot could not be written.").because(error))?;
    let taken = Moment::from(snapshot.taken);
    let there: Option<bool> = cohort_snapshots::table
        .find(hash.as_slice())
        .select(cohort_snapshots::frozen)
        .get_result(&mut **tx)
        .optional()?;
    if let Some(was) = there {
        diesel::update(cohort_snapshots::table.find(hash.as_slice()))
            .set((
                cohort_snapshots::taken_at.eq(taken),
                cohort_snapshots::left_out.eq(left_out),
                cohort_snapshots::beside.eq(beside),
                cohort_snapshots::frozen.eq(was || frozen),
            ))
            .execute(&mut **tx)?;
        return Ok(());
    }
    let names = snapshot.cohort().name_bytes();
    diesel::insert_into(cohort_snapshots::table)
        .values((
            cohort_snapshots::hash.eq(hash.as_slice()),
            cohort_snapshots::taken_at.eq(taken),
            cohort_snapshots::implants.eq(i64::try_from(snapshot.cohort().len()).unwrap_or(i64::MAX)),
            cohort_snapshots::sites.eq(names.sites),
            cohort_snapshots::surgeons.eq(names.surgeons),
            cohort_snapshots::indications.eq(names.indications),
            cohort_snapshots::devices.eq(devices),
            cohort_snapshots::left_out.eq(left_out),
            cohort_snapshots::beside.eq(beside),
            cohort_snapshots::frozen.eq(frozen),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets snapshots that are neither frozen nor the latest, and columns that none names any more.
///
/// # Errors
/// Those of the database.
pub fn forget_old(tx: &mut Transaction<'_>) -> Result<(), Problem> {
    let all: Vec<(Vec<u8>, Vec<u8>, bool)> = cohort_snapshots::table
        .order(cohort_snapshots::taken_at.desc())
        .select((cohort_snapshots::hash, cohort_snapshots::devices, cohort_snapshots::frozen))
        .load(&mut **tx)?;
    let mut named = HashSet::new();
    for (place, (hash, devices, frozen)) in all.iter().enumerate() {
        if place == 0 || *frozen {
            named.extend(pairs::<16, 32>(devices).unwrap_or_default().into_iter().map(|(_, digest)| digest.to_vec()));
        } else {
            diesel::delete(cohort_snapshots::table.find(hash)).execute(&mut **tx)?;
        }
    }
    let before = Moment::from(chrono::Utc::now() - SPARED);
    let old: Vec<Vec<u8>> = cohort_columns::table
        .filter(cohort_columns::written_at.lt(before))
        .select(cohort_columns::digest)
        .load(&mut **tx)?;
    for digest in old.into_iter().filter(|digest| !named.contains(digest)) {
        diesel::delete(cohort_columns::table.find(digest)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Saves a cohort. The same cohort again is the same record.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another cohort; those of the database.
pub fn save(tx: &mut Transaction<'_>, actor: &Actor, new: &SavedCohort) -> Result<(SavedCohort, Written), Problem> {
    let same = |there: &SavedCohort| {
        (&there.name, &there.filter, there.shared, there.created_by, there.snapshot_hash.is_some())
            == (&new.name, &new.filter, new.shared, new.created_by, new.snapshot_hash.is_some())
    };
    if let Some(there) = repeated(find(tx, new.id)?, same, || format!("cohort {}", new.id))? {
        return Ok((there, Written::Before));
    }
    diesel::insert_into(saved_cohorts::table).values(new).execute(&mut **tx)?;
    let detail = (&new.name, &new.filter, new.content_hash.as_ref().map(hex::encode));
    let act = Act { action: "cohort-saved", subject_kind: "cohort", subject: new.id.to_string(), detail: &detail };
    audit::record(tx, actor, &act)?;
    Ok((new.clone(), Written::Now))
}

/// A saved cohort, whoever may see it.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, id: CohortId) -> Result<Option<SavedCohort>, Problem> {
    let query = saved_cohorts::table.find(id).select(SavedCohort::as_select());
    Ok(query.get_result(connection).optional()?)
}

/// A saved cohort that this user may see.
///
/// # Errors
/// [`Code::NotFound`].
pub fn seen_by(connection: &mut AnyConnection, user: UserId, id: CohortId) -> Result<SavedCohort, Problem> {
    let found = find(connection, id)?.filter(|cohort| cohort.is_seen_by(user));
    found.ok_or_else(|| Problem::not_found(format!("cohort {id}")))
}

/// The saved cohorts that this user may see, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection, user: UserId) -> Result<Vec<SavedCohort>, Problem> {
    Ok(saved_cohorts::table
        .filter(saved_cohorts::shared.eq(true).or(saved_cohorts::created_by.eq(user)))
        .order(saved_cohorts::created_at.desc())
        .limit(200)
        .select(SavedCohort::as_select())
        .load(connection)?)
}
