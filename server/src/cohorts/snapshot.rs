//! The registry as columns, shared by all requests: read once, stored, and kept current by what was recorded since.
//!
//! A stored snapshot is verified against its hash when it is loaded; one that is damaged is read anew from the record. Once a day
//! the whole registry is read again, so that nothing that slipped by stays wrong.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tessera_scanner::verdict::london_date;
use tokio::sync::watch;
use uuid::Uuid;

use super::disclosure::{DevicesTold, Disclosure};
use super::league::{By, League};
use super::question::{Kind, Question};
use super::reckoned::reckoned;
use super::store as snapshots;
use super::totals::Totals;
use crate::analysis::cohort::{Cohort, Exits, Selection};
use crate::error::Problem;
use crate::small_numbers::Sight;
use crate::store::columns::Moment;
use crate::store::read::cohort::{StoredCohort, cohort, follow};
use crate::store::{AnyConnection, Store};

/// A snapshot is brought up to date after a minute at the earliest and after a quarter of an hour at the latest; meanwhile the old
/// one is shown. Between, it may be [`PAUSE`] times as old as it took to follow the record: a large registry is asked less often.
const FRESH: (chrono::Duration, chrono::Duration) = (chrono::Duration::minutes(1), chrono::Duration::minutes(15));
/// How many times as long as reading took reading pauses.
const PAUSE: i32 = 200;
/// A snapshot is stored at most this often.
const STORED_EVERY: chrono::Duration = chrono::Duration::minutes(15);
/// The whole registry is read again after this long.
const WHOLE_EVERY: chrono::Duration = chrono::Duration::hours(24);
/// How long a page waits for the first snapshot.
const PATIENCE: Duration = Duration::from_secs(5);

/// What may be told of devices as of a day, and to whom.
#[derive(Clone, Debug)]
struct ToldTo {
    kinds: Vec<Kind>,
    until: NaiveDate,
    sight: Sight,
    told: DevicesTold,
}

/// The registry as it was at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    stored: StoredCohort,
    hash: [u8; 32],
    /// What is recorded until then is in it.
    pub taken: DateTime<Utc>,
    /// When the whole registry was read.
    whole: DateTime<Utc>,
    /// How long it took to bring it up to date.
    took: chrono::Duration,
    /// How many of what there ever were; counted where it is asked for first.
    totals: OnceLock<Totals>,
    /// What may be told of its devices, as it was asked for last.
    told: Arc<Mutex<Option<ToldTo>>>,
    /// Tables that were asked for.
    leagues: Arc<Mutex<HashMap<LeagueAsked, Arc<League>>>>,
    /// Who left when, of all devices of a kind: what each of them is held against.
    kinds: Arc<Mutex<HashMap<KindUntil, Arc<Exits>>>>,
}

/// A question by its content hash, what stands side by side, and who asks.
type LeagueAsked = ([u8; 32], By, Sight);

/// The products of a kind in order, and a day.
type KindUntil = (Vec<Uuid>, NaiveDate);

/// Tables that are kept.
const LEAGUES: usize = 64;

impl Snapshot {
    /// Of a cohort as it stands in the store.
    pub fn new(stored: StoredCohort, taken: DateTime<Utc>) -> Self {
        let (hash, took) = (stored.cohort.hash(), chrono::Duration::zero());
        Self {
            hash,
            stored,
            taken,
            whole: taken,
            took,
            totals: OnceLock::new(),
            told: Arc::default(),
            leagues: Arc::default(),
            kinds: Arc::default(),
        }
    }

    /// Who left when, of all devices of a kind until a day.
    pub fn exits_of_kind(&self, products: Vec<Uuid>, until: NaiveDate) -> Arc<Exits> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (products, until);
        if let Some(known) = kinds.get(&kind) {
            return Arc::clone(known);
        }
        let exits = Arc::new(self.cohort().exits(kind.0.iter().copied(), &[Selection::until(until)]));
        kinds.insert(kind, Arc::clone(&exits));
        exits
    }

    /// Devices, sites or surgeons side by side; the same question again costs nothing.
    pub fn league(&self, question: &Question, by: By, sight: Sight) -> Arc<League> {
        let asked = (question.content_hash(self), by, sight);
        let leagues = || self.leagues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = leagues().get(&asked) {
            return Arc::clone(known);
        }
        let league = Arc::new(League::of(self, question, by, sight));
        let mut known = leagues();
        if known.len() >= LEAGUES {
            known.clear();
        }
        known.insert(asked, Arc::clone(&league));
        league
    }

    /// How many of what there ever were.
    pub fn totals(&self) -> &Totals {
        self.totals.get_or_init(|| Totals::of(self.cohort()))
    }

    /// What may be told of its devices, alone and at each site, where that was asked for before.
    pub fn devices_told(&self, until: NaiveDate, sight: Sight) -> Option<DevicesTold> {
        let last = self.last_told();
        last.as_ref().filter(|last| (last.until, last.sight) == (until, sight)).map(|last| Arc::clone(&last.told))
    }

    /// The same where it was not: reckons it, and whoever asks meanwhile waits.
    pub fn reckon_devices_told(&self, kinds: Vec<Kind>, until: NaiveDate, sight: Sight) -> DevicesTold {
        let mut last = self.last_told();
        if let Some(known) = last.as_ref().filter(|last| (last.until, last.sight) == (until, sight)) {
            return Arc::clone(&known.told);
        }
        let told = Arc::new(Disclosure::of_devices(self, &kinds, until, sight));
        *last = Some(ToldTo { kinds, until, sight, told: Arc::clone(&told) });
        told
    }

    fn last_told(&self) -> MutexGuard<'_, Option<ToldTo>> {
        // What stands there was whole before it was put there, whatever became of who did.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reckons ahead what was asked of the snapshot before this one.
    fn prepare(&self, before: &Self, today: NaiveDate) {
        let asked = before.last_told().clone();
        if let Some(ToldTo { kinds, sight, .. }) = asked {
            self.reckon_devices_told(kinds, today, sight);
        }
    }

    /// Whether it is old enough to be brought up to date.
    fn is_stale(&self, now: DateTime<Utc>) -> bool {
        now - self.taken > (self.took * PAUSE).clamp(FRESH.0, FRESH.1)
    }

    /// Its implants.
    pub fn cohort(&self) -> &Cohort {
        &self.stored.cohort
    }

    /// What is told beside its columns, and implants whose dates contradict each other, which are in no figure.
    pub fn stored(&self) -> &StoredCohort {
        &self.stored
    }

    /// SHA-256 of the content.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The hash in words.
    pub fn hash_text(&self) -> String {
        hex::encode(self.hash)
    }

    /// The moment in words, in London.
    pub fn taken_text(&self) -> String {
        self.taken.with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string()
    }
}

/// The latest snapshot, shared by all requests.
#[derive(Debug)]
pub struct Cohorts {
    latest: watch::Sender<Option<Arc<Snapshot>>>,
    reading: AtomicBool,
}

impl Default for Cohorts {
    fn default() -> Self {
        Self { latest: watch::Sender::new(None), reading: AtomicBool::new(false) }
    }
}

impl Cohorts {
    /// The latest snapshot; none where the first is still being read.
    pub async fn snapshot(self: &Arc<Self>, store: &Store) -> Option<Arc<Snapshot>> {
        let known = self.latest.borrow().clone();
        let stale = known.as_ref().is_none_or(|snapshot| snapshot.is_stale(Utc::now()));
        if stale && !self.reading.swap(true, Ordering::AcqRel) {
            let (cohorts, store) = (Arc::clone(self), store.clone());
            actix_web::rt::spawn(async move { cohorts.read(&store).await });
        }
        if known.is_some() {
            return known;
        }
        let mut heard = self.latest.subscribe();
        let first = tokio::time::timeout(PATIENCE, heard.wait_for(Option::is_some)).await;
        first.ok()?.ok()?.clone()
    }

    /// The same where there must be one.
    ///
    /// # Errors
    /// [`Code::Busy`](crate::error::Code::Busy) while the first is being read.
    pub async fn needed(self: &Arc<Self>, store: &Store) -> Result<Arc<Snapshot>, Problem> {
        self.snapshot(store).await.ok_or_else(|| {
            Problem::new(crate::error::Code::Busy, "The registry is being read into columns for the first time.")
        })
    }

    async fn read(&self, store: &Store) {
        let known = self.latest.borrow().clone();
        let known_before = known.clone();
        match store.read(move |connection| current(connection, known.as_deref())).await {
            Ok(snapshot) => {
                let took = Utc::now() - snapshot.taken;
                let snapshot = Arc::new(Snapshot { took, ..snapshot });
                if let Some(before) = known_before {
                    let prepared = Arc::clone(&snapshot);
                    // What is not reckoned ahead is reckoned where it is asked for.
                    if let Err(problem) = reckoned(move || prepared.prepare(&before, london_date(Utc::now()))).await {
                        problem.log();
                    }
                }
                self.latest.send_replace(Some(Arc::clone(&snapshot)));
                if let Err(problem) = keep(store, &snapshot).await {
                    problem.log();
                }
            }
            Err(problem) => problem.log(),
        }
        self.reading.store(false, Ordering::Release);
    }
}

/// The registry as it is now: what is known or stored, and what was recorded since.
///
/// # Errors
/// Those of the database.
pub fn current(connection: &mut AnyConnection, known: Option<&Snapshot>) -> Result<Snapshot, Problem> {
    let now = Utc::now();
    let before = match known {
        Some(known) => Some(known.clone()),
        None => stored(connection)?,
    };
    match before.filter(|before| now - before.whole < WHOLE_EVERY) {
        Some(mut before) => {
            follow(connection, &mut before.stored, Moment::from(before.taken))?;
            Ok(Snapshot { whole: before.whole, ..Snapshot::new(before.stored, now) })
        }
        None => Ok(Snapshot::new(cohort(connection)?, now)),
    }
}

/// The latest that was stored; none where there is none, or where it is damaged: that is told in the log.
fn stored(connection: &mut AnyConnection) -> Result<Option<Snapshot>, Problem> {
    match snapshots::latest(connection) {
        Err(problem) if problem.code() == crate::error::Code::Internal => {
            problem.log();
            Ok(None)
        }
        found => found,
    }
}

/// Stores a snapshot where none was stored for a while. Each step is a change of its own, so that scans need not wait.
async fn keep(store: &Store, snapshot: &Arc<Snapshot>) -> Result<(), Problem> {
    let due = store.read(snapshots::latest_taken).await?;
    if due.is_some_and(|last| snapshot.taken - last.utc() < STORED_EVERY) {
        return Ok(());
    }
    store_whole(store, snapshot, false).await
}

/// Stores a snapshot; `frozen`, it stays for good.
///
/// # Errors
/// Those of the database.
pub async fn store_whole(store: &Store, snapshot: &Arc<Snapshot>, frozen: bool) -> Result<(), Problem> {
    let there = store.read(snapshots::digests).await?;
    let pieces: Vec<_> = snapshot.cohort().pieces().filter(|piece| !there.contains(&piece.digest())).collect();
    for some in pieces.chunks(PIECES_AT_ONCE) {
        let some: Vec<_> = some.iter().map(|piece| (piece.digest(), piece.bytes())).collect();
        store.write(move |tx| snapshots::write_columns(tx, &some)).await?;
    }
    let whole = Arc::clone(snapshot);
    store.write(move |tx| snapshots::write_snapshot(tx, &whole, frozen)).await?;
    store.write(snapshots::forget_old).await
}

/// Devices written in one change.
const PIECES_AT_ONCE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_done_less_often() {
        let taken = DateTime::UNIX_EPOCH;
        let snapshot = |seconds| Snapshot {
            took: chrono::Duration::seconds(seconds),
            ..Snapshot::new(StoredCohort::default(), taken)
        };
        let stale = |took, minutes| snapshot(took).is_stale(taken + chrono::Duration::minutes(minutes));
        assert_eq!([stale(0, 1), stale(0, 2)], [false, true]);
        assert_eq!([stale(2, 6), stale(2, 7)], [false, true], "two seconds: 400 seconds");
        assert_eq!([stale(60, 15), stale(60, 16)], [false, true]);
    }
}
