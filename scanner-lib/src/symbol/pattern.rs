//! Known modules held against the pixels: a grid is moved and bent until they agree best.

use super::frame::Picture;
use super::glare::Glare;
use super::grid::{Grid, Map};
use super::plan::{Plan, dim};

/// Places whose colour is known, and how much each counts: negative for dark.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Across, down (0 … 1), and how light.
    places: Vec<(f32, f32, f32)>,
    rows: usize,
    columns: usize,
    glare: Glare,
}

/// Places of a finder pattern that are looked at, about.
const MOST_PLACES: usize = 260;

/// Places that are looked at at a time.
const WIDE: usize = 16;

impl Pattern {
    /// The finder pattern with a rim of quiet zone.
    pub(super) fn finder(plan: &Plan) -> Self {
        let mut out = Self { places: Vec::new(), rows: plan.rows, columns: plan.columns, glare: Glare::NONE };
        for (at, dark) in plan.known.iter().enumerate() {
            if let Some(dark) = dark {
                out.add(at / plan.columns, at % plan.columns, if *dark { -1.0 } else { 1.0 });
            }
        }
        let (rows, columns) = (dim(plan.rows), dim(plan.columns));
        // Half as far out as the narrowest permitted quiet zone is wide.
        let (high, wide) = (0.45 / rows, 0.45 / columns);
        for row in 0..plan.rows {
            let v = (dim(row) + 0.5) / rows;
            out.places.extend([(-wide, v, 0.5), (1.0 + wide, v, 0.5)]);
        }
        for column in 0..plan.columns {
            let u = (dim(column) + 0.5) / columns;
            out.places.extend([(u, -high, 0.5), (u, 1.0 + high, 0.5)]);
        }
        // Large symbols have more than it takes to lie exactly. An odd pace keeps light and dark in turn.
        let pace = (out.places.len() / MOST_PLACES) | 1;
        if pace > 1 {
            out.places = out.places.into_iter().step_by(pace).collect();
        }
        out
    }

    /// The same, leaving out what a reflection hides.
    pub(super) fn beside(self, glare: Glare) -> Self {
        Self { glare, ..self }
    }

    /// The same, leaving out what is not seen.
    pub(super) fn in_part(mut self, is_seen: impl Fn(f32, f32) -> bool) -> Self {
        self.places.retain(|(u, v, _)| is_seen(*u, *v));
        self
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Adds one module: `light` from −1 (surely dark) to 1 (surely light).
    pub(super) fn add(&mut self, row: usize, column: usize, light: f32) {
        let (u, v) = ((dim(column) + 0.5) / dim(self.columns), (dim(row) + 0.5) / dim(self.rows));
        self.places.push((u, v, light));
    }

    /// The correlation of the pixels with what is known, by weight.
    pub(super) fn score(&self, picture: &Picture, map: &Map) -> f32 {
        let (mut weight, mut sx, mut sy, mut xx, mut yy, mut xy, mut hidden) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for places in self.places.chunks(WIDE) {
            let (mut u, mut v) = ([0.0; WIDE], [0.0; WIDE]);
            for ((u, v), place) in u.iter_mut().zip(&mut v).zip(places) {
                (*u, *v) = (place.0, place.1);
            }
            let points = map.points(&u, &v);
            for ((_, _, light), value) in places.iter().zip(picture.values(&points[0], &points[1])) {
                let (w, sign) = (light.abs(), light.signum());
                if self.glare.hides(value) {
                    hidden += w;
                    continue;
                }
                weight += w;
                sx += w * value;
                sy += w * sign;
                xx += w * value * value;
                yy += w;
                xy += w * value * sign;
            }
        }
        // Of what is mostly hidden, the rest would agree by chance.
        if weight <= hidden {
            return 0.0;
        }
        let (mx, my) = (sx / weight, sy / weight);
        let spread = (xx / weight - mx * mx).max(0.0) * (yy / weight - my * my).max(0.0);
        if spread < 1.0 { 0.0 } else { (xy / weight - mx * my) / spread.sqrt() }
    }
}

/// Moves corners and sides by ever smaller steps (in modules) as long as the pattern agrees better.
pub(super) fn refined(picture: &Picture, grid: Grid, pattern: &Pattern, sign: f32, steps: &[f32]) -> (Grid, f32) {
    moved(picture, grid, pattern, sign, steps, &MOVES)
}

/// Moves sides only: what is known does not tell where each corner lies.
pub(super) fn slid(picture: &Picture, grid: Grid, pattern: &Pattern, sign: f32, steps: &[f32]) -> (Grid, f32) {
    moved(picture, grid, pattern, sign, steps, &MOVES[..6])
}

fn moved(
    picture: &Picture,
    mut grid: Grid,
    pattern: &Pattern,
    sign: f32,
    steps: &[f32],
    moves: &[Move],
) -> (Grid, f32) {
    let mut best = sign * pattern.score(picture, &grid.map());
    for step in steps {
        for _ in 0..3 {
            let before = best;
            for group in moves {
                for direction in [1.0, -1.0] {
                    let mut moved = grid;
                    shift(&mut moved, pattern, group, step * direction);
                    let score = sign * pattern.score(picture, &moved.map());
                    if score > best {
                        (grid, best) = (moved, score);
                    }
                }
            }
            if best - before < 0.002 {
                break;
            }
        }
    }
    (grid, best)
}

/// Corners (top left, top right, bottom right, bottom left) that move together, and whether across (or down).
type Move = (&'static [usize], bool);
const MOVES: [Move; 14] = [
    (&[0, 1], false),
    (&[1, 2], true),
    (&[2, 3], false),
    (&[3, 0], true),
    (&[0, 1, 2, 3], true),
    (&[0, 1, 2, 3], false),
    (&[1], true),
    (&[1], false),
    (&[0], true),
    (&[0], false),
    (&[2], true),
    (&[2], false),
    (&[3], true),
    (&[3], false),
];

fn shift(grid: &mut Grid, pattern: &Pattern, (corners, across): &Move, modules: f32) {
    let [a, b, c, d] = grid.corners;
    for corner in *corners {
        let ((from, to), count) = match (*across, corner) {
            (true, 0 | 1) => ((a, b), pattern.columns),
            (true, _) => ((d, c), pattern.columns),
            (false, 0 | 3) => ((a, d), pattern.rows),
            (false, _) => ((b, c), pattern.rows),
        };
        for axis in 0..2 {
            grid.corners[*corner][axis] += (to[axis] - from[axis]) / dim(count) * modules;
        }
    }
}

/// Bends the grid as long as the pattern agrees better.
pub(super) fn bent(picture: &Picture, mut grid: Grid, pattern: &Pattern, sign: f32, steps: &[f32]) -> (Grid, f32) {
    let mut best = sign * pattern.score(picture, &grid.map());
    let [a, b, c, d] = grid.corners;
    let across = [0, 1].map(|i| (b[i] - a[i] + c[i] - d[i]) / (2.0 * dim(pattern.columns)));
    let down = [0, 1].map(|i| (d[i] - a[i] + c[i] - b[i]) / (2.0 * dim(pattern.rows)));
    for step in steps {
        for _ in 0..3 {
            let before = best;
            for shape in 0..grid.bend.len() {
                for way in [across, down] {
                    for direction in [1.0, -1.0] {
                        let mut moved = grid;
                        moved.bend[shape][0] += way[0] * step * direction;
                        moved.bend[shape][1] += way[1] * step * direction;
                        let score = sign * pattern.score(picture, &moved.map());
                        if score > best {
                            (grid, best) = (moved, score);
                        }
                    }
                }
            }
            let moved = refined(picture, grid, pattern, sign, &[*step]);
            if moved.1 > best {
                (grid, best) = moved;
            }
            if best - before < 0.002 {
                break;
            }
        }
    }
    (grid, best)
}
