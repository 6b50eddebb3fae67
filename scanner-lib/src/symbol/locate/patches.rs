//! Patches of texture in all directions: what of them may be a matrix symbol, and what is print.

use std::ops::RangeInclusive;

use super::super::cells::connected;
use super::super::frame::{Area, Picture};
use super::super::outline::dim;
use super::super::tones::Tones;
use super::{Grid, TILE};

/// Part of a line of print that is ink, at most: rarely more than a quarter.
const INK_OF_PRINT: f32 = 0.27;

/// How much more coherent print is, with strokes and little ink, than it is dark.
const STROKES: f32 = 0.1;

/// How coherent print is that was not told by its ink, and lines of it: a matrix is square, and where a tilt makes it long its
/// modules still change in all directions.
const COHERENT: f32 = 0.4;
const COHERENT_OF_LINES: f32 = 0.38;

/// How much darker than that a place is where ink has spread, so that dots join.
const SPREAD: f32 = 0.12;

/// How coherent hardly any print is, and how much less than dark where ink has spread for sure.
const LEAST_OF_PRINT: f32 = 0.37;
const SPREAD_FOR_SURE: f32 = 0.2;

/// How dark a matrix is whose light modules nearly close.
const CLOSED: f32 = 0.62;

/// How much of a place has texture where more than one line of print, or something beside it, lies in it.
const GAPS: f32 = 0.45;

/// How much of a place has texture where little but one thing lies in it.
const ALONE: f32 = 0.6;

/// How many times as long as wide a group is that may be one symbol alone.
const COMPACT: usize = 4;

/// How much of the rectangle around a group has texture where one symbol lies in it turned; and where nothing else does.
const SPARSE: f32 = 0.33;
const DENSE: f32 = 0.7;

/// Tiles across what is looked at whole.
const LARGE: usize = 26;

/// Tiles across the thinnest part of a larger group that may be a symbol.
const THICK: usize = 3;

/// Energy of a tile that lies within a group rather than at its rim, as part of the group's mean.
const LIVELIEST: f32 = 0.5;

/// Energy of a tile that is full of texture, as part of the group's mean.
const FULL: f32 = 0.3;

/// Pixels across what is held close, in a picture halved for it.
const LEAST_CLOSE: usize = 100;

/// An upright rectangle of dots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patch {
    pub(crate) area: Area,
    /// How much of it has texture.
    pub(crate) filled: f32,
    /// How much of what has texture is nearer to its darkest grey than to its lightest.
    pub(crate) dark: f32,
    /// Mean coherence of what has texture: 0 where grey changes in all directions alike, 1 where in one.
    pub(crate) coherence: f32,
}

impl Patch {
    /// Of a place that a frame encloses: as full and dark as a matrix.
    pub(crate) const FRAMED: Self =
        Self { area: Area { left: 0, top: 0, width: 0, height: 0 }, filled: 1.0, dark: 0.5, coherence: 0.3 };

    /// Whether it has so little ink, or consists of strokes so much, that it is print: a matrix is about half dark, and changes in
    /// all directions. Of what has gaps, only a part may be a symbol.
    pub(crate) fn is_print(&self) -> bool {
        let has_little_ink = self.dark < INK_OF_PRINT || self.coherence > self.dark + STROKES;
        self.filled > GAPS && (has_little_ink || self.is_line() && self.has_strokes())
    }

    /// Whether it may be a symbol held close: about square, large, and nothing like print.
    pub(crate) fn may_be_close(&self) -> bool {
        !self.is_like_print() && !self.area.is_long() && self.area.width.min(self.area.height) > LEAST_CLOSE
    }

    /// Whether it looks like print in either way.
    pub(crate) fn is_like_print(&self) -> bool {
        self.is_print() || self.has_strokes()
    }

    /// Whether its ink may have spread until light modules nearly close (`Some(true)`), or was lost until dark ones nearly vanish
    /// (`Some(false)`): hardly any print is as dark, or as light without strokes.
    pub(crate) fn has_spread(&self) -> Option<bool> {
        if self.dark > CLOSED {
            self.is_unlike_print().then_some(true)
        } else {
            (self.dark < INK_OF_PRINT && self.coherence < LEAST_OF_PRINT && self.filled > GAPS).then_some(false)
        }
    }

    /// Whether it is long and nothing but it lies in it.
    fn is_line(&self) -> bool {
        self.area.is_long() && self.filled > ALONE
    }

    /// Whether hardly any print changes as much in all directions, and is as dark.
    pub(crate) fn is_unlike_print(&self) -> bool {
        self.coherence < self.dark.min(LEAST_OF_PRINT.max(self.dark - SPREAD_FOR_SURE))
    }

    /// Whether its grey changes in one direction as much as that of print does, and of matrices only if they are seen badly; where
    /// ink has spread there is more of it.
    pub(crate) fn has_strokes(&self) -> bool {
        let coherent = if self.is_line() { COHERENT_OF_LINES } else { COHERENT };
        self.coherence > coherent.max(self.dark - SPREAD)
    }
}

impl Grid {
    /// Columns and rows of tiles that hold a group.
    pub(super) fn bounds(&self, group: &[usize]) -> (RangeInclusive<usize>, RangeInclusive<usize>) {
        let range = |places: &mut dyn Iterator<Item = usize>| {
            let (low, high) = places.fold((usize::MAX, 0), |(low, high), at| (low.min(at), high.max(at)));
            low.min(high)..=high
        };
        (range(&mut group.iter().map(|at| at % self.columns)), range(&mut group.iter().map(|at| at / self.columns)))
    }

    /// What of a group may be a symbol alone: all of it, or of what is large and has gaps, or is long, its thick parts.
    pub(super) fn parts(&self, group: Vec<usize>) -> Vec<Vec<usize>> {
        let (columns, rows) = self.bounds(&group);
        let (width, height) = (columns.count(), rows.count());
        let is_compact = width <= COMPACT * height && height <= COMPACT * width;
        let filled = dim(group.len()) / dim(width * height);
        let is_small = width.max(height) < LARGE && filled > SPARSE;
        if is_compact && (is_small || filled > DENSE) { vec![group] } else { self.cores(&group) }
    }

    /// The thick parts of a group: lines of print are thin, and a matrix among them is not.
    fn cores(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let mean = group.iter().map(|at| self.tiles[*at].energy).sum::<f32>() / dim(group.len());
        let mut is_full = vec![false; self.tiles.len()];
        for at in group {
            is_full[*at] = self.tiles[*at].energy > FULL * mean;
        }
        let mut is_thick = vec![false; self.tiles.len()];
        for at in group {
            let (column, row) = (at % self.columns, at / self.columns);
            if column + THICK > self.columns || row + THICK > self.rows {
                continue;
            }
            let block = || (row..row + THICK).flat_map(|r| (column..column + THICK).map(move |c| r * self.columns + c));
            if block().all(|at| is_full[at]) {
                block().for_each(|at| is_thick[at] = true);
            }
        }
        let mut is_member = vec![false; self.tiles.len()];
        for at in group {
            is_member[*at] = true;
        }
        let mut cores = Vec::new();
        for seed in group {
            if is_thick[*seed] {
                let mut core = connected(*seed, &mut is_thick, |at| self.around(at, 1), |_, _| true);
                for at in &core {
                    is_member[*at] = false;
                }
                // And what lies beside: its own rim.
                for at in core.clone() {
                    for other in self.around(at, 1) {
                        if std::mem::take(&mut is_member[other]) {
                            core.push(other);
                        }
                    }
                }
                cores.push(core);
            }
        }
        cores
    }

    /// The upright rectangle that holds a group, with a margin, and how promising it is.
    pub(super) fn patch(&self, group: &[usize], picture: &Picture, half: &Picture) -> (f32, Patch) {
        let (columns, rows) = self.bounds(group);
        let ((left, right), (top, bottom)) = ((*columns.start(), *columns.end()), (*rows.start(), *rows.end()));
        let (side, margin) = (2 * TILE, 2 * TILE - 2);
        let (x, y) = ((left * side).saturating_sub(margin), (top * side).saturating_sub(margin));
        let width = ((right + 1) * side + margin).min(picture.width()) - x;
        let height = ((bottom + 1) * side + margin).min(picture.height()) - y;
        let filled = dim(group.len()) / dim((right - left + 1) * (bottom - top + 1));
        let energy: f32 = group.iter().map(|at| self.tiles[*at].energy.sqrt()).sum();
        let lively = self.liveliest(group);
        let coherence = lively.iter().map(|at| self.tiles[*at].coherence).sum::<f32>() / dim(lively.len().max(1));
        let area = Area { left: x, top: y, width, height };
        (energy * filled * filled, Patch { area, filled, dark: self.dark(&lively, half), coherence })
    }

    /// The tiles of a group that are full of texture: others are its rim.
    fn liveliest(&self, group: &[usize]) -> Vec<usize> {
        let mean = group.iter().map(|at| self.tiles[*at].energy).sum::<f32>() / dim(group.len());
        group.iter().copied().filter(|at| self.tiles[*at].energy > LIVELIEST * mean).collect()
    }

    /// How much of some tiles is nearer to their darkest grey than to their lightest, but for the outermost few in a hundred of both.
    fn dark(&self, tiles: &[usize], half: &Picture) -> f32 {
        let mut tones = Tones::default();
        for at in tiles {
            let (column, row) = (at % self.columns, at / self.columns);
            for y in row * TILE..(row + 1) * TILE {
                tones.count(&half.row(y)[column * TILE..(column + 1) * TILE]);
            }
        }
        let outermost = tones.len() / 32;
        let low = tones.darkest(outermost + 1).unwrap_or(0);
        let high = tones.darkest(tones.len() - outermost).unwrap_or(u8::MAX);
        dim(tones.below(low.midpoint(high))) / dim(tones.len().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey;
    use crate::symbol::Frame;

    #[test]
    fn a_matrix_at_the_end_of_a_line_of_print_is_a_place_of_its_own() {
        let (width, height) = (1000_u32, 200_u32);
        let is_dark = |x: u32, y: u32| {
            // Strokes of four pixels, two lines of print high; dots of five, as high as wide.
            let print = (20..800).contains(&x) && (84..108).contains(&y) && x % 22 < 4;
            let (column, row) = (x / 5, y / 5);
            let dots =
                (820..920).contains(&x) && (50..150).contains(&y) && (column * 7 + row * 11) * (column + row) % 5 < 2;
            print || dots
        };
        let luma: Vec<u8> = (0..width * height).map(|i| if is_dark(i % width, i / width) { 30 } else { 220 }).collect();
        let places = survey(&Frame::new(&luma, width, height).expect("the size fits").to_picture());
        let first = places.patches.first().expect("a patch");
        assert!(first.area.left > 740 && first.area.width < 220, "{places:?}");
        assert!(!first.is_print(), "{places:?}");
    }

    #[test]
    fn what_has_little_ink_is_print() {
        let (width, height) = (400_u32, 120_u32);
        let is_dark = |x: u32, y: u32| {
            let letter = |period: u32, high: u32| (x % period < 3 || y % high < 3) && x % 17 < 12;
            (40..360).contains(&x) && (40..72).contains(&y) && letter(17, 29)
        };
        let luma: Vec<u8> = (0..width * height).map(|i| if is_dark(i % width, i / width) { 30 } else { 220 }).collect();
        let places = survey(&Frame::new(&luma, width, height).expect("the size fits").to_picture());
        assert!(places.patches.iter().all(super::Patch::is_print), "{places:?}");
    }

    #[test]
    fn print_is_as_coherent_as_it_is_dark_or_nearly_so() {
        let area = super::Area { left: 0, top: 0, width: 120, height: 100 };
        let of = |dark, coherence| super::Patch { area, filled: 0.8, dark, coherence }.is_unlike_print();
        assert!(of(0.42, 0.33) && of(0.27, 0.24), "a matrix");
        assert!(of(0.76, 0.45), "a matrix whose ink has spread");
        assert!(!of(0.30, 0.34) && !of(0.41, 0.39) && !of(0.58, 0.42), "print");
    }
}
