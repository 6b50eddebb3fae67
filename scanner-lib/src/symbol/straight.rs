//! Bars as if they had been held straight: strips across them at many heights, laid one on the other.
//!
//! A tilted pack's bars converge, so that lines across them at two heights see the same at two scales; a reflection or a
//! shadow lies over some of the heights only (what a reflection's rim adds is taken off); print above and below is not
//! alike at any two. So strips are first shifted to where they are most alike, and then each counts, place by place, for as
//! much as it shows of what all show.

mod lean;
mod lit;

use lean::{Lean, lean};

use super::code128::scan_line::STEP;
use super::frame::Picture;
use super::glare::Glare;
use super::layout::{Profile, float};
use super::locate::Bars;
use super::tones::Tones;

/// Pixels of height in a strip, as a rule.
const STRIP: f32 = 6.5;

/// Fewest and most strips.
const STRIPS: (f32, f32) = (3.0, 16.0);

/// Pixels of height in a strip where a reflection leaves little of it, and how many times as many strips there may be then.
const FINER: f32 = 2.4;
const MORE: f32 = 3.0;

/// Samples between those that are held against each other.
const APART: usize = 4;

/// Pixels of the windows in which a strip is held against all.
const WINDOW: f32 = 40.0;

/// Part of the variation that stands for what a window without any shows.
const SHRINK: f32 = 0.02;

/// So much of what is no reflection is as dark as paper, or darker; and as dark as bars.
const PAPER: f32 = 0.7;
const DARK: f32 = 0.05;

/// Of so many samples one must be hidden by a reflection for it to lie on the strips, and only hidden ones count of which so many
/// lie side by side.
const LIT: usize = 50;
const RUN: usize = 32;

/// Strips across bars, laid one on the other.
#[derive(Debug)]
pub(super) struct Straight {
    strips: Vec<Vec<f32>>,
    mean: Vec<f32>,
    lean: Lean,
    /// The bars along which the strips lie.
    bars: Bars,
    /// What single samples are not believed for, and the same where it is a reflection that lies on the strips.
    glare: Glare,
    lit: Glare,
}

/// What strips show together.
#[derive(Clone, Debug)]
pub(super) struct Together {
    pub(super) profile: Profile,
    /// Standard deviation of its greys, as far as the strips differ.
    pub(super) noise: f32,
    /// Whether a reflection hides all heights.
    pub(super) hidden: Vec<bool>,
}

impl Straight {
    /// The strips across a stretch of bars.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of samples, not negative")]
    pub(super) fn of(picture: &Picture, bars: &Bars, turn: f32) -> Self {
        let bars = bars.turned(turn);
        let count = (bars.height / STRIP).clamp(STRIPS.0, STRIPS.1).floor();
        let (mut aways, mut strips) = strips(picture, &bars, count);
        let tones = Tones::of(untouched(&strips));
        let level = |tones: &Tones, part: f32| {
            tones.darkest((part * float(tones.len())).ceil() as usize).map_or(Glare::WHITE, f32::from)
        };
        let paper = level(&tones, PAPER);
        let glare = Glare::over(paper);
        let half_dark = level(&tones, DARK).midpoint(paper);
        let lit = if is_lit(&strips, glare, half_dark) { glare } else { Glare::NONE };
        if lit != Glare::NONE {
            (aways, strips) =
                self::strips(picture, &bars, (bars.height / FINER).clamp(STRIPS.0, MORE * STRIPS.1).floor());
            for strip in &mut strips {
                lit::levelled(strip, (level(&tones, DARK), paper));
            }
        }
        let lean = lean(&strips, &aways, lit);
        let length = strips.first().map_or(0, Vec::len);
        let half = float(length) * STEP / 2.0;
        let strips: Vec<Vec<f32>> = strips
            .into_iter()
            .zip(aways)
            .map(|(greys, away)| {
                let strip = Profile { greys, step: STEP };
                (0..length)
                    .map(|i| {
                        let along = float(i) * STEP;
                        let at = along + away * lean.at(along - half);
                        // Half way to what is hidden, nothing is told either.
                        let hides = |at: f32| strip.greys.get(at as usize).is_some_and(|grey| lit.hides(*grey));
                        let is_hidden = hides(at / STEP) || hides(at / STEP + 1.0);
                        if is_hidden { Glare::WHITE } else { strip.at(at) }
                    })
                    .collect()
            })
            .collect();
        // Noise is less in what was shifted.
        let glare = if lit == Glare::NONE { Glare::over(level(&Tones::of(untouched(&strips)), PAPER)) } else { glare };
        let mean = (0..length).map(|i| mean(&strips, i, glare)).collect();
        Self { strips, mean, lean, bars, glare, lit }
    }

    /// How alike the strips in the middle are, laid one on the other: 1 where all show the same, about 0 where each shows
    /// its own.
    pub(super) fn likeness(&self) -> f32 {
        let (count, length) = (self.strips.len(), self.mean.len());
        let strips = &self.strips[count / 4..count - count / 4];
        let range = length / 4..(length - length / 4).saturating_sub(APART);
        let (mut each, mut same) = (0.0, 0.0);
        for i in range {
            let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0_f32);
            for strip in strips {
                let (from, to) = (strip[i], strip[i + APART]);
                if !self.lit.hides(from) && !self.lit.hides(to) {
                    sum += to - from;
                    squares += (to - from).powi(2);
                    n += 1.0;
                }
            }
            same += sum * sum - squares;
            each += squares * (n - 1.0).max(0.0);
        }
        (same / each.max(1.0)).max(0.0)
    }

    /// What all strips show together.
    pub(super) fn all(&self) -> Together {
        let every: Vec<&[f32]> = self.strips.iter().map(Vec::as_slice).collect();
        let first = together(&every, &self.mean, self.glare);
        together(&every, &first.profile.greys, self.glare)
    }

    /// What the upper and the lower strips show on their own.
    pub(super) fn halves(&self, all: &Together) -> [Together; 2] {
        let every: Vec<&[f32]> = self.strips.iter().map(Vec::as_slice).collect();
        let (upper, lower) = every.split_at(every.len() / 2);
        [upper, lower].map(|half| together(half, &all.profile.greys, self.glare))
    }

    /// Where a place along the profile lies in the picture, `part` of the height (−0.5 … 0.5) from the middle.
    pub(super) fn point(&self, along: f32, part: f32) -> [f32; 2] {
        let half = float(self.mean.len()) * STEP / 2.0;
        let away = part * self.bars.height;
        self.bars.line(part, 0.0, 1.0).point(along + away * self.lean.at(along - half))
    }
}

/// What a strip shows of what all show, in one window.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    weight: f32,
    /// Weighted: how much of the common change, and how much lighter.
    gain: f32,
    offset: f32,
    noise: f32,
}

/// Strips added up, each window of each as much as it shows of what they are held against.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few windows")]
fn together(strips: &[&[f32]], against: &[f32], glare: Glare) -> Together {
    let length = against.len();
    let hop = ((WINDOW / STEP / 2.0) as usize).min((length / 4).max(1));
    let windows = (length / hop).max(1);
    let variation = spread(against).max(1.0);
    let range = |window: usize| {
        let middle = window * hop + hop / 2;
        middle.saturating_sub(hop)..(middle + hop).min(length)
    };
    let shares: Vec<Vec<Share>> = strips
        .iter()
        .map(|strip| (0..windows).map(|at| share(&strip[range(at)], &against[range(at)], variation, glare)).collect())
        .collect();
    let summed: Vec<Share> = (0..windows)
        .map(|at| {
            shares.iter().fold(Share::default(), |sum, strip| Share {
                weight: sum.weight + strip[at].weight,
                gain: sum.gain + strip[at].gain,
                offset: sum.offset + strip[at].offset,
                noise: sum.noise + strip[at].noise,
            })
        })
        .collect();
    let (mut greys, mut hidden) = (Vec::with_capacity(length), Vec::with_capacity(length));
    for i in 0..length {
        // Between the middles of two windows.
        // Not `clamp`: with bounds that are reckoned it brings the printing of floats along, ten kilobytes for every tablet.
        let at = ((float(i) - float(hop / 2)) / float(hop)).max(0.0).min(float(windows - 1));
        let (first, part) = (at as usize, at.fract());
        let second = (first + 1).min(windows - 1);
        let mix = |of: fn(&Share) -> f32, shares: &[Share]| {
            of(&shares[first]) + (of(&shares[second]) - of(&shares[first])) * part
        };
        let (mut shown, mut gain) = (0.0, 0.0);
        for (strip, shares) in strips.iter().zip(&shares).filter(|(strip, _)| !glare.hides(strip[i])) {
            shown += strip[i] * mix(|share| share.weight, shares) - mix(|share| share.offset, shares);
            gain += mix(|share| share.gain, shares);
        }
        hidden.push(gain <= 0.0);
        greys.push(if gain > 0.0 { shown / gain } else { 0.0 });
    }
    bridge(&mut greys, &hidden);
    let mut noises: Vec<f32> = summed.iter().map(|share| share.noise.sqrt() / share.gain.max(1e-9)).collect();
    noises.sort_unstable_by(f32::total_cmp);
    let noise = noises.get(noises.len() / 2).copied().unwrap_or(0.0);
    Together { profile: Profile { greys, step: STEP }, noise, hidden }
}

/// Straight lines over what is hidden.
fn bridge(greys: &mut [f32], hidden: &[bool]) {
    let mut at = 0;
    while let Some(from) = (at..greys.len()).find(|i| hidden[*i]) {
        let to = (from..greys.len()).find(|i| !hidden[*i]).unwrap_or(greys.len());
        let right = greys.get(to).copied();
        let left = from.checked_sub(1).map(|before| greys[before]).or(right).unwrap_or(0.0);
        let right = right.unwrap_or(left);
        for (i, grey) in greys[from..to].iter_mut().enumerate() {
            *grey = left + (right - left) * float(i + 1) / float(to + 1 - from);
        }
        at = to;
    }
}

/// The mean at one place of what no reflection hides, or of all.
fn mean(strips: &[Vec<f32>], at: usize, glare: Glare) -> f32 {
    let greys = || strips.iter().map(|strip| strip[at]);
    let told = greys().filter(|grey| !glare.hides(*grey)).count();
    let sum: f32 = greys().filter(|grey| told == 0 || !glare.hides(*grey)).sum();
    sum / float(if told == 0 { strips.len() } else { told }.max(1))
}

fn spread(greys: &[f32]) -> f32 {
    let mean = greys.iter().sum::<f32>() / float(greys.len().max(1));
    greys.iter().map(|grey| (grey - mean).powi(2)).sum::<f32>() / float(greys.len().max(1))
}

/// The line of best fit of one window on another: how much of its change it shows, and how much it differs otherwise.
fn share(strip: &[f32], against: &[f32], variation: f32, glare: Glare) -> Share {
    let told = || strip.iter().zip(against).filter(|(own, _)| !glare.hides(**own));
    let (mut n, mut own, mut other) = (0.0_f32, 0.0, 0.0);
    for (a, b) in told() {
        (n, own, other) = (n + 1.0, own + a, other + b);
    }
    if n < 0.25 * float(strip.len()) {
        return Share::default();
    }
    (own, other) = (own / n, other / n);
    let (mut both, mut alone, mut all) = (0.0, 0.0, 0.0);
    for (a, b) in told() {
        both += (a - own) * (b - other) / n;
        alone += (b - other).powi(2) / n;
        all += (a - own).powi(2) / n;
    }
    let shrink = SHRINK * variation;
    let gain = ((both + shrink) / (alone + shrink)).max(0.0);
    let rest = (all - 2.0 * gain * both + gain * gain * alone).max(0.0) + 1.0;
    let weight = gain / rest;
    Share { weight, gain: weight * gain, offset: weight * (own - gain * other), noise: weight * weight * rest }
}

/// So many strips across bars, and how far each is from the middle.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few strips")]
fn strips(picture: &Picture, bars: &Bars, count: f32) -> (Vec<f32>, Vec<Vec<f32>>) {
    let heights = (0..count as u8).map(|i| ((f32::from(i) + 0.5) / count - 0.5) * 0.96);
    let aside = 0.48 * bars.height / count;
    heights
        .map(|part| {
            let greys = bars.line(part, 0.0, aside).profile(picture);
            let paper = greys.iter().flatten().copied().fold(0.0, f32::max);
            (part * bars.height, greys.into_iter().map(|grey| grey.unwrap_or(paper)).collect())
        })
        .unzip()
}

/// Greys that no reflection has made as light as can be.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "greys lie between 0 and 255")]
fn untouched(strips: &[Vec<f32>]) -> impl Iterator<Item = u8> {
    let greys = strips.iter().flat_map(|strip| strip.iter().step_by(4)).filter(|grey| !Glare::SURE.hides(**grey));
    greys.map(|grey| *grey as u8)
}

/// Whether a reflection lies on strips, between the first and the last bar that any of them shows: the quiet zones of a white label
/// may be as light. Noise makes single samples so, and never such as lie side by side.
fn is_lit(strips: &[Vec<f32>], glare: Glare, half_dark: f32) -> bool {
    let is_bar = |grey: &f32| *grey < half_dark;
    let first = strips.iter().filter_map(|strip| strip.iter().position(is_bar)).min().unwrap_or(0);
    let last = strips.iter().filter_map(|strip| strip.iter().rposition(is_bar)).max().unwrap_or(0);
    let between = strips.iter().filter_map(|strip| strip.get(first..last));
    let hides = |bars: &[f32]| bars.chunks(RUN).filter(|run| run.iter().all(|grey| glare.hides(*grey))).count();
    between.map(hides).sum::<usize>() * RUN * LIT > strips.iter().map(Vec::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    /// Uneven bars that converge above: seen at an angle from below.
    fn converging(fan: f32, light: impl Fn(f32, f32) -> f32) -> Picture {
        let luma: Vec<u8> = (0_u16..160)
            .flat_map(|y| (0_u16..640).map(move |x| (f32::from(x) - 320.0, f32::from(y) - 80.0)))
            .map(|(x, y)| {
                let across = x / (1.0 + fan * y);
                let dark = across.abs() < 220.0 && (across * 0.53).sin() + (across * 0.31).sin() > 0.2;
                let grey = if dark { 30.0 } else { 200.0 } + light(x, y);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
                let grey = grey.clamp(0.0, 255.0) as u8;
                grey
            })
            .collect();
        Frame::new(&luma, 640, 160).expect("the size fits").to_picture()
    }

    fn bars() -> Bars {
        Bars::between(&[[80.0, 30.0], [560.0, 30.0], [560.0, 130.0], [80.0, 130.0]])
    }

    #[test]
    fn bars_that_converge_are_alike_once_they_are_straight() {
        for fan in [0.0, 0.0012, -0.0018] {
            let straight = Straight::of(&converging(fan, |_, _| 0.0), &bars(), 0.0);
            assert!(straight.likeness() > 0.9, "{fan}: {}", straight.likeness());
            let [x, _] = straight.point(float(straight.mean.len()) * STEP / 2.0 + 200.0, 0.5);
            let upper = straight.point(float(straight.mean.len()) * STEP / 2.0 + 200.0, -0.5)[0];
            assert!((x - upper - 200.0 * fan * 100.0).abs() < 6.0, "{fan}: {x} {upper}");
        }
    }

    #[test]
    fn what_a_reflection_hides_at_some_heights_the_others_show() {
        let shine = |x: f32, y: f32| if (x / 90.0).hypot((y - 30.0) / 45.0) < 1.0 { 255.0 } else { 0.0 };
        let (plain, lit) = (converging(0.0, |_, _| 0.0), converging(0.0, shine));
        let [plain, lit] = [plain, lit].map(|picture| Straight::of(&picture, &bars(), 0.0).all());
        assert!(lit.hidden.iter().all(|hidden| !hidden));
        let (mut off, mut most) = (0.0, 0.0_f32);
        for (a, b) in plain.profile.greys.iter().zip(&lit.profile.greys) {
            off += (a - b).abs() / float(plain.profile.greys.len());
            most = most.max((a - b).abs());
        }
        assert!(off < 4.0 && most < 60.0, "{off} {most}");
    }

    #[test]
    fn beneath_the_rim_of_a_reflection_bars_are_as_dark_as_elsewhere() {
        // All of the middle is hidden; above and below it paper is, and bars show.
        let rim = |x: f32, y: f32| 420.0 / (1.0 + (((x / 150.0).hypot(y / 42.0) - 1.0) * 9.0).exp());
        let (plain, lit) = (converging(0.0, |_, _| 0.0), converging(0.0, rim));
        let [plain, lit] = [plain, lit].map(|picture| Straight::of(&picture, &bars(), 0.0).all());
        let told: Vec<(f32, f32)> = (plain.profile.greys.iter().zip(&lit.profile.greys))
            .zip(&lit.hidden)
            .filter(|(_, hidden)| !**hidden)
            .map(|((a, b), _)| (*a, *b))
            .collect();
        let off = told.iter().map(|(a, b)| (a - b).abs()).sum::<f32>() / float(told.len());
        assert!(told.len() > plain.profile.greys.len() * 9 / 10, "{}", told.len());
        assert!(off < 8.0, "{off}");
    }
}
