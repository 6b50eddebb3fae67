//! One straight line across bars: from grey values to edges, from edges to codewords.

use super::codewords;
use crate::symbol::frame::Picture;
use crate::symbol::widths;

/// A line through a picture, to be sampled every `STEP` pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanLine {
    pub(crate) start: [f32; 2],
    /// Unit vector.
    pub(crate) direction: [f32; 2],
    pub(crate) length: f32,
    /// Pixels to either side, along the bars, that are averaged.
    pub(crate) aside: f32,
}

/// Pixels between samples: half a pixel keeps the bilinear kinks below the noise.
pub(crate) const STEP: f32 = 0.5;

/// Light needed before the start and after the stop, in modules. The standard asks for 10; packs rarely give it.
const QUIET: f32 = 4.0;

/// A character's size to that of the one before: alike but for perspective and wrinkles.
const SIZES: std::ops::Range<f32> = 0.72..1.39;

/// How far off a character is that is clear as it is, and what one counts for that is told by its pitch.
const CLEAR: f32 = 0.35;
const UNCLEAR: f32 = 0.5;

/// Codewords found along a line, start to check, with the positions (pixels along the line) of both ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) codes: Vec<u8>,
    pub(crate) from: f32,
    pub(crate) to: f32,
}

/// An edge between light and dark.
#[derive(Clone, Copy, Debug)]
pub(in crate::symbol) struct Edge {
    pub(in crate::symbol) at: f32,
    /// Going from light to dark.
    pub(in crate::symbol) falls: bool,
}

impl ScanLine {
    /// The point `along` pixels from the start.
    pub(crate) fn point(&self, along: f32) -> [f32; 2] {
        [self.start[0] + self.direction[0] * along, self.start[1] + self.direction[1] * along]
    }

    /// Grey values along the line, each the mean of several side by side; `None` outside the picture.
    pub(crate) fn profile(&self, picture: &Picture) -> Vec<Option<f32>> {
        self.sampled(picture, STEP)
    }

    /// The same with every second sample: enough to tell bars from text.
    pub(in crate::symbol) fn glance(&self, picture: &Picture) -> Vec<Option<f32>> {
        self.sampled(picture, 2.0 * STEP)
    }

    fn sampled(&self, picture: &Picture, step: f32) -> Vec<Option<f32>> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are bounded by pictures")]
        let (count, taps) = ((self.length / step).max(0.0) as u16, (self.aside / 1.5).ceil().clamp(1.0, 10.0) as i16);
        let pitch = self.aside / f32::from(taps);
        let ([dx, dy], aside) = (self.direction, [-self.direction[1] * pitch, self.direction[0] * pitch]);
        let begin = |tap: i16| [0, 1].map(|axis| self.start[axis] + aside[axis] * f32::from(tap));
        let tapped = |tap: i16, i: u16| {
            let ([x, y], far) = (begin(tap), f32::from(i) * step);
            [x + dx * far, y + dy * far]
        };
        let is_inside =
            |i: &u16| [-taps, taps].map(|tap| tapped(tap, *i)).iter().all(|[x, y]| picture.sample(*x, *y).is_some());
        let first = (0..count).find(is_inside).unwrap_or(count);
        let end = (first..count).rfind(is_inside).map_or(first, |last| last + 1);
        let mut sums = vec![0_u32; usize::from(end - first)];
        for tap in -taps..=taps {
            picture.add_along(&mut sums, tapped(tap, first), [dx * step, dy * step]);
        }
        let unit = 1.0 / (Picture::UNIT * f32::from(2 * taps + 1));
        #[expect(clippy::cast_precision_loss, reason = "sums are below 2^29; the last bits are beyond the grey's own")]
        let inside = sums.into_iter().map(|sum| Some(sum as f32 * unit));
        // Of what lies on the border, as much as is inside.
        let outside = |i: u16| {
            let [x, y] = tapped(0, i);
            picture.sample(x, y)?;
            let greys = (-taps..=taps).filter_map(|tap| {
                let [x, y] = tapped(tap, i);
                picture.sample(x, y)
            });
            let (sum, n) = greys.fold((0.0, 0.0), |(sum, n), grey| (sum + grey, n + 1.0));
            Some(sum / n)
        };
        (0..first).map(outside).chain(inside).chain((end..count).map(outside)).collect()
    }

    /// Every Code 128 symbol along the line, in either direction of reading.
    #[cfg(test)]
    pub(crate) fn decode(&self, picture: &Picture, least_contrast: f32) -> Vec<Found> {
        self.decoded_or_hope(&self.profile(picture), least_contrast).0
    }

    /// Every Code 128 symbol that the line's profile shows, in either direction of reading, and whether a part of one may be there.
    pub(crate) fn decoded_or_hope(&self, profile: &[Option<f32>], least_contrast: f32) -> (Vec<Found>, bool) {
        let edges = edges(profile, least_contrast);
        let found = self.decoded(&edges);
        let hope = !found.is_empty() || has_characters(&edges) || has_characters(&backwards(&edges, self.length));
        (found, hope)
    }

    /// Every Code 128 symbol that edges along the line show, in either direction of reading.
    pub(super) fn decoded(&self, edges: &[Edge]) -> Vec<Found> {
        let mut found = symbols(edges);
        found.extend(symbols(&backwards(edges, self.length)).into_iter().map(|one| Found {
            from: self.length - one.from,
            to: self.length - one.to,
            ..one
        }));
        found
    }
}

/// Edges along a line of that length as they follow each other from its end.
pub(in crate::symbol) fn backwards(edges: &[Edge], length: f32) -> Vec<Edge> {
    edges.iter().rev().map(|edge| Edge { at: length - edge.at, falls: !edge.falls }).collect()
}

/// Whether somewhere three characters of one size follow each other: hardly ever in text.
fn has_characters(edges: &[Edge]) -> bool {
    (0..edges.len()).filter(|at| edges[*at].falls).any(|at| {
        let Some(ends) = edges.get(at..at + 19) else { return false };
        let sizes: [f32; 3] = std::array::from_fn(|i| ends[6 * i + 6].at - ends[6 * i].at);
        sizes.iter().all(|size| (0.9..1.11).contains(&(size / sizes[0])))
            && [at, at + 6, at + 12].into_iter().all(|at| {
                let known = widths_at(edges, at).and_then(|widths| codewords::nearest(&widths));
                known.is_some_and(|(_, off)| off < 0.5)
            })
    })
}

/// Edges where the profile crosses half way between a local extreme and the next.
///
/// Half way between neighbours, not a threshold for the line: out of focus, thin bars never get as dark as thick ones.
pub(in crate::symbol) fn edges(profile: &[Option<f32>], least_contrast: f32) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut extremes: Vec<(usize, f32)> = Vec::new();
    let (mut low, mut high) = ((0, f32::INFINITY), (0, f32::NEG_INFINITY));
    let mut rising = None;
    for (i, value) in profile.iter().enumerate() {
        let Some(value) = *value else { continue };
        if value < low.1 {
            low = (i, value);
        }
        if value > high.1 {
            high = (i, value);
        }
        if rising != Some(false) && value < high.1 - least_contrast {
            extremes.push(high);
            (rising, low) = (Some(false), (i, value));
        } else if rising != Some(true) && value > low.1 + least_contrast {
            extremes.push(low);
            (rising, high) = (Some(true), (i, value));
        }
    }
    match rising {
        Some(true) => extremes.push(high),
        Some(false) => extremes.push(low),
        None => {}
    }
    for pair in extremes.windows(2) {
        let ((from, a), (to, b)) = (pair[0], pair[1]);
        let half = f32::midpoint(a, b);
        let falls = b < a;
        // The crossing nearest to the middle of the rise: noise near an extreme may cross early.
        let crossing = (from..to).find_map(|i| {
            let (left, right) = (profile[i]?, profile[i + 1]?);
            ((left > half) != (right > half)).then(|| {
                let part = if (right - left).abs() > 1e-3 { (half - left) / (right - left) } else { 0.5 };
                #[expect(clippy::cast_precision_loss, reason = "indexes fit in 16 bits")]
                let at = (i as f32 + part) * STEP;
                at
            })
        });
        if let Some(at) = crossing {
            edges.push(Edge { at, falls });
        }
    }
    edges
}

fn symbols(edges: &[Edge]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 13 < edges.len() {
        if let Some((one, end)) = symbol_at(edges, at) {
            found.push(one);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// The symbol whose first bar begins at edge `first`, and the edge behind its last bar.
fn symbol_at(edges: &[Edge], first: usize) -> Option<(Found, usize)> {
    if !edges[first].falls {
        return None;
    }
    let widths = widths_at(edges, first)?;
    let mut size: f32 = widths.iter().sum();
    let quiet_before =
        first.checked_sub(1).is_none_or(|before| edges[first].at - edges[before].at > QUIET * size / 11.0);
    if !quiet_before {
        return None;
    }
    let (start, growth) = codewords::start(&widths).or_else(|| {
        let starts = codewords::PATTERNS[103..].iter();
        let value = widths::likeliest(&widths.map(|width| width * 11.0 / size), None, true, &starts)?;
        Some((103 + u8::try_from(value).ok()?, 0.0))
    })?;
    let (mut codes, mut at, mut error) = (vec![start], first + 6, 0.0);
    loop {
        let widths = widths_at(edges, at)?;
        let next: f32 = widths.iter().sum();
        if !SIZES.contains(&(next / size)) {
            return None;
        }
        size = next;
        let (code, off) = character(edges, at, (codes.last().copied(), growth), size / 11.0)?;
        error += off;
        if code == codewords::STOP_CODE {
            break;
        }
        codes.push(code);
        at += 6;
    }
    let module = size / 11.0;
    let (last_begin, last_end) = (edges.get(at + 6)?, edges.get(at + 7)?);
    let last = (last_end.at - last_begin.at) / module - growth;
    let quiet_after = edges.get(at + 8).is_none_or(|after| after.at - last_end.at > QUIET * module);
    #[expect(clippy::cast_precision_loss, reason = "a line holds a few hundred codewords at most")]
    let mean_error = error / codes.len() as f32;
    (codes.len() >= 3 && (1.2..3.2).contains(&last) && quiet_after && mean_error < 0.6 && codewords::checks(&codes))
        .then(|| (Found { codes, from: edges[first].at, to: last_end.at }, at + 7))
}

/// The codeword behind an edge by its widths as a whole or, where that is not clear, by how pitch changes along them from
/// the codeword before.
fn character(edges: &[Edge], at: usize, (before, growth): (Option<u8>, f32), module: f32) -> Option<(u8, f32)> {
    let widths = widths_at(edges, at)?;
    let plain = codewords::nearest(&codewords::corrected(&widths, growth * module));
    if plain.is_some_and(|(_, off)| off < CLEAR) {
        return plain;
    }
    let grown = codewords::corrected(&widths, growth * module).map(|width| width / module);
    let last = edges[at].at - edges[at - 1].at;
    let before = before.map(|code| (last / module + growth, codewords::PATTERNS[usize::from(code)][5]));
    // Data, and the stop.
    let patterns = codewords::PATTERNS[..103].iter().chain([&codewords::STOP]);
    let likeliest = widths::likeliest(&grown, before, true, &patterns);
    let likeliest = likeliest.and_then(|value| u8::try_from(value).ok());
    let likeliest = likeliest.map(|code| if code == 103 { codewords::STOP_CODE } else { code });
    match plain {
        Some((code, _)) => plain.filter(|_| likeliest.is_none_or(|other| other == code)),
        None => likeliest.map(|code| (code, UNCLEAR)),
    }
}

fn widths_at(edges: &[Edge], at: usize) -> Option<[f32; 6]> {
    let edges = edges.get(at..at + 7)?;
    Some(std::array::from_fn(|i| edges[i + 1].at - edges[i].at))
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small pictures drawn by the tests"
)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    /// A picture of one symbol: `module` pixels a module, fractions by area.
    fn draw(codes: &[u8], module: f32, dark: f32) -> Picture {
        let mut bars = vec![(0.0, 12.0 * module)];
        let mut at = 12.0 * module;
        for width in codewords::draw(codes) {
            bars.push((at, at + f32::from(width) * module));
            at += f32::from(width) * module;
        }
        let width = (at + 12.0 * module) as u32;
        let row: Vec<u8> = (0..width)
            .map(|x| {
                let (left, right) = (x as f32, x as f32 + 1.0);
                let cover: f32 =
                    bars.iter().skip(1).step_by(2).map(|(from, to)| (right.min(*to) - left.max(*from)).max(0.0)).sum();
                (230.0 - (230.0 - dark) * cover) as u8
            })
            .collect();
        let luma = row.repeat(5);
        Frame::new(&luma, width, 5).unwrap().to_picture()
    }

    #[test]
    fn reads_both_ways_from_one_and_a_half_pixels_a_module() {
        // Start C, FNC1, 01 09 50 60 00 13 43 52, check 50: computed by `checks` below.
        let mut codes = vec![105, 102, 1, 9, 50, 60, 0, 13, 43, 52];
        let sum: u32 = codes.iter().zip(0_u32..).map(|(code, weight)| u32::from(*code) * weight.max(1)).sum();
        codes.push(u8::try_from(sum % 103).unwrap());
        for (module, dark) in [(1.5, 20.0), (2.3, 150.0), (4.0, 20.0)] {
            let picture = draw(&codes, module, dark);
            let width = picture.width() as f32;
            for (start, direction) in [([0.0, 2.0], [1.0, 0.0]), ([width - 1.01, 2.0], [-1.0, 0.0])] {
                let line = ScanLine { start, direction, length: width, aside: 1.0 };
                let found = line.decode(&picture, 12.0);
                assert_eq!(found.len(), 1, "{module} {direction:?}");
                assert_eq!(found[0].codes, codes);
                let [x, _] = line.point(found[0].from);
                assert!((x - 12.0 * module).abs() < 1.5, "{x}");
            }
        }
    }

    #[test]
    fn text_like_noise_is_no_symbol() {
        let luma: Vec<u8> = (0_u32..4000).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let picture = Frame::new(&luma, 800, 5).unwrap().to_picture();
        let line = ScanLine { start: [0.0, 2.0], direction: [1.0, 0.0], length: 800.0, aside: 1.0 };
        assert_eq!(line.decode(&picture, 12.0), []);
    }
}
