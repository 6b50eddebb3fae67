//! Straight edges in a small picture: what the finder patterns of matrix symbols are made of.
//!
//! A Hough transform in which every edge pixel votes only near its own direction, and edges keep their sign (which side
//! is lighter). It sees through noise and blur that would tear a traced contour apart.

mod edges;
mod votes;

use std::ops::Range;

use super::frame::Picture;
use super::glare::Glare;
use super::ranking;
use edges::{Edge, edges};
use votes::Votes;

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

/// The longest edges, at most so many, each at least `shortest` pixels.
pub(super) fn segments(picture: &Picture, shortest: f32, most: usize) -> Vec<Segment> {
    let edges = edges(picture);
    if edges.is_empty() {
        return Vec::new();
    }
    let edges = &mut Edges::of(&edges);
    let mut votes = Votes::of(picture, edges);
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
        votes.withdraw(&edges.take(*at));
    }
    let length = run.to - run.from;
    if length < shortest {
        return None;
    }
    let [nx, ny] = line.normal;
    let point = |along: f32| [nx * line.offset - ny * along, ny * line.offset + nx * along];
    Some(Segment { from: point(run.from), to: point(run.to), lighter: line.normal, coverage: run.coverage })
}

/// Edge pixels, ordered by direction: those of one direction lie side by side, and a line looks at few directions only.
struct Edges {
    /// Where they lie; not a number once a line has taken them.
    x: Vec<f32>,
    y: Vec<f32>,
    /// Where each direction begins, and the last one ends.
    begins: [usize; TURNS + 1],
}

/// Directions to either side in which a line's own pixels may face.
const FACING: usize = 8;

impl Edges {
    fn of(found: &[Edge]) -> Self {
        let mut begins = [0; TURNS + 1];
        for edge in found {
            begins[usize::from(edge.turn) + 1] += 1;
        }
        for turn in 0..TURNS {
            begins[turn + 1] += begins[turn];
        }
        let (mut x, mut y, mut next) = (vec![0.0; found.len()], vec![0.0; found.len()], begins);
        for edge in found {
            let place = &mut next[usize::from(edge.turn)];
            (x[*place], y[*place]) = (edge.x, edge.y);
            *place += 1;
        }
        Self { x, y, begins }
    }

    /// Where those lie that face about one way, at most so many directions aside.
    fn facing(&self, turn: usize, aside: usize) -> impl Iterator<Item = Range<usize>> {
        let (first, last) = ((turn + TURNS - aside) % TURNS, (turn + aside) % TURNS);
        let (from, to) = (self.begins[first], self.begins[last + 1]);
        // Two parts where the circle closes among them.
        if first <= last { [from..to, 0..0] } else { [from..self.x.len(), 0..to] }.into_iter()
    }

    /// One that belongs to a line now, and is out of the way of others.
    fn take(&mut self, at: usize) -> Edge {
        let turn = self.begins.partition_point(|begin| *begin <= at) - 1;
        let x = std::mem::replace(&mut self.x[at], f32::NAN);
        Edge { x, y: self.y[at], turn: u8::try_from(turn).unwrap_or(0) }
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
        let (mut along, mut is_near): (Vec<(f32, usize)>, Vec<u8>) = (Vec::new(), Vec::new());
        for range in edges.facing(turn, FACING) {
            let (x, y) = (&edges.x[range.clone()], &edges.y[range.clone()]);
            // Hardly any is near: first of all of them, then eight at a time.
            is_near.clear();
            is_near.extend(x.iter().zip(y).map(|(x, y)| u8::from((x * nx + y * ny - self.offset).abs() < near)));
            is_near.resize(x.len().next_multiple_of(8), 0);
            for (eight, first) in is_near.as_chunks::<8>().0.iter().zip((0..).step_by(8)) {
                if u64::from_ne_bytes(*eight) != 0 {
                    let members = (first..).zip(eight).filter(|(_, is_near)| **is_near == 1);
                    along.extend(members.map(|(at, _)| (y[at] * nx - x[at] * ny, range.start + at)));
                }
            }
        }
        ranking::sort(&mut along);
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
            mx += edges.x[*at] / count;
            my += edges.y[*at] / count;
        }
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for at in members {
            let (dx, dy) = (edges.x[*at] - mx, edges.y[*at] - my);
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
