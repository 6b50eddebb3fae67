//! How bars lean that converge: what makes strips across them most alike.

use super::super::code128::scan_line::STEP;
use super::super::glare::Glare;
use super::super::layout::float;
use super::APART;

/// Pixels along the lines in which bars are taken to lean alike.
const STRETCH: f32 = 64.0;

/// How far bars lean at the most, to either side: pixels along the lines a pixel of height.
const MOST_LEAN: f32 = 0.5;

/// How far bars lean at a place along the lines: evenly, and more with every pixel from the middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lean {
    at_middle: f32,
    fan: f32,
}

impl Lean {
    pub(super) fn at(self, from_middle: f32) -> f32 {
        self.at_middle + self.fan * from_middle
    }
}

/// How bars lean: in every stretch, each lean makes the mean of the strips so lively; of the fans, the liveliest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of samples and of leans")]
pub(super) fn lean(strips: &[Vec<f32>], aways: &[f32], glare: Glare) -> Lean {
    let none = Lean { at_middle: 0.0, fan: 0.0 };
    let most = aways.iter().fold(0.0_f32, |most, away| most.max(away.abs()));
    let length = strips.first().map_or(0, Vec::len);
    if most < 4.0 || length < 16 * APART {
        return none;
    }
    let change = |(from, to): (&f32, &f32)| if glare.hides(*from) || glare.hides(*to) { 0.0 } else { to - from };
    let changes: Vec<Vec<f32>> =
        strips.iter().map(|strip| strip.iter().zip(&strip[APART..]).map(change).collect()).collect();
    let pace = 1.0 / most;
    let leans = (MOST_LEAN / pace).ceil();
    let stretches = (float(length) * STEP / STRETCH).clamp(3.0, 14.0) as usize;
    let half = float(length) * STEP / 2.0;
    // For each stretch, how lively each lean makes the mean.
    let lively: Vec<Vec<f32>> = (0..stretches)
        .map(|stretch| {
            let range = stretch * length / stretches..(stretch + 1) * length / stretches;
            (0..=2 * leans as usize)
                .map(|lean| {
                    let lean = (float(lean) - leans) * pace;
                    let mut sums = vec![0.0_f32; range.len()];
                    for (strip, away) in changes.iter().zip(aways) {
                        let from = float(range.start) + (lean * away / STEP).round();
                        let (skipped, from) = ((-from).max(0.0) as usize, from.max(0.0) as usize);
                        let shifted = strip.get(from..).unwrap_or_default();
                        for (sum, change) in sums.iter_mut().skip(skipped).zip(shifted) {
                            *sum += change;
                        }
                    }
                    sums.iter().map(|sum| sum * sum).sum()
                })
                .collect()
        })
        .collect();
    let middle = |stretch: usize| (float(stretch) + 0.5) / float(stretches) * 2.0 * half - half;
    let of = |lean: Lean| -> f32 {
        lively
            .iter()
            .enumerate()
            .map(|(stretch, lively)| {
                // Not `clamp`: its bounds are reckoned (see the parent module).
                let at = (lean.at(middle(stretch)) / pace + leans).max(0.0).min(2.0 * leans - 0.001);
                let (i, part) = (at as usize, at.fract());
                lively[i] + (lively[i + 1] - lively[i]) * part
            })
            .sum()
    };
    let liveliest = |stretch: usize| {
        let best = lively[stretch].iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at);
        (float(best) - leans) * pace
    };
    let mut best = (of(none), none);
    let mut keep = |lean: Lean| {
        let value = of(lean);
        if value > best.0 {
            best = (value, lean);
        }
    };
    for a in 0..stretches {
        for b in a + 1..stretches {
            let (first, second) = (liveliest(a), liveliest(b));
            let fan = (second - first) / (middle(b) - middle(a));
            keep(Lean { at_middle: first - fan * middle(a), fan });
        }
    }
    for part in [0.5, 0.25] {
        let found = best.1;
        for (turn, fan) in (-2_i8..=2).flat_map(|turn| (-2_i8..=2).map(move |fan| (turn, fan))) {
            let (turn, fan) = (f32::from(turn) * part * pace, f32::from(fan) * part * pace / half);
            let lean = Lean { at_middle: found.at_middle + turn, fan: found.fan + fan };
            let value = of(lean);
            if value > best.0 {
                best = (value, lean);
            }
        }
    }
    best.1
}
