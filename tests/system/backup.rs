//! `tessera backup`, `restore`, `verify-audit`: what was recorded before a backup is there after the machine was lost.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tessera_tests::{Actor, Engine, Server};
use uuid::Uuid;

const STEM: &str = "09521001000123";

fn post(actor: &Actor, path: &str, body: &Value) -> Value {
    let answer = actor.post(path, body);
    assert!(answer.status < 300, "{path}: {}", answer.text());
    answer.json()
}

/// A site, a device, and a procedure with one pack of it; answers the procedure.
fn record(server: &Server, lot: &str) -> Uuid {
    use base64::Engine as _;
    let nurse = server.workstation("nurse");
    let procedure = Uuid::now_v7();
    let body = json!({
        "id": procedure, "patient": {"nhs_number": "9434765919", "demographics": {"family": "SAMPLE", "given": "Ann"}},
        "site": "RXX01", "theatre": "1", "opcs4": "W37.1", "started_at": chrono::Utc::now(),
    });
    post(&nurse, "/api/v1/procedures", &body);
    let text = base64::engine::general_purpose::STANDARD.encode(format!("01{STEM}1735033110{lot}"));
    let scan = json!({
        "id": Uuid::now_v7(), "procedure": procedure, "scanned_at": chrono::Utc::now(), "entry": "photo",
        "symbols": [{"bytes": text, "aim": "]d2"}],
    });
    post(&nurse, "/api/v1/scans", &scan);
    procedure
}

fn lots(server: &Server, procedure: Uuid) -> Vec<String> {
    let whole = server.workstation("nurse").get(&format!("/api/v1/procedures/{procedure}"));
    if whole.status == 404 {
        return Vec::new();
    }
    let uses = whole.expect(200).json()["device_uses"].clone();
    uses.as_array()
        .expect("a list")
        .iter()
        .map(|device| device["lot"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The database file and what SQLite keeps beside it.
fn files(server: &Server) -> [PathBuf; 3] {
    let folder = server.database().folder();
    ["registry.db", "registry.db-wal", "registry.db-shm"].map(|name| folder.join(name))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

#[test]
fn a_lost_machine_is_restored_from_its_backup() {
    let mut server = Server::start(Engine::Sqlite);
    let site = json!({"ods_code": "RXX01", "name": "Northgate", "organisation": "RXX", "organisation_name": "Trust"});
    server.signed_in("admin").post("/api/v1/sites", &site).expect(200);
    let before = record(&server, "BEFORE1");
    let patient =
        server.workstation("nurse").get(&format!("/api/v1/procedures/{before}")).expect(200).json()["patient_id"]
            .clone();

    // The backup is made while the registry is in use; what comes after it is not in it.
    let backup = server.database().folder().join("backup.db");
    let said = server.run(&["backup"], &[text(&backup)], "");
    assert!(said.contains("Keep the key file apart"), "{said}");
    let after = record(&server, "AFTER1");
    assert_eq!((lots(&server, before), lots(&server, after)), (vec!["BEFORE1".to_owned()], vec!["AFTER1".to_owned()]));
    let (again, _, why) = server.attempt(&["backup"], &[text(&backup)], "");
    assert!(!again && why.contains("is there already"), "{why}");

    server.kill();
    let [database, journal, shared] = files(&server);
    let left = fs::read(&journal).expect("a killed registry leaves its journal");
    let whole = server.run(&["verify-audit"], &[], "");
    assert!(whole.contains("The audit chain is whole"), "{whole}");

    // Nothing is overwritten; nor does a restored file meet the journal of the one that was there.
    let refused = |server: &Server, named: &str| {
        let (restored, _, why) = server.attempt(&["restore"], &[text(&backup)], "");
        assert!(!restored && why.contains(named) && why.contains("is there already"), "{why}");
    };
    refused(&server, "registry.db");
    fs::remove_file(&database).expect("it was there");
    // The check of the audit may have taken the journal in and cleared it away.
    fs::write(&journal, left).expect("the folder is writable");
    refused(&server, "registry.db-wal");
    for left in [&journal, &shared] {
        let _ = fs::remove_file(left);
    }

    // A backup that was damaged on the way is refused, and leaves nothing behind.
    let damaged = server.database().folder().join("damaged.db");
    let mut bytes = fs::read(&backup).expect("it was written");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(&damaged, bytes).expect("the folder is writable");
    let (restored, _, why) = server.attempt(&["restore"], &[text(&damaged)], "");
    assert!(!restored && why.contains("damaged"), "{why}");
    assert!(!database.exists());

    server.run(&["restore"], &[text(&backup)], "");
    let whole = server.run(&["verify-audit"], &[], "");
    assert!(whole.contains("The audit chain is whole"), "{whole}");
    server.restart();
    assert_eq!((lots(&server, before), lots(&server, after)), (vec!["BEFORE1".to_owned()], Vec::new()));
    // The same key opens the same identity, and the restored registry goes on recording.
    let open = json!({"reason": "After a restore"});
    let path = format!("/api/v1/patients/{}/identity", patient.as_str().expect("an id"));
    let identity = post(&server.workstation("safety"), &path, &open);
    assert_eq!(identity["nhs_number"], "9434765919", "{identity}");
    assert_eq!(lots(&server, record(&server, "LATER1")), ["LATER1"]);
}

#[test]
fn a_changed_audit_row_shows() {
    let mut server = Server::start(Engine::Sqlite);
    server.signed_in("nurse");
    assert!(server.terminate(), "{}", server.log());
    assert!(server.run(&["verify-audit"], &[], "").contains("whole"));
    // Behind the registry's back: one letter, wherever the file has it (rows and their indexes).
    let [database, ..] = files(&server);
    let mut bytes = fs::read(&database).expect("it is there");
    let word = b"signed-in";
    let found: Vec<usize> = (0..bytes.len() - word.len()).filter(|&at| bytes[at..].starts_with(word)).collect();
    assert!(!found.is_empty(), "a sign-in is on record");
    for at in found {
        bytes[at] = b'S';
    }
    fs::write(&database, bytes).expect("it is writable");
    let (whole, _, why) = server.attempt(&["verify-audit"], &[], "");
    assert!(!whole && why.contains("broken at position"), "{why}");
}

#[test]
fn for_postgresql_its_own_tools_are_named() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let server = Server::start(Engine::Postgres);
    for command in ["backup", "restore"] {
        let (done, _, why) = server.attempt(&[command], &["backup.db"], "");
        assert!(!done && why.contains("pg_dump") && why.contains("pg_restore"), "{why}");
    }
    let whole = server.run(&["verify-audit"], &[], "");
    assert!(whole.contains("The audit chain is whole"), "{whole}");
}
