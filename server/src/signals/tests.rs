//! Signals on both engines: raised once, lifted, raised again, and what people decide stays in their history.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::judge::{Finding, judge};
use super::model::{Evidence, Happening, RuleWord, SignalChange, SignalState};
use super::store::{Judged, apply, change, history, list, waiting};
use crate::access::{Actor, Role, User, UserId};
use crate::analysis::cohort::{Builder, End, Exit, ImplantRow, Opcs4, Operation, Sex, Side, SiteCode};
use crate::outcomes::testing::{DAYS, day, registry};
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::schema::users;
use crate::store::testing::on_both_engines;

fn officer(store: &Store) -> User {
    let id = UserId::new();
    let row = (
        users::id.eq(id),
        users::username.eq("sam"),
        users::display_name.eq("Sam Safe"),
        users::password_hash.eq(""),
        users::role.eq(Role::Safety),
        users::created_at.eq(Moment::now()),
    );
    store
        .write_now(move |tx| {
            diesel::insert_into(users::table).values(row).execute(&mut **tx)?;
            Ok(users::table.find(id).select(User::as_select()).get_result(&mut **tx)?)
        })
        .unwrap()
}

#[test]
fn a_signal_is_raised_once_lifted_and_raised_again() {
    on_both_engines(|store| {
        let (product, _) = registry(store, &DAYS);
        let user = officer(store);
        let finding = |met| Finding {
            product: product.uuid(),
            rule: RuleWord::NjrLevel1,
            met,
            evidence: Evidence { group: "hip".to_owned(), ..Evidence::default() },
        };
        let apply = |met: bool| {
            let findings = [finding(met)];
            store.write_now(move |tx| apply(tx, &Actor::System, &findings, &[7; 32])).unwrap()
        };
        let judged = |raised, lifted, standing| Judged { raised, lifted, standing };
        assert_eq!(apply(false), judged(0, 0, 0));
        assert_eq!(apply(true), judged(1, 0, 1));
        assert_eq!(apply(true), judged(0, 0, 1), "the same again is no news");
        assert_eq!(store.read_now(waiting).unwrap(), 1);
        let row = store.read_now(list).unwrap().remove(0);
        assert_eq!((row.state, row.standing, row.evidence().group.as_str()), (SignalState::New, true, "hip"));

        let (id, decided) =
            (row.id, SignalChange { state: Some(SignalState::Explained), take: true, note: " one site ".to_owned() });
        assert!(SignalChange { note: String::new(), ..decided.clone() }.checked().is_err(), "a state has a reason");
        assert!(SignalChange::default().checked().is_err());
        let (decided, by) = (decided.checked().unwrap(), user.clone());
        let changed = store.write_now(move |tx| change(tx, &by, id, &decided)).unwrap();
        assert_eq!((changed.state, changed.owner), (SignalState::Explained, Some(user.id)));
        assert_eq!(store.read_now(waiting).unwrap(), 0);

        assert_eq!(apply(false), judged(0, 1, 0));
        assert_eq!(store.read_now(list).unwrap()[0].state, SignalState::Explained, "what was decided stays");
        assert_eq!(apply(true), judged(1, 0, 1));
        assert_eq!(store.read_now(list).unwrap()[0].state, SignalState::New);
        let events = store.read_now(|connection| history(connection, id)).unwrap();
        let what: Vec<Happening> = events.iter().map(|event| event.what).collect();
        assert_eq!(
            what,
            [Happening::Raised, Happening::Owner, Happening::State, Happening::NoLongerMet, Happening::RaisedAgain]
        );
        assert_eq!(events[2].detail, "Explained: one site");
        assert_eq!((events[0].recorded_by, events[2].recorded_by), (None, Some(user.id)));
    });
}

#[test]
fn the_rules_stand_side_by_side_with_their_thresholds() {
    let (bad, good) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let mut builder = Builder::default();
    for i in 0..600_u64 {
        let product = if i < 120 { bad } else { good };
        let implanted_on = day("2018-01-01") + chrono::Days::new(i);
        let revised = if i < 120 { i % 5 == 0 } else { i % 48 == 0 };
        let exit = revised.then(|| Exit { on: implanted_on + chrono::Days::new(700), why: End::Revised });
        let row = ImplantRow {
            product,
            site: SiteCode::new("RXX01").unwrap(),
            procedure: Opcs4::new("W371").unwrap(),
            side: Side::Left,
            sex: Sex::Female,
            age: Some(70),
            implanted_on,
            operation: Operation::default(),
            exit,
        };
        builder.push(&row).unwrap();
    }
    let groups = BTreeMap::from([("stem".to_owned(), vec![bad, good]), ("none".to_owned(), Vec::new())]);
    let findings = judge(&builder.finish(), &groups, day("2026-01-01"));
    assert_eq!(findings.len(), 6, "three rules, two devices");
    let met: Vec<_> = findings.iter().filter(|one| one.met).map(|one| (one.product, one.rule)).collect();
    assert_eq!(met, [(bad, RuleWord::NjrLevel1), (bad, RuleWord::AoanjrrStage1)]);
    let first = &findings[0].evidence;
    assert_eq!((first.device.primaries, first.device.revisions, first.of_group.revisions), (120, 24, 34));
    let rate = 100.0 * 24.0 / first.device.years;
    assert!((first.checks[1].value.unwrap() - rate).abs() < 1e-9 && first.checks[1].threshold.is_some());
}
