//! Whether parallel strokes are bars: lines that cross bars at different heights see the same, those that cross text do not.

use super::super::frame::Picture;
use super::super::locate::Bars;

/// The lines' heights, as parts of that of the bars.
const HEIGHTS: [f32; 4] = [-0.36, -0.12, 0.12, 0.36];

/// Pairs of lines far apart and, where two symbols lie one above the other or print is part of the stretch, near each
/// other: which weigh less, since a letter's upright strokes are alike from near.
const PAIRS: [(usize, usize, f32); 4] = [(0, 3, 1.0), (0, 1, 0.8), (2, 3, 0.8), (1, 2, 0.8)];

/// Radians about the measured direction within which bars are looked for.
const MOST_TURN: f32 = 0.09;

/// Pixels between samples.
const STEP: f32 = 1.0;

/// How alike lines across a stretch are (correlation, 0 … 1), and the turn (radians) that makes them most alike.
pub(super) fn likeness(picture: &Picture, bars: &Bars) -> (f32, f32) {
    let aside = (0.08 * bars.height).max(0.5);
    let lines = HEIGHTS.map(|part| changes(&bars.line(part, 0.0, aside).glance(picture)));
    PAIRS
        .into_iter()
        .map(|(upper, lower, weight)| {
            let apart = (HEIGHTS[lower] - HEIGHTS[upper]) * bars.height;
            let (alike, shift) = most_alike(&lines[upper], &lines[lower], MOST_TURN * apart / STEP);
            (alike * weight, (shift * STEP / apart.max(1.0)).atan())
        })
        .fold((0.0, 0.0), |best, next| if next.0 > best.0 { next } else { best })
}

/// From each sample to the one after the next: light that falls unevenly does not count.
fn changes(line: &[Option<f32>]) -> Vec<f32> {
    line.iter().zip(line.iter().skip(2)).map(|(a, b)| a.zip(*b).map_or(0.0, |(a, b)| b - a)).collect()
}

/// The highest correlation of one line with another that is shifted by so many samples at most, and that shift.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shifts are a few dozen samples"
)]
fn most_alike(a: &[f32], b: &[f32], most: f32) -> (f32, f32) {
    let energy = |line: &[f32]| line.iter().map(|change| change * change).sum::<f32>();
    let scale = (energy(a) * energy(b)).sqrt();
    if scale < 1.0 {
        return (0.0, 0.0);
    }
    let most = most.ceil() as usize + 1;
    let at = |shift: usize| {
        // `a` is ahead by `shift − most`.
        let (a, b) = if shift >= most { (&a[(shift - most).min(a.len())..], b) } else { (a, &b[(most - shift).min(b.len())..]) };
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>() / scale
    };
    let all: Vec<f32> = (0..=2 * most).map(at).collect();
    let Some((best, value)) = all.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else { return (0.0, 0.0) };
    let between = match (best.checked_sub(1).and_then(|at| all.get(at)), all.get(best + 1)) {
        (Some(left), Some(right)) => {
            let bend = 2.0 * value - left - right;
            if bend > 1e-6 { (0.5 * (right - left) / bend).clamp(-0.5, 0.5) } else { 0.0 }
        }
        _ => 0.0,
    };
    (*value, best as f32 + between - most as f32)
}
