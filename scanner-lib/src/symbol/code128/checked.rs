//! The most likely codewords of all whose check character is right: what a reflection hides of one character, the check
//! character tells.

use super::super::blur::Kernel;
use super::codewords::PATTERNS;
use super::likelihood::{MODULES, Path, begins_wide, ends_wide, stop_cost, templates};

/// The check character is a sum modulo this (ISO/IEC 15417, annex A).
const SUMS: usize = 103;

/// Costs by border (how the character before ends and the one behind begins), then by the sum so far.
type Costs = [[f32; SUMS]; 4];

const NONE: Costs = [[f32::INFINITY; SUMS]; 4];

/// What a character adds to the sum; the check character takes it back to nothing.
fn adds(place: usize, count: usize, code: usize) -> usize {
    match place {
        0 => code % SUMS,
        _ if place + 1 == count => (SUMS - code) % SUMS,
        _ => place * code % SUMS,
    }
}

/// Keeps what is less, of one row moved on by so much.
fn lessen(out: &mut [f32; SUMS], row: &[f32; SUMS], cost: f32, by: usize) {
    let (low, high) = out.split_at_mut(by);
    for (out, value) in high.iter_mut().zip(&row[..SUMS - by]).chain(low.iter_mut().zip(&row[SUMS - by..])) {
        *out = out.min(value + cost);
    }
}

/// The cheapest sequence under a kernel whose check character is right; margins are to the cheapest other such sequence.
pub(super) fn checked(greys: &[f32], trust: &[f32], count: usize, (kernel, offset): (&Kernel, f32)) -> Option<Path> {
    let templates = templates(kernel, offset);
    let cost = |place: usize, code: usize, context: usize| -> f32 {
        let range = place * MODULES..(place + 1) * MODULES;
        let own = greys[range.clone()].iter().zip(&trust[range]);
        templates[code][context].iter().zip(own).map(|(a, (b, trust))| trust * (a - b) * (a - b)).sum()
    };
    let codes_of = |place: usize| if place == 0 { SUMS..PATTERNS.len() } else { 0..SUMS };
    let mut first = NONE;
    // Before the start lies the quiet zone, with nothing summed up; the start may begin either way.
    for begins in 0..2 {
        first[1 | begins << 1][0] = 0.0;
    }
    let mut forward = vec![first];
    for place in 0..count {
        let mut next = NONE;
        for code in codes_of(place) {
            let (begins, ends) = (begins_wide(PATTERNS[code]), ends_wide(PATTERNS[code]));
            for (before, behind) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let row = &forward[place][before | begins << 1];
                lessen(
                    &mut next[ends | behind << 1],
                    row,
                    cost(place, code, before | behind << 1),
                    adds(place, count, code),
                );
            }
        }
        forward.push(next);
    }
    let mut last = NONE;
    // The stop begins with a bar of two modules.
    for ends in 0..2 {
        last[ends | 2][0] = stop_cost(greys, trust, count, ends, (kernel, offset));
    }
    let mut behind_it = last;
    let (mut codes, mut margins) = (vec![0; count], vec![0.0; count]);
    let mut total = f32::INFINITY;
    for place in (0..count).rev() {
        let mut before_it = NONE;
        let (mut best, mut second) = ((f32::INFINITY, 0), f32::INFINITY);
        for code in codes_of(place) {
            let (begins, ends) = (begins_wide(PATTERNS[code]), ends_wide(PATTERNS[code]));
            let by = adds(place, count, code);
            let mut least = f32::INFINITY;
            for (before, behind) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let own = cost(place, code, before | behind << 1);
                let (so_far, rest) = (&forward[place][before | begins << 1], &behind_it[ends | behind << 1]);
                let out = &mut before_it[before | begins << 1];
                for (sum, so_far) in so_far.iter().enumerate() {
                    let rest = own + rest[(sum + by) % SUMS];
                    out[sum] = out[sum].min(rest);
                    least = least.min(so_far + rest);
                }
            }
            if least < best.0 {
                second = best.0;
                best = (least, code);
            } else {
                second = second.min(least);
            }
        }
        (codes[place], margins[place]) = (u8::try_from(best.1).ok()?, second - best.0);
        total = best.0;
        behind_it = before_it;
    }
    total.is_finite().then_some(Path { codes, cost: total, margins })
}

#[cfg(test)]
mod tests {
    use super::super::super::blur::gaussian;
    use super::super::codewords;
    use super::super::likelihood::{row_of, shown};
    use super::*;

    #[test]
    fn a_hidden_character_is_told_by_the_check_character_and_two_are_not() {
        let codes = [105, 102, 1, 9, 50, 60, 0, 13, 43, 52, 94];
        assert!(codewords::checks(&codes));
        let kernel = gaussian(0.4);
        let greys = shown(&row_of(&codes), &kernel, 0.0);
        for (hidden, is_told) in [(33..44, true), (33..55, false)] {
            let trust: Vec<f32> = (0..greys.len()).map(|i| if hidden.contains(&i) { 0.0 } else { 1.0 }).collect();
            let path = checked(&greys, &trust, codes.len(), (&kernel, 0.0)).expect("a path");
            let sequence = path.judged(&greys, &trust);
            assert_eq!(sequence.doubt < 0.0001, is_told, "{hidden:?}: {sequence:?}");
            assert!(!is_told || sequence.codes == codes, "{hidden:?}: {sequence:?}");
        }
    }
}
