//! Whether parallel strokes are bars: lines that cross bars at different heights see the same, those that cross text do not.

use super::super::frame::Picture;
use super::super::locate::Bars;

/// Lines that are held against each other: more where the stretch is tall, which may be bars with print above and below.
const LINES: u8 = 4;
const MANY_LINES: u8 = 8;
const TALL: f32 = 110.0;

/// What two neighbouring lines count for: a letter's upright strokes are alike from near.
const NEIGHBOURS: f32 = 0.8;

/// Radians about the measured direction within which bars are looked for.
const MOST_TURN: f32 = 0.09;

/// Pixels between samples.
const STEP: f32 = 1.0;

/// How alike lines across a stretch are (correlation, 0 … 1), and the turn (radians) that makes them most alike.
pub(super) fn likeness(picture: &Picture, bars: &Bars) -> (f32, f32) {
    let count = if bars.height > TALL { MANY_LINES } else { LINES };
    let pitch = 0.96 / f32::from(count);
    let aside = (pitch / 3.0 * bars.height).clamp(0.5, 6.0);
    let lines: Vec<Vec<f32>> = (0..count)
        .map(|i| changes(&bars.line((f32::from(i) + 0.5) * pitch - 0.48, 0.0, aside).glance(picture)))
        .collect();
    let between = |upper: u8, lower: u8, weight: f32| {
        let apart = f32::from(lower - upper) * pitch * bars.height;
        let (alike, shift) =
            most_alike(&lines[usize::from(upper)], &lines[usize::from(lower)], MOST_TURN * apart / STEP);
        (alike * weight, (shift * STEP / apart.max(1.0)).atan())
    };
    let neighbours = (1..count).map(|lower| between(lower - 1, lower, NEIGHBOURS));
    // Two symbols may lie one above the other: then only neighbours are alike.
    let far = (count / 2..count).map(|lower| between(lower - count / 2, lower, 1.0));
    far.chain([between(0, count - 1, 1.0)])
        .chain(neighbours)
        .fold((0.0, 0.0), |best, next| if next.0 > best.0 { next } else { best })
}

/// From each sample to the one after the next: light that falls unevenly does not count.
pub(in crate::symbol) fn changes(line: &[Option<f32>]) -> Vec<f32> {
    line.iter().zip(line.iter().skip(2)).map(|(a, b)| a.zip(*b).map_or(0.0, |(a, b)| b - a)).collect()
}

/// The highest correlation of one line with another that is shifted by so many samples at most, and that shift.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shifts are a few dozen samples"
)]
pub(in crate::symbol) fn most_alike(a: &[f32], b: &[f32], most: f32) -> (f32, f32) {
    let energy = |line: &[f32]| line.iter().map(|change| change * change).sum::<f32>();
    let scale = (energy(a) * energy(b)).sqrt();
    if scale < 1.0 {
        return (0.0, 0.0);
    }
    let most = most.ceil() as usize + 1;
    let at = |shift: usize| {
        // `a` is ahead by `shift − most`.
        let (a, b) =
            if shift >= most { (&a[(shift - most).min(a.len())..], b) } else { (a, &b[(most - shift).min(b.len())..]) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    fn picture(dark: impl Fn(f32, f32) -> bool) -> Picture {
        let luma: Vec<u8> = (0_u16..200)
            .flat_map(|y| (0_u16..400).map(move |x| (f32::from(x) - 200.0, f32::from(y) - 100.0)))
            .map(|(x, y)| if dark(x, y) { 30 } else { 220 })
            .collect();
        Frame::new(&luma, 400, 200).expect("the size fits").to_picture()
    }

    /// Bars of uneven widths, as a function of the place across them.
    fn is_bar(across: f32) -> bool {
        across.abs() < 120.0 && (across * 0.53).sin() + (across * 0.31).sin() > 0.2
    }

    #[test]
    fn bars_are_alike_at_all_heights_and_their_turn_is_told() {
        for turn in [-0.06_f32, 0.0, 0.05] {
            let (sin, cos) = turn.sin_cos();
            let bars = picture(|x, y| (y * cos - x * sin).abs() < 40.0 && is_bar(x * cos + y * sin));
            let measured = Bars::between(&[[80.0, 60.0], [320.0, 60.0], [320.0, 140.0], [80.0, 140.0]]);
            let (alike, told) = likeness(&bars, &measured);
            assert!(alike > 0.85, "{turn}: {alike}");
            assert!((told - turn).abs() < 0.012, "{turn}: {told}");
        }
    }

    #[test]
    fn rows_of_unlike_strokes_are_no_bars() {
        // Each row of letters, 10 pixels high, has strokes of its own.
        let letters = picture(|x, y| {
            let row = (y / 10.0).floor();
            y.abs() < 60.0 && is_bar(x * (1.0 + 0.07 * row)) && (y - 10.0 * row) < 7.0
        });
        let measured = Bars::between(&[[80.0, 40.0], [320.0, 40.0], [320.0, 160.0], [80.0, 160.0]]);
        let (alike, _) = likeness(&letters, &measured);
        assert!(alike < CLEAR, "{alike}");
    }

    const CLEAR: f32 = 0.7;
}
