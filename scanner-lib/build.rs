//! Turns the GS1 Syntax Dictionary into static tables, so that reading a barcode allocates and parses nothing of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use sha2::{Digest as _, Sha256};

const DICTIONARY: &str = "../fixtures/gs1/gs1-syntax-dictionary.txt";
const CODES: &str = "../fixtures/gs1/codes.txt";

/// Adds formatted text to a `String`, which cannot fail.
macro_rules! push {
    ($to:ident => $($text:tt)*) => {
        $to.push_str(&format!($($text)*))
    };
}

/// Adds a formatted line to a `String`.
macro_rules! line {
    ($to:ident, $($text:tt)*) => {
        push!($to => "{}\n", format_args!($($text)*))
    };
}

/// One line of the dictionary, expanded to one application identifier.
struct Entry {
    ai: String,
    title: String,
    flags: String,
    components: String,
    /// The components as the dictionary writes them.
    form: String,
    requisites: String,
    exclusions: Vec<String>,
    key: String,
    /// Its sequences of qualifiers, where it is a key.
    sequences: Vec<Vec<String>>,
}

fn main() {
    println!("cargo::rerun-if-changed={DICTIONARY}");
    println!("cargo::rerun-if-changed={CODES}");
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(DICTIONARY).expect("the dictionary lies beside the crate in fixtures/gs1");
    let codes = fs::read_to_string(CODES).expect("the code lists lie beside the crate in fixtures/gs1");

    let mut entries: Vec<Entry> =
        text.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_digit())).flat_map(line).collect();
    entries.sort_by(|a, b| a.ai.cmp(&b.ai));

    let mut out = String::new();
    line!(out, "/// SHA-256 of the dictionary that these tables were made from.");
    line!(out, "pub const SOURCE_SHA256: &str = \"{}\";", hex(&Sha256::digest(text.as_bytes())));
    line!(out, "static ENTRIES: [Entry; {}] = [", entries.len());
    for (at, e) in entries.iter().enumerate() {
        line!(
            out,
            "Entry {{ index: {at}, ai: {:?}, title: {:?}, predefined_length: {}, link_attribute: {}, components: &[{}], shortcut: {}, requisites: &[{}], exclusions: &[{}], excluded: &[{}], key_qualifiers: {}, qualifiers: &[{}] }},",
            e.ai,
            e.title,
            e.flags.contains('*'),
            e.flags.contains('?'),
            e.components,
            shortcut(e),
            e.requisites,
            e.exclusions.iter().map(|pattern| format!("{pattern:?}")).collect::<Vec<_>>().join(", "),
            excluded(e, &entries),
            e.key,
            qualifiers(e, &entries)
        );
    }
    line!(out, "];");
    index(&entries, &mut out);

    for list in codes.lines() {
        let mut words = list.split_whitespace();
        let name = words.next().expect("a code list starts with its name").to_uppercase();
        let words: Vec<String> = words.map(|w| format!("{w:?}")).collect();
        line!(out, "/// Sorted.\npub(crate) static {name}: &[&str] = &[{}];", words.join(", "));
    }

    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("gs1_dictionary.rs");
    fs::write(target, out).expect("OUT_DIR is writable");
}

/// All identifiers that share their first two digits have one length: that is how a scan is cut without lookahead.
/// For each two digits, that length and where their entries are listed by the digits that follow.
fn index(entries: &[Entry], out: &mut String) {
    let mut prefixes: BTreeMap<usize, usize> = BTreeMap::new();
    for e in entries {
        let prefix: usize = e.ai[..2].parse().expect("identifiers start with two digits");
        let known = *prefixes.entry(prefix).or_insert(e.ai.len());
        assert_eq!(known, e.ai.len(), "identifiers that start with {prefix} differ in length");
    }
    let mut places = String::new();
    let mut used = 0;
    line!(out, "static PREFIXES: [Prefix; 128] = [");
    for prefix in 0..128 {
        let length = prefixes.get(&prefix).copied().unwrap_or(0);
        line!(out, "Prefix {{ start: {used}, length: {length} }},");
        let choices =
            if length == 0 { 0 } else { 10_usize.pow(u32::try_from(length - 2).expect("two to four digits")) };
        for rest in 0..choices {
            let ai = if length == 2 {
                format!("{prefix:02}")
            } else {
                format!("{prefix:02}{rest:0width$}", width = length - 2)
            };
            let place = entries.iter().position(|e| e.ai == ai).map_or_else(|| "NONE".to_owned(), |at| at.to_string());
            push!(places => "{place}, ");
        }
        used += choices;
    }
    line!(out, "];\nstatic PLACES: [u16; {used}] = [{places}];");
}

/// The commonest forms of value, which are read without going through their components one by one.
fn shortcut(e: &Entry) -> String {
    let form = e.form.as_str();
    let fixed = form.strip_prefix('N').and_then(|length| length.parse::<u8>().ok()).filter(|_| e.flags.contains('*'));
    let checked = |length: &str| matches!(form.strip_prefix(length), Some(",csum" | ",csum,gcppos1" | ",csum,gcppos2"));
    if checked("N14") {
        "Shortcut::Checked(14)".into()
    } else if checked("N13") && e.flags.contains('*') {
        "Shortcut::Checked(13)".into()
    } else if checked("N18") && e.flags.contains('*') {
        "Shortcut::Checked(18)".into()
    } else if form == "N6,yymmd0" && e.flags.contains('*') {
        "Shortcut::Date".into()
    } else if let Some(length) = fixed {
        format!("Shortcut::Digits({length})")
    } else if let Some(most) = form.strip_prefix("X..").and_then(|most| most.parse::<u8>().ok()) {
        format!("Shortcut::Text({most})")
    } else {
        "Shortcut::None".into()
    }
}

/// Which entries beside this one are a reason to judge what stands together, as bits of words of 64: those that one of
/// the two excludes, and keys whose serial a digital signature wants.
fn excluded(e: &Entry, entries: &[Entry]) -> String {
    let fits = |ai: &str, pattern: &str| {
        ai.len() == pattern.len() && ai.bytes().zip(pattern.bytes()).all(|(a, p)| a == p || p == b'n')
    };
    let excludes = |one: &Entry, other: &Entry| one.exclusions.iter().any(|pattern| fits(&other.ai, pattern));
    let signed = |one: &Entry, other: &Entry| one.ai == "8030" && matches!(other.ai.as_str(), "253" | "255" | "8003");
    let mut words: BTreeMap<usize, u64> = BTreeMap::new();
    for (at, other) in entries.iter().enumerate() {
        let hint = |one: &Entry, other: &Entry| excludes(one, other) || signed(one, other);
        if other.ai != e.ai && (hint(e, other) || hint(other, e)) {
            *words.entry(at / 64).or_default() |= 1 << (at % 64);
        }
    }
    let set = |bits: u64| (0..64).filter(move |bit| bits >> bit & 1 == 1);
    let sum = |bits: u64| set(bits).map(|bit| format!("1 << {bit}")).collect::<Vec<_>>().join(" | ");
    words.iter().map(|(word, bits)| format!("({word}, {})", sum(*bits))).collect::<Vec<_>>().join(", ")
}

/// The sequences of a key's qualifiers as places among all entries.
fn qualifiers(e: &Entry, entries: &[Entry]) -> String {
    let place = |ai: &String| {
        let at = entries.iter().position(|other| other.ai == *ai);
        at.unwrap_or_else(|| panic!("{ai}, a qualifier of {}, is not in the dictionary", e.ai)).to_string()
    };
    let sequence = |ais: &Vec<String>| format!("&[{}]", ais.iter().map(place).collect::<Vec<_>>().join(", "));
    e.sequences.iter().map(sequence).collect::<Vec<_>>().join(", ")
}

/// Expands one line of the dictionary; see the head of that file for its syntax.
fn line(text: &str) -> Vec<Entry> {
    let (body, title) = text.split_once('#').unwrap_or((text, ""));
    let mut words = body.split_whitespace().peekable();
    let identifiers = words.next().expect("a line starts with its identifiers");
    let flags = words.next_if(|w| w.starts_with(|c: char| c.is_ascii_punctuation() && c != '[')).unwrap_or("");
    let (mut components, mut requisites, mut exclusions) = (String::new(), String::new(), Vec::new());
    let mut key = String::from("None");
    let mut qualifiers: Vec<Vec<String>> = Vec::new();
    let mut form = String::new();
    for word in words {
        if let Some(groups) = word.strip_prefix("req=") {
            let groups: Vec<String> = groups.split(',').map(|g| list(g.split('+'))).collect();
            push!(requisites => "&[{}], ", groups.join(", "));
        } else if let Some(patterns) = word.strip_prefix("ex=") {
            exclusions.extend(patterns.split(',').map(str::to_owned));
        } else if let Some(sequences) = word.strip_prefix("dlpkey=") {
            qualifiers.extend(sequences.split('|').map(|s| s.split(',').map(str::to_owned).collect()));
            let sequences: Vec<String> = sequences.split('|').map(|s| list(s.split(','))).collect();
            key = format!("Some(&[{}])", sequences.join(", "));
        } else if word == "dlpkey" {
            key = String::from("Some(&[])");
        } else {
            components.push_str(&component(word));
            if !form.is_empty() {
                form.push(' ');
            }
            form.push_str(word);
        }
    }
    let (first, last) = identifiers.split_once('-').unwrap_or((identifiers, identifiers));
    let range = first.parse::<u32>().expect("digits")..=last.parse().expect("digits");
    range
        .map(|number| Entry {
            ai: format!("{number:0width$}", width = first.len()),
            title: title.trim().to_owned(),
            flags: flags.to_owned(),
            components: components.clone(),
            form: form.clone(),
            requisites: requisites.clone(),
            exclusions: exclusions.clone(),
            key: key.clone(),
            sequences: qualifiers.clone(),
        })
        .collect()
}

fn component(word: &str) -> String {
    let mut parts = word.split(',');
    let form = parts.next().expect("split gives at least one part");
    let optional = form.starts_with('[');
    let form = form.trim_matches(['[', ']']);
    let (set, length) = form.split_at(1);
    let set = match set {
        "N" => "Numeric",
        "X" => "Cset82",
        "Y" => "Cset39",
        "Z" => "Base64Url",
        other => panic!("unknown character set {other} in {word}"),
    };
    let (min, max) = match length.strip_prefix("..") {
        Some(max) => (1, max.parse::<u8>().expect("a length")),
        None => (length.parse().expect("a length"), length.parse().expect("a length")),
    };
    let linters: Vec<String> = parts.map(|name| format!("Linter::{}", camel(name))).collect();
    format!(
        "Component {{ set: Charset::{set}, min: {min}, max: {max}, optional: {optional}, linters: &[{}] }}, ",
        linters.join(", ")
    )
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|w| format!("{w:?}")).collect();
    format!("&[{}]", words.join(", "))
}

fn camel(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        push!(text => "{byte:02x}");
        text
    })
}
