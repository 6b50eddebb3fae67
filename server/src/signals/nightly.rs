//! The judgement itself: at night, and whenever somebody asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveTime, Utc};
use chrono_tz::Europe::London;
use tessera_scanner::verdict::london_date;
use uuid::Uuid;

use super::judge::judge;
use super::monitors::watch;
use super::store::{self as signals, Judged};
use crate::access::Actor;
use crate::catalogue::store as catalogue;
use crate::cohorts::snapshot::{Cohorts, store_whole};
use crate::error::{Code, Problem};
use crate::store::Store;

/// Judges every device on the latest snapshot, whose hash goes into the evidence.
///
/// # Errors
/// [`Code::Busy`](crate::error::Code::Busy) while the registry is read for the first time; those of the database.
pub async fn judge_now(store: &Store, cohorts: &Arc<Cohorts>, actor: Actor) -> Result<Judged, Problem> {
    let snapshot = cohorts.needed(store).await?;
    let kinds = store.read(catalogue::kinds).await?;
    let groups: BTreeMap<String, Vec<Uuid>> =
        kinds.into_iter().map(|(kind, products)| (kind, products.iter().map(|id| id.uuid()).collect())).collect();
    let (judged, until) = (Arc::clone(&snapshot), london_date(Utc::now()));
    // The charts are simulated, which keeps a processor busy: not that of the requests.
    let found = tokio::task::spawn_blocking(move || {
        let mut findings = judge(judged.cohort(), &groups, until);
        findings.extend(watch(judged.cohort(), &groups, until));
        findings
    });
    let failed = |error| Problem::new(Code::Internal, "The devices could not be judged.").because(error);
    let (findings, hash) = (found.await.map_err(failed)?, snapshot.hash());
    if findings.iter().any(|finding| finding.met) {
        // The evidence of a signal stays: whoever doubts it can count again, years later.
        store_whole(store, &snapshot, true).await?;
    }
    store.write(move |tx| signals::apply(tx, &actor, &findings, &hash)).await
}

/// Judges every night at two o'clock in London, for as long as the server runs.
pub async fn judge_every_night(store: Store, cohorts: Arc<Cohorts>) {
    loop {
        tokio::time::sleep(until_two(Utc::now())).await;
        match judge_now(&store, &cohorts, Actor::System).await {
            Ok(judged) => tracing::info!(
                raised = judged.raised,
                lifted = judged.lifted,
                standing = judged.standing,
                "signals judged"
            ),
            Err(problem) => problem.log(),
        }
    }
}

/// How long it is until the next two o'clock; in the night in which clocks change, an hour more or less.
fn until_two(now: chrono::DateTime<Utc>) -> Duration {
    let local = now.with_timezone(&London).time();
    let two = NaiveTime::from_hms_opt(2, 0, 0).unwrap_or_default();
    let ahead = two - local;
    let ahead = if ahead > chrono::Duration::zero() { ahead } else { ahead + chrono::Duration::days(1) };
    ahead.to_std().unwrap_or(Duration::from_secs(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_for_two_in_london() {
        let at = |text: &str| until_two(text.parse().unwrap()).as_secs();
        assert_eq!(at("2026-01-10T01:00:00Z"), 3_600);
        assert_eq!(at("2026-01-10T02:00:00Z"), 86_400);
        assert_eq!(at("2026-07-10T00:30:00Z"), 1_800, "summer time");
    }
}
