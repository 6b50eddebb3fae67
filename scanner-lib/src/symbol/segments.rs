//! Straight edges in a small picture: what the finder patterns of matrix symbols are made of.
//!
//! A Hough transform in which every edge pixel votes only near its own direction, and edges keep their sign (which side
//! is lighter). It sees through noise and blur that would tear a traced contour apart.

use std::f32::consts::TAU;

use super::frame::Picture;
use super::glare::Glare;

/// Directions around the full circle.
const TURNS: usize = 128;

/// Pixels a bin of distance.
const BIN: f32 = 1.5;

/// A straight edge between dark and light.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    /// Unit vector towards the lighter side.
    pub(super) lighter: [f32; 2],
    /// Part of its length that has an edge.
    pub(super) coverage: f32,
}

#[cfg(test)]
impl Segment {
    fn length(&self) -> f32 {
        (self.to[0] - self.from[0]).hypot(self.to[1] - self.from[1])
    }
}

/// An edge pixel: place, direction towards light.
#[derive(Clone, Copy, Debug)]
struct Edge {
    x: f32,
    y: f32,
    turn: u8,
    used: bool,
}

/// The longest edges, at most so many, each at least `shortest` pixels.
pub(super) fn segments(picture: &Picture, shortest: f32, most: usize) -> Vec<Segment> {
    let edges = edges(picture);
    if edges.is_empty() {
        return Vec::new();
    }
    let mut votes = Votes::new(picture);
    for edge in &edges {
        votes.cast(edge, 1);
    }
    let edges = &mut Edges::of(edges);
    let mut found = Vec::new();
    for _ in 0..2 * most {
        if found.len() >= most {
            break;
        }
        let Some((turn, distance, height)) = votes.highest() else { break };
        // A line through n pixels gets about n votes; half of them missing still makes a border of alternating modules.
        if f32::from(height) < 0.35 * shortest {
            break;
        }
        match gather(picture, edges, &mut votes, turn, distance, shortest) {
            Some(segment) => found.push(segment),
            None => votes.forget(turn, distance),
        }
    }
    found
}

/// Pixels where the grey changes most along its own direction of change.
fn edges(picture: &Picture) -> Vec<Edge> {
    let (width, height) = (picture.width(), picture.height());
    if width < 5 || height < 5 {
        return Vec::new();
    }
    let changes = Changes::of(picture);
    let least = changes.threshold();
    let mut edges = Vec::new();
    for y in 2..height - 2 {
        let row = y * width;
        for (x, size) in changes.strength[row + 2..row + width - 2].iter().enumerate() {
            if *size < least {
                continue;
            }
            let (x, at) = (x + 2, row + x + 2);
            let (dx, dy) = (changes.across[at], changes.down[at]);
            let (across, along) = (dx.unsigned_abs(), dy.unsigned_abs());
            let step = if across > 2 * along {
                1
            } else if along > 2 * across {
                width
            } else if (dx > 0) == (dy > 0) {
                width + 1
            } else {
                width - 1
            };
            if *size < changes.strength[at - step] || *size <= changes.strength[at + step] {
                continue;
            }
            let angle = angle(f32::from(dx), f32::from(dy));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "0 … 128; positions are small"
            )]
            let (turn, x, y) = ((angle / TAU * TURNS as f32 + 0.5) as usize % TURNS, x as f32, y as f32);
            edges.push(Edge { x, y, turn: u8::try_from(turn).unwrap_or(0), used: false });
        }
    }
    // Those of one direction side by side: a line looks at few directions only.
    edges.sort_by_key(|edge| edge.turn);
    edges
}

/// The direction of a vector, 0 … 2π, to a hundredth of a radian: a bin holds five.
fn angle(x: f32, y: f32) -> f32 {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    let (a, b) = (x.abs(), y.abs());
    let part = a.min(b) / a.max(b).max(1e-6);
    // Within 0.0038 of the arc tangent (Rajan and others 2006).
    let near = part * (FRAC_PI_4 + 0.273 * (1.0 - part));
    let first = if b > a { FRAC_PI_2 - near } else { near };
    let upper = if x < 0.0 { PI - first } else { first };
    if y < 0.0 { TAU - upper } else { upper }
}

/// How much the grey changes across and down at each pixel (Scharr's weights), and both together.
struct Changes {
    across: Vec<i16>,
    down: Vec<i16>,
    strength: Vec<i16>,
}

impl Changes {
    fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let none = vec![0_i16; width * height];
        let mut out = Self { across: none.clone(), down: none.clone(), strength: none };
        let (mut smooth, mut steep) = (vec![0_i16; width], vec![0_i16; width]);
        for y in 1..height - 1 {
            let rows = picture.row(y - 1).iter().zip(picture.row(y)).zip(picture.row(y + 1));
            for ((smooth, steep), ((a, b), c)) in smooth.iter_mut().zip(&mut steep).zip(rows) {
                let (a, b, c) = (i16::from(*a), i16::from(*b), i16::from(*c));
                *smooth = 3 * (a + c) + 10 * b;
                *steep = c - a;
            }
            let inner = y * width + 1..(y + 1) * width - 1;
            for ((across, a), b) in out.across[inner.clone()].iter_mut().zip(&smooth).zip(&smooth[2..]) {
                *across = b - a;
            }
            let three = steep.iter().zip(&steep[1..]).zip(&steep[2..]);
            for (down, ((a, b), c)) in out.down[inner.clone()].iter_mut().zip(three) {
                *down = 3 * (a + c) + 10 * b;
            }
            let both = out.across[inner.clone()].iter().zip(&out.down[inner.clone()]);
            for (strength, (across, down)) in out.strength[inner].iter_mut().zip(both) {
                *strength = across.abs() + down.abs();
            }
        }
        out
    }

    /// A third of what the strongest few in a hundred have.
    fn threshold(&self) -> i16 {
        let mut histogram = [0_u32; 512];
        for strength in &self.strength {
            histogram[usize::from(strength.unsigned_abs() / 16) & 511] += 1;
        }
        threshold(&histogram)
    }
}

/// A third of what the strongest few in a hundred have.
fn threshold(histogram: &[u32; 512]) -> i16 {
    let total: u32 = histogram.iter().sum();
    let mut left = total / 25;
    for (at, count) in histogram.iter().enumerate().rev() {
        if *count > left {
            return i16::try_from(at * 16 / 3).unwrap_or(0).max(24);
        }
        left -= count;
    }
    24
}

struct Votes {
    /// By direction, then distance.
    counts: Vec<i16>,
    bins: usize,
    middle: [f32; 2],
    directions: Vec<[f32; 2]>,
    /// The highest count of each direction; `None` where it must be looked for again.
    highest: [Option<i16>; TURNS],
}

impl Votes {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small sizes"
    )]
    fn new(picture: &Picture) -> Self {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let bins = (width.hypot(height) / BIN) as usize + 4;
        let directions = (0..TURNS)
            .map(|turn| {
                let (sin, cos) = (turn as f32 * TAU / TURNS as f32).sin_cos();
                [cos, sin]
            })
            .collect();
        let middle = [width / 2.0, height / 2.0];
        Self { counts: vec![0; TURNS * bins], bins, middle, directions, highest: [None; TURNS] }
    }

    #[expect(clippy::cast_precision_loss, reason = "small sizes")]
    fn distance(&self, turn: usize, x: f32, y: f32) -> f32 {
        let [dx, dy] = self.directions[turn];
        ((x - self.middle[0]) * dx + (y - self.middle[1]) * dy) / BIN + self.bins as f32 / 2.0
    }

    /// Adds (1) or takes away (−1) a pixel's votes.
    fn cast(&mut self, edge: &Edge, sign: i16) {
        for off in 0..7 {
            let turn = (usize::from(edge.turn) + TURNS + off - 3) % TURNS;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "inside by construction, checked"
            )]
            let bin = self.distance(turn, edge.x, edge.y) as usize;
            self.highest[turn] = None;
            if let Some(count) = self.counts.get_mut(turn * self.bins + bin.min(self.bins - 1)) {
                *count = count.saturating_add(sign);
            }
        }
    }

    fn row(&self, turn: usize) -> &[i16] {
        &self.counts[turn * self.bins..][..self.bins]
    }

    /// Direction, distance and count of the line with the most votes.
    fn highest(&mut self) -> Option<(usize, usize, i16)> {
        let mut best = (0, i16::MIN);
        for turn in 0..TURNS {
            let high = self.highest[turn].unwrap_or_else(|| self.row(turn).iter().copied().fold(0, i16::max));
            self.highest[turn] = Some(high);
            if high > best.1 {
                best = (turn, high);
            }
        }
        let (turn, height) = best;
        let bin = self.row(turn).iter().position(|count| *count == height)?;
        Some((turn, bin, height))
    }

    fn forget(&mut self, turn: usize, bin: usize) {
        self.counts[turn * self.bins + bin] = 0;
        self.highest[turn] = None;
    }
}

/// The longest run of pixels along one line, made exact; its pixels vote no more.
fn gather(
    picture: &Picture,
    edges: &mut Edges,
    votes: &mut Votes,
    turn: usize,
    bin: usize,
    shortest: f32,
) -> Option<Segment> {
    let [nx, ny] = votes.directions[turn];
    #[expect(clippy::cast_precision_loss, reason = "small sizes")]
    let offset = (bin as f32 + 0.5 - votes.bins as f32 / 2.0) * BIN;
    let mut line = Line { normal: [nx, ny], offset: offset + votes.middle[0] * nx + votes.middle[1] * ny };
    let mut run = line.run(picture, edges, turn, 2.5, shortest)?;
    for _ in 0..2 {
        line = line.through(edges, &run.members);
        run = line.run(picture, edges, turn, 1.8, shortest).unwrap_or(run);
    }
    line = line.through(edges, &run.members);
    for at in &run.members {
        if !std::mem::replace(&mut edges.all[*at].used, true) {
            votes.cast(&edges.all[*at], -1);
        }
    }
    let length = run.to - run.from;
    if length < shortest {
        return None;
    }
    let [nx, ny] = line.normal;
    let point = |along: f32| [nx * line.offset - ny * along, ny * line.offset + nx * along];
    Some(Segment { from: point(run.from), to: point(run.to), lighter: line.normal, coverage: run.coverage })
}

/// Edge pixels, ordered by direction.
struct Edges {
    all: Vec<Edge>,
    /// Where each direction begins, and the last one ends.
    begins: [usize; TURNS + 1],
}

/// Directions to either side in which a line's own pixels may face.
const FACING: usize = 8;

impl Edges {
    fn of(all: Vec<Edge>) -> Self {
        let begins = std::array::from_fn(|turn| all.partition_point(|edge| usize::from(edge.turn) < turn));
        Self { all, begins }
    }

    /// Those that face about one way, with their places.
    fn facing(&self, turn: usize) -> impl Iterator<Item = (usize, &Edge)> {
        (0..=2 * FACING).flat_map(move |off| {
            let turn = (turn + TURNS + off - FACING) % TURNS;
            let range = self.begins[turn]..self.begins[turn + 1];
            range.clone().zip(&self.all[range])
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Line {
    normal: [f32; 2],
    offset: f32,
}

struct Run {
    members: Vec<usize>,
    from: f32,
    to: f32,
    coverage: f32,
}

impl Line {
    /// The longest stretch of edge pixels near the line that face its way, over gaps of a few pixels, and over what a
    /// reflection hides.
    fn run(&self, picture: &Picture, edges: &Edges, turn: usize, near: f32, shortest: f32) -> Option<Run> {
        let [nx, ny] = self.normal;
        let mut along: Vec<(f32, usize)> = edges
            .facing(turn)
            .filter(|(_, edge)| !edge.used && (edge.x * nx + edge.y * ny - self.offset).abs() < near)
            .map(|(at, edge)| (edge.y * nx - edge.x * ny, at))
            .collect();
        along.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let gap = (0.12 * shortest).max(7.0);
        let (mut best, mut start) = ((0.0, 0..0), 0);
        for i in 1..=along.len() {
            if let Some((next, _)) = along.get(i) {
                let (last, first) = (along[i - 1].0, along[start].0);
                let known = (last - first).max(shortest);
                if next - last <= gap.max(0.12 * (last - first))
                    || next - last < 1.5 * known && self.is_hidden(picture, last, *next)
                {
                    continue;
                }
            }
            let length = along[i - 1].0 - along[start].0;
            if length > best.0 {
                best = (length, start..i);
            }
            start = i;
        }
        let range = best.1;
        if range.len() < 4 {
            return None;
        }
        let run = &along[range];
        let (from, to) = (run[0].0, run[run.len() - 1].0);
        let mut filled = 1.0_f32;
        for pair in run.windows(2) {
            filled += (pair[1].0 - pair[0].0).min(1.5);
        }
        let coverage = (filled / (to - from + 1.0)).min(1.0);
        Some(Run { members: run.iter().map(|(_, at)| *at).collect(), from, to, coverage })
    }

    /// Whether a reflection hides the line between two places, with paper beside it that is not white before.
    fn is_hidden(&self, picture: &Picture, from: f32, to: f32) -> bool {
        const PLACES: u8 = 8;
        let [nx, ny] = self.normal;
        let at = |along: f32, out: f32| {
            let away = self.offset + out;
            picture.nearest(nx * away - ny * along, ny * away + nx * along)
        };
        let glare = Glare::over(at(from - 6.0, 3.0));
        // The rim of a reflection is soft.
        let (from, to) = (from + 3.0, to - 3.0);
        to > from
            && (0..PLACES).all(|i| {
                let along = from + (to - from) * (f32::from(i) + 0.5) / f32::from(PLACES);
                glare.hides(at(along, -1.0)) && glare.hides(at(along, 1.0))
            })
    }

    /// The line that lies best among some pixels.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn through(&self, edges: &Edges, members: &[usize]) -> Self {
        let count = members.len() as f32;
        let (mut mx, mut my) = (0.0, 0.0);
        for at in members {
            mx += edges.all[*at].x / count;
            my += edges.all[*at].y / count;
        }
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for at in members {
            let (dx, dy) = (edges.all[*at].x - mx, edges.all[*at].y - my);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        // The direction of least spread, on the side of the old normal.
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy) + std::f32::consts::FRAC_PI_2;
        let (sin, cos) = angle.sin_cos();
        let sign = if cos * self.normal[0] + sin * self.normal[1] < 0.0 { -1.0 } else { 1.0 };
        let normal = [cos * sign, sin * sign];
        Self { normal, offset: mx * normal[0] + my * normal[1] }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "small pictures drawn by the tests")]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn directions_are_told_to_a_hundredth() {
        for degrees in 0..360_u16 {
            let wanted = f32::from(degrees).to_radians();
            let told = angle(20.0 * wanted.cos(), 20.0 * wanted.sin());
            let apart = (told - wanted).abs();
            assert!(apart.min(TAU - apart) < 0.01, "{degrees}: {told}");
        }
    }

    #[test]
    fn the_sides_of_a_turned_square_are_four_edges_that_face_outward() {
        let (sin, cos) = 0.3_f32.sin_cos();
        let luma: Vec<u8> = (0..100 * 100)
            .map(|i| {
                let (x, y) = ((i % 100) as f32 - 50.0, (i / 100) as f32 - 50.0);
                let (a, b) = (x * cos + y * sin, y * cos - x * sin);
                if a.abs() < 25.0 && b.abs() < 25.0 { 40 } else { 200 }
            })
            .collect();
        let found = segments(&Frame::new(&luma, 100, 100).unwrap().to_picture().smoothed(), 20.0, 18);
        assert!(found.len() >= 4, "{found:?}");
        for side in &found[..4] {
            assert!((side.length() - 50.0).abs() < 5.0, "{side:?}");
            assert!(side.coverage > 0.8);
            let middle =
                [f32::midpoint(side.from[0], side.to[0]) - 50.0, f32::midpoint(side.from[1], side.to[1]) - 50.0];
            let out = middle[0] * side.lighter[0] + middle[1] * side.lighter[1];
            assert!((out - 25.0).abs() < 1.0, "{side:?}");
        }
    }

    #[test]
    fn an_even_picture_has_no_edges() {
        assert!(segments(&Frame::new(&[90; 400], 20, 20).unwrap().to_picture(), 10.0, 18).is_empty());
    }
}
