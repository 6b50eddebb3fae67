//! Cohorts on both engines: the snapshot follows the record, is stored and read back, and a frozen cohort keeps its numbers.

use std::sync::Arc;

use chrono::Utc;
use diesel::prelude::*;

use super::answer::CohortAnswer;
use super::comparison::Comparison;
use super::filter::Filter;
use super::league::{By, League};
use super::model::{CohortId, SavedCohort};
use super::question::Question;
use super::snapshot::{Snapshot, current};
use super::store as cohorts_store;
use crate::access::{Actor, Role, UserId};
use crate::catalogue::{ProductId, attributes};
use crate::error::Code;
use crate::once::Written;
use crate::outcomes::store as outcome_store;
use crate::outcomes::testing::{DAYS, registry, revision, today, withdraw_now};
use crate::small_numbers::Sight;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::cohort::cohort;
use crate::store::schema::{cohort_columns, users};
use crate::store::testing::on_both_engines;

const ALL: Sight = Sight { least: 0 };

fn whole(store: &Store) -> Snapshot {
    Snapshot::new(store.read_now(cohort).unwrap(), Utc::now())
}

fn write(store: &Store, snapshot: &Snapshot, frozen: bool) {
    let snapshot = Arc::new(snapshot.clone());
    store
        .write_now(move |tx| {
            let pieces: Vec<_> = snapshot.cohort().pieces().map(|piece| (piece.digest(), piece.bytes())).collect();
            cohorts_store::write_columns(tx, &pieces)?;
            cohorts_store::write_snapshot(tx, &snapshot, frozen)?;
            cohorts_store::forget_old(tx)
        })
        .unwrap();
}

fn question(store: &Store, snapshot: &Snapshot, text: &str) -> Question {
    let (filter, cohort): (Filter, _) = (text.parse().unwrap(), snapshot.cohort().clone());
    store.read_now(move |connection| Question::of(connection, filter, &cohort, today())).unwrap()
}

fn ask(store: &Store, snapshot: &Snapshot, text: &str) -> CohortAnswer {
    CohortAnswer::of(snapshot, &question(store, snapshot, text), ALL)
}

fn analyst(store: &Store) -> UserId {
    let id = UserId::new();
    store
        .write_now(move |tx| {
            diesel::insert_into(users::table)
                .values((
                    users::id.eq(id),
                    users::username.eq(id.to_string()),
                    users::display_name.eq("Amina"),
                    users::password_hash.eq(""),
                    users::role.eq(Role::Analyst),
                    users::created_at.eq(Moment::now()),
                ))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
    id
}

#[test]
fn a_snapshot_that_follows_is_the_one_that_is_read_whole() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let mut known = whole(store);
        let follow = |known: &Snapshot| store.read_now(|connection| current(connection, Some(known))).unwrap();
        let new = revision(all[0], "2020-01-01", &[all[0].device]);
        let id = new.id;
        let steps: [&dyn Fn(); 4] = [
            &|| {
                let new = new.clone().checked(today()).unwrap();
                store.write_now(move |tx| outcome_store::record(tx, &Actor::System, &new)).unwrap();
            },
            &|| withdraw_now(store, id),
            &|| crate::outcomes::testing::die(store, all[1].patient, "2019-05-01"),
            &|| crate::outcomes::testing::explant(store, all[2], "2021-01-01"),
        ];
        for step in steps {
            let before = known.hash();
            step();
            known = follow(&known);
            assert_ne!(known.hash(), before);
            assert_eq!(known.hash(), whole(store).hash());
        }
        let counts = known.cohort().experience([product.uuid()], &crate::analysis::cohort::Selection::until(today()));
        assert_eq!(
            (counts.primaries, counts.revisions),
            (4, 1),
            "the explant is a revision, the withdrawn one is none"
        );
    });
}

#[test]
fn a_stored_snapshot_comes_back_and_a_damaged_one_is_refused() {
    on_both_engines(|store| {
        registry(store, &DAYS);
        let snapshot = whole(store);
        write(store, &snapshot, false);
        let back = store.read_now(cohorts_store::latest).unwrap().unwrap();
        assert_eq!((back.hash(), back.cohort().len()), (snapshot.hash(), 4));
        let loaded = store.read_now(|connection| current(connection, None)).unwrap();
        assert_eq!(loaded.hash(), snapshot.hash());
        store
            .write_now(|tx| {
                diesel::update(cohort_columns::table)
                    .set(cohort_columns::piece.eq(vec![0_u8; 40]))
                    .execute(&mut **tx)?;
                Ok(())
            })
            .unwrap();
        assert_eq!(store.read_now(cohorts_store::latest).unwrap_err().code(), Code::Internal);
        let anew = store.read_now(|connection| current(connection, None)).unwrap();
        assert_eq!(anew.hash(), snapshot.hash(), "read from the record instead");
    });
}

#[test]
fn a_frozen_cohort_gives_the_same_numbers_after_the_record_has_moved_on() {
    on_both_engines(|store| {
        let (_, all) = registry(store, &DAYS);
        let user = analyst(store);
        let before = whole(store);
        let asked = question(store, &before, "sex:female until:2022-01-01");
        let answer = CohortAnswer::of(&before, &asked, ALL);
        write(store, &before, true);
        let saved = SavedCohort {
            id: CohortId::new(),
            name: "Women".to_owned(),
            filter: asked.filter.to_string(),
            shared: false,
            snapshot_hash: Some(before.hash().to_vec()),
            products: Some(asked.product_bytes()),
            until: Some(asked.until),
            content_hash: Some(asked.content_hash(&before).to_vec()),
            created_at: Moment::now(),
            created_by: user,
        };
        let save = |one: &SavedCohort| {
            let one = one.clone();
            store.write_now(move |tx| cohorts_store::save(tx, &Actor::System, &one)).map(|(_, written)| written)
        };
        assert_eq!(save(&saved).unwrap(), Written::Now);
        assert_eq!(save(&saved).unwrap(), Written::Before);
        let other = SavedCohort { name: "Men".to_owned(), ..saved.clone() };
        assert_eq!(save(&other).unwrap_err().code(), Code::IdReused);

        let new = revision(all[0], "2020-01-01", &[all[0].device]).checked(today()).unwrap();
        store.write_now(move |tx| outcome_store::record(tx, &Actor::System, &new)).unwrap();
        let after = whole(store);
        write(store, &after, false);
        assert_eq!(ask(store, &after, "sex:female until:2022-01-01").revised, Some(1));

        let (id, stranger) = (saved.id, UserId::new());
        let found = store.read_now(|connection| cohorts_store::seen_by(connection, user, id)).unwrap();
        assert!(store.read_now(|connection| cohorts_store::seen_by(connection, stranger, id)).is_err());
        assert_eq!(store.read_now(|connection| cohorts_store::list(connection, stranger)).unwrap(), []);
        let hash = found.snapshot_hash.clone().unwrap();
        let kept = store.read_now(|connection| cohorts_store::snapshot(connection, &hash)).unwrap();
        let asked_again = store.read_now(|connection| Question::frozen(connection, &found, kept.cohort())).unwrap();
        let again = CohortAnswer::of(&kept, &asked_again, ALL);
        assert_eq!((again.n, again.revised, &again.content_hash), (Some(3), Some(0), &answer.content_hash));
        assert_eq!(again.at_years, answer.at_years);
    });
}

#[test]
fn a_filter_chooses_and_small_numbers_are_not_told() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let new = revision(all[0], "2020-01-01", &[all[0].device]).checked(today()).unwrap();
        store.write_now(move |tx| outcome_store::record(tx, &Actor::System, &new)).unwrap();
        let snapshot = whole(store);
        let n = |text: &str| ask(store, &snapshot, text).n.unwrap();
        assert_eq!(n(""), 4);
        assert_eq!(n(&format!("device:{product}")), 4);
        assert_eq!(n(&format!("device:{}", ProductId::new())), 0);
        assert_eq!(n("maker:Nobody"), 0);
        assert_eq!((n("site:RXX01 side:right"), n("side:left")), (4, 0));
        assert_eq!(n("bearing:ceramic"), 0, "nobody has said what its bearing is");
        let attributes = [("bearing", "Ceramic"), ("head-diameter", "36")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        store.write_now(move |tx| attributes::replace(tx, &Actor::System, product, &attributes)).unwrap();
        assert_eq!(
            (n("bearing:ceramic,metal attribute.head-diameter:36"), n("bearing:ceramic fixation:cemented")),
            (4, 0)
        );
        assert_eq!((n("implanted:2018"), n("implanted:2019.."), n("implanted:..2018-05")), (2, 2, 1));
        assert_eq!((n("sex:female age:68"), n("age:60..67")), (2, 0));
        let all = ask(store, &snapshot, "");
        assert_eq!((all.revised, all.small_numbers_below), (Some(1), 0));
        let five = all.at_years[2];
        assert!((five.net.unwrap().percent - 100.0 / 3.0).abs() < 1e-9, "{five:?}");
        let shy = CohortAnswer::of(&snapshot, &question(store, &snapshot, ""), Sight { least: 5 });
        assert!(
            shy.n.is_none()
                && shy.revised.is_none()
                && shy.rate.is_none()
                && shy.curve.is_none()
                && shy.at_years.is_empty()
        );
        assert_eq!(shy.died, None, "of a cohort whose size is not told nothing is");
        let league = League::of(&snapshot, &question(store, &snapshot, ""), By::Site, ALL);
        let [row] = &league.rows[..] else { panic!("{league:?}") };
        assert_eq!((row.key.as_str(), row.n, row.revised), ("RXX01", Some(4), Some(1)));
        assert!((row.ratio.unwrap().ratio - 1.0).abs() < 1e-9, "one site is its own reference");
        let one = Comparison::of(&snapshot, &question(store, &snapshot, ""), &[product.uuid()], ALL);
        assert_eq!(one.unwrap_err().code(), Code::InvalidInput);
    });
}
