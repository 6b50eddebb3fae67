//! From the confirmation to the last pack in quarantine, in many short changes.
//!
//! The first of them makes the recall act: from then on theatres stop on it and packs that come in are set apart. Which packs lie on
//! the shelves is asked on a connection that only reads, however long that takes; they are set apart some at a time, so that no scan
//! waits long behind them. What is broken off goes on by itself. See the decision in `docs/decisions/0038`.

use std::time::Duration;

use actix_web::web;
use chrono::{TimeDelta, Utc};

use super::model::QuarantineRun;
use super::store as runs;
use super::{Recalled, certain};
use crate::access::{Actor, User};
use crate::error::{Code, Problem};
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::stock::model::StockId;
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::pace::Pace;
use crate::store::read::people::users_of;
use crate::store::{AnyConnection, Store};

/// Minutes after which a run that nobody touched is taken up by the server's job.
const LEFT_AFTER: i64 = 2;

/// What a run starts from.
struct Start {
    run: QuarantineRun,
    actor: Actor,
    waiting: Vec<(StockId, Recalled)>,
}

fn start(connection: &mut AnyConnection, id: RecallId) -> Result<Option<Start>, Problem> {
    let Some(run) = runs::of_recall(connection, id)?.filter(|run| run.finished_at.is_none()) else { return Ok(None) };
    let users = users_of(connection, &[run.begun_by])?;
    let actor = users.get(&run.begun_by).map_or(Actor::System, Actor::from);
    let recall = recalls::show(connection, id)?;
    let waiting = if recall.notice.state == RecallState::Active { certain(connection, &recall)? } else { Vec::new() };
    Ok(Some(Start { run, actor, waiting }))
}

/// Sets apart what a recall that acts names for certain; from the start, or where that was broken off. Nothing happens where
/// it is finished, or where another run does it.
///
/// # Errors
/// Those of the database.
pub fn set_apart(store: &Store, id: RecallId) -> Result<(), Problem> {
    let Some(Start { run, actor, waiting }) = store.read_now(|connection| start(connection, id))? else {
        return Ok(());
    };
    match all(store, run, &actor, &waiting) {
        Err(problem) if problem.code() == Code::WrongState => {
            tracing::info!(recall = %id, why = problem.detail(), "another run goes on, or the recall was closed");
            Ok(())
        }
        done => done,
    }
}

fn all(store: &Store, run: QuarantineRun, actor: &Actor, mut waiting: &[(StockId, Recalled)]) -> Result<(), Problem> {
    let many = waiting.len();
    let mut run = store.write_now(move |tx| runs::found(tx, &run, many))?;
    let mut pace = Pace::default();
    while !waiting.is_empty() {
        let (some, later) = waiting.split_at(pace.rows().min(waiting.len()));
        let (who, before, some) = (actor.clone(), run.clone(), some.to_vec());
        run = pace.timed(|| store.write_now(move |tx| runs::set_apart(tx, &who, &before, &some)))?;
        waiting = later;
    }
    let who = actor.clone();
    store.write_now(move |tx| runs::finish(tx, &who, &run)).map(|_| ())
}

/// Confirms a recall as its second reader and sets its stock apart. It acts from the confirmation on, even where the rest takes
/// long or fails: then the job goes on with it.
///
/// # Errors
/// Those of [`recalls::confirm`].
pub async fn confirm(store: &Store, user: User, id: RecallId) -> Result<(), Problem> {
    store.write(move |tx| recalls::confirm(tx, &user, id)).await?;
    go_on(store, id).await;
    Ok(())
}

/// Goes on with a run; what fails is logged, and tried again by the job.
pub async fn go_on(store: &Store, id: RecallId) {
    let store = store.clone();
    match web::block(move || set_apart(&store, id)).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => problem.log(),
        Err(error) => tracing::warn!(%error, "the server is shutting down"),
    }
}

/// Takes up runs that were broken off, for as long as the server runs.
pub async fn go_on_every_minute(store: Store) {
    let mut clock = tokio::time::interval(Duration::from_secs(60));
    loop {
        clock.tick().await;
        let since = Moment::from(Utc::now() - TimeDelta::minutes(LEFT_AFTER));
        match store.read(move |connection| runs::left(connection, since)).await {
            Ok(left) => {
                for id in left {
                    go_on(&store, id).await;
                }
            }
            Err(problem) => problem.log(),
        }
    }
}
