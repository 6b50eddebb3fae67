//! A snapshot judges as the registry does, on both engines.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use ring::signature::{ED25519, UnparsedPublicKey};
use tessera_scanner::snapshot::{OfflineScan, Part, Snapshot, Statement};
use tessera_scanner::verdict::Limits;

use super::judgement::told_to_tablets;
use super::procedures;
use super::scans::Recorder;
use super::snapshot::Snapshots;
use super::tests::{open, record, scan};
use crate::access::store::{NewUser, add_user};
use crate::access::{Actor, PasswordHash, Role};
use crate::identity::keys::IdentityKeys;
use crate::recalls::criteria::UnitKind;
use crate::recalls::stock::model::{SetApartFor, StockId, StockState};
use crate::recalls::stock::store::{Standing, change_state};
use crate::recalls::testing::{REFERENCE, STEM, confirm, enter, line, notice, person, ready, receive};
use crate::store::Store;
use crate::store::testing::on_both_engines;

fn nurse(store: &Store) -> Recorder {
    let user = store
        .write_now(|tx| {
            let password = PasswordHash::stored("nobody signs in here".to_owned());
            let (username, display_name) = ("nina".to_owned(), "Nina".to_owned());
            let new = NewUser { username, display_name, role: Role::Nurse, site_code: None, password };
            add_user(tx, &Actor::System, &new)
        })
        .unwrap();
    Recorder {
        actor: Actor::User { id: user, name: "nina".into() },
        user,
        keys: Arc::new(IdentityKeys::new(&[3; 32])),
        home: "RXX".parse().unwrap(),
        limits: Limits::default(),
        wristbands: Vec::new(),
        rules: crate::config::Config::default().compatibility,
    }
}

fn set_apart(store: &Store, id: StockId, cause: SetApartFor) {
    let to = Standing { state: StockState::Quarantined, set_apart_for: Some(cause) };
    store.write_now(move |tx| change_state(tx, &Actor::System, id, to, "seen on the shelf")).unwrap();
}

/// A notice that names the catalogue number and its maker, not the identifier.
fn by_reference(maker: &str, lot: &str) -> crate::recalls::criteria::CriterionForm {
    let (maker, reference) = (Some(maker.to_owned()), Some(REFERENCE.to_owned()));
    crate::recalls::criteria::CriterionForm { maker, reference, ..line("", UnitKind::Lot, Some(lot)) }
}

#[test]
fn a_snapshot_judges_as_the_registry_does() {
    on_both_engines(|store| {
        ready(store);
        let (pat, sam) = (person(store, "pat"), person(store, "sam"));
        for criteria in [
            vec![line(STEM, UnitKind::Lot, Some("AB12")), line("09521001000178", UnitKind::All, None)],
            vec![by_reference("Harrowmere Orthopaedics", "RF7")],
            vec![by_reference("Someone Else", "RF8")],
        ] {
            let new = notice(criteria);
            enter(store, &pat, &new).unwrap();
            confirm(store, &sam, new.id).unwrap();
        }
        // Entered, not confirmed: it must not act here or there.
        enter(store, &pat, &notice(vec![line(STEM, UnitKind::All, None)])).unwrap();

        for (lot, cause) in
            [("DM1", SetApartFor::Damaged), ("IQ1", SetApartFor::InQuestion), ("DM2", SetApartFor::Damaged)]
        {
            set_apart(store, receive(store, Some(lot)), cause);
        }
        receive(store, Some("DM2"));
        receive(store, Some("CD34"));

        let recorder = nurse(store);
        let rules = recorder.rules.clone();
        let snapshots = Snapshots::new(&recorder.keys).unwrap();
        let taken =
            store.read_now(|connection| snapshots.take(connection, Limits::default(), &rules, Some("RXX01"))).unwrap();
        let statement: Statement = serde_json::from_str(&taken.signed.statement).unwrap();
        let parts = taken.parts.values().map(|text| serde_json::from_str::<Part>(text).unwrap());
        let snapshot = Snapshot::new(statement.taken, statement.limits, parts);

        let packs: [&[&[u8]]; 13] = [
            &[b"]d2010952100100012317391031\x1d10CD34"],
            &[b"]d2010952100100012317391031\x1d10AB12"],
            &[b"]d2010952100100012317391031\x1d10ab12"],
            &[b"]d2010952100100012317391031\x1d10RF7"],
            &[b"]d2010952100100012317391031\x1d10RF8"],
            &[b"]d2011952101035024717201031\x1d10CD34"],
            &[b"]d2010952100100017817391031\x1d10RF7"],
            &[b"]C10109521001000123"],
            &[b"5012345678900"],
            // Damaged; in question; looks like the damaged one; damaged, and usable as well.
            &[b"]d2010952100100012317391031\x1d10DM1"],
            &[b"]d2010952100100012317391031\x1d10IQ1"],
            &[b"]d2010952100100012317391031\x1d10DMI"],
            &[b"]d2010952100100012317391031\x1d10DM2"],
        ];
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                for texts in packs {
                    let sent = scan(procedure, texts);
                    let found = procedures::find(tx, procedure)?;
                    let on_the_table = told_to_tablets(tx, &found)?;
                    let by_registry = record(tx, &recorder, &sent)?.answer;
                    let asked = OfflineScan {
                        symbols: sent.raw(),
                        before: Vec::new(),
                        apart_ms: 0,
                        profile: None,
                        side: Some(tessera_scanner::verdict::Side::Right),
                        site: Some("RXX01".to_owned()),
                        on_the_table: Some(on_the_table),
                        recorded_since: Vec::new(),
                        now: Utc::now(),
                        clock_in_doubt: false,
                    };
                    let by_snapshot = snapshot.judge(&asked);
                    let shown = |text: &[&[u8]]| String::from_utf8_lossy(text[0]).into_owned();
                    assert_eq!(by_snapshot.label, by_registry.label, "{}", shown(texts));
                    let (theirs, ours) =
                        (by_registry.verdict.map(|told| told.reasons), by_snapshot.verdict.map(|told| told.reasons));
                    assert_eq!(ours, theirs, "{}", shown(texts));
                    let told_here = by_snapshot.product.map(|product| (product.id, product.on_shelf.is_some()));
                    let told_there =
                        by_registry.product.map(|product| (product.id.to_string(), product.on_shelf.is_some()));
                    assert_eq!(told_here, told_there, "{}", shown(texts));
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn the_same_data_is_the_same_version_and_is_signed() {
    on_both_engines(|store| {
        ready(store);
        let snapshots = Snapshots::new(&IdentityKeys::new(&[3; 32])).unwrap();
        let take =
            || store.read_now(|connection| snapshots.take(connection, Limits::default(), &[], None)).unwrap().signed;
        let (first, second) = (take(), take());
        let version = |text: &str| serde_json::from_str::<Statement>(text).unwrap().version;
        assert_eq!(version(&first.statement), version(&second.statement));

        let key = UnparsedPublicKey::new(&ED25519, STANDARD.decode(snapshots.public_key()).unwrap());
        let signature = STANDARD.decode(&first.signature).unwrap();
        assert!(key.verify(first.statement.as_bytes(), &signature).is_ok());
        assert!(key.verify(first.statement.replace("24", "99").as_bytes(), &signature).is_err());

        let new = notice(vec![line(STEM, UnitKind::All, None)]);
        enter(store, &person(store, "pat"), &new).unwrap();
        confirm(store, &person(store, "sam"), new.id).unwrap();
        let third = take();
        assert_ne!(version(&third.statement), version(&first.statement));
        let parts = |text: &str| serde_json::from_str::<Statement>(text).unwrap().parts;
        let changed =
            parts(&third.statement).into_iter().filter(|part| !parts(&first.statement).contains(part)).count();
        assert_eq!(changed, 1, "a recall changes the part of the recalls alone");
    });
}

/// Through the whole of a scan: the reasons' codes, and how many packs are on the shelf, before and after somebody decides.
#[test]
fn a_pack_set_apart_stops_in_theatre_until_it_is_released() {
    on_both_engines(|store| {
        ready(store);
        let id = receive(store, Some("DM1"));
        let recorder = nurse(store);
        let keeper = recorder.clone();
        let procedure = store.write_now(move |tx| open(tx, &keeper, "9434765919")).unwrap();
        let scanned = |lot: &str| {
            let (recorder, text) = (recorder.clone(), format!("]d2010952100100012317391031\u{1d}10{lot}"));
            let answer = store
                .write_now(move |tx| Ok(record(tx, &recorder, &scan(procedure, &[text.as_bytes()]))?.answer))
                .unwrap();
            let codes = answer.verdict.unwrap().reasons.into_iter().map(|reason| reason.code);
            let apart: Vec<String> = codes.filter(|code| code.contains("set-apart")).collect();
            (apart, answer.product.unwrap().on_shelf, answer.device_use.is_some())
        };
        assert_eq!(scanned("OTHER"), (vec![], Some(3), true), "what no shelf has says nothing");
        set_apart(store, id, SetApartFor::Damaged);
        assert_eq!(scanned("DM1"), (vec!["set-apart".to_owned()], Some(0), false));
        let free = Standing { state: StockState::Available, set_apart_for: None };
        store.write_now(move |tx| change_state(tx, &Actor::System, id, free, "only the carton was dented")).unwrap();
        assert_eq!(scanned("DM1"), (vec![], Some(3), true));
        assert_eq!(scanned("DM3"), (vec![], Some(2), true), "one has left its shelf with the record");
    });
}

#[test]
fn a_tablet_gets_the_shelves_of_its_site_alone() {
    on_both_engines(|store| {
        ready(store);
        set_apart(store, receive(store, Some("DM1")), SetApartFor::Damaged);
        let snapshots = Snapshots::new(&IdentityKeys::new(&[3; 32])).unwrap();
        let shelves = |site: Option<&str>| -> Vec<Part> {
            let taken = store.read_now(|connection| snapshots.take(connection, Limits::default(), &[], site)).unwrap();
            let parts = taken.parts.values().map(|text| serde_json::from_str::<Part>(text).unwrap());
            parts.filter(|part| !part.shelves.is_empty()).collect()
        };
        let here = shelves(Some("RXX01"));
        assert_eq!(here.iter().map(|part| part.site.as_deref()).collect::<Vec<_>>(), [Some("RXX01")]);
        assert_eq!((here[0].shelves[0].usable, here[0].shelves[0].packs.len()), (0, 1));
        assert!(shelves(None).is_empty() && shelves(Some("RXX02")).is_empty());
    });
}
