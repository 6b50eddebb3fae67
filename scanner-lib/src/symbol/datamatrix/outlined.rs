//! Where a crumpled symbol lies, none of whose sides are straight: the four corners of its ink.

use super::super::cells;
use super::super::frame::Picture;
use super::super::grid::Grid;
use super::super::outline::area;
use super::super::plan::dim;
use super::super::ranking::heaviest_first;
use super::super::tones::Tones;
use super::fit::{crossing, unit};
use crate::ordering;

/// Cells along the shorter side of the picture in which ink is told: what lies in cells that touch belongs together. Of few
/// modules, fine cells part what light modules part.
pub(super) const CELLS: usize = 40;
pub(super) const COARSE_CELLS: usize = 24;

/// Rays that cross each side from without, and how far from the side they begin and end, as part of the length across.
const RAYS: u8 = 40;
const OUTSIDE: f32 = 0.08;
const INSIDE: f32 = 0.14;

/// How rough the solid sides are at most, as part of how rough the alternating ones are.
const SMOOTH: f32 = 0.6;

/// Pixels on a side.
const SHORTEST: f32 = 24.0;

/// The largest ink of a picture.
pub(super) struct Ink {
    threshold: u8,
    hull: Vec<[f32; 2]>,
}

impl Ink {
    pub(super) fn of(picture: &Picture, cells: usize) -> Self {
        let mut tones = Tones::default();
        tones.count(picture.luma());
        let few = tones.len() / 32;
        let [dark, light] = [few + 1, tones.len() - few].map(|count| tones.darkest(count).unwrap_or(u8::MAX));
        let threshold = dark.midpoint(light);
        Self { threshold, hull: hull(picture, threshold, cells) }
    }

    /// A quadrilateral along the four longest straight edges of its hull, clockwise on the screen, and how rough its sides are.
    pub(super) fn straight(&self, picture: &Picture) -> Option<([[f32; 2]; 4], [f32; 4])> {
        let corners = straight(&self.hull)?;
        Some((corners, self.rough(picture, &corners)?))
    }

    /// How rough the sides of a quadrilateral are that is large enough.
    fn rough(&self, picture: &Picture, corners: &[[f32; 2]; 4]) -> Option<[f32; 4]> {
        let length = |side: usize| {
            let (a, b) = (corners[side], corners[(side + 1) % 4]);
            (b[0] - a[0]).hypot(b[1] - a[1])
        };
        let is_large = (0..4).all(|side| length(side) >= SHORTEST);
        is_large.then(|| std::array::from_fn(|side| roughness(picture, self.threshold, corners, side)))
    }
}

/// The corners of the largest ink, in the order of a grid's: the two sides of it that are smooth are those of the L.
pub(super) fn corners(picture: &Picture, ink: &Ink) -> Option<[[f32; 2]; 4]> {
    let largest = largest(&ink.hull)?;
    let rough = ink.rough(picture, &largest)?;
    // The L is left and below: the third and the fourth side.
    let solid = |first: usize| rough[(first + 2) % 4] + rough[(first + 3) % 4];
    let first = (0..4).min_by(|a, b| solid(*a).total_cmp(&solid(*b)))?;
    let alternating = rough[first] + rough[(first + 1) % 4];
    if solid(first) > SMOOTH * alternating {
        return None;
    }
    let [top_left, top, right, meet] = std::array::from_fn(|corner| largest[(first + corner) % 4]);
    // The corner opposite to the L's is light.
    let beyond = [0, 1].map(|axis| top[axis] + LIGHT * (top[axis] - meet[axis]));
    Some([top_left, beyond, right, meet])
}

/// Corners of a hull of which the largest four are looked for: what is looked at goes with their cube.
const MOST_CORNERS: usize = 120;

/// Half a module of most symbols, as part of their diagonal.
const LIGHT: f32 = 0.02;

/// The convex hull of the ink that most cells touching each other have, clockwise on the screen.
fn hull(picture: &Picture, threshold: u8, cells: usize) -> Vec<[f32; 2]> {
    let (width, height) = (picture.width(), picture.height());
    let side = (width.min(height) / cells).max(2);
    let (across, down) = (width.div_ceil(side), height.div_ceil(side));
    let mut open = vec![false; across * down];
    for y in 0..height {
        for (x, grey) in picture.row(y).iter().enumerate() {
            open[y / side * across + x / side] |= *grey < threshold;
        }
    }
    let groups = cells::groups(open, |at| cells::around(at, 1, [across, down]), |_, _| true);
    let mut best = groups.into_iter().rev().max_by_key(Vec::len).unwrap_or_default();
    ordering::by_key(&mut best, |cell| *cell);
    // The corners of all dark pixels that are the first or the last of their row, in the order that the chain below relies on.
    let mut points: Vec<[usize; 2]> = Vec::new();
    for cells in best.chunk_by(|a, b| a / across == b / across) {
        let (first, last) = (cells[0] % across * side, (cells[cells.len() - 1] % across + 1) * side);
        let rows = cells[0] / across * side;
        for y in rows..(rows + side).min(height) {
            let row = &picture.row(y)[first..last.min(width)];
            let is_dark = |grey: &u8| *grey < threshold;
            if let (Some(from), Some(to)) = (row.iter().position(is_dark), row.iter().rposition(is_dark)) {
                for y in [y, y + 1] {
                    points.extend([first + from, first + to + 1].map(|x| [x, y]));
                }
            }
        }
    }
    ordering::by_key(&mut points, |[x, y]| (*y, *x));
    points.dedup();
    // Andrew's monotone chain; from rows downward, each half turns one way.
    let mut chain: Vec<[f32; 2]> = Vec::new();
    for is_back in [false, true] {
        let begun = chain.len();
        for at in 0..points.len() {
            let point = points[if is_back { points.len() - 1 - at } else { at }].map(dim);
            while let [.., a, b] = chain[begun..]
                && (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
    }
    // Pixels lie around their middles.
    chain.into_iter().map(|corner| corner.map(|at| at - 0.5)).collect()
}

/// The largest quadrilateral of a hull's corners.
fn largest(hull: &[[f32; 2]]) -> Option<[[f32; 2]; 4]> {
    if hull.len() > MOST_CORNERS {
        return None;
    }
    let mut best = (0.0, None);
    for i in 0..hull.len() {
        for j in i + 2..hull.len() {
            let away = |k: usize| {
                let (from, to, at) = (hull[i], hull[j], hull[k % hull.len()]);
                ((to[0] - from[0]) * (at[1] - from[1]) - (to[1] - from[1]) * (at[0] - from[0])).abs()
            };
            let furthest = |range: std::ops::Range<usize>| range.max_by(|a, b| away(*a).total_cmp(&away(*b)));
            if let (Some(one), Some(other)) = (furthest(i + 1..j), furthest(j + 1..i + hull.len())) {
                let four = [hull[i], hull[one], hull[j], hull[other % hull.len()]];
                let size = area(&four);
                if size > best.0 {
                    best = (size, Some(four));
                }
            }
        }
    }
    best.1
}

/// Pixels that a hull's corners lie off a straight edge, at most; and how little two sides turn, as the cosine.
const OFF: f32 = 1.0;
const TURN: f32 = 0.8;

/// The quadrilateral along the four longest straight edges of a hull.
fn straight(hull: &[[f32; 2]]) -> Option<[[f32; 2]; 4]> {
    if hull.len() > MOST_CORNERS {
        return None;
    }
    let at = |corner: usize| hull[corner % hull.len()];
    let mut runs: Vec<(f32, usize, [[f32; 2]; 2])> = Vec::new();
    for i in 0..hull.len() {
        for j in i + 1..i + hull.len() {
            let (from, to) = (at(i), at(j));
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let length = dx.hypot(dy);
            let off = |corner: usize| (dx * (at(corner)[1] - from[1]) - dy * (at(corner)[0] - from[0])).abs();
            if (i + 1..j).any(|corner| off(corner) > OFF * length) {
                break;
            }
            runs.push((length, i, [from, to]));
        }
    }
    heaviest_first(&mut runs, |run| run.0);
    let mut sides: Vec<(usize, [[f32; 2]; 2])> = Vec::new();
    for (_, first, side) in runs {
        let along = unit(side[0], side[1]);
        let turns = |other: &[[f32; 2]; 2]| {
            let other = unit(other[0], other[1]);
            along[0] * other[0] + along[1] * other[1] < TURN
        };
        if sides.iter().all(|(_, other)| turns(other)) {
            sides.push((first, side));
        }
    }
    sides.truncate(4);
    ordering::by_key(&mut sides, |(first, _)| *first);
    let [(_, a), (_, b), (_, c), (_, d)] = sides[..] else { return None };
    let corners = [crossing(&d, &a)?, crossing(&a, &b)?, crossing(&b, &c)?, crossing(&c, &d)?];
    Grid::flat(corners).is_sound().then_some(corners)
}

/// How much further or nearer the ink begins from one ray to the next, along a side, in all.
fn roughness(picture: &Picture, threshold: u8, corners: &[[f32; 2]; 4], side: usize) -> f32 {
    let [left, right, below, under]: [[f32; 2]; 4] = std::array::from_fn(|corner| corners[(side + corner) % 4]);
    let between =
        |from: [f32; 2], to: [f32; 2], part: f32| [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
    let length = (under[0] - left[0]).hypot(under[1] - left[1]);
    let mut before = None;
    let mut sum = 0.0;
    for ray in 0..RAYS {
        let part = (f32::from(ray) + 0.5) / f32::from(RAYS);
        let (from, to) = (between(left, right, part), between(under, below, part));
        let mut deep = -OUTSIDE;
        while deep < INSIDE {
            let [x, y] = between(from, to, deep);
            if picture.nearest(x, y) < f32::from(threshold) {
                break;
            }
            deep += 0.7 / length;
        }
        sum += before.map_or(0.0, |before: f32| (deep - before).abs());
        before = Some(deep);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn the_smooth_sides_are_left_and_below_wherever_they_lie() {
        let (luma, width, height) = testing::picture(4);
        let picture = Frame::new(&luma, width, height).expect("a frame").to_picture();
        let is_near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 4.0;
        let all = [[79.5, 59.5], [143.5, 59.5], [143.5, 123.5], [79.5, 123.5]];
        let found = corners(&picture, &Ink::of(&picture, CELLS)).expect("a symbol");
        assert!((0..4).all(|corner| is_near(found[corner], all[corner])), "{found:?}");
        // Upside down the L is above and on the right.
        let turned: Vec<u8> = luma.iter().rev().copied().collect();
        let picture = Frame::new(&turned, width, height).expect("a frame").to_picture();
        let found = corners(&picture, &Ink::of(&picture, CELLS)).expect("a symbol");
        let beyond = [239.0, 199.0];
        let is_turned = |corner: usize| is_near(found[corner], [0, 1].map(|axis| beyond[axis] - all[corner][axis]));
        assert!((0..4).all(is_turned), "{found:?}");
    }

    #[test]
    fn what_is_as_rough_on_all_sides_is_no_symbol() {
        let luma: Vec<u8> = (0..160_u32 * 160)
            .map(|at| {
                let (x, y) = (at % 160, at / 160);
                let is_ink = (40..120).contains(&x) && (40..120).contains(&y) && (x / 5 + y / 5) % 2 == 0;
                if is_ink { 40 } else { 210 }
            })
            .collect();
        let picture = Frame::new(&luma, 160, 160).expect("a frame").to_picture();
        assert_eq!(corners(&picture, &Ink::of(&picture, CELLS)), None);
        let blank = Frame::new(&[200; 100 * 100], 100, 100).expect("a frame").to_picture();
        assert_eq!(corners(&blank, &Ink::of(&blank, CELLS)), None);
    }
}
