//! A pack held before a camera for two thirds of a second: what the tracker tells of it when it is asked for a glance at each frame, as
//! the page in the browser does, and for all the care there is.

use tessera_scanner::symbol::{Effort, Frame, ReadOptions, Symbol, Tracker};

use crate::axes::{self, Axis};
use crate::dice::Dice;
use crate::readers::{Luma, cpu};
use crate::scene::{Painter, Placed};

const FRAMES: u64 = 20;

const EFFORTS: [(&str, Effort); 2] = [("a glance", Effort::Glance), ("all care", Effort::Thorough)];

/// What one effort came to.
#[derive(Default)]
struct Tally {
    told: usize,
    misread: usize,
    /// Frames before the one that told.
    waited: usize,
    /// Seconds of processor time, of each frame looked at.
    cpu: Vec<f64>,
}

/// Prints, for every level of the axes, the part of packs told and after how many frames.
pub fn measure(packs: usize, seed: u64, only: &[String]) {
    let (painter, axes) = (Painter::new(), axes::all());
    let wanted = |name: &str| only.is_empty() || only.iter().any(|axis| name.starts_with(axis.as_str()));
    let mut all = EFFORTS.map(|_| Tally::default());
    let mut held = 0;
    println!(
        "{:<20} {:>7}  told, after frames: {}",
        "axis",
        "level",
        EFFORTS.map(|(name, _)| format!("{name:>16}")).concat()
    );
    for axis in axes.iter().filter(|axis| wanted(&axis.name)) {
        for level in &axis.levels {
            let mut here = EFFORTS.map(|_| Tally::default());
            for pack in 0..packs as u64 {
                let (symbols, frames) = frames(&painter, axis, *level, seed * 1_000_003 + 7_000 * pack);
                for (tally, (_, effort)) in here.iter_mut().zip(EFFORTS) {
                    tally.hold(&frames, effort, |text| symbols.iter().any(|symbol| symbol.modules.text == text));
                }
            }
            held += packs;
            let told = here.each_ref().map(|tally| {
                let waited = tally.waited as f32 / tally.told.max(1) as f32;
                format!("{:>8.0} % {waited:>5.1}", 100.0 * tally.told as f32 / packs as f32)
            });
            println!("{:<20} {level:>7}                      {}", axis.name, told.concat());
            for (sum, tally) in all.iter_mut().zip(here) {
                sum.add(tally);
            }
        }
    }
    for ((name, _), tally) in EFFORTS.iter().zip(&mut all) {
        tally.cpu.sort_by(f64::total_cmp);
        let at = |part: usize| tally.cpu.get(tally.cpu.len() * part / 100).copied().unwrap_or(0.0) * 1e3;
        let (told, misread) = (tally.told, tally.misread);
        println!("{name}: told {told} of {held}, misread {misread}; a frame costs {:.1} ms, p95 {:.1}", at(50), at(95));
    }
}

fn frames(painter: &Painter, axis: &Axis, level: f32, seed: u64) -> (Vec<Placed>, Vec<Luma>) {
    let (symbols, conditions, text) = (axis.make)(level, &mut Dice::new(seed + 1));
    let paint = |frame| painter.paint(&symbols, &conditions, text, &mut Dice::new(seed + 100 + frame));
    let frames = (0..FRAMES).map(paint).collect();
    (symbols, frames)
}

impl Tally {
    /// Shows the frames to a tracker until it tells what the pack says.
    fn hold(&mut self, frames: &[Luma], effort: Effort, says: impl Fn(&str) -> bool) {
        let mut tracker = Tracker::default();
        for (waited, luma) in frames.iter().enumerate() {
            let frame = Frame::new(&luma.pixels, luma.width as u32, luma.height as u32).expect("the size fits");
            let before = cpu();
            let sighting = tracker.look(&frame, &ReadOptions { effort, ..ReadOptions::default() });
            self.cpu.push(cpu() - before);
            let (right, wrong): (Vec<String>, Vec<String>) =
                sighting.new.iter().map(Symbol::text).partition(|text| says(text));
            self.misread += wrong.len();
            if !right.is_empty() {
                self.told += 1;
                self.waited += waited;
                return;
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.told += other.told;
        self.misread += other.misread;
        self.waited += other.waited;
        self.cpu.extend(other.cpu);
    }
}
