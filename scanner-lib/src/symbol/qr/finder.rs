//! Finder patterns: dark, light, dark, light, dark in the proportion 1:1:3:1:1, along every line through the middle
//! (ISO/IEC 18004, 6.3.3.1).

use super::super::frame::Picture;

/// What looks like a finder pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finder {
    /// Its middle, in pixels.
    pub(super) middle: [f32; 2],
    /// Its width along a row of pixels.
    pub(super) size: f32,
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
    lines: usize,
    sum: [f32; 2],
    widths: f32,
    is_square: bool,
}

/// The places of a picture that look like finder patterns, those that most rows cross first.
pub(super) fn finders(picture: &Picture) -> Vec<Finder> {
    let (width, height) = (picture.width(), picture.height());
    if width < 16 || height < 16 {
        return Vec::new();
    }
    let thresholds = Thresholds::of(picture);
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
                let (left, up) = (x.min(y), (width - 1 - x).min(y));
                let falling = |at: usize| is_dark(x - left + at, y - left + at);
                let rising = |at: usize| is_dark(x + up - at, y - up + at);
                is_thick
                    && crossed(falling, left + (width - x).min(height - y), left, size).is_some()
                    && crossed(rising, up + (x + 1).min(height - y), up, size).is_some()
            };
            // Lines through one pattern lie close together.
            let known = |known: &&mut Crossings| {
                known.x.abs_diff(x) < 4 + size / 7 && known.y.abs_diff(y) < 4 + size / 2 && alike(known.size, size)
            };
            let (middle, across) = ([half(from + to), half(top + bottom)], 2.0 * half(size));
            if let Some(known) = found.iter_mut().find(known) {
                known.lines += 1;
                known.sum = [known.sum[0] + middle[0], known.sum[1] + middle[1]];
                known.widths += across;
                known.is_square |= is_square();
            } else if found.len() < MOST {
                // Of many, which are texture, some look so anyway.
                found.push(Crossings { x, y, size, lines: 1, sum: middle, widths: across, is_square: is_square() });
            }
        }
    }
    let mut finders: Vec<Finder> = found.iter().map(|crossings| crossings.finder(step)).collect();
    finders.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
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
        let size = self.widths / lines;
        let inner = (3.0 / 7.0 * size).max(1.0);
        Finder {
            middle: self.sum.map(|sum| sum / lines),
            size,
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
    /// (14 and 170 modules, of which a pattern has 7), seen at an angle or not.
    pub(super) fn may_belong_with(&self, other: &Self) -> bool {
        let (small, large) = (self.size.min(other.size), self.size.max(other.size));
        let apart = (self.middle[0] - other.middle[0]).hypot(self.middle[1] - other.middle[1]);
        2.0 * large <= 3.0 * small + 4.0 && apart >= small && apart <= 25.0 * large
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

impl Thresholds {
    fn of(picture: &Picture) -> Self {
        let (columns, rows) = (picture.width().div_ceil(BLOCK), picture.height().div_ceil(BLOCK));
        let mut extremes = vec![(u8::MAX, 0_u8); columns * rows];
        for y in (0..picture.height()).step_by(2) {
            let own = &mut extremes[y / BLOCK * columns..][..columns];
            for ((low, high), block) in own.iter_mut().zip(picture.row(y).chunks(BLOCK)) {
                *low = block.iter().fold(*low, |low, grey| low.min(*grey));
                *high = block.iter().fold(*high, |high, grey| high.max(*grey));
            }
        }
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (mut low, mut high) = (u8::MAX, 0);
                for near in row.saturating_sub(1)..(row + 2).min(rows) {
                    for (l, h) in &extremes[near * columns..][column.saturating_sub(1)..(column + 2).min(columns)] {
                        low = low.min(*l);
                        high = high.max(*h);
                    }
                }
                values.push(low.midpoint(high));
            }
        }
        Self { columns, values }
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

fn in_proportion(runs: [usize; 5]) -> bool {
    let total: usize = runs.iter().sum();
    // In sevenths of a module, each within about half a module; the middle within a whole one.
    let near = |run: usize, modules: usize| (7 * run).abs_diff(modules * total) * 2 <= total + 7;
    // At one pixel a module nothing but the pattern itself.
    runs == [1, 1, 3, 1, 1]
        || total >= 9
            && [0, 1, 3, 4].into_iter().all(|i| near(runs[i], 1))
            && (7 * runs[2]).abs_diff(3 * total) <= total + 7
}

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
    (in_proportion(runs) && total <= 2 * size && size <= 2 * total).then_some((up[2], down[2] + 1))
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
