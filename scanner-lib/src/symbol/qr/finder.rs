//! Finder patterns: dark, light, dark, light, dark in the proportion 1:1:3:1:1, along every line through the middle
//! (ISO/IEC 18004, 6.3.3.1).

use super::super::frame::Picture;
use super::super::ranking::heaviest_first;

/// What looks like a finder pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finder {
    /// Its middle, in pixels.
    pub(super) middle: [f32; 2],
    /// Its width along a row of pixels, and its height along a column.
    pub(super) size: f32,
    pub(super) height: f32,
    /// Part of the rows through its inner square that have the proportion.
    pub(super) rows: f32,
    /// Lines beside and aslant through its middle have the proportion too: letters have it across and down at most.
    pub(super) is_square: bool,
}

/// Finder patterns that are compared in one part of a picture.
const MOST: usize = 64;

/// Lines through one pattern, gathered.
#[derive(Debug)]
struct Crossings {
    x: usize,
    y: usize,
    size: usize,
    height: usize,
    lines: usize,
    sum: [f32; 2],
    widths: f32,
    heights: f32,
    is_square: bool,
}

/// The places of a picture that look like finder patterns, those that most rows cross first.
pub(super) fn finders(picture: &Picture) -> Vec<Finder> {
    if picture.width() < 16 || picture.height() < 16 {
        return Vec::new();
    }
    let (thresholds, is_uneven) = Thresholds::of(picture);
    let found = under(picture, &thresholds);
    if !is_uneven || are_of_a_code(&found) {
        return found;
    }
    let in_shadow = under(picture, &Thresholds::in_shadow(picture));
    if may_be_a_code(&in_shadow) { in_shadow } else { found }
}

/// The finder patterns that are seen with these thresholds.
fn under(picture: &Picture, thresholds: &Thresholds) -> Vec<Finder> {
    let (width, height) = (picture.width(), picture.height());
    let is_dark = |x: usize, y: usize| thresholds.is_dark(picture, x, y);
    let mut found: Vec<Crossings> = Vec::new();
    let step = if height > 160 { 3 } else { 2 };
    let (mut row, mut edges) = (Vec::with_capacity(width), Vec::new());
    for y in (0..height).step_by(step) {
        thresholds.darken(picture, y, &mut row);
        for (from, to) in five_runs(&row, &mut edges) {
            let (x, size) = (from.midpoint(to), to - from);
            let Some((top, bottom)) = crossed(|y: usize| is_dark(x, y), height, y, size) else { continue };
            // Above and below the middle too, and aslant both ways.
            let is_square = || {
                let (middle, off) = (top.midpoint(bottom), 1 + size / 20);
                let is_thick = [middle.checked_sub(off), Some(middle + off)]
                    .into_iter()
                    .flatten()
                    .all(|y| y < height && crossed(|x: usize| is_dark(x, y), width, x, size).is_some());
                let y = middle;
                let (left, up) = (x.min(y), (width - 1 - x).min(y));
                let falling = |at: usize| is_dark(x - left + at, y - left + at);
                let rising = |at: usize| is_dark(x + up - at, y - up + at);
                is_thick
                    && crossed(falling, left + (width - x).min(height - y), left, size).is_some()
                    && crossed(rising, up + (x + 1).min(height - y), up, size).is_some()
            };
            // Lines through one pattern lie close together.
            let known = |known: &&mut Crossings| {
                known.x.abs_diff(x) < 4 + size / 7
                    && known.y.abs_diff(y) < 4 + known.height / 2
                    && alike(known.size, size)
            };
            // Pixels count from their middles.
            let (middle, across) = ([half(from + to) - 0.5, half(top + bottom) - 0.5], 2.0 * half(size));
            let height = bottom - top;
            let down = 2.0 * half(height);
            if let Some(known) = found.iter_mut().find(known) {
                known.lines += 1;
                known.sum = [known.sum[0] + middle[0], known.sum[1] + middle[1]];
                known.widths += across;
                known.heights += down;
                known.is_square |= is_square();
            } else if found.len() < MOST {
                // Of many, which are texture, some look so anyway.
                let (sum, is_square) = (middle, is_square());
                found.push(Crossings { x, y, size, height, lines: 1, sum, widths: across, heights: down, is_square });
            }
        }
    }
    let mut finders: Vec<Finder> = found.iter().map(|crossings| crossings.finder(step)).collect();
    heaviest_first(&mut finders, Finder::weight);
    finders
}

/// Half of a number of pixels.
#[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
fn half(pixels: usize) -> f32 {
    pixels as f32 / 2.0
}

fn alike(a: usize, b: usize) -> bool {
    2 * a.max(b) <= 3 * a.min(b) + 4
}

impl Crossings {
    fn finder(&self, step: usize) -> Finder {
        let lines = 2.0 * half(self.lines);
        let (size, height) = (self.widths / lines, self.heights / lines);
        let inner = (3.0 / 7.0 * height).max(1.0);
        Finder {
            middle: self.sum.map(|sum| sum / lines),
            size,
            height,
            rows: 2.0 * half(self.lines * step) / inner,
            is_square: self.is_square,
        }
    }
}

impl Finder {
    fn weight(&self) -> f32 {
        self.rows.min(1.2) + if self.is_square { 0.5 } else { 0.0 }
    }

    /// Lines cross the middle of a pattern, three sevenths of it or less where it is tilted, one below the other; in print
    /// it is chance.
    fn is_clear(&self) -> bool {
        // Nearly all of them are enough without those aslant, which noise or blur may have marred.
        self.is_square && self.rows >= 0.39 || self.rows >= 0.77
    }

    /// Whether two may be of one code: about as large, and as far apart as the smallest and the largest version has them
    /// (14 modules, and 240 from corner to corner, of which a pattern has 7), seen at an angle or not.
    pub(super) fn may_belong_with(&self, other: &Self) -> bool {
        let alike = |a: f32, b: f32| 2.0 * a.max(b) <= 3.0 * a.min(b) + 4.0;
        let apart = (self.middle[0] - other.middle[0]).hypot(self.middle[1] - other.middle[1]);
        let least = self.size.min(other.size).min(self.height.min(other.height));
        let most = self.size.max(other.size).max(self.height.max(other.height));
        alike(self.size, other.size) && alike(self.height, other.height) && apart >= least && apart <= 36.0 * most
    }
}

/// Whether two of them may be of one code, one of them seen well: a shadow's edge may hide the third and mar another.
pub(super) fn may_be_a_code(finders: &[Finder]) -> bool {
    finders.iter().filter(|finder| finder.is_clear()).any(|clear| {
        finders.iter().any(|other| (other.rows > 0.3 || other.size < 14.0) && clear.may_belong_with(other))
    })
}

/// Whether three clear ones may be of one code: what hardly anything else shows.
pub(super) fn are_of_a_code(finders: &[Finder]) -> bool {
    let clear: Vec<&Finder> = finders.iter().filter(|finder| finder.is_clear() && finder.is_square).take(6).collect();
    clear.iter().enumerate().any(|(i, a)| {
        let others: Vec<&&Finder> = clear[i + 1..].iter().filter(|b| a.may_belong_with(b)).collect();
        others.iter().enumerate().any(|(j, b)| others[j + 1..].iter().any(|c| b.may_belong_with(c)))
    })
}

/// Middle between dark and light, by blocks.
struct Thresholds {
    columns: usize,
    values: Vec<u8>,
}

const BLOCK: usize = 24;

/// How much lighter the paper of some blocks is than that of others, where a shadow falls on a part of them.
const SHADOW: u16 = 140;

impl Thresholds {
    /// Half way between dark and light, and whether light falls unevenly.
    fn of(picture: &Picture) -> (Self, bool) {
        let extremes = Extremes::of(picture);
        let lights = || extremes.values.iter().filter(|(low, high)| high - low > 24).map(|(_, high)| u16::from(*high));
        let (least, most) = (lights().min().unwrap_or(0), lights().max().unwrap_or(0));
        (extremes.thresholds(u8::midpoint), 100 * most > SHADOW * least)
    }

    /// In equal proportion to dark and light: paper in a shadow is no darker for it than ink beside the shadow, where that is
    /// less deep than ink is dark.
    fn in_shadow(picture: &Picture) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "between two bytes")]
        Extremes::of(picture).thresholds(|low, high| (u16::from(low.max(2)) * u16::from(high)).isqrt() as u8)
    }

    /// Whether a pixel is darker than the middle.
    fn is_dark(&self, picture: &Picture, x: usize, y: usize) -> bool {
        picture.pixel(x, y) < self.values[y / BLOCK * self.columns + x / BLOCK]
    }

    /// The same of a whole row.
    fn darken(&self, picture: &Picture, y: usize, row: &mut Vec<bool>) {
        row.clear();
        let limits = &self.values[y / BLOCK * self.columns..][..self.columns];
        for (block, limit) in picture.row(y).chunks(BLOCK).zip(limits) {
            row.extend(block.iter().map(|grey| grey < limit));
        }
    }
}

/// The darkest and the lightest pixels of blocks.
struct Extremes {
    columns: usize,
    rows: usize,
    values: Vec<(u8, u8)>,
}

impl Extremes {
    fn of(picture: &Picture) -> Self {
        let (columns, rows) = (picture.width().div_ceil(BLOCK), picture.height().div_ceil(BLOCK));
        let mut values = vec![(u8::MAX, 0_u8); columns * rows];
        for y in (0..picture.height()).step_by(2) {
            let own = &mut values[y / BLOCK * columns..][..columns];
            for ((low, high), block) in own.iter_mut().zip(picture.row(y).chunks(BLOCK)) {
                *low = block.iter().fold(*low, |low, grey| low.min(*grey));
                *high = block.iter().fold(*high, |high, grey| high.max(*grey));
            }
        }
        Self { columns, rows, values }
    }

    /// A value between the extremes of each block and its neighbours.
    fn thresholds(&self, between: impl Fn(u8, u8) -> u8) -> Thresholds {
        let (columns, rows) = (self.columns, self.rows);
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (mut low, mut high) = (u8::MAX, 0);
                for near in row.saturating_sub(1)..(row + 2).min(rows) {
                    for (l, h) in &self.values[near * columns..][column.saturating_sub(1)..(column + 2).min(columns)] {
                        low = low.min(*l);
                        high = high.max(*h);
                    }
                }
                values.push(between(low, high));
            }
        }
        Thresholds { columns, values }
    }
}

/// Stretches of a line in the finder pattern's proportion.
fn five_runs(dark: &[bool], edges: &mut Vec<usize>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    edges.clear();
    edges.push(0);
    edges.extend(dark.iter().zip(&dark[1..]).zip(1..).filter(|((a, b), _)| a != b).map(|(_, at)| at));
    edges.push(dark.len());
    // Runs alternate; those of an even index are dark if the first is.
    let first = usize::from(!dark[0]);
    for i in (first..).step_by(2).take_while(|i| i + 5 < edges.len()) {
        let runs: [usize; 5] = std::array::from_fn(|k| edges[i + k + 1] - edges[i + k]);
        if in_proportion(runs) {
            found.push((edges[i], edges[i + 5]));
        }
    }
    found
}

/// Whether five runs have the proportion, printed as it should be or with all that is dark thicker or thinner by as much.
fn in_proportion(runs: [usize; 5]) -> bool {
    // At one pixel a module nothing but the pattern itself.
    if runs == [1, 1, 3, 1, 1] {
        return true;
    }
    if runs.iter().sum::<usize>() < 9 {
        return false;
    }
    let lengths = runs.map(|run| 2.0 * half(run));
    // Least squares: dark runs of one module and of three, each less what light ones of one module have more.
    let sum = |weights: [f32; 5]| lengths.iter().zip(weights).map(|(length, weight)| weight * length).sum::<f32>();
    let (along, turns) = (sum([1.0, 1.0, 3.0, 1.0, 1.0]), sum([-1.0, 1.0, -1.0, 1.0, -1.0]));
    let (module, thin) = ((5.0 * along + 3.0 * turns) / 56.0, (13.0 * turns + 3.0 * along) / 56.0);
    let (dark, light) = (module - thin, module + thin);
    let near = |at: usize, should: f32, part: f32| (lengths[at] - should).abs() <= part * module + 0.5;
    thin.abs() <= THIN * module + 0.5
        && near(0, dark, UNEVEN)
        && near(1, light, UNEVEN)
        && near(2, dark + 2.0 * module, 2.0 * UNEVEN)
        && near(3, light, UNEVEN)
        && near(4, dark, UNEVEN)
}

/// Modules that print may be thicker or thinner, and by which a run may differ besides.
const THIN: f32 = 0.6;
const UNEVEN: f32 = 0.4;

/// Where a line through the middle has the proportion too, at about the same size.
fn crossed(dark: impl Fn(usize) -> bool, length: usize, middle: usize, size: usize) -> Option<(usize, usize)> {
    if !dark(middle) {
        return None;
    }
    let run = |from: usize, forward: bool, colour: bool| {
        let mut at = from;
        loop {
            let next = if forward { at + 1 } else { at.wrapping_sub(1) };
            if next >= length || dark(next) != colour {
                return at;
            }
            at = next;
        }
    };
    let ends = |forward: bool| {
        let core = run(middle, forward, true);
        let step = |at: usize| if forward { Some(at + 1).filter(|n| *n < length) } else { at.checked_sub(1) };
        let light = run(step(core)?, forward, false);
        let rim = run(step(light)?, forward, true);
        Some([core, light, rim])
    };
    let (down, up) = (ends(true)?, ends(false)?);
    let runs = [up[1] - up[2], up[0] - up[1], down[0] - up[0] + 1, down[1] - down[0], down[2] - down[1]];
    let total: usize = runs.iter().sum();
    (in_proportion(runs) && total <= 4 * size && size <= 4 * total).then_some((up[2], down[2] + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn two_patterns_may_be_a_code_and_their_middles_are_told() {
        let draw = |places: &[(usize, usize)]| {
            let mut luma = vec![230; 120 * 120];
            for (left, top) in places {
                for y in 0..21 {
                    for x in 0..21 {
                        let ring = (x / 3).min(y / 3).min(6 - x / 3).min(6 - y / 3);
                        luma[(top + y) * 120 + left + x] = if ring == 1 { 230 } else { 20 };
                    }
                }
            }
            finders(&Frame::new(&luma, 120, 120).unwrap().to_picture())
        };
        let three = draw(&[(10, 10), (80, 10), (10, 80)]);
        assert!(may_be_a_code(&three));
        for wanted in [[20.5, 20.5], [90.5, 20.5], [20.5, 90.5]] {
            let near = |finder: &Finder| (finder.middle[0] - wanted[0]).hypot(finder.middle[1] - wanted[1]) < 1.0;
            assert!(three.iter().any(near), "{three:?}");
        }
        assert!(!may_be_a_code(&draw(&[(10, 10)])));
        assert!(!may_be_a_code(&draw(&[])));
    }
}
