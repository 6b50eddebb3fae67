//! What lies beside and between the arms of an L, before its far sides are looked for: letters have arms too.

use std::ops::RangeInclusive;

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::corner::Corner;
use super::fit::{Side, fall, unit};

/// Of 23 places along an arm, those where light must fall the right way.
pub(super) const SOLID: usize = 14;
pub(super) const SOLID_AT_A_GLANCE: usize = 18;

/// The grey outside of both solid arms: the median of many places, so that a reflection on some of them does not count.
pub(super) fn paper(picture: &Picture, corner: &Corner) -> f32 {
    const PLACES: u8 = 12;
    let one = |end: [f32; 2], other: [f32; 2]| {
        let out = unit(other, corner.meet);
        let from = corner.meet;
        (0..PLACES).map(move |i| {
            let part = (f32::from(i) + 0.5) / f32::from(PLACES);
            let [x, y] = [0, 1].map(|axis| from[axis] + (end[axis] - from[axis]) * part + 2.5 * out[axis]);
            picture.nearest(x, y)
        })
    };
    let mut greys: Vec<f32> =
        one(corner.right, corner.top).chain(one(corner.top, corner.right)).filter(|grey| *grey < 250.0).collect();
    if greys.len() < usize::from(PLACES) / 2 {
        return f32::INFINITY;
    }
    let middle = greys.len() / 2;
    *greys.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// The fall of light across both solid arms, or `None` where they are not alike.
pub(super) fn contrast(picture: &Picture, corner: &Corner, sign: f32, solid: usize, glare: Glare) -> Option<f32> {
    let one = |end: [f32; 2], other: [f32; 2]| {
        let inward = unit(corner.meet, other);
        let arm = [corner.meet, end];
        (falls(picture, &arm, inward, -sign, glare) >= solid)
            .then(|| -sign * fall(picture, &arm, inward, 1.2, 20, glare))
    };
    let (a, b) = (one(corner.right, corner.top)?, one(corner.top, corner.right)?);
    (a.min(b) > 1.5 && a.max(b) < 6.0 * a.min(b)).then_some(f32::midpoint(a, b))
}

/// Whether a reflection lies on one of the sides opposite to the arms, if they are parallel.
pub(super) fn hides_a_side(picture: &Picture, corner: &Corner, glare: Glare) -> bool {
    const PLACES: u8 = 12;
    let far = [0, 1].map(|axis| corner.right[axis] + corner.top[axis] - corner.meet[axis]);
    let hidden = |end: [f32; 2]| {
        let place = |i: u8| [0, 1].map(|axis| end[axis] + (far[axis] - end[axis]) * f32::from(i) / f32::from(PLACES));
        (0..=PLACES).map(place).filter(|[x, y]| glare.hides(picture.nearest(*x, *y))).count()
    };
    hidden(corner.top) > 2 || hidden(corner.right) > 2
}

/// Whether grey changes nearly everywhere between the arms: what encloses blank paper is a frame, or letters far apart.
#[expect(clippy::many_single_char_names, reason = "a corner, its arms, and places between them")]
pub(super) fn is_textured(picture: &Picture, corner: &Corner, least: f32, glare: Glare) -> bool {
    /// Cells along each arm, and places in each cell.
    const CELLS: u8 = 4;
    const PLACES: u8 = 4;
    let [x, y] = corner.meet;
    let (a, b) = ([corner.right[0] - x, corner.right[1] - y], [corner.top[0] - x, corner.top[1] - y]);
    let part =
        |cell: u8, place: u8| (f32::from(cell) + (f32::from(place) + 0.5) / f32::from(PLACES)) / f32::from(CELLS);
    let mut blank = 0;
    for i in 0..CELLS {
        for j in 0..CELLS {
            let (mut sum, mut squares, mut hidden) = (0.0, 0.0, 0);
            for k in 0..PLACES {
                for l in 0..PLACES {
                    let (u, v) = (part(i, k), part(j, l));
                    let value = picture.nearest(x + a[0] * u + b[0] * v, y + a[1] * u + b[1] * v);
                    sum += value;
                    squares += value * value;
                    hidden += u8::from(glare.hides(value));
                }
            }
            let count = f32::from(PLACES * PLACES);
            let spread = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
            blank += u8::from(spread < least && 2 * hidden < PLACES * PLACES);
        }
        // Glare or a sticker may fill some.
        if blank > 3 {
            return false;
        }
    }
    true
}

/// Whether light and dark are mixed between the arms as in a matrix: about as much of both, and in every quarter.
#[expect(clippy::many_single_char_names, reason = "a corner, its arms, and places between them")]
pub(super) fn is_mixed(picture: &Picture, corner: &Corner, mixture: &Mixture) -> bool {
    /// Places along each arm.
    const PLACES: u8 = 16;
    let [x, y] = corner.meet;
    let (a, b) = ([corner.right[0] - x, corner.right[1] - y], [corner.top[0] - x, corner.top[1] - y]);
    let part = |place: u8| (f32::from(place) + 0.5) / f32::from(PLACES);
    let at = |i: u8, j: u8| {
        let (u, v) = (part(i), part(j));
        picture.nearest(x + a[0] * u + b[0] * v, y + a[1] * u + b[1] * v)
    };
    let greys: Vec<f32> = (0..PLACES).flat_map(|i| (0..PLACES).map(move |j| (i, j))).map(|(i, j)| at(i, j)).collect();
    let mut sorted = greys.clone();
    let mut nth = |place: usize| *sorted.select_nth_unstable_by(place, f32::total_cmp).1;
    let threshold = f32::midpoint(nth(greys.len() / 32), nth(greys.len() - 1 - greys.len() / 32));
    let mut quarters = [0_u16; 4];
    for (at, grey) in greys.iter().enumerate() {
        let (i, j) = (at / usize::from(PLACES), at % usize::from(PLACES));
        let half = usize::from(PLACES) / 2;
        quarters[2 * (i / half) + j / half] += u16::from((*grey < threshold) != corner.inverted);
    }
    let quarter = f32::from(u16::from(PLACES) * u16::from(PLACES) / 4);
    let part = quarters.iter().sum::<u16>();
    mixture.whole.contains(&(f32::from(part) / (4.0 * quarter)))
        && quarters.iter().all(|dark| mixture.quarter.contains(&(f32::from(*dark) / quarter)))
}

/// How much is dark between the arms of an L, and in each quarter of what they enclose.
#[derive(Debug)]
pub(super) struct Mixture {
    whole: RangeInclusive<f32>,
    quarter: RangeInclusive<f32>,
}

/// What is seen of all symbols but a few, which are printed very badly or hidden in part.
pub(super) const MIXED_AT_A_GLANCE: Mixture = Mixture { whole: 0.3..=0.8, quarter: 0.2..=0.9 };
pub(super) const MIXED: Mixture = Mixture { whole: 0.25..=0.93, quarter: 0.08..=0.98 };

/// What counts as a change between modules, as part of the fall of light across the arms.
const CHANGE: f32 = 0.25;

/// Changes that lines beside either arm cross at least, on the mean: a matrix has one in every two modules, a letter hardly any
/// along one of its strokes.
const FEWEST_CHANGES: u16 = 2;

/// Changes along both arms together, on the mean: the smallest symbols, of ten modules by ten and of eight by eighteen, have nine
/// and more.
const FEWEST_OF_BOTH: u16 = 7;

/// How often grey changes between the arms of an L.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crowd {
    /// Along either arm, on four lines together.
    changes: [u16; 2],
    /// Pixels from one change to the next, on the mean: two modules or somewhat more.
    pub(super) pitch: f32,
}

impl Crowd {
    pub(super) fn between(picture: &Picture, corner: &Corner, contrast: f32) -> Self {
        const LINES: [f32; 4] = [0.2, 0.4, 0.6, 0.8];
        let along = |end: [f32; 2], other: [f32; 2]| {
            let changes = LINES.map(|part| {
                let aside = [0, 1].map(|axis| (other[axis] - corner.meet[axis]) * part);
                changes(picture, [corner.meet, end].map(|at| [at[0] + aside[0], at[1] + aside[1]]), CHANGE * contrast)
            });
            changes.iter().sum::<u16>()
        };
        let changes = [along(corner.right, corner.top), along(corner.top, corner.right)];
        let length = |end: [f32; 2]| (end[0] - corner.meet[0]).hypot(end[1] - corner.meet[1]);
        let both = f32::from((changes[0] + changes[1]).max(1));
        Self { changes, pitch: 4.0 * (length(corner.right) + length(corner.top)) / both }
    }

    /// Whether lines along both arms cross as many modules as those of a symbol do.
    pub(super) fn is_a_matrix(self) -> bool {
        let [first, second] = self.changes;
        first.min(second) >= FEWEST_CHANGES * 4 && first + second >= FEWEST_OF_BOTH * 4
    }
}

/// How often the grey turns, by so much at least, along a line.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen, and not negative")]
fn changes(picture: &Picture, [from, to]: Side, least: f32) -> u16 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let samples = dx.hypot(dy).clamp(8.0, 128.0) as u16;
    let (mut low, mut high, mut rising, mut count) = (f32::INFINITY, f32::NEG_INFINITY, None, 0);
    for s in 1..samples {
        let part = f32::from(s) / f32::from(samples);
        let value = picture.nearest(from[0] + dx * part, from[1] + dy * part);
        (low, high) = (low.min(value), high.max(value));
        if rising != Some(true) && value > low + least {
            count += u16::from(rising.is_some());
            (rising, high) = (Some(true), value);
        } else if rising != Some(false) && value < high - least {
            count += u16::from(rising.is_some());
            (rising, low) = (Some(false), value);
        }
    }
    count
}

/// At how many of 23 places along an arm light falls the right way: the foot of a line of text has gaps.
fn falls(picture: &Picture, [from, to]: &Side, inward: [f32; 2], sign: f32, glare: Glare) -> usize {
    let falls = (1_u8..24).filter(|s| {
        let part = f32::from(*s) / 24.0;
        let (x, y) = (from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part);
        let ([u, v], reach) = (inward, 1.6);
        let inner = picture.value(x + u * reach, y + v * reach);
        let outer = picture.value(x - u * reach, y - v * reach);
        sign * (inner - outer) > 0.0 || glare.hides(inner) && glare.hides(outer)
    });
    falls.count()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::symbol::Frame;

    /// The L of the tests' symbol, drawn at four pixels a module.
    const CORNER: Corner = Corner {
        meet: [80.0, 124.0],
        right: [144.0, 124.0],
        top: [80.0, 60.0],
        inverted: false,
        is_closed: false,
        weight: 1.0,
    };

    #[test]
    fn between_the_arms_of_a_matrix_grey_changes_and_between_those_of_a_letter_it_does_not() {
        let (luma, width, height) = testing::picture(4);
        let matrix = Frame::new(&luma, width, height).expect("a frame").to_picture();
        let contrast = contrast(&matrix, &CORNER, 1.0, SOLID_AT_A_GLANCE, Glare::NONE).expect("solid arms");
        let crowd = Crowd::between(&matrix, &CORNER, contrast);
        assert!(crowd.is_a_matrix() && (6.0..12.0).contains(&crowd.pitch), "{crowd:?}");
        // An E: three strokes from a fourth.
        let strokes = (0_u32..).zip(&luma).map(|(at, _)| {
            let (x, y) = (at % width, at / width);
            let is_ink = (80..144).contains(&x)
                && (60..124).contains(&y)
                && (x < 90 || !(70..114).contains(&y) || (88..98).contains(&y));
            if is_ink { 40 } else { 210 }
        });
        let letter = Frame::new(&strokes.collect::<Vec<u8>>(), width, height).expect("a frame").to_picture();
        assert!(!Crowd::between(&letter, &CORNER, contrast).is_a_matrix());
    }
}
