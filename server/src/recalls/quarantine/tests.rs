//! Setting stock apart, broken off and taken up again, on both engines.

use super::run::set_apart;
use super::{certain, store as runs};
use crate::access::Actor;
use crate::error::Code;
use crate::recalls::criteria::UnitKind;
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::stock::model::StockState;
use crate::recalls::store as recalls;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::testing::on_both_engines;

/// A recall that was confirmed, and nothing more: the server stopped right after.
fn only_confirmed(store: &Store) -> RecallId {
    let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
    enter(store, &person(store, "pat"), &new).unwrap();
    let sam = person(store, "sam");
    let confirmed = store.write_now(move |tx| recalls::confirm(tx, &sam, new.id)).unwrap();
    assert_eq!(confirmed.state, RecallState::Active);
    new.id
}

#[test]
fn a_run_that_was_broken_off_goes_on_where_it_was() {
    on_both_engines(|store| {
        ready(store);
        let shelves = [receive(store, Some("L1")), receive(store, Some("L1")), receive(store, Some("L2"))];
        let recall = only_confirmed(store);
        let late = receive(store, Some("L1"));
        assert_eq!(state(store, late), StockState::Quarantined, "the recall acts from its confirmation on");
        assert_eq!(state(store, shelves[0]), StockState::Available);
        let (run, waiting) = store
            .read_now(|connection| {
                let run = runs::of_recall(connection, recall)?.unwrap();
                let recall = recalls::show(connection, recall)?;
                Ok((run, certain(connection, &recall)?))
            })
            .unwrap();
        assert_eq!((run.found, run.done, waiting.len()), (None, 0, 2));
        assert!(run.under_way().unwrap().contains("looked for"));
        // The first of two, and then the server stops.
        let one = waiting[..1].to_vec();
        let half = store
            .write_now(move |tx| {
                let run = runs::found(tx, &run, 2)?;
                runs::set_apart(tx, &Actor::System, &run, &one)
            })
            .unwrap();
        assert_eq!((half.found, half.done, half.finished_at), (Some(2), 1, None));
        assert!(half.under_way().unwrap().contains("1 of 2"));
        let left = |since| store.read_now(|connection| runs::left(connection, since)).unwrap();
        assert_eq!(left(Moment::now()), [recall]);
        assert!(left(half.begun_at).is_empty(), "somebody may still be at it");
        set_apart(store, recall).unwrap();
        assert_eq!(
            shelves.map(|id| state(store, id)),
            [StockState::Quarantined, StockState::Quarantined, StockState::Available]
        );
        let done = store.read_now(|connection| runs::of_recall(connection, recall)).unwrap().unwrap();
        assert_eq!((done.found, done.done, done.under_way()), (Some(2), 2, None));
        set_apart(store, recall).unwrap();
        assert_eq!(store.read_now(|connection| runs::of_recall(connection, recall)).unwrap().unwrap(), done);
        // Whoever was slower finds that it is done.
        let late = store.write_now(move |tx| runs::finish(tx, &Actor::System, &half));
        assert_eq!(late.unwrap_err().code(), Code::WrongState);
    });
}

#[test]
fn a_recall_that_was_closed_meanwhile_sets_nothing_apart() {
    on_both_engines(|store| {
        ready(store);
        let shelf = receive(store, Some("L1"));
        let recall = only_confirmed(store);
        let sam = person(store, "sam");
        store.write_now(move |tx| recalls::close(tx, &sam, recall, "withdrawn")).unwrap();
        set_apart(store, recall).unwrap();
        assert_eq!(state(store, shelf), StockState::Available);
        let run = store.read_now(|connection| runs::of_recall(connection, recall)).unwrap().unwrap();
        assert!(run.finished_at.is_some() && run.done == 0);
    });
}
