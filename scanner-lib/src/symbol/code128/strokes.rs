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

/// Whether what all heights of a stretch show together may be bars.
pub(in crate::symbol) fn shows_bars(picture: &Picture, bars: &Bars, turn: f32) -> bool {
    let profile = bars.line(0.0, turn, 0.42 * bars.height).profile(picture);
    are_of_bars(&scan_line::edges(&profile, 0.1 * contrast(&profile)))
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
