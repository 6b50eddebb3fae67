use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;

use super::*;
use crate::deliver::{Scan, ScannedSymbol};
use crate::udi::Entry;

/// A wristband: what must never lie readable on a disk.
const WRISTBAND: &[u8] = b"]d28018505089894347659192";

fn scan() -> Scan {
    let symbol = ScannedSymbol { bytes: WRISTBAND.to_vec(), aim: None };
    Scan::now(Uuid::now_v7(), Entry::Handheld, vec![symbol])
}

fn server() -> ServerUrl {
    "http://127.0.0.1:9".parse().unwrap()
}

fn key(byte: &str) -> Zeroizing<String> {
    Zeroizing::new(byte.repeat(32))
}

#[derive(QueryableByName)]
struct Synchronous {
    #[diesel(sql_type = Integer)]
    synchronous: i32,
}

#[test]
fn what_is_kept_is_there_after_opening_again_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/folders/outbox.db");
    let scans: Vec<Scan> = (0..20).map(|_| scan()).collect();
    for scan in &scans {
        Outbox::open_with(&file, None).unwrap().keep(&scan.message(&server())).unwrap();
    }
    let mut outbox = Outbox::open_with(&file, None).unwrap();
    let mut after = 0;
    for scan in &scans {
        let due = outbox.next(&server(), after).unwrap().unwrap();
        assert_eq!(due.content.unwrap(), (Endpoint::Scan, scan.message(&server()).body));
        after = due.position;
    }
    assert!(outbox.next(&server(), after).unwrap().is_none());
}

#[test]
fn a_commit_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let found: Synchronous = diesel::sql_query("PRAGMA synchronous").get_result(&mut outbox.connection).unwrap();
    assert_eq!(found.synchronous, 2, "FULL");
    assert_eq!(journal_in_wal(&mut outbox.connection).unwrap(), "wal");
}

#[test]
fn nothing_that_was_scanned_or_answered_is_readable_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let scan = scan();
    outbox.keep(&scan.message(&server())).unwrap();
    let due = outbox.next(&server(), 0).unwrap().unwrap();
    outbox.settle(&due, State::Delivered, None, Some(b"{\"patient\": \"9434765919\"}")).unwrap();
    let in_base64 = base64::engine::general_purpose::STANDARD.encode(WRISTBAND);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        let bytes = std::fs::read(&path).unwrap();
        for secret in [in_base64.as_str(), "9434765919", "symbols"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is readable in {}", path.display());
        }
    }
    let item = outbox.find(scan.id).unwrap().unwrap();
    assert_eq!(item.answer.as_ref().unwrap().as_slice(), b"{\"patient\": \"9434765919\"}");
    assert!(!format!("{item:?} {scan:?} {:?}", scan.message(&server())).contains("9434765919"));
}

#[test]
fn the_same_message_is_kept_once_and_another_under_its_id_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let scan = scan();
    outbox.keep(&scan.message(&server())).unwrap();
    outbox.keep(&scan.message(&server())).unwrap();
    assert_eq!(outbox.list(State::Waiting, 10).unwrap().len(), 1);
    let other = Scan { entry: Entry::Typed, ..scan.clone() };
    assert!(matches!(outbox.keep(&other.message(&server())), Err(OutboxError::IdReused(id)) if id == scan.id));
}

#[test]
fn another_key_or_none_is_told_before_anything_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.db");
    drop(Outbox::open_with(&file, Some(key("5e"))).unwrap());
    assert!(matches!(Outbox::open_with(&file, Some(key("5f"))), Err(OutboxError::WrongKey { .. })));
    assert!(matches!(Outbox::open_with(&file, Some(key("x"))), Err(OutboxError::KeyMalformed { .. })));
    assert!(matches!(Outbox::open_with(&file, None), Err(OutboxError::KeyMissing { .. })));
    assert!(!folder.path().join("outbox.db.key").exists(), "a new key would hide that the old one is missing");
    Outbox::open_with(&file, Some(key("5e"))).unwrap();
}

#[test]
fn many_programs_make_and_use_one_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.db");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut outbox = Outbox::open_with(&file, None).unwrap();
                for _ in 0..10 {
                    outbox.keep(&scan().message(&server())).unwrap();
                }
            });
        }
    });
    let mut outbox = Outbox::open_with(&file, None).unwrap();
    assert_eq!(outbox.list(State::Waiting, 1000).unwrap().len(), 60);
}

#[test]
fn only_what_was_delivered_long_ago_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let scans: Vec<Scan> = (0..3).map(|_| scan()).collect();
    for scan in &scans {
        outbox.keep(&scan.message(&server())).unwrap();
    }
    let delivered = outbox.next(&server(), 0).unwrap().unwrap();
    outbox.settle(&delivered, State::Delivered, None, None).unwrap();
    let refused = outbox.next(&server(), 0).unwrap().unwrap();
    outbox.settle(&refused, State::Refused, Some("id-reused"), None).unwrap();
    assert_eq!(outbox.prune(Duration::from_secs(3600)).unwrap(), 0);
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(outbox.prune(Duration::ZERO).unwrap(), 1);
    let states: Vec<_> = scans.iter().map(|scan| outbox.find(scan.id).unwrap().map(|item| item.state)).collect();
    assert_eq!(states, [None, Some(State::Refused), Some(State::Waiting)]);
}

#[test]
fn a_delivery_wins_over_a_refusal_and_a_refusal_can_wait_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let scan = scan();
    outbox.keep(&scan.message(&server())).unwrap();
    assert!(matches!(outbox.wait_again(scan.id), Err(OutboxError::NotRefused(_))));
    let due = outbox.next(&server(), 0).unwrap().unwrap();
    outbox.settle(&due, State::Refused, Some("not-found"), None).unwrap();
    outbox.wait_again(scan.id).unwrap();
    let due = outbox.next(&server(), 0).unwrap().unwrap();
    outbox.settle(&due, State::Delivered, None, None).unwrap();
    outbox.settle(&due, State::Refused, Some("late"), None).unwrap();
    outbox.tried(&due, "later").unwrap();
    let item = outbox.find(scan.id).unwrap().unwrap();
    assert_eq!((item.state, item.last_error, item.tries), (State::Delivered, None, 2));
}

#[test]
fn each_registry_has_its_own_queue_until_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
    let (old, new) = (server(), "https://new.example".parse().unwrap());
    outbox.keep(&scan().message(&old)).unwrap();
    assert!(outbox.next(&new, 0).unwrap().is_none());
    assert_eq!(outbox.redirect(&old, &new).unwrap(), 1);
    assert!(outbox.next(&old, 0).unwrap().is_none());
    let tally = outbox.tally().unwrap();
    assert_eq!((tally.len(), tally[0].server.as_str(), tally[0].waiting), (1, new.as_str(), 1));
    assert!(tally[0].waiting_since.is_some());
}

#[test]
fn an_outbox_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.db");
    Outbox::open_with(&file, None).unwrap().connection.batch_execute("PRAGMA user_version = 2").unwrap();
    assert!(matches!(Outbox::open_with(&file, None), Err(OutboxError::Newer { found: 2, .. })));
}
