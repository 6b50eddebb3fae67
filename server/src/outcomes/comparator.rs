//! What a device's curve is compared with: all other devices of its kind, from a snapshot of the whole registry.
//!
//! The snapshot is read once and shared ([`Cohorts`]): it may be some minutes old, and its age is told beside the curve. A
//! large registry takes a while to read; until it has been, pages show the device's own curve alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::watch;

use super::curve::{YearPoint, at_years};
use crate::analysis::cohort::{REVISED, Selection};
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::catalogue::ProductId;
use crate::store::Store;
use crate::store::read::cohort::{StoredCohort, cohort};

/// A snapshot older than this is read anew; meanwhile the old one is shown.
const FRESH: chrono::Duration = chrono::Duration::minutes(15);
/// How long a page waits for the first snapshot.
const PATIENCE: Duration = Duration::from_secs(5);

/// The registry as columns, as it was at one moment.
#[derive(Debug)]
pub struct Snapshot {
    stored: StoredCohort,
    hash: String,
    taken: DateTime<Utc>,
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
        let stale = known.as_ref().is_none_or(|snapshot| Utc::now() - snapshot.taken > FRESH);
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

    async fn read(&self, store: &Store) {
        let taken = Utc::now();
        let read = store.read(move |connection| {
            let stored = cohort(connection)?;
            Ok(Snapshot { hash: hex::encode(stored.cohort.hash()), stored, taken })
        });
        match read.await {
            Ok(snapshot) => drop(self.latest.send_replace(Some(Arc::new(snapshot)))),
            Err(problem) => problem.log(),
        }
        self.reading.store(false, Ordering::Release);
    }
}

/// The curve of all other devices of a kind.
#[derive(Clone, Debug)]
pub struct Comparator {
    /// How many implants.
    pub n: u64,
    /// The curve.
    pub estimate: Curve,
    /// The curve at 1, 3, 5, 10 and 15 years.
    pub at_years: Vec<YearPoint>,
    /// Where the figures come from, in one sentence.
    pub source: String,
}

impl Comparator {
    /// Computes it; none where nobody has another device of the kind.
    pub fn of(snapshot: &Snapshot, others: &[ProductId], today: NaiveDate) -> Option<Self> {
        let products = others.iter().map(|product| product.uuid());
        let table = snapshot.stored.cohort.life_table_of(products, &Selection::until(today));
        if table.n == 0 {
            return None;
        }
        let estimate = kaplan_meier(&table, REVISED, Confidence::default());
        let taken = snapshot.taken.with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M");
        let source = format!(
            "All other devices of its kind: {} implants, registry as of {taken}, snapshot {}.",
            table.n,
            &snapshot.hash[..16]
        );
        Some(Self { n: table.n, at_years: at_years(&estimate), estimate, source })
    }
}
