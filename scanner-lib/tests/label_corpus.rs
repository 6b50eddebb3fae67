//! The label images of `fixtures/labels`: a floor under what is read in each category, and no misread at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tessera_scanner::source;
use tessera_scanner::symbol::{Effort, ReadOptions, Symbol, Tracker, read};

/// Symbols that must be read at least, of those in the category: what was measured, not what is hoped for.
const FLOORS: &[(&str, usize)] = &[
    ("databar", 6),
    ("datamatrix-blur", 4),
    ("datamatrix-clean", 8),
    ("datamatrix-contrast", 4),
    ("datamatrix-covered", 3),
    ("datamatrix-crowded", 4),
    ("datamatrix-crumpled", 6),
    ("datamatrix-cylinder", 4),
    ("datamatrix-glare", 4),
    ("datamatrix-grown", 4),
    ("datamatrix-inverted", 4),
    ("datamatrix-motion", 4),
    ("datamatrix-noise", 3),
    ("datamatrix-rectangular", 4),
    ("datamatrix-rotated", 4),
    ("datamatrix-shadow", 4),
    ("datamatrix-small", 4),
    ("datamatrix-tilt", 4),
    ("gs1-128", 5),
    ("gs1-128-curved", 3),
    ("gs1-128-degraded", 6),
    ("gs1-128-grown", 3),
    ("gs1-128-rotated", 6),
    ("gs1-qr", 4),
    ("hibc", 9),
    ("nothing", 0),
    ("photo", 12),
    ("print", 0),
    ("several-codes", 18),
    ("story", 4),
    ("two-part", 10),
    ("two-part-degraded", 10),
];

type Content = (String, String);

/// What one category came to.
#[derive(Debug, Default)]
struct Tally {
    images: usize,
    expected: usize,
    read: usize,
    misread: Vec<String>,
    missed: Vec<String>,
}

/// Of 169 symbols, those that must be read in a single glance, as a camera takes: what was measured.
const FLOOR_AT_A_GLANCE: usize = 150;

#[test]
fn a_camera_reads_labels_at_a_glance() {
    let tallies = tallies(|path| seen(path, Effort::Glance));
    for (category, tally) in &tallies {
        println!("{category:<24} {:>4} of {}", tally.read, tally.expected);
        assert!(tally.misread.is_empty(), "{category}: misread {:?}", tally.misread);
    }
    let read: usize = tallies.values().map(|tally| tally.read).sum();
    assert!(read >= FLOOR_AT_A_GLANCE, "{read} read");
    // What a nurse holds into the camera first: clean labels, in one part or two.
    for clean in ["datamatrix-clean", "story", "gs1-128", "two-part"] {
        assert_eq!(tallies[clean].missed, [""; 0], "{clean}");
    }
}

/// The same, of those held before a camera for five frames.
const FLOOR_WHEN_HELD: usize = 168;

#[test]
fn a_camera_tells_what_is_held_before_it() {
    let tallies = tallies(held);
    for (category, tally) in &tallies {
        assert!(tally.misread.is_empty(), "{category}: misread {:?}", tally.misread);
    }
    let missed: Vec<&String> = tallies.values().flat_map(|tally| &tally.missed).collect();
    let read: usize = tallies.values().map(|tally| tally.read).sum();
    assert!(read >= FLOOR_WHEN_HELD, "{read} read; missed {missed:?}");
}

/// Every label looked at, by category.
fn tallies(look: impl Fn(&Path) -> Vec<Content>) -> BTreeMap<String, Tally> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/labels");
    let expected = fs::read_to_string(folder.join("expected.jsonl")).expect("expected.jsonl");
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for line in expected.lines() {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        let file = line["file"].as_str().expect("file");
        let tally = tallies.entry(line["category"].as_str().expect("category").to_owned()).or_default();
        tally.add(file, &contents(&line), &look(&folder.join(file)));
    }
    tallies
}

#[test]
fn labels_are_read_and_never_misread() {
    let tallies = tallies(|path| seen(path, Effort::Thorough));
    println!("{:<24} {:>6} {:>8} {:>6} {:>8}", "category", "images", "symbols", "read", "misread");
    for (category, tally) in &tallies {
        let misread = tally.misread.len();
        println!("{category:<24} {:>6} {:>8} {:>6} {misread:>8}", tally.images, tally.expected, tally.read);
        for missed in &tally.missed {
            println!("    missed {missed}");
        }
    }
    for (category, tally) in &tallies {
        assert!(tally.misread.is_empty(), "{category}: misread {:?}", tally.misread);
        let floor = FLOORS.iter().find(|(name, _)| name == category).map(|(_, floor)| *floor);
        let floor = floor.unwrap_or_else(|| panic!("{category} has no floor"));
        assert!(tally.read >= floor, "{category}: {} read, {floor} wanted", tally.read);
    }
    assert_eq!(tallies.len(), FLOORS.len(), "a category with a floor has no images");
}

impl Tally {
    fn add(&mut self, file: &str, expected: &[Content], seen: &[Content]) {
        self.images += 1;
        self.expected += expected.len();
        for content in expected {
            if seen.contains(content) {
                self.read += 1;
            } else {
                self.missed.push(format!("{file} {content:?}"));
            }
        }
        let wrong = seen.iter().filter(|content| !expected.contains(content));
        self.misread.extend(wrong.map(|content| format!("{file} {content:?}")));
    }
}

fn contents(line: &Value) -> Vec<Content> {
    let symbols = line["symbols"].as_array().expect("symbols");
    let text = |symbol: &Value, name: &str| symbol[name].as_str().expect("text").to_owned();
    symbols.iter().map(|symbol| (text(symbol, "format"), text(symbol, "text"))).collect()
}

fn seen(path: &Path, effort: Effort) -> Vec<Content> {
    let pixels = source::load(path, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let symbols = read(&pixels.frame(), &ReadOptions { effort, ..ReadOptions::default() });
    symbols.iter().map(content).collect()
}

/// What is told of a label that a camera sees in five frames, which gets a glance as in the browser.
fn held(path: &Path) -> Vec<Content> {
    let pixels = source::load(path, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let options = ReadOptions { effort: Effort::Glance, ..ReadOptions::default() };
    let mut tracker = Tracker::default();
    (0..5).flat_map(|_| tracker.look(&pixels.frame(), &options).new).map(|symbol| content(&symbol)).collect()
}

fn content(symbol: &Symbol) -> Content {
    (symbol.format.name().to_owned(), symbol.text())
}
