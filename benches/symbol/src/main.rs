//! How far into bad pictures each reader reads, axis by axis.
//!
//! `cargo run --release -- [--scenes 8] [--readers tessera,rxing,zxing-cpp] [--seed 0] [--save DIR] [AXIS …]`: prints for every axis
//! the part of scenes read at each level and the level at which half is lost (`rqrr` is a reader too, of QR Code alone). An axis is `dm/…`, `128/…`, `qr/…`, `bar/…`,
//! or `empty/…`; a prefix picks several. `--save DIR` keeps the scenes, `--svg DIR` draws the curves and prints a table for the docs.
//!
//! `cargo run --release -- --nothing 100000 [--seed 0] [--readers …]`: frames without a symbol; every answer is a misread.
//!
//! `cargo run --release -- --fusion 20 [--seed 0] [AXIS …]`: five frames of one pack, read by the tracker.
//!
//! `cargo run --release -- --held 3 [--seed 0] [AXIS …]`: a pack held before a camera for two thirds of a second, read by the tracker.
//!
//! `cargo run --release -- --folder DIR [--verbose] [CATEGORY …]`: the same of pictures that lie in a folder.

mod axes;
mod chart;
mod dice;
mod encode;
mod folder;
mod fusion;
mod held;
mod label;
mod lens;
mod nothing;
mod projection;
mod readers;
mod scene;

use std::collections::BTreeMap;
use std::io::Write as _;

use axes::Axis;
use dice::Dice;
use readers::Luma;
use scene::Painter;

struct Args {
    scenes: usize,
    readers: Vec<String>,
    only: Vec<String>,
    save: Option<String>,
    folder: Option<String>,
    verbose: bool,
    levels: Option<usize>,
    /// Other scenes of the same kind: what was tuned on seed 0 must hold on the others.
    seed: u64,
    nothing: Option<usize>,
    svg: Option<String>,
    fusion: Option<usize>,
    held: Option<usize>,
}

fn args() -> Args {
    let mut out = Args {
        scenes: 8,
        readers: readers::NAMES.iter().map(|name| (*name).to_owned()).collect(),
        only: Vec::new(),
        save: None,
        folder: None,
        verbose: false,
        levels: None,
        seed: 0,
        nothing: None,
        svg: None,
        fusion: None,
        held: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--scenes" => out.scenes = words.next().and_then(|n| n.parse().ok()).expect("--scenes NUMBER"),
            "--readers" => {
                let list = words.next().expect("--readers LIST, of none to draw the scenes alone");
                out.readers = list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            }
            "--save" => out.save = words.next(),
            "--fusion" => out.fusion = words.next().and_then(|n| n.parse().ok()),
            "--held" => out.held = words.next().and_then(|n| n.parse().ok()),
            "--svg" => out.svg = words.next(),
            "--folder" => out.folder = words.next(),
            "--verbose" => out.verbose = true,
            "--level" => out.levels = words.next().and_then(|n| n.parse().ok()),
            "--nothing" => out.nothing = words.next().and_then(|n| n.parse().ok()),
            "--seed" => out.seed = words.next().and_then(|n| n.parse().ok()).expect("--seed NUMBER"),
            _ => out.only.push(word),
        }
    }
    out
}

#[derive(Default)]
struct Tally {
    read: usize,
    wrong: Vec<String>,
    cpu: Vec<f64>,
}

fn main() {
    let args = args();
    std::panic::set_hook(Box::new(|_| ()));
    if let Some(folder) = &args.folder {
        folder::measure(folder.as_ref(), &args.readers, &args.only, args.verbose);
        return;
    }
    if let Some(packs) = args.held {
        held::measure(packs, args.seed, &args.only);
        return;
    }
    if let Some(packs) = args.fusion {
        fusion::measure(packs, args.seed, &args.only);
        return;
    }
    if let Some(frames) = args.nothing {
        nothing::measure(frames, args.seed, &args.readers);
        return;
    }
    let painter = Painter::new();
    let mut summary = String::new();
    let mut drawn: Vec<chart::Curve> = Vec::new();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for axis in axes::all()
        .iter()
        .filter(|axis| args.only.is_empty() || args.only.iter().any(|o| axis.name.starts_with(o.as_str())))
    {
        let curves = measure(axis, &args, &painter, &mut wrong);
        summary += &report(axis, &args, &curves);
        let part = |reader: usize| curves.iter().map(|level| level[reader].read as f32 / args.scenes as f32).collect();
        drawn.push(chart::Curve {
            name: axis.name.clone(),
            levels: axis.levels.clone(),
            parts: (0..args.readers.len()).map(part).collect(),
        });
    }
    if let Some(folder) = &args.svg {
        draw(folder, &args.readers, &drawn);
        println!("\n{}", chart::table(&args.readers, &drawn));
    }
    println!("\n{:<18} {}", "half is lost at", args.readers.iter().map(|n| format!("{n:>12}")).collect::<String>());
    print!("{summary}");
    for (reader, texts) in wrong {
        println!("{reader}: {} misreads", texts.len());
        for text in texts.iter().take(5) {
            println!("    {text:?}");
        }
    }
}

/// One picture for each kind of symbol.
fn draw(folder: &str, readers: &[String], curves: &[chart::Curve]) {
    for (prefix, title) in [("dm", "Data Matrix"), ("128", "GS1-128"), ("qr", "QR Code"), ("bar", "DataBar")] {
        let own: Vec<&chart::Curve> =
            curves.iter().filter(|curve| curve.name.split('/').next() == Some(prefix)).collect();
        if !own.is_empty() {
            std::fs::write(format!("{folder}/{prefix}.svg"), chart::svg(title, readers, &own))
                .expect("a folder to draw to");
        }
    }
}

/// For every level, for every reader.
fn measure(axis: &Axis, args: &Args, painter: &Painter, wrong: &mut BTreeMap<String, Vec<String>>) -> Vec<Vec<Tally>> {
    let mut curves = Vec::new();
    for (step, level) in axis.levels.iter().enumerate() {
        if args.levels.is_some_and(|only| only != step) {
            curves.push(args.readers.iter().map(|_| Tally::default()).collect());
            continue;
        }
        let mut tallies: Vec<Tally> = args.readers.iter().map(|_| Tally::default()).collect();
        for i in 0..args.scenes {
            let mut dice =
                Dice::new(args.seed * 1_000_003 + 1000 * i as u64 + axis.name.bytes().map(u64::from).sum::<u64>());
            let (symbols, conditions, text) = (axis.make)(*level, &mut dice);
            let luma = painter.paint(&symbols, &conditions, text, &mut dice);
            if let Some(folder) = &args.save {
                keep(folder, axis, *level, i, &luma, &symbols);
            }
            for (name, tally) in args.readers.iter().zip(&mut tallies) {
                let (texts, cpu) = readers::ask(name, &luma);
                tally.cpu.push(cpu);
                if symbols.iter().all(|s| texts.contains(&s.modules.text)) {
                    tally.read += 1;
                } else if args.save.is_some() {
                    println!("  {name} missed {}-{level}-{i}", axis.name);
                }
                for text in texts {
                    if symbols.iter().all(|s| s.modules.text != text) {
                        tally.wrong.push(text.clone());
                        wrong.entry(name.clone()).or_default().push(format!("{} {level} {i}: {text}", axis.name));
                    }
                }
            }
        }
        curves.push(tallies);
    }
    curves
}

/// A scene and what it says, for `--folder`.
fn keep(folder: &str, axis: &Axis, level: f32, i: usize, luma: &Luma, symbols: &[scene::Placed]) {
    let file = format!("{}-{level}-{i}.png", axis.name.replace('/', "-"));
    let (width, height) = (luma.width as u32, luma.height as u32);
    image::save_buffer(format!("{folder}/{file}"), &luma.pixels, width, height, image::ColorType::L8)
        .expect("a folder to save to");
    let texts: Vec<&str> = symbols.iter().map(|s| s.modules.text.as_str()).collect();
    let line = serde_json::json!({"file": file, "category": axis.name, "level": level, "expect": texts});
    let mut list = std::fs::File::options()
        .create(true)
        .append(true)
        .open(format!("{folder}/expected.jsonl"))
        .expect("a folder to save to");
    writeln!(list, "{line}").expect("a folder to save to");
}

fn report(axis: &Axis, args: &Args, curves: &[Vec<Tally>]) -> String {
    let levels: String = axis.levels.iter().map(|level| format!("{level:>7}")).collect();
    println!("{:<20} {levels}    cpu ms median, p95", axis.name);
    let mut line = format!("{:<18} ", axis.name);
    for (r, name) in args.readers.iter().enumerate() {
        let parts: Vec<f32> = curves.iter().map(|level| level[r].read as f32 / args.scenes as f32).collect();
        let shown: String = parts.iter().map(|part| format!("{:>7.0}", part * 100.0)).collect();
        let mut cpu: Vec<f64> = curves.iter().flat_map(|level| level[r].cpu.iter().copied()).collect();
        cpu.sort_by(f64::total_cmp);
        let median = cpu.get(cpu.len() / 2).copied().unwrap_or(0.0);
        let late = cpu.get(cpu.len() * 95 / 100).copied().unwrap_or(0.0);
        let misread: usize = curves.iter().map(|level| level[r].wrong.len()).sum();
        let note = if misread > 0 { format!("  {misread} MISREAD") } else { String::new() };
        println!("  {name:<18} {shown}   {:>7.1} {:>7.1}{note}", median * 1e3, late * 1e3);
        line += &format!("{:>12}", chart::half_point(&axis.levels, &parts));
    }
    line.push('\n');
    line
}
