//! QR Code (ISO/IEC 18004): rqrr first, rxing on what it leaves (rqrr refuses FNC1, thus every GS1 QR Code).
//!
//! Both are only asked where [`has_finders`] sees what may be finder patterns: a whole frame costs them too much.

use rqrr::PreparedImage;
#[cfg(feature = "rxing")]
use rxing::qrcode::QRCodeReader;

use super::frame::Picture;
use super::guarded::guarded;
#[cfg(feature = "rxing")]
use super::zxing::{self, Rows, Threshold};
use super::{Format, Quality, Symbol};

/// Whether a part of a picture has places that look like finder patterns: dark, light, dark, light, dark in the
/// proportion 1:1:3:1:1, across and down.
pub(super) fn has_finders(picture: &Picture) -> bool {
    let (width, height) = (picture.width(), picture.height());
    if width < 16 || height < 16 {
        return false;
    }
    let dark = Thresholds::of(picture).dark(picture);
    let mut patterns: Vec<Finder> = Vec::new();
    let step = if height > 160 { 3 } else { 2 };
    let mut edges = Vec::new();
    for y in (0..height).step_by(step) {
        for (from, to) in five_runs(&dark[y * width..][..width], &mut edges) {
            let (x, size) = (from.midpoint(to), to - from);
            if !crosses(|y: usize| dark[y * width + x], height, y, size) {
                continue;
            }
            // Aslant too, both ways: letters have the proportion across and down at most.
            let is_square = || {
                let (left, up) = (x.min(y), (width - 1 - x).min(y));
                let falling = |at: usize| dark[(y - left + at) * width + x - left + at];
                let rising = |at: usize| dark[(y - up + at) * width + x + up - at];
                crosses(falling, left + (width - x).min(height - y), left, size)
                    && crosses(rising, up + (x + 1).min(height - y), up, size)
            };
            // Lines through one pattern lie close together.
            let known = |known: &&mut Finder| {
                known.x.abs_diff(x) < 4 + size / 7 && known.y.abs_diff(y) < 4 + size / 2 && known.is_as_large_as(size)
            };
            if let Some(known) = patterns.iter_mut().find(known) {
                known.lines += 1;
                known.is_square |= is_square();
            } else if patterns.len() < MOST_FINDERS {
                // Of many, which are texture, some look so anyway.
                patterns.push(Finder { x, y, size, lines: 1, is_square: is_square() });
            }
        }
    }
    // Two of one code, one of them seen well: a shadow's edge may hide the third and mar another.
    patterns
        .iter()
        .filter(|pattern| pattern.is_clear(step))
        .any(|clear| patterns.iter().any(|other| (other.lines > 1 || other.size < 14) && clear.may_belong_with(other)))
}

/// Finder patterns that are compared in one part of a picture.
const MOST_FINDERS: usize = 64;

/// What looks like a finder pattern: its middle, its width, how many lines cross it so, and whether those aslant do.
struct Finder {
    x: usize,
    y: usize,
    size: usize,
    lines: usize,
    is_square: bool,
}

impl Finder {
    /// Whether two may be of one code: about as large, and as far apart as the smallest and the largest version has them
    /// (14 and 170 modules, of which a pattern has 7), seen at an angle or not.
    fn may_belong_with(&self, other: &Self) -> bool {
        let (small, large) = (self.size.min(other.size), self.size.max(other.size));
        let apart = self.x.abs_diff(other.x).pow(2) + self.y.abs_diff(other.y).pow(2);
        self.is_as_large_as(other.size) && apart >= small.pow(2) && apart <= (25 * large).pow(2)
    }

    /// Lines cross the middle of a pattern, three sevenths of it or less where it is tilted, one below the other; in print
    /// it is chance.
    fn is_clear(&self, step: usize) -> bool {
        // Nearly all of them are enough without those aslant, which noise or blur may have marred.
        let lines = self.lines * step;
        self.is_square && 6 * lines >= self.size || 3 * lines >= self.size && self.lines > 2
    }

    fn is_as_large_as(&self, size: usize) -> bool {
        2 * self.size.max(size) <= 3 * self.size.min(size) + 4
    }
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

    /// Which pixels are darker than the middle.
    fn dark(&self, picture: &Picture) -> Vec<bool> {
        let mut out = Vec::with_capacity(picture.luma().len());
        for y in 0..picture.height() {
            let limits = &self.values[y / BLOCK * self.columns..][..self.columns];
            for (block, limit) in picture.row(y).chunks(BLOCK).zip(limits) {
                out.extend(block.iter().map(|grey| grey < limit));
            }
        }
        out
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
    total >= 9 && [0, 1, 3, 4].into_iter().all(|i| near(runs[i], 1)) && (7 * runs[2]).abs_diff(3 * total) <= total + 7
}

/// Whether the line down through the middle has the proportion too, at about the same size.
fn crosses(dark: impl Fn(usize) -> bool, length: usize, middle: usize, size: usize) -> bool {
    if !dark(middle) {
        return false;
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
    let (Some(down), Some(up)) = (ends(true), ends(false)) else { return false };
    let runs = [up[1] - up[2], up[0] - up[1], down[0] - up[0] + 1, down[1] - down[0], down[2] - down[1]];
    let total: usize = runs.iter().sum();
    in_proportion(runs) && total <= 2 * size && size <= 2 * total
}

/// The QR Codes of a part of a picture: all that rqrr reads, else what rxing finds, where it is built in.
pub(super) fn read(picture: &Picture) -> Vec<Symbol> {
    let found = read_grids(picture);
    #[cfg(feature = "rxing")]
    if found.is_empty() {
        return [Threshold::Local, Threshold::Global]
            .into_iter()
            .find_map(|threshold| read_one(picture, threshold))
            .into_iter()
            .collect();
    }
    found
}

/// Every grid that rqrr finds and reads.
fn read_grids(picture: &Picture) -> Vec<Symbol> {
    let found = guarded(|| {
        let mut prepared =
            PreparedImage::prepare_from_greyscale(picture.width(), picture.height(), |x, y| picture.pixel(x, y));
        let mut symbols = Vec::new();
        for grid in prepared.detect_grids() {
            let mut bytes = Vec::new();
            #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
            let corners = grid.bounds.map(|point| [point.x as f32, point.y as f32]);
            if grid.decode_to(&mut bytes).is_ok() && !bytes.is_empty() {
                symbols.push(Symbol {
                    format: Format::QrCode,
                    bytes,
                    aim: "]Q1".to_owned(),
                    corners,
                    quality: Quality::default(),
                });
            }
        }
        Some(symbols)
    });
    found.unwrap_or_default()
}

/// The QR Code that rxing finds first, if any.
#[cfg(feature = "rxing")]
fn read_one(picture: &Picture, threshold: Threshold) -> Option<Symbol> {
    let result = zxing::look(picture, threshold, QRCodeReader, Rows::All)?;
    let aim = zxing::aim(&result).unwrap_or_else(|| "]Q1".to_owned());
    let bytes = zxing::bytes(&result);
    let corners = corners(&result)?;
    (!bytes.is_empty()).then_some(Symbol { format: Format::QrCode, bytes, aim, corners, quality: Quality::default() })
}

/// Result points are the finder patterns' middles: bottom left, top left, top right (and an alignment pattern). The
/// corners lie 3.5 modules further out; the fourth completes the parallelogram.
#[cfg(feature = "rxing")]
fn corners(result: &rxing::RXingResult) -> Option<[[f32; 2]; 4]> {
    let [bottom_left, top_left, top_right, ..] = result.getPoints() else { return None };
    let side = (top_right.x - top_left.x).hypot(top_right.y - top_left.y);
    // A version from 1 to 10 has its finders' middles 14 to 50 modules apart; growing by a sixth fits within a module
    // or two of the truth.
    let (grow, _) = (1.0 / 6.0, side);
    let across = [(top_right.x - top_left.x) * grow, (top_right.y - top_left.y) * grow];
    let down = [(bottom_left.x - top_left.x) * grow, (bottom_left.y - top_left.y) * grow];
    let tl = [top_left.x - across[0] - down[0], top_left.y - across[1] - down[1]];
    let tr = [top_right.x + across[0] - down[0], top_right.y + across[1] - down[1]];
    let bl = [bottom_left.x - across[0] + down[0], bottom_left.y - across[1] + down[1]];
    let br = [tr[0] + bl[0] - tl[0], tr[1] + bl[1] - tl[1]];
    let corners = [tl, tr, br, bl];
    corners.iter().flatten().all(|value| value.is_finite()).then_some(corners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn only_what_has_finder_patterns_is_worth_a_look() {
        let draw = |finders: &[(usize, usize)]| {
            let mut luma = vec![230; 120 * 120];
            for (left, top) in finders {
                for y in 0..21 {
                    for x in 0..21 {
                        let ring = (x / 3).min(y / 3).min(6 - x / 3).min(6 - y / 3);
                        luma[(top + y) * 120 + left + x] = if ring == 1 { 230 } else { 20 };
                    }
                }
            }
            has_finders(&Frame::new(&luma, 120, 120).unwrap().to_picture())
        };
        assert!(draw(&[(10, 10), (80, 10), (10, 80)]));
        assert!(!draw(&[(10, 10)]));
        assert!(!draw(&[]));
    }
}
