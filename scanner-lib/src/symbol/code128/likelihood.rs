//! The most likely codewords for a blurred profile: each character is judged by all its eleven modules at once, with
//! what leaks in from its neighbours.
//!
//! A bar out of focus has no edges left to measure; its modules still pull the grey their way. The leak (a kernel of five
//! modules) is guessed as a blur, decoded, learned from what was decoded, and decoded again. Characters that touch agree
//! on the two modules next to their border, so a Viterbi search over those finds the best sequence.

use super::super::blur::{BLURS, Kernel, REACH, colours, gaussian, learned_from};
use super::codewords::{PATTERNS, STOP, STOP_CODE};

/// Modules of one character.
pub(super) const MODULES: usize = 11;

/// A sequence from start to check character, and how sure it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sequence {
    pub(super) codes: Vec<u8>,
    /// An estimate of the probability that any character is wrong.
    pub(super) doubt: f32,
    /// Part of the profile's variation that the sequence explains.
    pub(super) explained: f32,
}

/// The most likely sequence of `count` characters (start to check) for the greys of `11 × count + 13` modules,
/// normalised to −1 (dark) … 1 (light), each to be trusted so far (0 … 1).
pub(super) fn sequence(greys: &[f32], trust: &[f32], count: usize) -> Option<Sequence> {
    if count < 3 || greys.len() != MODULES * count + 13 || trust.len() != greys.len() {
        return None;
    }
    let first = BLURS
        .into_iter()
        .filter_map(|blur| viterbi(greys, trust, count, &gaussian(blur), 0.0))
        .min_by(|a, b| a.cost.total_cmp(&b.cost))?;
    let mut best = first;
    // What explains next to nothing is no symbol, whatever is learned from it.
    let variation: f32 = greys.iter().zip(trust).map(|(grey, trust)| trust * grey * grey).sum();
    let rounds = if best.cost < 0.8 * variation { 3 } else { 0 };
    for _ in 0..rounds {
        let Some((kernel, offset)) = learned_from(greys, &row_of(&best.codes), trust) else { break };
        let Some(next) = viterbi(greys, trust, count, &kernel, offset) else { break };
        let settled = next.codes == best.codes;
        best = next;
        if settled {
            break;
        }
    }
    Some(best.judged(greys, trust))
}

/// A decoded path.
pub(super) struct Path {
    pub(super) codes: Vec<u8>,
    pub(super) cost: f32,
    /// How much worse the next best character would be, for each place.
    pub(super) margins: Vec<f32>,
}

impl Path {
    pub(super) fn judged(self, greys: &[f32], trust: &[f32]) -> Sequence {
        let n = trust.iter().sum::<f32>().max(1.0);
        let mean = greys.iter().zip(trust).map(|(grey, trust)| trust * grey).sum::<f32>() / n;
        let variation: f32 = greys.iter().zip(trust).map(|(grey, trust)| trust * (grey - mean).powi(2)).sum();
        // Neighbouring modules share noise: what looks like eleven witnesses is worth about half as many.
        let noise = (self.cost / n).max(0.004) * 2.0;
        let doubt = self.margins.iter().map(|margin| (-margin / (2.0 * noise)).exp()).sum();
        Sequence { codes: self.codes, doubt, explained: 1.0 - self.cost / variation.max(1e-3) }
    }
}

/// What a character looks like, for each ending of the one before (its last space one module wide, or wider) and each
/// beginning of the one behind (its first bar one module wide, or wider).
pub(super) fn templates(kernel: &Kernel, offset: f32) -> Vec<[[f32; MODULES]; 4]> {
    PATTERNS
        .iter()
        .map(|pattern| {
            let own = colours(pattern, true);
            std::array::from_fn(|context| {
                let mut row = [0.0; MODULES + 4];
                row[..2].copy_from_slice(&[if context & 1 == 0 { -1.0 } else { 1.0 }, 1.0]);
                row[2..MODULES + 2].copy_from_slice(&own);
                row[MODULES + 2..].copy_from_slice(&[-1.0, if context & 2 == 0 { 1.0 } else { -1.0 }]);
                std::array::from_fn(|i| offset + (0..kernel.len()).map(|k| kernel[k] * row[i + k]).sum::<f32>())
            })
        })
        .collect()
}

pub(super) fn ends_wide(pattern: [u8; 6]) -> usize {
    usize::from(pattern[5] > 1)
}

pub(super) fn begins_wide(pattern: [u8; 6]) -> usize {
    usize::from(pattern[0] > 1)
}

/// The cheapest sequence under a kernel.
fn viterbi(greys: &[f32], trust: &[f32], count: usize, kernel: &Kernel, offset: f32) -> Option<Path> {
    let templates = templates(kernel, offset);
    let cost = |place: usize, code: usize, context: usize| -> f32 {
        let own = &greys[place * MODULES..(place + 1) * MODULES];
        let trust = &trust[place * MODULES..(place + 1) * MODULES];
        templates[code][context].iter().zip(own).zip(trust).map(|((a, b), trust)| trust * (a - b) * (a - b)).sum()
    };
    // State at a border: how the character before ends (bit 0) and the one behind begins (bit 1).
    let mut best = vec![[(f32::INFINITY, 0_u8, 0_usize); 4]; count];
    for place in 0..count {
        let codes = if place == 0 { 103..106 } else { 0..103 };
        for code in codes {
            let pattern = &PATTERNS[code];
            let (begins, ends) = (begins_wide(*pattern), ends_wide(*pattern));
            for before in 0..2 {
                let so_far = if place == 0 {
                    // Before the start lies the quiet zone.
                    if before == 0 { f32::INFINITY } else { 0.0 }
                } else {
                    best[place - 1][before | begins << 1].0
                };
                if so_far.is_infinite() {
                    continue;
                }
                for behind in 0..2 {
                    let total = so_far + cost(place, code, before | behind << 1);
                    let state = &mut best[place][ends | behind << 1];
                    if total < state.0 {
                        *state = (total, u8::try_from(code).ok()?, before);
                    }
                }
            }
        }
    }
    // The stop pattern begins with a bar of two modules.
    let (mut state, total) = [2, 3]
        .map(|state: usize| {
            (state, best[count - 1][state].0 + stop_cost(greys, trust, count, state & 1, (kernel, offset)))
        })
        .into_iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    if !total.is_finite() {
        return None;
    }
    let (mut codes, mut margins) = (vec![0; count], vec![0.0; count]);
    for place in (0..count).rev() {
        let (_, code, before) = best[place][state];
        let (behind, own) = (state >> 1, cost(place, usize::from(code), before | (state >> 1) << 1));
        let others = if place == 0 { 103..106 } else { 0..103 };
        margins[place] = others
            .filter(|other| *other != usize::from(code))
            .map(|other| cost(place, other, before | behind << 1) - own)
            .fold(f32::INFINITY, f32::min);
        codes[place] = code;
        state = before | begins_wide(PATTERNS[usize::from(code)]) << 1;
    }
    Some(Path { codes, cost: total, margins })
}

/// How far the stop is from what it should be, by how the character before it ends.
pub(super) fn stop_cost(
    greys: &[f32],
    trust: &[f32],
    count: usize,
    ends: usize,
    (kernel, offset): (&Kernel, f32),
) -> f32 {
    let mut row = vec![if ends == 0 { -1.0 } else { 1.0 }, 1.0];
    row.extend(colours(&STOP, true));
    row.extend([-1.0, -1.0, 1.0, 1.0]);
    let own = greys[count * MODULES..].iter().zip(&trust[count * MODULES..]);
    shown(&row, kernel, offset).iter().zip(own).map(|(a, (b, trust))| trust * (a - b) * (a - b)).sum()
}

/// What the modules of a row show through a kernel.
pub(super) fn shown(row: &[f32], kernel: &Kernel, offset: f32) -> Vec<f32> {
    row.windows(kernel.len())
        .map(|near| offset + kernel.iter().zip(near).map(|(leak, colour)| leak * colour).sum::<f32>())
        .collect()
}

/// The colours of a whole symbol, with the light around it.
pub(super) fn row_of(codes: &[u8]) -> Vec<f32> {
    let mut row = vec![1.0; REACH];
    for code in codes {
        row.extend(colours(&PATTERNS[usize::from(*code)], true));
    }
    row.extend(colours(&STOP, true));
    row.extend([-1.0, -1.0]);
    row.extend([1.0; REACH]);
    row
}

/// The modules of a whole symbol.
#[cfg(test)]
fn modules_of(codes: &[u8]) -> Vec<f32> {
    let mut row = Vec::new();
    for code in codes {
        row.extend(colours(&PATTERNS[usize::from(*code)], true));
    }
    row.extend(colours(&STOP, true));
    row.extend([-1.0, -1.0]);
    row
}

const _: () = assert!(STOP_CODE as usize == PATTERNS.len());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_blurred_until_no_edge_is_left_is_read() {
        let codes = [105, 102, 1, 9, 50, 60, 0, 13, 43, 52, 17];
        let mut row = vec![1.0; 6];
        row.extend(modules_of(&codes));
        row.extend([1.0; 6]);
        for blur in [0.2_f32, 0.7, 1.0] {
            let kernel: Vec<f32> = (-4_i8..=4).map(|at| (-(f32::from(at) / blur).powi(2) / 2.0).exp()).collect();
            let sum: f32 = kernel.iter().sum();
            let greys: Vec<f32> = (6..row.len() - 6)
                .map(|i| (0..9).map(|k| kernel[k] * row[i + k - 4]).sum::<f32>() / sum * 0.8 + 0.05)
                .collect();
            let read = sequence(&greys, &vec![1.0; greys.len()], codes.len()).expect("a sequence");
            assert_eq!(read.codes, codes, "blur {blur}");
            assert!(read.doubt < 0.05 && read.explained > 0.9, "{blur}: {read:?}");
        }
    }
}
