//! Killed at any moment, server or workstation: what was acknowledged arrives, once, and nothing else does.

use std::collections::HashMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tessera_tests::{Engine, Server, Typed, Workstation, on_each_engine};
use uuid::Uuid;

on_each_engine!(
    what_was_acknowledged_arrives_once,
    a_repeat_is_the_same_record,
    without_a_server_scans_wait,
    every_photograph_arrives_once
);

/// A pack up to its lot. It has no serial, so that each scan is one more device and a doubled one shows.
const PACK: &str = "]d201095060001343521731013110";

fn what_was_acknowledged_arrives_once(engine: Engine) {
    let kills = if std::env::var_os("TESSERA_LONG").is_some() { 1000 } else { 50 };
    let mut chance = Chance::new();
    let mut theatre = Theatre::open(engine);
    let mut sum = Typed::default();
    let mut line = 0;
    let began = Instant::now();
    let mut agent = theatre.workstation().start();
    let mut killed = (0, 0);
    for _ in 0..kills {
        let mut type_some = |agent: &mut tessera_tests::Agent, most: u64| {
            for _ in 0..chance.up_to(most) {
                line += 1;
                agent.type_line(&pack(line));
                thread::sleep(Duration::from_micros(chance.up_to(8_000)));
            }
            thread::sleep(Duration::from_micros(chance.up_to(25_000)));
            chance.up_to(2)
        };
        let victim = type_some(&mut agent, 8);
        if victim != 0 {
            killed.0 += 1;
            sum.add(agent.kill());
            agent = theatre.workstation().start();
        }
        if victim != 1 {
            killed.1 += 1;
            theatre.server.kill();
            // A nurse goes on scanning while it is away.
            type_some(&mut agent, 3);
            theatre.server.restart();
        }
    }
    let (code, last) = agent.finish();
    assert!(matches!(code, Some(0 | 75)), "the workstation ended with {code:?}");
    sum.add(last);
    let (code, said) = theatre.workstation().run("deliver", &["--patience", "60"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = theatre.workstation().run("status", &[]);
    assert_eq!(code, Some(0), "{said}");
    theatre.holds_each_once(&sum);
    println!(
        "{engine:?}: {} lines typed, {} acknowledged, workstation killed {} times, server {} times, in {:.1} s",
        line,
        sum.acknowledged.len(),
        killed.0,
        killed.1,
        began.elapsed().as_secs_f32()
    );
    assert!(
        sum.acknowledged.len() > kills,
        "too little was acknowledged for this to mean much: {}",
        sum.acknowledged.len()
    );
}

fn a_repeat_is_the_same_record(engine: Engine) {
    let mut theatre = Theatre::open(engine);
    let nurse = theatre.server.workstation("nurse");
    let scan = |bytes: &str| {
        json!({
            "id": "0192f0c1-0000-7000-8000-00000000000a", "procedure": theatre.procedure,
            "scanned_at": "2026-11-23T09:00:00.000Z", "entry": "handheld",
            "symbols": [{"bytes": bytes, "aim": null}],
        })
    };
    let (one, other) = (scan("XWQyMDEwOTUwNjAwMDEzNDM1Mg=="), scan("XWQyMDEwMDg0NDUwNTAwMDc3Mg=="));
    let first = nurse.post("/api/v1/scans", &one).expect(201).json();
    assert_eq!(nurse.post("/api/v1/scans", &one).expect(200).json(), first);
    theatre.server.kill();
    theatre.server.restart();
    assert_eq!(nurse.post("/api/v1/scans", &one).expect(200).json(), first);
    assert_eq!(nurse.post("/api/v1/scans", &other).expect(409).json()["code"], "id-reused");
    assert_eq!(theatre.device_uses().len(), 1);
}

fn without_a_server_scans_wait(engine: Engine) {
    let mut theatre = Theatre::open(engine);
    theatre.server.kill();
    let mut agent = theatre.workstation().start();
    agent.type_line(&pack(1));
    agent.type_line(&pack(2));
    agent.wait_for_acknowledged(2);
    // Acknowledged is not yet tried: the courier's first try runs alongside.
    theatre.workstation().wait_for_status("no connection");
    let typed = agent.kill();
    let (code, said) = theatre.workstation().run("status", &[]);
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("2 waiting") && said.contains("no connection"), "{said}");
    theatre.server.restart();
    let (code, said) = theatre.workstation().run("deliver", &[]);
    assert_eq!((code, said.lines().last()), (Some(0), Some("2 delivered, 0 refused")), "{said}");
    theatre.holds_each_once(&typed);
}

/// Photographs put into a folder that is watched by a program that is killed again and again.
fn every_photograph_arrives_once(engine: Engine) {
    const PHOTOGRAPHS: u8 = 5;
    let mut chance = Chance::new();
    let theatre = Theatre::open(engine);
    let folder = tempfile::tempdir().expect("a folder");
    let label = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/labels/story-good.png");
    let label = std::fs::read(label).expect("a label");
    // What stands after the end of the picture makes it another photograph of the same pack.
    let photograph = |number: u8| [label.as_slice(), &[number]].concat();
    let put = |name: &str, number: u8| {
        let hidden = folder.path().join(format!(".{name}"));
        std::fs::write(&hidden, photograph(number)).expect("a photograph");
        std::fs::rename(&hidden, folder.path().join(name)).expect("its name");
    };
    let mut watching = theatre.workstation().watch(folder.path());
    let mut kill_and_watch = |pause: u64| {
        thread::sleep(Duration::from_millis(pause));
        watching.kill().expect("it runs");
        watching.wait().expect("it ends");
        watching = theatre.workstation().watch(folder.path());
    };
    for number in 0..PHOTOGRAPHS {
        put(&format!("pack-{number}.png"), number);
        kill_and_watch(chance.up_to(900));
    }
    // The first comes again, under another name.
    put("again.png", 0);
    let put_aside = |name: &str| std::fs::read_dir(folder.path().join(name)).map_or(0, Iterator::count);
    let deadline = Instant::now() + Duration::from_secs(60);
    while put_aside("kept") < usize::from(PHOTOGRAPHS) + 1 {
        assert!(Instant::now() < deadline, "{} are put aside within a minute", put_aside("kept"));
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(put_aside("not-kept"), 0);
    let (code, said) = theatre.workstation().run("deliver", &["--patience", "60"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(theatre.device_uses().len(), usize::from(PHOTOGRAPHS));
    watching.kill().expect("it runs");
    watching.wait().expect("it ends");
}

/// A pack with a lot of its own, in letters: digits could be read as the next element where a separator was lost.
fn pack(number: u32) -> String {
    let letter = |shift: u32| char::from(b'A' + u8::try_from((number >> shift) & 15).expect("four bits"));
    let lot: String = [16, 12, 8, 4, 0].map(letter).iter().collect();
    format!("{PACK}L{lot}")
}

trait Sum {
    fn add(&mut self, other: Typed);
}

impl Sum for Typed {
    fn add(&mut self, other: Typed) {
        self.acknowledged.extend(other.acknowledged);
        self.open.extend(other.open);
    }
}

/// A server with one procedure, and a workstation.
struct Theatre {
    server: Server,
    base: String,
    procedure: Uuid,
    outbox: PathBuf,
}

impl Theatre {
    fn open(engine: Engine) -> Self {
        let server = Server::start(engine);
        let site =
            json!({"ods_code": "RX101", "name": "Test Hospital", "organisation": "RX1", "organisation_name": "Test"});
        server.signed_in("admin").post("/api/v1/sites", &site).expect(200);
        let procedure = Uuid::now_v7();
        let body = json!({
            "id": procedure, "patient": {"nhs_number": "9434765919"}, "site": "RX101", "theatre": "3",
            "opcs4": "W371", "side": "left", "started_at": chrono::Utc::now().to_rfc3339(),
        });
        server.signed_in("nurse").post("/api/v1/procedures", &body).expect(201);
        let outbox = server.database().folder().join("outbox.db");
        std::fs::write(outbox.with_file_name("token"), server.token("nurse")).expect("the test's folder is writable");
        Self { base: server.base().to_owned(), server, procedure, outbox }
    }

    fn workstation(&self) -> Workstation<'_> {
        Workstation { server: &self.base, procedure: self.procedure, outbox: &self.outbox }
    }

    fn device_uses(&self) -> Vec<Value> {
        let whole = self.server.signed_in("nurse").get(&format!("/api/v1/procedures/{}", self.procedure)).expect(200);
        whole.json()["device_uses"].as_array().expect("a procedure lists its devices").clone()
    }

    /// What was acknowledged is there once, under its id; what was not is there at most once; nothing else is there.
    fn holds_each_once(&self, typed: &Typed) {
        let mut of_scan: HashMap<Uuid, String> = HashMap::new();
        let mut times: HashMap<String, usize> = HashMap::new();
        for device in self.device_uses() {
            let text = |name: &str| device[name].as_str().unwrap_or_else(|| panic!("no {name}: {device}")).to_owned();
            let (scan, lot) = (text("scan_event_id").parse().expect("ids are UUIDs"), text("lot"));
            *times.entry(lot.clone()).or_default() += 1;
            assert!(of_scan.insert(scan, lot).is_none(), "two devices of the scan {scan}");
        }
        let lot_of = |line: &str| line.strip_prefix(PACK).expect("every line is a pack").to_owned();
        for (id, line) in &typed.acknowledged {
            assert_eq!(of_scan.remove(id), Some(lot_of(line)), "the acknowledged scan {id} is not as it was typed");
        }
        let open: Vec<String> = typed.open.iter().map(|line| lot_of(line)).collect();
        for (scan, lot) in of_scan {
            assert!(open.contains(&lot), "the scan {scan} (lot {lot}) was never typed");
        }
        if let Some((lot, times)) = times.iter().find(|(_, times)| **times > 1) {
            panic!("the lot {lot} is there {times} times");
        }
    }
}

/// Chance with a seed that is printed (tests show what they print only when they fail), by `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let given = std::env::var("TESSERA_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
        println!("seed: TESSERA_SEED={seed}");
        Self(seed)
    }

    /// 0 to `most`.
    fn up_to(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % (most + 1)
    }
}
