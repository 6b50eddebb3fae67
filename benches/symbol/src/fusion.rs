//! Five frames of one pack under a shaking hand: what the tracker reads from all of them, beside what single frames give.

use tessera_scanner::symbol::{Frame, ReadOptions, Tracker, read};

use crate::axes;
use crate::dice::Dice;
use crate::scene::Painter;

const FRAMES: u64 = 5;

/// Axis and level: conditions in which single frames are hardly read.
const CONDITIONS: [(&str, f32); 6] = [
    ("dm/glare", 0.35),
    ("dm/noise", 40.0),
    ("dm/noise", 80.0),
    ("dm/px-per-module", 1.7),
    ("dm/px-per-module", 1.3),
    ("dm/motion", 8.0),
];

/// Prints, for every condition (or those of certain axes), the part of packs read by the tracker and the part of single frames read.
pub fn measure(packs: usize, seed: u64, only: &[String]) {
    let (painter, axes, options) = (Painter::new(), axes::all(), ReadOptions::default());
    println!("{:<24} {:>6} {:>12} {:>14} {:>9}", "five frames", "packs", "fused %", "one frame %", "misreads");
    let wanted = |name: &str| only.is_empty() || only.iter().any(|axis| name.starts_with(axis.as_str()));
    for (name, level) in CONDITIONS.into_iter().filter(|(name, _)| wanted(name)) {
        let axis = axes.iter().find(|axis| axis.name == name).expect("one of the axes");
        let (mut fused, mut single, mut wrong) = (0, 0, 0);
        for pack in 0..packs {
            let mut dice = Dice::new(seed * 1_000_003 + 7_000 * pack as u64 + 1);
            let (symbols, conditions, text) = (axis.make)(level, &mut dice);
            let (mut tracker, mut told) = (Tracker::default(), Vec::new());
            let says = |found: &str| symbols.iter().any(|symbol| symbol.modules.text == found);
            for frame in 0..FRAMES {
                let mut dice = Dice::new(seed * 1_000_003 + 7_000 * pack as u64 + 100 + frame);
                let luma = painter.paint(&symbols, &conditions, text, &mut dice);
                let frame = Frame::new(&luma.pixels, luma.width as u32, luma.height as u32).expect("the size fits");
                told.extend(tracker.look(&frame, &options).new.iter().map(tessera_scanner::symbol::Symbol::text));
                single += usize::from(read(&frame, &options).iter().any(|symbol| says(&symbol.text())));
            }
            fused += usize::from(told.iter().any(|text| says(text)));
            wrong += told.iter().filter(|text| !says(text)).count();
        }
        let percent = |count: usize, of: usize| 100.0 * count as f32 / of.max(1) as f32;
        println!(
            "{:<24} {packs:>6} {:>12.0} {:>14.0} {wrong:>9}",
            format!("{name} {level}"),
            percent(fused, packs),
            percent(single, packs * FRAMES as usize)
        );
    }
}
