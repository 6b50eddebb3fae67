//! Bars beneath the rim of a reflection: paper is as light as it can be there, and bars still are darker.

use super::super::glare::Glare;
use super::super::layout::float;
use crate::ordering;

/// Greys that what is beneath a reflection differs by, at the least, where it tells anything.
const LEAST_CONTRAST: f32 = 24.0;

/// Greys by which paper is lighter than elsewhere where light falls on it.
const LIGHTER: f32 = 8.0;

/// A bar that would be seen as light as this is not told from paper.
const LIGHTEST_BAR: f32 = 226.0;

/// How far apart two bars may be, in halves of what they are as a rule: further, and a reflection hides others between them.
const MOST_APART: usize = 5;

/// A darkest or a lightest place along a strip.
#[derive(Clone, Copy)]
struct Extreme {
    at: usize,
    grey: f32,
}

/// A strip without the light that a reflection adds: between what bars and paper are near each place, greys are stretched to
/// what both are elsewhere. What no bar could be told from paper becomes as light as it can be.
pub(super) fn levelled(strip: &mut [f32], (dark, paper): (f32, f32)) {
    let (lows, highs) = extremes(strip);
    let lit = paper + LIGHTER;
    let period = period(&lows);
    let (mut low, mut high) = (0, 0);
    for (i, grey) in strip.iter_mut().enumerate() {
        while lows.get(low).is_some_and(|extreme| extreme.at <= i) {
            low += 1;
        }
        while highs.get(high).is_some_and(|extreme| extreme.at <= i) {
            high += 1;
        }
        let light = match (high.checked_sub(1).map(|at| highs[at]), highs.get(high)) {
            (Some(left), Some(right)) => between(left, *right, i),
            (Some(only), None) => only.grey,
            (None, Some(only)) => only.grey,
            (None, None) => *grey,
        }
        .max(*grey);
        if light < lit {
            continue;
        }
        let bar = bar(&lows, low, i);
        let (before, behind) = (low.checked_sub(1).map(|at| lows[at].at), lows.get(low).map(|low| low.at));
        let apart = match (before, behind) {
            (Some(before), Some(behind)) => behind - before,
            (Some(one), None) | (None, Some(one)) => 2 * one.abs_diff(i),
            (None, None) => usize::MAX,
        };
        let hides_bars = bar > LIGHTEST_BAR || apart > MOST_APART * period / 2;
        *grey = if hides_bars && *grey > LIGHTEST_BAR || light - bar < LEAST_CONTRAST {
            Glare::WHITE
        } else {
            dark + ((*grey - bar) / (light - bar)).clamp(0.0, 1.0) * (paper - dark)
        };
    }
}

/// From one bar to the next, as a rule.
fn period(lows: &[Extreme]) -> usize {
    let mut apart: Vec<usize> = lows.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    ordering::by_key(&mut apart, |one| *one);
    apart.get(apart.len() / 2).copied().unwrap_or(0)
}

/// How light a bar would be at a place, by the bars before (up to `behind`) and behind: the lightest that they let expect.
fn bar(lows: &[Extreme], behind: usize, i: usize) -> f32 {
    let get = |at: Option<usize>| at.and_then(|at| lows.get(at));
    let (left, right) = (get(behind.checked_sub(1)), get(Some(behind)));
    let from_left = left.map(|near| get(behind.checked_sub(2)).map_or(near.grey, |far| onwards(*far, *near, i)));
    let from_right = right.map(|near| get(Some(behind + 1)).map_or(near.grey, |far| onwards(*far, *near, i)));
    let both = left.zip(right).map(|(left, right)| between(*left, *right, i));
    match (from_left, from_right) {
        (Some(a), Some(b)) => a.max(b).max(both.unwrap_or(0.0)),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Glare::WHITE,
    }
}

fn between(left: Extreme, right: Extreme, i: usize) -> f32 {
    let part = float(i - left.at) / float((right.at - left.at).max(1));
    left.grey + (right.grey - left.grey) * part
}

/// As light as the nearer of two, and lighter by as much as it is lighter than the farther.
fn onwards(far: Extreme, near: Extreme, i: usize) -> f32 {
    let steep = (near.grey - far.grey).max(0.0) / float(near.at.abs_diff(far.at).max(1));
    near.grey + steep * float(near.at.abs_diff(i))
}

/// Darkest and lightest places in turn.
fn extremes(strip: &[f32]) -> (Vec<Extreme>, Vec<Extreme>) {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    let first = Extreme { at: 0, grey: strip.first().copied().unwrap_or(0.0) };
    let (mut low, mut high, mut rises) = (first, first, None);
    for (at, grey) in strip.iter().copied().enumerate() {
        if grey < low.grey {
            low = Extreme { at, grey };
        }
        if grey > high.grey {
            high = Extreme { at, grey };
        }
        if rises != Some(false) && grey < high.grey - LEAST_CONTRAST {
            highs.push(high);
            (rises, low) = (Some(false), Extreme { at, grey });
        } else if rises != Some(true) && grey > low.grey + LEAST_CONTRAST {
            lows.push(low);
            (rises, high) = (Some(true), Extreme { at, grey });
        }
    }
    match rises {
        Some(true) => highs.push(high),
        Some(false) => lows.push(low),
        None => {}
    }
    (lows, highs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_taken_off_and_what_it_hides_is_not_told() {
        // Bars of twelve samples in light that grows along the strip.
        let is_bar = |i: usize| i % 24 < 12;
        let mut strip: Vec<f32> =
            (0..240).map(|i| (if is_bar(i) { 30.0 } else { 210.0 } + 1.4 * float(i)).min(255.0)).collect();
        levelled(&mut strip, (30.0, 210.0));
        for (i, grey) in strip.iter().enumerate() {
            match i {
                // Where the light begins.
                24..120 => assert!((grey - if is_bar(i) { 30.0 } else { 210.0 }).abs() < 30.0, "{i}: {grey}"),
                170.. => assert!(Glare::SURE.hides(*grey), "{i}: {grey}"),
                _ => {}
            }
        }
    }

    #[test]
    fn bars_that_a_hard_edge_hides_are_not_told() {
        let mut strip: Vec<f32> = (0..240).map(|i| if i % 24 < 12 { 30.0 } else { 210.0 }).collect();
        strip[66..182].fill(Glare::WHITE);
        levelled(&mut strip, (30.0, 210.0));
        assert!(strip[66..182].iter().all(|grey| Glare::SURE.hides(*grey)), "{strip:?}");
    }

    #[test]
    fn without_a_reflection_nothing_changes() {
        let strip: Vec<f32> = (0..100).map(|i| if i % 20 < 10 { 40.0 } else { 200.0 }).collect();
        let mut level = strip.clone();
        levelled(&mut level, (40.0, 200.0));
        assert_eq!(level, strip);
    }
}
