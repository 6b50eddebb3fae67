//! Packs that leave their shelf for theatre, and come back, on both engines.

use diesel::prelude::*;

use super::model::{SetApartFor, StockId, StockState};
use super::store::{self as stock, Standing, movements};
use super::theatre;
use crate::access::{Actor, User};
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::stock::{PacksWanted, packs, used_unexpected};
use crate::store::schema::device_uses;
use crate::store::testing::on_both_engines;
use crate::theatre::device_uses::{self as uses, DeviceUse};
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};

const DAMAGED: Standing = Standing { state: StockState::Quarantined, set_apart_for: Some(SetApartFor::Damaged) };

/// A device as theatre recorded it, and what that does to the shelves.
fn used(store: &Store, user: &User, procedure: ProcedureId, lot: &str) -> DeviceUse {
    let id = implant(store, procedure, Implant { lot: Some(lot), ..STEM_IN });
    let device = store.read_now(|connection| uses::find(connection, id)).unwrap();
    let (actor, recorded) = (Actor::from(user), device.clone());
    store.write_now(move |tx| theatre::after_use(tx, &actor, None, &recorded)).unwrap();
    device
}

fn corrected(store: &Store, user: &User, before: &DeviceUse, fate: Fate) -> DeviceUse {
    let now = DeviceUse { id: DeviceUseId::new(), supersedes: Some(before.id), fate, ..before.clone() };
    let (actor, before, row) = (Actor::from(user), before.clone(), now.clone());
    store
        .write_now(move |tx| {
            diesel::insert_into(device_uses::table).values(&row).execute(&mut **tx)?;
            theatre::after_use(tx, &actor, Some(&before), &row)
        })
        .unwrap();
    now
}

fn there(store: &Store, id: StockId) -> (i32, StockState) {
    let item = store.read_now(|connection| stock::find(connection, id)).unwrap().unwrap();
    (item.quantity, item.state)
}

#[test]
fn a_pack_leaves_its_shelf_with_the_record_and_comes_back_with_its_correction() {
    on_both_engines(|store| {
        ready(store);
        let (pat, (_, procedure)) = (person(store, "pat"), patient(store));
        let (other, shelf) = (receive(store, Some("L2")), receive(store, Some("L1")));
        let first = used(store, &pat, procedure, "L1");
        assert_eq!(
            (there(store, shelf), there(store, other)),
            ((2, StockState::Available), (3, StockState::Available))
        );
        let said = store.read_now(|connection| theatre::of_procedure(connection, procedure)).unwrap();
        assert_eq!(said[&first.id], "Taken off the shelf: Theatre store.");

        let wasted = corrected(store, &pat, &first, Fate::Wasted);
        assert_eq!(there(store, shelf).0, 2, "it left its shelf once");
        corrected(store, &pat, &wasted, Fate::Returned);
        assert_eq!(there(store, shelf).0, 2);
        let wanted = PacksWanted { unit: Some("L1".to_owned()), ..PacksWanted::default() };
        let mut lying: Vec<i32> =
            store.read_now(|connection| packs(connection, &wanted)).unwrap().iter().map(|one| one.quantity).collect();
        lying.sort_unstable();
        assert_eq!(lying, [1, 2], "the one that came back lies there again");
        let moved = store.read_now(|connection| movements::of_item(connection, shelf)).unwrap();
        assert_eq!(moved.iter().map(|one| one.kind.word()).collect::<Vec<_>>(), ["used", "moved"]);
    });
}

#[test]
fn what_no_shelf_had_is_told_where_such_devices_are_kept() {
    on_both_engines(|store| {
        ready(store);
        let (pat, (_, procedure)) = (person(store, "pat"), patient(store));
        let unexpected = || {
            let ever = Moment::from(chrono::DateTime::UNIX_EPOCH);
            store.read_now(|connection| used_unexpected(connection, Some("RXX01"), ever)).unwrap()
        };
        used(store, &pat, procedure, "L9");
        assert!(unexpected().is_empty(), "the site keeps no such device");
        receive(store, Some("L1"));
        let device = used(store, &pat, procedure, "L9");
        let told = unexpected();
        assert_eq!(
            told.iter().map(|one| (one.device_use, one.lot.as_deref())).collect::<Vec<_>>(),
            [(device.id, Some("L9"))]
        );
        let said = store.read_now(|connection| theatre::of_procedure(connection, procedure)).unwrap();
        assert!(said[&device.id].contains("not expected"));
    });
}

#[test]
fn packs_without_a_lot_may_be_the_one_and_quarantined_ones_leave_too() {
    on_both_engines(|store| {
        ready(store);
        let (pat, (_, procedure)) = (person(store, "pat"), patient(store));
        let lotless = receive(store, None);
        used(store, &pat, procedure, "L1");
        assert_eq!(there(store, lotless).0, 2);
        let apart = receive(store, Some("L1"));
        let sam = Actor::from(&person(store, "sam"));
        store.write_now(move |tx| stock::change_state(tx, &sam, apart, DAMAGED, "dropped")).unwrap();
        for left in [2, 1] {
            used(store, &pat, procedure, "L1");
            assert_eq!(there(store, apart), (left, StockState::Quarantined));
        }
        let last = used(store, &pat, procedure, "L1");
        assert_eq!(there(store, apart).1, StockState::Used);
        corrected(store, &pat, &last, Fate::Returned);
        let wanted = PacksWanted { unit: Some("L1".to_owned()), ..PacksWanted::default() };
        let back = store.read_now(|connection| packs(connection, &wanted)).unwrap();
        assert_eq!(
            back.iter().map(|one| one.state).collect::<Vec<_>>(),
            [StockState::Quarantined],
            "it is still damaged"
        );
    });
}
