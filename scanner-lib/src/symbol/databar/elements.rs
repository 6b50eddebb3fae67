//! DataBar Omnidirectional by the widths of its bars and spaces, along one line: halves of a symbol, each a finder pattern
//! between two characters.
//!
//! Each character and each finder pattern is measured by its own width, so that a line over a wrinkle, or one that runs
//! towards the horizon, reads like a straight one. A reflection may hide one half of a line and the other one of the next:
//! halves are told alone, and joined by what many lines say (see [`super::ballot`]).

use super::super::code128::scan_line::Edge;
use super::characters::{FINDERS, INSIDE_BEGINNINGS, INSIDE_WIDTHS, OUTSIDE_BEGINNINGS, OUTSIDE_WIDTHS};

/// Elements of a character and of a finder pattern.
const CHARACTER: usize = 8;
const FINDER: usize = 5;

/// Modules of outside and inside characters, and of a finder pattern.
const OUTSIDE: f32 = 16.0;
const INSIDE: f32 = 15.0;
const IN_FINDER: f32 = 15.0;

/// How far off its pattern (see [`distance`]) what was measured may be, and how many times as far the next one is.
const TOLERANCE: f32 = 0.8;
const NEXT: f32 = 3.0;

/// How much two elements may differ from their pattern, in modules: more alone makes it further off than the next one must be.
const OFF: f32 = 1.55;
const _: () = assert!(OFF * OFF >= TOLERANCE * NEXT);

/// Size of a character's modules to those of the finder pattern beside it. Where a wrinkle makes them differ more, elements
/// within a character do too, and all lines may see the same wrong one: one such in 79 passes the checksum.
const SIZES: std::ops::Range<f32> = 0.86..1.16;

/// Modules that the guard's bar may be wide.
const GUARD: std::ops::Range<f32> = 0.4..1.9;

/// One half of a symbol: what its finder pattern and the characters outside and inside of it say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Half {
    /// The left one as printed; it begins with a space where the right one has a bar.
    pub(super) left: bool,
    pub(super) finder: usize,
    pub(super) outside: usize,
    pub(super) inside: usize,
    /// Pixels along the line: its outer guard's far edge, the middle of the finder pattern, and its inner end.
    pub(super) begin: f32,
    pub(super) middle: f32,
    pub(super) end: f32,
}

impl Half {
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.left, self.finder, self.outside, self.inside) == (other.left, other.finder, other.outside, other.inside)
    }
}

/// The halves along a line, read from its outer guard inwards.
pub(super) fn halves(edges: &[Edge]) -> Vec<Half> {
    // The guard has an edge more than the character behind it.
    (CHARACTER + 1..edges.len().saturating_sub(FINDER + CHARACTER)).filter_map(|at| half(edges, at)).collect()
}

fn half(edges: &[Edge], at: usize) -> Option<Half> {
    let widths: [f32; FINDER] = widths(edges, at)?;
    let size = widths.iter().sum::<f32>() / IN_FINDER;
    // Two thin elements beside two or three wide ones: nothing else is looked at closely.
    let thin = (widths[3] + widths[4]) / size;
    if !(1.2..2.9).contains(&thin) {
        return None;
    }
    let own: [f32; CHARACTER] = self::widths(edges, at - CHARACTER)?;
    let other: [f32; CHARACTER] = self::widths(edges, at + FINDER)?;
    let pitch = |widths: &[f32; CHARACTER], modules: f32| widths.iter().sum::<f32>() / modules / size;
    let (outer, inner) = (pitch(&own, OUTSIDE), pitch(&other, INSIDE));
    if !SIZES.contains(&outer) || !SIZES.contains(&inner) {
        return None;
    }
    // The guard's bar is a module wide.
    let guard = (edges[at - CHARACTER].at - edges[at - CHARACTER - 1].at) / (size * outer);
    if !GUARD.contains(&guard) {
        return None;
    }
    let scaled = |widths: &[f32; CHARACTER], pitch: f32| widths.map(|width| width / (size * pitch));
    let finder = told(&widths.map(|width| width / size), &FINDERS, 0..FINDERS.len())?;
    let outwards = scaled(&own, outer);
    let outside = told(&outwards, &OUTSIDE_WIDTHS, OUTSIDE_BEGINNINGS.near(&outwards, OFF))?;
    let mut inwards = scaled(&other, inner);
    inwards.reverse();
    let inside = told(&inwards, &INSIDE_WIDTHS, INSIDE_BEGINNINGS.near(&inwards, OFF))?;
    Some(Half {
        left: !edges[at].falls,
        finder,
        outside,
        inside,
        begin: edges[at - CHARACTER - 1].at,
        middle: f32::midpoint(edges[at].at, edges[at + FINDER].at),
        end: edges[at + FINDER + CHARACTER].at,
    })
}

fn widths<const N: usize>(edges: &[Edge], at: usize) -> Option<[f32; N]> {
    let edges = edges.get(at..=at + N)?;
    Some(std::array::from_fn(|i| edges[i + 1].at - edges[i].at))
}

/// The pattern nearest to widths in modules, of those of some values, unless none is near or two are.
fn told<const N: usize>(widths: &[f32; N], patterns: &[[u8; N]], values: impl Iterator<Item = usize>) -> Option<usize> {
    // What is further off than that does not stand in the way of any.
    let (mut best, mut second) = ((0, f32::INFINITY), TOLERANCE * NEXT);
    for value in values {
        let off = distance(widths, &patterns[value], second);
        if off < best.1 {
            second = second.min(best.1);
            best = (value, off);
        } else {
            second = second.min(off);
        }
    }
    (best.1 < TOLERANCE && best.1 * NEXT < second).then_some(best.0)
}

/// Squares of what widths differ by, given up where they are `most`: neighbours together first, which ink that spreads leaves
/// as they are.
fn distance<const N: usize>(widths: &[f32; N], pattern: &[u8; N], most: f32) -> f32 {
    let (mut sum, mut before) = (0.0, 0.0);
    for (i, (width, printed)) in widths.iter().zip(pattern).enumerate() {
        let off = width - f32::from(*printed);
        sum += 0.3 * off * off + if i > 0 { (before + off).powi(2) } else { 0.0 };
        if sum >= most {
            return sum;
        }
        before = off;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widths of a symbol by an encoder that is not ours (zint), space first.
    const WIDTHS: &str = "1151115111139112111215222212312115532314112211";

    /// Its edges, wherever modules lie.
    fn edges(place: impl Fn(f32) -> f32) -> Vec<Edge> {
        let (mut module, mut out) = (-1.0, Vec::new());
        for (i, digit) in WIDTHS.bytes().enumerate() {
            module += f32::from(digit - b'0');
            out.push(Edge { at: place(module), falls: i % 2 == 0 });
        }
        out
    }

    #[test]
    fn both_halves_are_told_from_either_end_however_modules_are_stretched() {
        for place in
            [|at: f32| 4.0 * at, |at: f32| 4.0 * at + 1.2 * (at * 0.15).sin(), |at: f32| 1600.0 * at / (400.0 - at)]
        {
            let edges = edges(place);
            let backwards: Vec<Edge> =
                edges.iter().rev().map(|edge| Edge { at: 500.0 - edge.at, falls: !edge.falls }).collect();
            let (ahead, back) = (halves(&edges), halves(&backwards));
            assert!(ahead.len() == 1 && ahead[0].left, "{ahead:?}");
            assert!(back.len() == 1 && !back[0].left, "{back:?}");
            let values = [ahead[0].outside, ahead[0].inside, back[0].outside, back[0].inside];
            let bytes = super::super::element_string(values);
            assert_eq!(bytes.as_deref(), Some(b"0109506000134352".as_slice()));
        }
    }

    #[test]
    fn bars_that_have_spread_are_told_and_others_are_not() {
        let mut spread = edges(|at| 4.0 * at);
        for edge in &mut spread {
            edge.at += if edge.falls { -0.7 } else { 0.7 };
        }
        assert_eq!(halves(&spread).len(), 1);
        // Each second edge moved by a module: no patterns any more.
        let mut other = edges(|at| 4.0 * at);
        other.iter_mut().step_by(4).for_each(|edge| edge.at += 2.0);
        assert_eq!(halves(&other), []);
    }
}
