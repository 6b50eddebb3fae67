//! The whole story in a real browser: from a pack on the table to the patient of a recall and the curve of a device.
//!
//! `tests/browser/story.mjs` does what the people do; here is what was there before they came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tessera_tests::{Browser, Engine, Server, on_each_engine, workspace};
use uuid::Uuid;

on_each_engine!(from_pack_to_patient_and_curve);

const STEM: &str = "09521001000123";

/// What is in the calibration barcode; the library's own tests hold it against its message.
const CALIBRATION: &str =
    "91!0\"1%2&3'4(5)6*7+8,9-0.1/2:3;4<5=6>7?8_9\u{1d}92ABCDEFGHIJKLMNOPRSTUVXYZabcdefghijklmnoprstuvwxyzQ1W2q3";

/// User name, name to show, role.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("nina", "Nina Okafor", "nurse"),
    ("priya", "Priya Nair", "procurement"),
    ("sam", "Sam Whitfield", "safety"),
    ("anders", "Anders Lind", "analyst"),
];

fn from_pack_to_patient_and_curve(engine: Engine) {
    let server = with_a_history(engine);
    for (name, shown, role) in PEOPLE {
        let named = ["--username", name, "--display-name", shown, "--role", role, "--password-stdin"];
        server.run(&["user", "add"], &named, server.password());
    }
    let sites = server.workstation("nurse").get("/api/v1/sites").expect(200).json();
    let site = sites[0]["ods_code"].as_str().expect("the history came with sites");
    receive(&server, site, "HW24117", 3);
    receive(&server, site, "HW24118", 5);
    let facts = json!({
        "password": server.password(),
        "wristband": "]d2801850508989434765919291RX1RA,A1234,,\u{1d}93SAMPLE,Ann,05-Mar-1950,",
        "secrets": ["SAMPLE", "9434765919", "943 476 5919", "A1234", "Mar-1950", "March 1950"],
        "labels": workspace().join("fixtures/labels"),
        "stem": STEM,
        "calibration": CALIBRATION,
        "earlier": implanted_three_years_ago(&server, site),
    });
    let seen = Browser::script("story").run(server.base(), &facts);
    assert_eq!(seen["stations"], 8, "{seen}");
    // What the pages kept to themselves, the log keeps as well.
    for secret in facts["secrets"].as_array().expect("it is a list") {
        assert!(!server.log().contains(secret.as_str().expect("they are texts")), "the log holds {secret}");
    }
}

/// A server whose registry has catalogue, sites and some years of made-up operations.
fn with_a_history(engine: Engine) -> Server {
    let mut server = Server::start(engine);
    // Stopped before the load: on SQLite it wants the registry for itself.
    server.anonymous().get("/readyz").expect(200);
    assert!(server.terminate());
    let folder = server.database().folder();
    let settings = "organisation = \"RX1\"\ncurve_stops_at = 10\ncurve_greys_at = 40\n";
    std::fs::write(folder.join("tessera.toml"), settings).expect("the test's folder is writable");
    let key = folder.join("identity.key");
    let key = key.to_str().expect("temporary folders have plain names");
    server.run(&["import", "synthetic"], &["--device-uses", "30000", "--seed", "2026", "--key-file", key], "");
    server.restart();
    server
}

fn receive(server: &Server, site: &str, lot: &str, quantity: u32) {
    let stock = json!({
        "id": Uuid::now_v7(), "site_code": site, "location": "Implant store", "identifier": STEM,
        "lot": lot, "expiry": "2031-06-30", "quantity": quantity,
    });
    let answer = server.workstation("procurement").post("/api/v1/stock", &stock);
    assert!(answer.status < 300, "{}", answer.text());
}

/// The procedure of somebody who has had the same stem, of another lot, for three years.
fn implanted_three_years_ago(server: &Server, site: &str) -> Value {
    let nurse = server.workstation("nurse");
    let (procedure, then) = (Uuid::now_v7(), chrono::Utc::now() - chrono::Duration::days(1100));
    let body = json!({
        "id": procedure, "patient": {"nhs_number": "9737383249"}, "site": site, "theatre": "Theatre 2",
        "opcs4": "W38.1", "side": "right", "started_at": then,
    });
    nurse.post("/api/v1/procedures", &body).expect(201);
    // A lot in which no part can be taken for another element: its reading is certain, and so is that the recall spares it.
    let symbol = STANDARD.encode(format!("01{STEM}1729123110HWKRA"));
    let scan = json!({
        "id": Uuid::now_v7(), "procedure": procedure, "scanned_at": then, "entry": "handheld",
        "symbols": [{"bytes": symbol, "aim": "]d2"}],
    });
    let answer = nurse.post("/api/v1/scans", &scan).expect(201).json();
    assert_eq!(answer["label"]["outcome"], "read", "{answer}");
    assert_eq!(answer["device_use"]["fate"], "implanted", "{answer}");
    json!(procedure)
}
