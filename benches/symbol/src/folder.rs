//! Pictures that lie in a folder, with what they say in its `expected.jsonl`: label fixtures, photographs, saved scenes.
//!
//! A line names a `file` and either `symbols` (each with a `text`) or `expect` (texts); `category` groups lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::readers::{self, Luma};

#[derive(Default)]
struct Tally {
    pictures: usize,
    expected: usize,
    readers: Vec<One>,
}

#[derive(Clone, Default)]
struct One {
    read: usize,
    wrong: usize,
    cpu: Vec<f64>,
}

/// Asks every reader about every picture, and prints a line for each category.
pub fn measure(folder: &Path, names: &[String], only: &[String], verbose: bool) {
    let lines = fs::read_to_string(folder.join("expected.jsonl")).expect("expected.jsonl in the folder");
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        let file = line["file"].as_str().expect("file");
        let category = line["category"].as_str().or_else(|| line["format"].as_str()).unwrap_or("all").to_owned();
        if !only.is_empty() && !only.iter().any(|o| category.starts_with(o.as_str()) || file.starts_with(o.as_str())) {
            continue;
        }
        let picture = image::open(folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}")).into_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let luma = Luma { pixels: picture.into_raw(), width, height };
        let wanted = expected(&line);
        let tally = tallies.entry(category).or_default();
        tally.readers.resize(names.len(), One::default());
        tally.pictures += 1;
        tally.expected += wanted.len();
        for (name, one) in names.iter().zip(&mut tally.readers) {
            let (texts, cpu) = readers::ask(name, &luma);
            one.cpu.push(cpu);
            let read = wanted.iter().filter(|text| texts.contains(text)).count();
            one.read += read;
            let wrong: Vec<&String> = texts.iter().filter(|text| !wanted.contains(text)).collect();
            one.wrong += wrong.len();
            if verbose && (read < wanted.len() || !wrong.is_empty()) {
                println!("    {name:<10} {file} {read} of {} {:.1} ms {wrong:?}", wanted.len(), cpu * 1e3);
            }
        }
    }
    print(&tallies, names);
}

fn expected(line: &Value) -> Vec<String> {
    let symbols = line["symbols"].as_array().map(|all| all.iter().map(|s| s["text"].clone()).collect());
    let texts: Vec<Value> = symbols.or_else(|| line["expect"].as_array().cloned()).expect("symbols or expect");
    texts.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

fn print(tallies: &BTreeMap<String, Tally>, names: &[String]) {
    let heads: String = names.iter().map(|n| format!("{n:>12} wrong  median    p95    max")).collect();
    println!("{:<26} {:>4} {:>5} {heads}", "category", "pics", "codes");
    let mut all = Tally { readers: vec![One::default(); names.len()], ..Tally::default() };
    for (category, tally) in tallies {
        line(category, tally);
        all.pictures += tally.pictures;
        all.expected += tally.expected;
        for (sum, one) in all.readers.iter_mut().zip(&tally.readers) {
            sum.read += one.read;
            sum.wrong += one.wrong;
            sum.cpu.extend(&one.cpu);
        }
    }
    line("all", &all);
}

fn line(category: &str, tally: &Tally) {
    let mut out = format!("{category:<26} {:>4} {:>5} ", tally.pictures, tally.expected);
    for one in &tally.readers {
        let mut cpu = one.cpu.clone();
        cpu.sort_by(f64::total_cmp);
        let at = |part: usize| cpu.get((cpu.len() * part / 100).min(cpu.len().saturating_sub(1))).unwrap_or(&0.0) * 1e3;
        out += &format!("{:>12} {:>5} {:>7.2} {:>6.1} {:>6.1}", one.read, one.wrong, at(50), at(95), at(100));
    }
    println!("{out}");
}
