//! Bars, or the strokes of print and the rules of a table: bars are many, of several widths, and as far apart as they are wide.

use super::super::frame::Picture;
use super::super::locate::Bars;
use super::scan_line::Edge;
use super::{FEWEST_EDGES, contrast, scan_line};

/// How much wider the wider bars are than the narrower ones (the upper quarter than the lower): a font's strokes are of one
/// width, and so are rules, while bars are of one to four modules.
const VARIETY: f32 = 1.35;

/// Pixels below which one width is not told from another.
const NARROW: f32 = 2.0;

/// How much wider gaps are than bars, or bars than gaps, at the most: rules lie further apart.
const APART: f32 = 5.0;

/// How many times as high as its strokes are wide a line of print is, about, as far as the survey sees; bars are higher.
const LOW: f32 = 20.0;

/// Likeness of lines at different heights that print hardly ever has.
pub(super) const ALIKE: f32 = 0.75;

/// Heights of a stretch at which its bars may show: print beside them is part of it, and where they converge all heights together
/// show none.
const HEIGHTS: [f32; 3] = [0.0, -0.25, 0.25];

/// Whether what some height of a stretch shows may be bars.
pub(in crate::symbol) fn shows_bars(picture: &Picture, bars: &Bars, turn: f32) -> bool {
    at_some_height(picture, bars, turn, (0.05 * bars.height).max(0.5), are_of_bars)
}

/// Whether a stretch is higher than a line of print with strokes as wide.
pub(super) fn are_high(picture: &Picture, bars: &Bars, turn: f32) -> bool {
    at_some_height(picture, bars, turn, 1.0, |edges| is_high(bars, edges))
}

fn at_some_height(picture: &Picture, bars: &Bars, turn: f32, aside: f32, is_so: impl Fn(&[Edge]) -> bool) -> bool {
    HEIGHTS.into_iter().any(|part| {
        let profile = bars.line(part, turn, aside).profile(picture);
        is_so(&scan_line::edges(&profile, 0.1 * contrast(&profile)))
    })
}

/// By the middle of all widths.
fn is_high(bars: &Bars, edges: &[Edge]) -> bool {
    let mut widths: Vec<f32> = edges.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    widths.sort_unstable_by(f32::total_cmp);
    widths.get(widths.len() / 2).is_none_or(|width| bars.height > LOW * scan_line::STEP * width)
}

/// Whether edges along a line may be those of bars.
pub(super) fn are_of_bars(edges: &[Edge]) -> bool {
    let widths = |falls: bool| {
        let pairs = edges.windows(2).filter(move |pair| pair[0].falls == falls);
        let mut widths: Vec<f32> = pairs.map(|pair| pair[1].at - pair[0].at).collect();
        widths.sort_unstable_by(f32::total_cmp);
        widths
    };
    let (bars, gaps) = (widths(true), widths(false));
    if edges.len() < FEWEST_EDGES || gaps.is_empty() {
        return false;
    }
    let (bar, gap) = (bars[bars.len() / 2], gaps[gaps.len() / 2]);
    let is_varied = bar < NARROW || bars[3 * bars.len() / 4] >= VARIETY * bars[bars.len() / 4];
    is_varied && bar.max(gap) <= APART * bar.min(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges of bars and gaps of such widths, one after the other.
    fn edges(widths: impl IntoIterator<Item = f32>) -> Vec<Edge> {
        let mut at = 0.0;
        let one = |(i, width): (usize, f32)| {
            at += width;
            Edge { at, falls: i.is_multiple_of(2) }
        };
        widths.into_iter().enumerate().map(one).collect()
    }

    #[test]
    fn bars_show_that_lean_and_have_print_beneath() {
        const WIDTHS: [u8; 13] = [2, 1, 1, 3, 2, 1, 4, 1, 1, 2, 3, 2, 1];
        let modules = || WIDTHS.into_iter().cycle().take(51);
        let ends: Vec<f32> = modules().scan(0.0, |at, width| (*at += 3.0 * f32::from(width), Some(*at)).1).collect();
        let is_bar = |at: f32| at >= 0.0 && ends.iter().position(|end| at < *end).is_some_and(|i| i.is_multiple_of(2));
        let middle = ends.last().expect("bars") / 2.0;
        let luma: Vec<u8> = (0_u16..160)
            .flat_map(|y| (0_u16..500).map(move |x| (f32::from(x), f32::from(y))))
            .map(|(x, y)| {
                let along = x - 250.0 + 0.4 * (y - 80.0) + middle;
                let is_ink = if y < 110.0 { is_bar(along) } else { along > 0.0 && along % 22.0 < 5.0 };
                if is_ink { 30 } else { 210 }
            })
            .collect();
        let picture = crate::symbol::Frame::new(&luma, 500, 160).expect("the size fits").to_picture();
        let bars = Bars::between(&[[90.0, 0.0], [410.0, 0.0], [410.0, 159.0], [90.0, 159.0]]);
        assert!(shows_bars(&picture, &bars, 0.0));
    }

    #[test]
    fn bars_are_of_several_widths_and_strokes_and_rules_of_one() {
        let bars = [2.0, 1.0, 1.0, 3.0, 2.0, 1.0, 4.0, 1.0, 1.0, 2.0, 3.0, 2.0, 1.0];
        assert!(are_of_bars(&edges(bars.into_iter().cycle().take(40))));
        // Gaps differ, strokes do not.
        let strokes = [5.0, 9.0, 5.2, 14.0, 4.9, 7.0, 5.1, 11.0];
        assert!(!are_of_bars(&edges(strokes.into_iter().cycle().take(41).skip(1))));
        let rules = [30.0, 2.0, 30.0, 4.0];
        assert!(!are_of_bars(&edges(rules.into_iter().cycle().take(41).skip(1))));
        assert!(!are_of_bars(&edges(bars)), "too few");
        assert!(!are_of_bars(&[]));
    }
}
