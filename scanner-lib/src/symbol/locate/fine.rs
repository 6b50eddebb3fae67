//! Bars of hardly a pixel a module: halved, they are a grey texture that no tile tells from print.
//!
//! Their heights tell it, seen as they are: each shows what the next one does, and a line of print does not.

use super::super::cells;
use super::super::code128::upright::{changes, most_alike};
use super::super::frame::Picture;
use super::super::layout::float;
use super::{Bars, Grid, LENGTHENED, MARGIN};

/// Pixels of length and of height from which what looks like print may be bars.
const LIKE_PRINT: [f32; 2] = [140.0, 40.0];

/// Pixels that the shortest symbol of bars spans, at one pixel a module: a DataBar's, and a Code 128's of six characters.
const SHORTEST_BARS: f32 = 90.0;

/// Pixels of length and of height up to which texture is looked through for bars so fine, with print all about.
const LARGEST: [f32; 2] = [640.0, 400.0];

/// What tiles of such bars show of one direction at the least.
const LEAST_COHERENCE: f32 = 0.3;

/// Pixels of all stretches that are looked at: a label has a few, a page of print many.
const MOST_PIXELS: f32 = 60_000.0;

/// Pixels from one height to the next; those held against each other are two apart: a letter's strokes are alike from near.
const PITCH: f32 = 4.0;

/// Pixels along in which two heights are held against each other, how alike they are where bars are, and how much changes
/// there, in parts of where most does.
const WINDOW: usize = 16;
const ALIKE: f32 = 0.6;
const LIVELY: f32 = 0.1;

/// Windows that are alike side by side, and one above the other, at the least.
const FEWEST: [usize; 2] = [5, 2];

impl Bars {
    /// Whether a stretch is as long as a symbol and, where it looks like print, as high.
    pub(super) fn may_be_bars(&self) -> bool {
        let length = self.bare();
        if self.is_print { length >= LIKE_PRINT[0] && self.height >= LIKE_PRINT[1] } else { length >= SHORTEST_BARS }
    }

    /// The part of a stretch in which lines at all heights show the same, without what is printed about it.
    pub(in crate::symbol) fn alike_within(&self, picture: &Picture) -> Option<Self> {
        let bare = Self { length: self.bare() + float(2 * WINDOW), ..*self };
        let rows = (self.height / PITCH).ceil();
        let part = |row: usize| (float(row) + 0.5) / rows - 0.5;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a hundred heights")]
        let lines: Vec<Vec<f32>> =
            (0..rows as usize).map(|row| changes(&bare.line(part(row), 0.0, 1.5).glance(picture))).collect();
        let columns = lines.first()?.len() / WINDOW;
        let energy = |row: usize, column: usize| {
            lines[row][column * WINDOW..(column + 1) * WINDOW].iter().map(|change| change * change).sum::<f32>()
        };
        let places =
            || (0..lines.len().saturating_sub(2)).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let least = LIVELY * places().map(|(row, column)| energy(row, column)).fold(0.0, f32::max);
        let waiting = places()
            .map(|(row, column)| {
                let range = column * WINDOW..(column + 1) * WINDOW;
                energy(row, column) > least
                    && most_alike(&lines[row][range.clone()], &lines[row + 2][range], 0.0).0 > ALIKE
            })
            .collect();
        // Side by side or one above the other.
        let touch = |one: usize, other: usize| one % columns == other % columns || one / columns == other / columns;
        let parts = cells::groups(waiting, |at| cells::around(at, 1, [columns, lines.len().saturating_sub(2)]), touch);
        let [down, along] = parts.into_iter().max_by_key(Vec::len).map(|part| {
            let of = |each: fn(usize, usize) -> usize| {
                let each = || part.iter().map(|at| each(*at, columns));
                each().min().unwrap_or(0)..each().max().unwrap_or(0) + 1
            };
            [of(usize::div_euclid), of(usize::rem_euclid)]
        })?;
        if along.len() < FEWEST[0] || down.len() < FEWEST[1] {
            return None;
        }
        let [from, to] = [part(down.start), part(down.end + 1)];
        let [first, last] = [float(along.start * WINDOW), float(along.end * WINDOW)];
        let middle = bare.line(f32::midpoint(from, to), 0.0, 1.0).point(f32::midpoint(first, last));
        let (length, height) = ((last - first) * LENGTHENED + MARGIN, (to - from) * self.height);
        Some(Self { middle, length, height, is_print: false, slant: 0.0, slanted_height: height, ..*self })
    }
}

impl Grid {
    /// Stretches of texture as large as bars and the print about them may be, across either way: small print has lines along
    /// which the grey hardly changes, and outweighs bars that are as fine.
    pub(in crate::symbol) fn fine(&self) -> Vec<Bars> {
        let groups = self.groups(1, |tile| tile.coherence > LEAST_COHERENCE, |_, _| true);
        let stretches = groups.iter().filter(|group| group.len() >= 6).map(|group| self.stretch(group));
        let both = stretches.flat_map(|along| {
            let ([dx, dy], (length, height)) = (along.direction, (along.bare(), along.height));
            let across = Bars { direction: [-dy, dx], length: height * LENGTHENED + MARGIN, height: length, ..along };
            if dx.abs() < dy.abs() { [across, along] } else { [along, across] }
        });
        let may_hold_bars =
            |bars: &Bars| (SHORTEST_BARS..LARGEST[0]).contains(&bars.bare()) && bars.height < LARGEST[1];
        let mut left = MOST_PIXELS;
        both.filter(may_hold_bars)
            .take_while(|bars| {
                left -= bars.bare() * bars.height;
                left > 0.0
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn bars_are_told_from_what_is_printed_about_them() {
        let mut state = 7_u32;
        let mut dice = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let bars: Vec<bool> = (0..150).map(|_| dice() % 2 == 0).collect();
        let luma: Vec<u8> = (0_usize..160)
            .flat_map(|y| (0_usize..400).map(move |x| (x, y)))
            .map(|(x, y)| {
                let is_bar = (120..270).contains(&x) && (60..90).contains(&y) && bars[x - 120];
                // Print changes from one row of pixels to the next.
                let is_print = (100..130).contains(&y) && dice() % 2 == 0;
                if is_bar || is_print { 40 } else { 220 }
            })
            .collect();
        let picture = Frame::new(&luma, 400, 160).expect("the size fits").to_picture();
        let all = Bars::between(&[[80.0, 20.0], [320.0, 20.0], [320.0, 140.0], [80.0, 140.0]]);
        let own = all.alike_within(&picture).expect("bars");
        assert!((own.middle[0] - 195.0).abs() < 12.0 && (own.middle[1] - 75.0).abs() < 6.0, "{own:?}");
        assert!((own.bare() - 150.0).abs() < 24.0 && (own.height - 30.0).abs() < 12.0, "{own:?}");
    }
}
