//! Every page and every answer that an analyst can open: none tells a small count, and none from which one follows by subtraction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use tessera_tests::{Actor, Engine, Server, on_each_engine};

on_each_engine!(an_analyst_learns_no_small_count);

/// The settings' own limit.
const LEAST: u64 = 5;

/// Numbers in an answer that count no people.
const NO_PEOPLE: [&str; 11] = [
    "year",
    "from_year",
    "to_year",
    "products",
    "sites",
    "small_numbers_below",
    "quantity",
    "package_quantity",
    "shelf_life_days",
    "df",
    "version",
];

/// What a person looks up one at a time, by an id that no list gives to an analyst: single records and no counts.
const RECORDS: [&str; 6] = ["/patients/", "/procedures/{id}", "/scans/", "/frozen", "/contacts", "/affected"];

fn an_analyst_learns_no_small_count(engine: Engine) {
    let server = with_few_patients(engine);
    let (analyst, safety) = (server.signed_in("analyst"), server.signed_in("safety"));
    safety.post("/api/v1/signals/judgement", &json!({})).expect(200);
    let seen = small_in_answers(&safety);
    assert!(seen.len() > 20, "a safety officer sees small counts, so the walk would find them: {seen:?}");
    assert_eq!(small_in_answers(&analyst), Vec::<String>::new());
    assert!(!small_on_pages(&safety).is_empty(), "a safety officer's pages show small counts");
    assert_eq!(small_on_pages(&analyst), Vec::<String>::new());
    nothing_follows(&analyst, &safety);
    no_third_part_follows(&analyst, &safety);
    rows_are_alike(&analyst);
}

/// A registry so small that many counts are.
fn with_few_patients(engine: Engine) -> Server {
    let mut server = Server::start(engine);
    server.anonymous().get("/readyz").expect(200);
    assert!(server.terminate());
    let folder = server.database().folder();
    std::fs::write(folder.join("tessera.toml"), "questions_a_minute = 1000000\n")
        .expect("the test's folder is writable");
    let key = folder.join("identity.key");
    let key = key.to_str().expect("temporary folders have plain names");
    server.run(&["import", "synthetic"], &["--device-uses", "2500", "--seed", "7", "--key-file", key], "");
    server.restart();
    server
}

/// Every address of the interface that reads, with the ids and the questions that there are.
fn addresses(who: &Actor) -> Vec<String> {
    let described = who.get("/api/openapi.json").expect(200).json();
    let products = ids(&who.get("/api/v1/products").expect(200).json()["products"]);
    let signals = ids(&who.get("/api/v1/signals").expect(200).json()["signals"]);
    assert!(!signals.is_empty() && products.len() > 10);
    let questions =
        ["", "category:hip", "category:knee", "sex:female", "side:left", "age:60..74", "implanted:2018..2020"];
    let mut out = Vec::new();
    for (path, verbs) in described["paths"].as_object().expect("the description lists paths") {
        if verbs.get("get").is_none() || RECORDS.iter().any(|record| path.contains(record)) {
            continue;
        }
        match path.as_str() {
            "/api/v1/cohorts/answer" => {
                out.extend(questions.iter().map(|filter| format!("{path}?filter={}", coded(filter))));
                out.extend(products.iter().map(|id| format!("{path}?filter=device:{id}")));
            }
            "/api/v1/cohorts/league" => {
                for filter in questions {
                    out.extend(
                        ["device", "site", "surgeon"].map(|by| format!("{path}?by={by}&filter={}", coded(filter))),
                    );
                }
            }
            "/api/v1/cohorts/cusum" => {
                out.extend(questions.iter().map(|filter| format!("{path}?filter={}", coded(filter))));
                out.extend(products.iter().take(4).map(|id| format!("{path}?filter=device:{id}&within=730")));
            }
            "/api/v1/cohorts/comparison" => {
                out.extend(products.windows(2).map(|pair| format!("{path}?devices={},{}", pair[0], pair[1])));
            }
            _ if path.starts_with("/api/v1/products/{id}") => {
                out.extend(products.iter().map(|id| path.replace("{id}", id)));
            }
            _ if path.starts_with("/api/v1/signals/{id}") => {
                out.extend(signals.iter().map(|id| path.replace("{id}", id)));
            }
            _ if path.contains('{') => {}
            _ => out.push(path.clone()),
        }
    }
    out
}

fn coded(filter: &str) -> String {
    filter.replace(' ', "%20")
}

fn ids(list: &Value) -> Vec<String> {
    let all = list.as_array().expect("it is a list").iter();
    all.map(|one| one["id"].as_str().expect("it has an id").to_owned()).collect()
}

/// Small counts in the answers of the interface, with where they stand.
fn small_in_answers(who: &Actor) -> Vec<String> {
    let mut found = Vec::new();
    for address in addresses(who) {
        let answer = who.get(&address);
        let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
        if answer.status == 200 && is_json {
            small_in(&answer.json(), &address, "", &mut found);
        } else {
            assert!([200, 403, 404, 422].contains(&answer.status), "{address}: {} {}", answer.status, answer.text());
        }
    }
    found
}

fn small_in(value: &Value, address: &str, key: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| small_in(value, address, key, found)),
        Value::Array(items) => items.iter().for_each(|item| small_in(item, address, key, found)),
        Value::Number(number) if number.as_u64().is_some_and(is_small) && !NO_PEOPLE.contains(&key) => {
            found.push(format!("{address}: {key} is {number}"));
        }
        _ => {}
    }
}

fn is_small(count: u64) -> bool {
    (1..LEAST).contains(&count)
}

/// Small counts on the pages that links lead to, from the first page on.
fn small_on_pages(who: &Actor) -> Vec<String> {
    let who = who.with_browser();
    let (mut next, mut seen, mut found) = (vec!["/".to_owned()], BTreeSet::new(), Vec::new());
    let mut of_each: HashMap<String, usize> = HashMap::new();
    while let Some(address) = next.pop() {
        let path = address.split(['?', '#']).next().unwrap_or_default().to_owned();
        let kind: String = path.split('/').take(2).collect::<Vec<_>>().join("/");
        // Each chart of what is watched is simulated anew.
        let most = if kind == "/cusum" { 6 } else { 60 };
        let many = of_each.entry(kind).or_default();
        *many += 1;
        if *many > most || path.starts_with("/assets") || path.starts_with("/api") || !seen.insert(address.clone()) {
            continue;
        }
        let answer = who.get(&address);
        let is_page = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
        if answer.status != 200 || !is_page {
            continue;
        }
        let text = answer.text();
        found.extend(small_on(&text).into_iter().map(|count| format!("{address}: {count}")));
        next.extend(between(&text, "href=\"/", "\"").map(|link| format!("/{}", link.replace("&amp;", "&"))));
    }
    let kinds = ["/devices", "/procedures", "/cohorts", "/signals"];
    assert!(kinds.iter().all(|kind| seen.iter().any(|address| address.starts_with(kind))), "{seen:?}");
    found
}

fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

/// Counts stand in cells of tables, among the figures at the top, and under charts.
fn small_on(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let inner = |cell: &str| cell.split_once('>').map(|(_, text)| text.to_owned()).unwrap_or_default();
    let counts = |text: &str| -> Vec<u64> {
        let of = text.replace(" of ", " ").replace(" / ", " ");
        of.split(' ').map(|word| word.replace(',', "").parse()).collect::<Result<_, _>>().unwrap_or_default()
    };
    for cell in between(page, "<td", "</td>").map(inner) {
        if counts(&cell).into_iter().any(is_small) {
            found.push(format!("a cell: {cell}"));
        }
    }
    for facts in between(page, "<ul class=\"app-facts\">", "</ul>") {
        for fact in between(facts, "<li>", "</li>") {
            let (count, what) = fact.trim_start_matches("<strong>").split_once("</strong>").unwrap_or_default();
            if counts(count).into_iter().any(is_small) && !["sites", "devices"].contains(&what) {
                found.push(format!("a figure: {count} {what}"));
            }
        }
    }
    for chart in between(page, "Number at risk", "</svg>") {
        for text in between(chart, "<text", "</text>").map(inner) {
            if counts(&text).into_iter().any(is_small) {
                found.push(format!("at risk: {text}"));
            }
        }
    }
    found
}

/// What is told of the parts, taken from the whole, leaves nothing small.
fn nothing_follows(analyst: &Actor, safety: &Actor) {
    let mut kept_back = 0;
    for filter in ["", "category:hip", "sex:female"] {
        let get = |who: &Actor, path: &str| {
            who.get(&format!("/api/v1/cohorts/{path}filter={}", coded(filter))).expect(200).json()
        };
        let whole = get(safety, "answer?");
        for by in ["device", "site", "surgeon"] {
            let league = get(analyst, &format!("league?by={by}&"));
            for count in ["n", "revised"] {
                let told = league["rows"].as_array().expect("rows").iter().filter_map(|row| row[count].as_u64());
                let left = whole[count].as_u64().expect("a safety officer is told") - told.sum::<u64>();
                assert!(!is_small(left), "{filter} by {by}: {left} {count} follow");
                kept_back += left;
            }
        }
    }
    assert!(kept_back > 0);
    let of = |who: &Actor| {
        who.get("/api/v1/outcomes/procedures").expect(200).json()["groups"].as_array().expect("groups").clone()
    };
    let (told, whole) = (of(analyst), of(safety));
    for count in
        ["procedures", "implanted", "revised_procedures", "deaths_30", "deaths_90", "deaths_365", "complications"]
    {
        let sums = |groups: &[Value]| -> BTreeMap<String, u64> {
            let mut sums = BTreeMap::new();
            for group in groups {
                *sums.entry(group["opcs4"].to_string()).or_default() += group[count].as_u64().unwrap_or(0);
            }
            sums
        };
        let (told, whole) = (sums(&told), sums(&whole));
        for (code, whole) in whole {
            let (told, left) = (told[&code], whole - told[&code]);
            assert!(told == 0 || !is_small(left), "{code}: {left} {count} follow");
        }
    }
}

/// Where all parts of a told whole are told but one, that one is not small: neither its implants, nor its revisions, nor its deaths.
fn no_third_part_follows(analyst: &Actor, safety: &Actor) {
    let sexes = ["female", "male", "other", "unknown"].map(|sex| format!("sex:{sex}"));
    let sides = ["left", "right", "bilateral", "none"].map(|side| format!("side:{side}"));
    let ages = ["..49", "50..59", "60..69", "70..79", "80..89", "90.."].map(|ages| format!("age:{ages}"));
    let get = |who: &Actor, filter: &str| {
        who.get(&format!("/api/v1/cohorts/answer?filter={}", coded(filter))).expect(200).json()
    };
    let (mut told_parts, mut kept_back) = (0, 0);
    for within in ["", "category:hip", "category:knee", "site:RXX01", "sex:female side:left"] {
        let whole = get(analyst, within);
        for parts in [&sexes[..], &sides, &ages] {
            if parts.iter().any(|part| within.contains(part.split(':').next().unwrap_or_default())) {
                continue;
            }
            let of = |who: &Actor| parts.iter().map(|part| get(who, &format!("{within} {part}"))).collect::<Vec<_>>();
            let (seen, known) = (of(analyst), of(safety));
            for count in ["n", "revised", "died"] {
                let hidden: Vec<usize> = (0..parts.len()).filter(|&at| seen[at][count].is_null()).collect();
                told_parts += parts.len() - hidden.len();
                kept_back += hidden.len();
                let left: u64 = hidden.iter().filter_map(|&at| known[at][count].as_u64()).sum();
                assert!(whole[count].is_null() || !is_small(left), "{within}, {count}: {left} follow of {parts:?}");
            }
        }
    }
    assert!(told_parts > 20 && kept_back > 0, "{told_parts} told, {kept_back} kept back");
}

/// An extract is refused, or each of its rows is like several others.
fn rows_are_alike(analyst: &Actor) {
    let (mut refused, mut given) = (0, 0);
    let products = ids(&analyst.get("/api/v1/products").expect(200).json()["products"]);
    let filters = products.iter().map(|id| format!("device:{id}")).chain([String::new(), "category:hip".to_owned()]);
    for filter in filters {
        let answer = analyst.get(&format!("/api/v1/cohorts/extract?filter={filter}"));
        if answer.status == 403 {
            refused += 1;
            continue;
        }
        given += 1;
        let text = answer.expect(200).text();
        let mut alike: HashMap<&str, u64> = HashMap::new();
        for line in text.lines().skip(1) {
            let shared = line.splitn(3, ',').nth(2).expect("time, event and what is shared");
            *alike.entry(shared).or_default() += 1;
        }
        assert!(alike.values().all(|&n| n >= LEAST), "{filter}: {alike:?}");
    }
    assert!(refused > 0 && given > 0, "{refused} refused, {given} given");
}
