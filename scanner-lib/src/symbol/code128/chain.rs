//! Characters that follow each other along a profile, each as wide as its neighbours let it be.
//!
//! Every character begins where light falls to dark. Between any two falls a few apart, some character fits so well; the
//! likeliest chain from a start to the stop, whose widths change little from one to the next, tells how many characters
//! there are and where each begins, however the line is bent, and whatever is printed beside.

use super::super::blur::{BLURS, Kernel, REACH, colours, gaussian};
use super::super::layout::{Profile, float};
use super::super::ranking::heaviest_first;
use super::codewords::{PATTERNS, STOP};
use super::scan_line::edges;

/// Modules of one character, and those that are looked at behind it: the stop's closing bar and the light behind that.
const MODULES: usize = 11;
const BEHIND: usize = 3;

/// Falls between the beginnings of two characters at the most: three, and what noise adds.
const MOST_FALLS: usize = 5;

/// Falls in a profile at the most: more is no symbol, but noise.
const MOST: usize = 260;

/// Pixels of a module, narrowest and widest.
const PITCH: (f32, f32) = (0.7, 14.0);

/// Mean square by which a character may differ from what it should be before it counts against a chain.
const TOLERATED: f32 = 0.2;

/// How well the characters of a chain fit on the mean, at the least: 1 where they are just what they should be.
const LEAST_FIT: f32 = 0.4;

/// What a change of width from one character to the next costs, by the square of its logarithm; and the largest.
const CHANGE: f32 = 4.0;
const LARGEST: f32 = 0.55;

/// How deep a fall is at the least, in parts of the contrast and of the noise.
const DEPTH: f32 = 0.04;
const ABOVE_NOISE: f32 = 4.0;

/// A chain of characters: how many from start to check, and the places (module, pixels along) where some of them begin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) count: usize,
    /// Characters that are not hidden.
    told: usize,
    pub(super) places: Vec<(f32, f32)>,
}

/// How many characters may follow each other between two falls: two where blur has lost the fall between them, more beneath
/// a reflection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    None,
    Some,
}

/// Characters beneath a reflection at the most.
const MOST_HIDDEN: usize = 9;

/// What lies between two falls: one character, or several.
struct Pair {
    from: usize,
    to: usize,
    span: usize,
    /// Of one character.
    width: f32,
    greys: Vec<f32>,
    /// Which of them tell.
    trust: Vec<f32>,
}

/// How well a pair fits as the first, any, and the last character.
#[derive(Clone, Copy, Debug)]
struct Fit {
    start: f32,
    middle: f32,
    stop: f32,
}

/// The likeliest chains, under a few blurs.
pub(super) fn chains(profile: &Profile, hidden: &[bool], (contrast, noise): (f32, f32), lost: Lost) -> Vec<Chain> {
    let greys: Vec<Option<f32>> = profile.greys.iter().copied().map(Some).collect();
    let falls: Vec<f32> = edges(&greys, (DEPTH * contrast).max(ABOVE_NOISE * noise).max(0.5))
        .iter()
        .filter(|edge| edge.falls)
        .map(|edge| edge.at)
        .collect();
    if falls.len() > MOST {
        return Vec::new();
    }
    let pairs = pairs(profile, hidden, &falls, lost);
    let mut found: Vec<(f32, Chain)> = BLURS
        .into_iter()
        .filter_map(|blur| {
            let shapes = shapes(&gaussian(blur));
            let fits: Vec<Fit> = pairs.iter().map(|pair| pair.fit(&shapes)).collect();
            best(&pairs, &fits, &falls)
        })
        .filter(|(fit, chain)| *fit > LEAST_FIT * TOLERATED * float(MODULES * chain.told))
        .collect();
    heaviest_first(&mut found, |one| one.0);
    found.dedup_by(|a, b| a.1 == b.1);
    found.into_iter().map(|(_, chain)| chain).collect()
}

fn pairs(profile: &Profile, hidden: &[bool], falls: &[f32], lost: Lost) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let most = if lost == Lost::Some { 2 } else { 1 };
    let any_hidden = hidden.contains(&true);
    for (from, begin) in falls.iter().enumerate() {
        for (to, end) in falls.iter().enumerate().skip(from + 1).take(MOST_FALLS * most) {
            let is_hidden = any_hidden && part_hidden(profile, hidden, *begin, *end) > 0.3;
            for span in 1..=if is_hidden { MOST_HIDDEN } else { most } {
                let width = (end - begin) / float(span);
                let near = is_hidden || to - from <= MOST_FALLS * span;
                if near && (PITCH.0..PITCH.1).contains(&(width / float(MODULES))) {
                    let greys = normalised(profile, *begin, width, span);
                    let pitch = width / float(MODULES);
                    let trust = (0..greys.len())
                        .map(|i| {
                            let at = begin + float(i) * pitch;
                            if any_hidden && part_hidden(profile, hidden, at, at + pitch) > 0.0 { 0.0 } else { 1.0 }
                        })
                        .collect();
                    pairs.push(Pair { from, to, span, width, greys, trust });
                }
            }
        }
    }
    pairs
}

/// How much of a profile between two places a reflection hides.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, limited to the length")]
fn part_hidden(profile: &Profile, hidden: &[bool], from: f32, to: f32) -> f32 {
    let at = |along: f32| ((along / profile.step).max(0.0) as usize).min(hidden.len());
    let own = &hidden[at(from)..at(to).max(at(from))];
    float(own.iter().filter(|hidden| **hidden).count()) / float(own.len().max(1))
}

/// The modules of so many characters behind a place, −1 (dark) … 1 (light) by what is darkest and lightest there.
fn normalised(profile: &Profile, begin: f32, width: f32, span: usize) -> Vec<f32> {
    let pitch = width / float(MODULES);
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    let all = 22 * (span + 1);
    for i in 0..=all {
        let grey = profile.at(begin + width * (float(i) / float(all) * (float(span) + 0.8) - 0.4));
        (low, high) = (low.min(grey), high.max(grey));
    }
    let half = ((high - low) / 2.0).max(0.5);
    (0..MODULES * span + BEHIND)
        .map(|i| {
            let grey: f32 = [0.25, 0.5, 0.75].map(|part| profile.at(begin + (float(i) + part) * pitch)).iter().sum();
            (grey / 3.0 - f32::midpoint(low, high)) / half
        })
        .collect()
}

/// What each character, and the stop, look like under a blur; what lies beyond the nearest modules may be either.
fn shapes(kernel: &Kernel) -> Vec<[f32; MODULES]> {
    PATTERNS
        .iter()
        .chain([&STOP])
        .map(|pattern| {
            let mut row = [0.0; MODULES + 2 * REACH];
            row[REACH - 1] = 1.0;
            row[REACH..REACH + MODULES].copy_from_slice(&colours(pattern, true));
            row[REACH + MODULES] = -1.0;
            std::array::from_fn(|i| kernel.iter().zip(&row[i..]).map(|(leak, colour)| leak * colour).sum())
        })
        .collect()
}

impl Pair {
    fn fit(&self, shapes: &[[f32; MODULES]]) -> Fit {
        let off = |at: usize, shape: &[f32; MODULES]| -> f32 {
            let own = &self.greys[at * MODULES..(at + 1) * MODULES];
            let trust = &self.trust[at * MODULES..(at + 1) * MODULES];
            shape.iter().zip(own).zip(trust).map(|((a, b), trust)| trust * (a - b) * (a - b)).sum()
        };
        let gain = |at: usize, shapes: &[[f32; MODULES]]| {
            let least = shapes.iter().map(|shape| off(at, shape)).fold(f32::INFINITY, f32::min);
            TOLERATED * self.trust[at * MODULES..(at + 1) * MODULES].iter().sum::<f32>() - least
        };
        let (starts, stop) = (103.min(shapes.len()), PATTERNS.len().min(shapes.len()));
        let closing: f32 = [-1.0, -1.0, 1.0]
            .iter()
            .zip(&self.greys[self.span * MODULES..])
            .zip(&self.trust[self.span * MODULES..])
            .map(|((a, b), trust)| trust * (TOLERATED - (a - b) * (a - b)))
            .sum();
        let last = self.span - 1;
        let before: f32 = (0..last).map(|at| gain(at, &shapes[..starts])).sum();
        let behind: f32 = (1..self.span).map(|at| gain(at, &shapes[..starts])).sum();
        Fit {
            start: gain(0, &shapes[starts..stop]) + behind,
            middle: gain(last, &shapes[..starts]) + before,
            stop: gain(last, &shapes[stop..]) + closing + before,
        }
    }
}

/// The chain that fits best, and how well.
fn best(pairs: &[Pair], fits: &[Fit], falls: &[f32]) -> Option<(f32, Chain)> {
    // Pairs are sorted by where they begin; those that end at each fall.
    let mut ending: Vec<Vec<usize>> = vec![Vec::new(); falls.len()];
    // For each pair as any character but the last: how well the best chain up to it fits, and what stands before it.
    let mut so_far: Vec<(f32, Option<usize>)> = Vec::with_capacity(pairs.len());
    let mut whole: Option<(f32, usize, usize)> = None;
    for (at, (pair, fit)) in pairs.iter().zip(fits).enumerate() {
        let before = ending[pair.from]
            .iter()
            .filter_map(|other| {
                let change = (pair.width / pairs[*other].width).ln();
                (change.abs() < LARGEST).then(|| (so_far[*other].0 - CHANGE * change * change, *other))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((value, other)) = before {
            let total = value + fit.stop;
            if whole.is_none_or(|(best, ..)| total > best) {
                whole = Some((total, other, at));
            }
        }
        so_far.push(match before {
            Some((value, other)) if value + fit.middle > fit.start => (value + fit.middle, Some(other)),
            _ => (fit.start, None),
        });
        ending[pair.to].push(at);
    }
    let (total, last, stop) = whole?;
    let mut chain = vec![stop];
    let mut next = Some(last);
    while let Some(at) = next {
        chain.push(at);
        next = so_far[at].1;
    }
    chain.reverse();
    let mut places: Vec<(f32, f32)> = Vec::with_capacity(chain.len() + 1);
    let (mut characters, mut told) = (0, 0.0);
    for pair in chain.iter().map(|at| &pairs[*at]) {
        places.push((float(MODULES * characters), falls[pair.from]));
        characters += pair.span;
        told += pair.trust[..MODULES * pair.span].iter().sum::<f32>() / float(MODULES);
    }
    places.push((float(MODULES * characters), falls[pairs[stop].to]));
    let count = characters - 1;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen characters")]
    let told = told as usize;
    (count >= 3 && told >= 3).then_some((total, Chain { count, told, places }))
}

#[cfg(test)]
mod tests {
    use super::super::codewords::draw;
    use super::*;

    /// A profile of a symbol whose modules begin where `place` says, with a stroke of print before it.
    fn profile(codes: &[u8], place: impl Fn(f32) -> f32) -> Profile {
        let colours = colours(&draw(codes), true);
        let mut greys = vec![200.0_f32; 1600];
        for (module, colour) in colours.iter().enumerate() {
            for (i, grey) in greys.iter_mut().enumerate() {
                let at = float(i) * 0.5;
                if *colour < 0.0 && at >= place(float(module)) && at < place(float(module) + 1.0) {
                    *grey = 30.0;
                }
            }
        }
        for grey in &mut greys[40..52] {
            *grey = 90.0;
        }
        // Soft, as a lens makes it.
        let soft = |i: usize| greys[i.saturating_sub(3)..(i + 4).min(greys.len())].iter().sum::<f32>() / 7.0;
        Profile { greys: (0..greys.len()).map(soft).collect(), step: 0.5 }
    }

    #[test]
    fn characters_are_counted_however_the_line_is_bent() {
        let codes = [105, 102, 1, 9, 50, 60, 0, 13, 43, 52, 94];
        let modules = 134.0;
        let even = |module: f32| 120.0 + 4.0 * module;
        let cylinder = |module: f32| 400.0 + 250.0 * (1.3 * (2.0 * module / modules - 1.0)).sin();
        let tilted = |module: f32| 100.0 + 600.0 * 2.0 * module / (modules + module);
        let places: [&dyn Fn(f32) -> f32; 3] = [&even, &cylinder, &tilted];
        for (i, place) in places.into_iter().enumerate() {
            let profile = profile(&codes, place);
            let hidden = vec![false; profile.greys.len()];
            let chains = chains(&profile, &hidden, (170.0, 0.5), Lost::None);
            let chain = chains.first().unwrap_or_else(|| panic!("{i}: no chain"));
            assert_eq!(chain.count, codes.len(), "{i}");
            for (module, along) in &chain.places {
                assert!((along - place(*module)).abs() < 2.0, "{i}: {module}");
            }
        }
    }

    #[test]
    fn even_stripes_are_no_chain() {
        let greys = (0..1600_u16).map(|i| if i / 8 % 2 == 0 { 30.0 } else { 200.0 }).collect();
        let profile = Profile { greys, step: 0.5 };
        assert!(chains(&profile, &[false; 1600], (170.0, 0.5), Lost::Some).is_empty());
    }
}
