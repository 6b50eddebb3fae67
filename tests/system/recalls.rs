//! `/recalls` and `/api/v1/recalls`: entered by one, confirmed by another, felt in stock, theatre and patients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};
use tessera_tests::{Actor, Engine, Server, on_each_engine};
use uuid::Uuid;

const STEM: &str = "09521001000123";
/// Of the synthetic range.
const NHS_NUMBER: &str = "9434765919";

on_each_engine!(
    a_recall_from_notice_to_identity,
    a_notice_is_read_then_entered,
    lots_are_found_frozen_and_followed,
    browsers_are_answered_with_pages,
    packs_come_and_go_by_their_labels,
    a_webhook_hears_of_what_happens
);

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// A product, a site and two packs in stock.
fn furnish(server: &Server) {
    let admin = server.signed_in("admin");
    let site = json!({"ods_code": "RXX01", "name": "Northgate", "organisation": "RXX", "organisation_name": "Trust"});
    admin.post("/api/v1/sites", &site).expect(200);
    let stem = json!({
        "id": new_id(), "maker": "Halden", "brand": "Stem", "reference": "409-375", "description": "Hip stem",
        "category": "hip", "lot_expected": true, "serial_expected": false, "expiry_expected": true,
        "identifiers": [{"issuer": "GS1", "identifier": STEM, "kind": "primary", "quantity": 1}],
    });
    admin.post("/api/v1/products", &stem).expect(201);
    for (lot, location) in [("122927", "implant store"), ("122927A", "implant store")] {
        admin.post("/api/v1/stock", &pack(lot, location)).expect(201);
    }
}

fn pack(lot: &str, location: &str) -> Value {
    json!({"id": new_id(), "site_code": "RXX01", "location": location, "identifier": STEM, "lot": lot, "quantity": 6})
}

/// Opens a procedure and scans a pack of this lot; answers with the scan's answer.
fn implant(nurse: &Actor, nhs_number: &str, lot: &str) -> Value {
    let procedure = new_id();
    let body = json!({
        "id": procedure, "patient": {"nhs_number": nhs_number}, "site": "RXX01", "theatre": "1", "opcs4": "W37.1",
        "started_at": chrono::Utc::now(),
    });
    nurse.post("/api/v1/procedures", &body).expect(201);
    let text = format!("01{STEM}1735033110{lot}");
    let scan = json!({
        "id": new_id(), "procedure": procedure, "scanned_at": chrono::Utc::now(), "entry": "camera",
        "symbols": [{"bytes": base64(&text), "aim": "]d2"}],
    });
    nurse.post("/api/v1/scans", &scan).expect(201).json()
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn a_recall_from_notice_to_identity(engine: Engine) {
    let server = Server::start(engine);
    furnish(&server);
    let nurse = server.signed_in("nurse");
    assert_eq!(implant(&nurse, NHS_NUMBER, "122927")["verdict"]["answer"], "may");

    let (procurement, safety) = (server.signed_in("procurement"), server.signed_in("safety"));
    let id = new_id();
    let form = [
        ("id", id.as_str()),
        ("reference", "Z-2308-2026"),
        ("source", "FDA"),
        ("title", "Taper out of tolerance"),
        ("text", "UDI code: (01)09521001000123(10)122927"),
        ("criteria-0-identifier", STEM),
        ("criteria-0-units", "lot"),
        ("criteria-0-values", "122927, 980221"),
    ];
    let page = format!("/recalls/{id}");
    let entered = procurement.post_form("/recalls", &form).expect(303);
    assert_eq!(entered.header("location"), Some(page.as_str()));
    procurement.post_form("/recalls", &form).expect(303);
    procurement.post_form(&format!("{page}/confirm"), &[]).expect(403);
    let seen = procurement.get(&page).expect(200).text();
    let affected = procurement.get(&format!("/api/v1{page}/affected")).expect(200).json();
    let patient = &affected["patients"][0];
    let pseudonym = patient["pseudonym"].as_str().expect("a patient has a pseudonym");
    assert!(seen.contains(pseudonym) && seen.contains("122927") && seen.contains("Waits for a second person"));
    assert!(!seen.contains(NHS_NUMBER) && !seen.contains("/identity"), "procurement may not open identities");

    assert!(!seen.contains("122927A"), "another lot is not meant");
    let excluded = procurement.get(&format!("{page}?excluded=true")).expect(200).text();
    assert!(excluded.contains("122927A") && excluded.contains("app-tier-excluded"), "unless somebody asks why not");

    safety.post_form(&format!("{page}/confirm"), &[]).expect(303);
    let stock = safety.get(&format!("/api/v1/stock?identifier={STEM}")).expect(200).json();
    let states: Vec<_> =
        stock["items"].as_array().expect("stock is a list").iter().map(|item| (&item["lot"], &item["state"])).collect();
    assert!(states.contains(&(&json!("122927"), &json!("quarantined"))), "{states:?}");
    assert!(states.contains(&(&json!("122927A"), &json!("available"))), "{states:?}");
    let stopped = implant(&nurse, "9737383249", "122927");
    assert_eq!(stopped["verdict"]["answer"], "stop", "{stopped}");

    let identity = format!("{page}/patients/{}/identity", patient["patient"].as_str().expect("a patient has an id"));
    procurement.post_form(&identity, &[("reason", "curious")]).expect(403);
    safety.post_form(&identity, &[("reason", " ")]).expect(422);
    let opened = safety.post_form(&identity, &[("reason", "Letter for Z-2308-2026")]).expect(200);
    assert!(opened.text().contains("943 476 5919"), "{}", opened.text());
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    let audit = safety.get("/audit").expect(200).text();
    for told in ["identity-opened", "Letter for Z-2308-2026", pseudonym, "recall-confirmed", "Z-2308-2026"] {
        assert!(audit.contains(told), "the audit page does not tell {told}");
    }
    assert!(!audit.contains(NHS_NUMBER));
    assert!(!safety.get("/audit?act=recall-entered").expect(200).text().contains("identity-opened</"));

    let csv = procurement.get(&format!("{page}/affected.csv")).expect(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.text().contains(pseudonym) && !csv.text().contains(NHS_NUMBER), "{}", csv.text());
    let exported = safety.get("/api/v1/audit?action=recall-exported").expect(200).json();
    assert_eq!(exported["entries"][0]["actor"], "procurement");
    assert!(!server.log().contains(NHS_NUMBER));
}

fn a_notice_is_read_then_entered(engine: Engine) {
    let server = Server::start(engine);
    furnish(&server);
    let procurement = server.signed_in("procurement");
    let text = format!("Stem é, UDI-DI: {STEM}, Lots 122927 to 122929, serial numbers up to 4711");
    let read = procurement.post("/api/v1/recalls/read", &json!({"text": text})).expect(200).json();
    let lots: Vec<_> = read["lines"].as_array().expect("lines").iter().map(|line| &line["value"]).collect();
    assert_eq!(lots, [&json!("122927"), &json!("122928"), &json!("122929"), &json!(null)], "{read}");
    assert!(read["lines"][3]["doubt"].as_str().expect("an open range is doubted").contains("4711"));
    assert_eq!(read["unread"], json!(["Stem é"]));
    assert_eq!(read["criteria"][0]["range"], json!({"of": "lot", "from": "122927", "to": "122929"}));
    let record =
        json!({"results": [{"recall_number": "Z-9001-2026", "code_info": "Lot 122927", "recalling_firm": "Halden"}]});
    let drafts = procurement.post("/api/v1/recalls/read-openfda", &record).expect(200).json();
    assert_eq!(drafts[0]["lines"][0]["maker"], "Halden", "{drafts}");
    server.signed_in("nurse").post("/api/v1/recalls/read", &json!({"text": text})).expect(403);

    let id = new_id();
    let form = [("id", id.as_str()), ("reference", "FSN-1"), ("title", "Taper"), ("text", text.as_str())];
    let page = procurement.post_form("/recalls/read", &form).expect(200).text();
    assert!(page.contains(&format!("<mark>{STEM}</mark>")) && page.contains("122927, 122928, 122929"), "{page}");
    assert!(page.contains("value=\"FSN-1\"") && page.contains("settle it"));
    assert_eq!(procurement.get("/api/v1/recalls").expect(200).json()["recalls"], json!([]), "nothing was entered");
}

fn lots_are_found_frozen_and_followed(engine: Engine) {
    let server = Server::start(engine);
    furnish(&server);
    let nurse = server.signed_in("nurse");
    implant(&nurse, NHS_NUMBER, "122927");
    let (procurement, safety) = (server.signed_in("procurement"), server.signed_in("safety"));
    let question = json!({"identifier": STEM, "lot_ranges": [{"from": "122926", "to": "122928"}]});
    let found = procurement.post("/api/v1/$recall-match", &question).expect(200).json();
    assert_eq!(found["asked"], 3);
    assert_eq!(
        (&found["patients"][0]["tier"], &found["stock"][0]["lot"]),
        (&json!("definite"), &json!("122927")),
        "{found}"
    );
    nurse.post("/api/v1/$recall-match", &question).expect(200).json()["patients"].as_null().expect("not for nurses");

    let recall = new_id();
    let lot = json!({"identifier": STEM, "units": "lot", "value": "122927"});
    let body = json!({"id": recall, "reference": "FSN-2", "title": "Taper", "criteria": [lot]});
    procurement.post("/api/v1/recalls", &body).expect(201);
    let (path, list) = (format!("/api/v1/recalls/{recall}"), new_id());
    let frozen = safety.post(&format!("{path}/frozen"), &json!({"id": list})).expect(201).json();
    assert_eq!(frozen["hash"].as_str().expect("a hash").len(), 64);
    implant(&nurse, "9737383249", "122927");
    let difference = safety.get(&format!("{path}/frozen/{list}/difference")).expect(200).json();
    assert_eq!(difference["added"].as_array().expect("a list").len(), 1, "{difference}");
    let patient = &frozen["lines"][0]["patient"];
    let contact = json!({"id": new_id(), "patient": patient, "means": "telephone", "outcome": "reached"});
    safety.post(&format!("{path}/contacts"), &contact).expect(201);
    procurement.post(&format!("{path}/contacts"), &contact).expect(403);
    let log = procurement.get(&format!("{path}/contacts")).expect(200).json();
    assert_eq!(log["waiting"].as_array().expect("a list").len(), 1, "the other patient waits: {log}");
}

fn browsers_are_answered_with_pages(engine: Engine) {
    let server = Server::start(engine);
    let anyone = server.anonymous().with_browser();
    let turned = anyone.get("/recalls/new").expect(303);
    assert_eq!(turned.header("location"), Some("/sign-in?next=/recalls/new"));
    let page = anyone.get("/nothing").expect(404);
    assert!(page.header("content-type").expect("a page has a type").starts_with("text/html"));
    assert!(page.text().contains("There is no such record."));
    assert!(server.anonymous().get("/nothing").expect(404).json()["code"] == "not-found", "a program gets the problem");

    server.add_user("analyst", "analyst");
    let fields = [("username", "analyst"), ("password", server.password()), ("next", "//example.org")];
    let signed_in = anyone.post_form("/sign-in", &fields).expect(303);
    assert_eq!(signed_in.header("location"), Some("/"));
    assert!(signed_in.header("set-cookie").expect("signing in sets a cookie").contains("HttpOnly"));
    let wrong = anyone.post_form("/sign-in", &[("username", "analyst"), ("password", "wrong")]).expect(401);
    assert!(wrong.text().contains("do not belong together") && wrong.text().contains("value=\"analyst\""));

    let analyst = server.signed_in("analyst").with_browser();
    assert!(analyst.get("/").expect(200).text().contains("href=\"/devices\""));
    let refused = analyst.get("/recalls/new").expect(403).text();
    assert!(refused.contains("may not enter a recall") && refused.contains("Sign out"), "{refused}");
    analyst.post_form("/sign-out", &[]).expect(303);
    analyst.get("/").expect(303);

    let procurement = server.signed_in("procurement").with_browser();
    let form = [("id", &*new_id()), ("reference", "R"), ("title", "T"), ("criteria-0-identifier", "0952100100012")];
    let refused = procurement.post_form("/recalls", &form).expect(422).text();
    assert!(refused.contains("Line 1") && refused.contains("value=\"0952100100012\""), "{refused}");
}

fn packs_come_and_go_by_their_labels(engine: Engine) {
    let server = Server::start(engine);
    furnish(&server);
    let procurement = server.signed_in("procurement");
    let place = json!({"id": new_id(), "site_code": "RXX01", "name": "Bay 4", "gln": "5050898000007"});
    procurement.post("/api/v1/stock/places", &place).expect(201);
    let label = json!({
        "id": new_id(), "place": "(414)5050898000007", "barcodes": [format!("01{STEM}1735033110LOT7")], "quantity": 3,
        "terms": {"supplier": "Tarn Ltd", "unit_price": 40_050},
    });
    let received = procurement.post("/api/v1/stock/labels", &label).expect(201).json();
    assert_eq!((&received["item"]["location"], &received["item"]["lot"]), (&json!("Bay 4"), &json!("LOT7")));
    let item = received["item"]["id"].as_str().expect("the item has an id").to_owned();
    let wasted = json!({"id": new_id(), "kind": "wasted", "cause": "dropped", "quantity": 1});
    procurement.post(&format!("/api/v1/stock/{item}/movements"), &wasted).expect(201);
    let history = procurement.get(&format!("/api/v1/stock/{item}")).expect(200).json();
    assert_eq!((&history["item"]["quantity"], &history["movements"][0]["cause"]), (&json!(2), &json!("dropped")));
    let waste = procurement.get("/api/v1/stock/waste.csv").expect(200).text();
    assert!(waste.contains("shelf,Dropped,1,40050,0"), "{waste}");
    let compared = procurement.get("/api/v1/stock/comparison").expect(200).json();
    assert_eq!(compared["suppliers"][1]["supplier"], "Tarn Ltd", "{compared}");

    let page = procurement.with_browser();
    let where_is_it = page.get("/stock?unit=lot7").expect(200).text();
    assert!(
        where_is_it.contains("2 packs are there") && where_is_it.contains(&format!("/stock/{item}")),
        "{where_is_it}"
    );
    assert!(page.get("/stock/packs.csv?unit=LOT7").expect(200).text().contains("Tarn Ltd"));
    assert!(page.get("/stock/waste").expect(200).text().contains("£400.50"));
    assert!(page.get("/stock/comparison").expect(200).text().contains("Tarn Ltd"));
    assert!(page.get(&format!("/stock/{item}")).expect(200).text().contains("1 pack wasted"));
    page.post_form("/stock/pars", &[("site", "RXX01"), ("device", STEM), ("least", "40")]).expect(303);
    assert!(page.get("/stock/pars").expect(200).text().contains("Runs short"));
    page.post_form("/stock/places", &[("id", &*new_id()), ("site", "RXX01"), ("name", "Bay 5"), ("gln", "")])
        .expect(303);
    assert!(page.get("/stock/places").expect(200).text().contains("Bay 5"));

    let nurse = server.signed_in("nurse");
    implant(&nurse, NHS_NUMBER, "LOT7");
    implant(&nurse, NHS_NUMBER, "LOT8");
    let history = procurement.get(&format!("/api/v1/stock/{item}")).expect(200).json();
    assert_eq!((&history["item"]["quantity"], &history["movements"][1]["kind"]), (&json!(1), &json!("used")));
    let told = page.get("/stock").expect(200).text();
    assert!(told.contains("on no shelf") && told.contains("LOT8"), "{told}");
    let analyst = server.signed_in("analyst");
    analyst.get("/api/v1/stock/packs").expect(403);
}

/// The next request that arrives: its head, and its body as JSON. It is taken with 204.
fn next_request(listener: &TcpListener) -> (String, Value) {
    let (stream, _) = listener.accept().expect("a request arrives");
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let start = head.len();
        reader.read_line(&mut head).expect("the head is text");
        if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body is as long as announced");
    reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("the sender listens");
    (head, serde_json::from_slice(&body).expect("the body is JSON"))
}

fn a_webhook_hears_of_what_happens(engine: Engine) {
    let server = Server::start(engine);
    furnish(&server);
    let listener = TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
    let (admin, procurement, safety) =
        (server.signed_in("admin"), server.signed_in("procurement"), server.signed_in("safety"));
    let hook = json!({"id": new_id(), "url": url, "kinds": ["recall.confirmed"]});
    procurement.post("/api/v1/webhooks", &hook).expect(403);
    let inside = json!({"id": new_id(), "url": "https://10.0.0.8/"});
    admin.post("/api/v1/webhooks", &inside).expect(422);
    let made = admin.post("/api/v1/webhooks", &hook).expect(201).json();
    let (id, secret) = (made["id"].as_str().expect("it has an id"), made["secret"].as_str().expect("it has a secret"));
    assert!(secret.starts_with("whsec_"));
    assert_eq!(admin.post("/api/v1/webhooks", &hook).expect(200).json()["secret"], Value::Null);

    admin.post(&format!("/api/v1/webhooks/{id}/test"), &json!({})).expect(202);
    let (head, told) = next_request(&listener);
    assert!(head.to_lowercase().contains("webhook-signature: v1,"), "{head}");
    assert_eq!(told["type"], "test");

    let recall = new_id();
    let form = [
        ("id", recall.as_str()),
        ("reference", "Z-1"),
        ("title", "Taper"),
        ("criteria-0-identifier", STEM),
        ("criteria-0-units", "lot"),
        ("criteria-0-values", "122927"),
    ];
    procurement.post_form("/recalls", &form).expect(303);
    safety.post_form(&format!("/recalls/{recall}/confirm"), &[]).expect(303);
    let (_, told) = next_request(&listener);
    assert_eq!((&told["type"], &told["data"]["recall"]), (&json!("recall.confirmed"), &json!(recall)));

    let page = safety.with_browser().get("/notifications").expect(200).text();
    assert!(page.contains(&url) && !page.contains(secret));
    let log = || safety.get("/api/v1/notifications/deliveries?state=delivered").expect(200).json();
    let delivered = |log: &Value| log.as_array().map_or(0, Vec::len) == 2;
    let done = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        delivered(&log())
    });
    assert!(done, "{}", log());
    let run = safety.get(&format!("/api/v1/recalls/{recall}/quarantine/run")).expect(200).json();
    assert_eq!((&run["found"], &run["done"]), (&json!(1), &json!(1)));
}
