//! From three finder patterns to a grid that lies exactly: which of them is the corner, the version, the alignment
//! pattern, then everything moved until the known modules agree best with the pixels.

use super::super::frame::Picture;
use super::super::grid::Grid;
use super::super::pattern::{Pattern, refined};
use super::super::plan::dim;
use super::super::ranking::{heaviest_first, lightest_first};
use super::finder::Finder;
use super::version::Version;

/// A grid of a certain version, and how well the known modules agree (−1 … 1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub(super) grid: Grid,
    pub(super) version: Version,
    pub(super) score: f32,
}

/// Finder patterns of which threes are made.
const MOST_FINDERS: usize = 9;

/// Versions of threes whose known modules are looked at, and of those, those that are moved until they lie right.
const MOST_TIMED: usize = 10;
const MOST_ROUGH: usize = 5;

/// Alternation of the timing patterns, and agreement of a rough grid with all that is known, below which it is none; and the
/// same of versions so large that chance hardly reaches as much. Print at an angle reached 0.35, what was read had 0.65.
const LEAST_TIMING: f32 = 0.15;
const LEAST_ROUGH: f32 = 0.4;
const LEAST_OF_LARGE: (f32, f32) = (0.08, 0.2);

/// Modules on a side from which a version is large.
const LARGE: usize = 60;

/// Agreement below which a fitted grid is not decoded.
pub(super) const LEAST: f32 = 0.42;

/// Agreement from which a grid that was not decoded is bent.
pub(super) const LEAST_TO_BEND: f32 = 0.55;

/// Agreement that leaves no question of another version.
const CLEAR: f32 = 0.85;

/// Alternation and agreement below which a grid of a version is none.
fn least(version: Version) -> (f32, f32) {
    if version.side() >= LARGE { LEAST_OF_LARGE } else { (LEAST_TIMING, LEAST_ROUGH) }
}

/// The grids that finder patterns may belong to, best first.
pub(super) fn fits(picture: &Picture, finders: &[Finder]) -> Vec<Fit> {
    // What a code has between its finder patterns alternates; of that, the likeliest few are looked at as a whole.
    let mut timed: Vec<(f32, Grid, Version)> = Vec::new();
    for three in threes(&finders[..finders.len().min(MOST_FINDERS)]) {
        let measured = Measured::of(picture, three);
        for version in measured.versions() {
            let sound = measured.grids(version).into_iter().filter(Grid::is_sound);
            let best = sound.map(|grid| (timing(picture, &grid, version), grid)).max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((timing, grid)) = best.filter(|(timing, _)| *timing > least(version).0) {
                timed.push((timing, grid, version));
            }
        }
    }
    heaviest_first(&mut timed, |one| one.0);
    timed.truncate(MOST_TIMED);
    let mut rough: Vec<Fit> = timed
        .into_iter()
        .map(|(timing, grid, version)| {
            let score = Pattern::finder(&version.plan()).score(picture, &grid.map());
            Fit { grid, version, score: score + 0.5 * timing }
        })
        .filter(|fit| fit.score > least(fit.version).1)
        .collect();
    heaviest_first(&mut rough, |one| one.score);
    rough.truncate(MOST_ROUGH);
    let mut fits: Vec<Fit> = Vec::new();
    for fit in rough {
        let pattern = Pattern::finder(&fit.version.plan());
        let score = pattern.score(picture, &fit.grid.map());
        if score > CLEAR {
            return vec![Fit { score, ..fit }];
        }
        let grids = aligned(picture, fit);
        let as_they_lie = grids.iter().map(|grid| (*grid, pattern.score(picture, &grid.map())));
        if let Some((grid, score)) = as_they_lie.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|best| best.1 > CLEAR) {
            return vec![Fit { grid, score, ..fit }];
        }
        let moved = grids.into_iter().map(|grid| refined(picture, grid, &pattern, 1.0, &[0.5]));
        let Some((grid, score)) = moved.max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        if score > CLEAR {
            return vec![Fit { grid, score, ..fit }];
        }
        if score > 0.7 * LEAST {
            let mut fit = Fit { grid, score, ..fit };
            fit.settle(picture);
            fits.push(fit);
        }
    }
    heaviest_first(&mut fits, |one| one.score);
    fits
}

impl Fit {
    /// Whether it leaves no question of another version: it may be read before it lies exactly.
    pub(super) fn is_clear(&self) -> bool {
        self.score > CLEAR
    }

    /// Moves the grid until it lies exactly.
    pub(super) fn settle(&mut self, picture: &Picture) {
        let pattern = Pattern::finder(&self.version.plan());
        (self.grid, self.score) = refined(picture, self.grid, &pattern, 1.0, &[0.25, 0.12, 0.06]);
    }
}

/// Three finder patterns as they stand: in the corner, right of it, below it.
struct Three<'a> {
    corner: &'a Finder,
    right: &'a Finder,
    below: &'a Finder,
}

/// How far two arms may be from upright to each other (a cosine), and from as long as each other (a logarithm).
const MOST_ASLANT: f32 = 0.87;
const MOST_STRETCHED: f32 = 1.4;

/// The threes that may be of one code, most square first.
fn threes(finders: &[Finder]) -> Vec<Three<'_>> {
    let mut found: Vec<(f32, Three<'_>)> = Vec::new();
    for corner in finders {
        for (i, a) in finders.iter().enumerate() {
            for b in &finders[i + 1..] {
                if !std::ptr::eq(a, corner)
                    && !std::ptr::eq(b, corner)
                    && corner.may_belong_with(a)
                    && corner.may_belong_with(b)
                    && a.may_belong_with(b)
                {
                    let (u, v) = (between(corner, a), between(corner, b));
                    let (p, q) = (u[0].hypot(u[1]), v[0].hypot(v[1]));
                    let cosine = (u[0] * v[0] + u[1] * v[1]) / (p * q);
                    let stretch = (p / q).ln().abs();
                    if cosine.abs() > MOST_ASLANT || stretch > MOST_STRETCHED {
                        continue;
                    }
                    // On the screen, where y grows downward, what is right of the corner turns this way to what is below.
                    let (right, below) = if u[0] * v[1] - u[1] * v[0] > 0.0 { (a, b) } else { (b, a) };
                    let rows = [corner, a, b].map(|finder| finder.rows.min(1.0)).iter().sum::<f32>();
                    found.push((cosine.abs() + stretch - 0.5 * rows, Three { corner, right, below }));
                }
            }
        }
    }
    lightest_first(&mut found, |one| one.0);
    found.truncate(24);
    found.into_iter().map(|(_, three)| three).collect()
}

fn between(from: &Finder, to: &Finder) -> [f32; 2] {
    [to.middle[0] - from.middle[0], to.middle[1] - from.middle[1]]
}

/// Pixels a module of a pattern in a direction, between its edges there; else told by its width and height.
fn module(picture: &Picture, finder: &Finder, direction: [f32; 2]) -> f32 {
    let length = direction[0].hypot(direction[1]).max(1e-3);
    let [x, y] = direction.map(|part| part / length);
    // An ellipse as wide and as high as it is.
    let told = 1.0 / (x / finder.size).hypot(y / finder.height).max(1e-3) / 7.0;
    let reach = 6.0 * told;
    let value = |at: f32| picture.value(finder.middle[0] + x * at, finder.middle[1] + y * at);
    let one_way = |sign: f32| {
        let step = (0.2 * told).max(0.25);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
        let count = (reach / step) as u16;
        let profile: Vec<f32> = (0..=count).map(|i| value(sign * step * f32::from(i))).collect();
        let low = profile.iter().copied().fold(f32::INFINITY, f32::min);
        let high = profile.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let middle = f32::midpoint(low, high);
        let mut edges = profile.windows(2).zip(0_u16..).filter_map(|(pair, at)| {
            let crosses = (pair[0] < middle) != (pair[1] < middle);
            crosses.then(|| step * (f32::from(at) + (middle - pair[0]) / (pair[1] - pair[0])))
        });
        // Out of the dark middle, into the dark ring, out of it.
        let (_, into, out) = (edges.next()?, edges.next()?, edges.next()?);
        Some(into + out)
    };
    // Ring and outline are five and seven modules apart, however thick the print.
    match (one_way(1.0), one_way(-1.0)) {
        (Some(a), Some(b)) if (0.6..1.6).contains(&((a + b) / 12.0 / told)) => (a + b) / 12.0,
        _ => told,
    }
}

/// A three with what the pixels tell of it: modules of both arms at the corner and at their ends.
struct Measured<'a> {
    three: Three<'a>,
    /// Along the upper arm, then along the left one: pixels a module at the corner and at the other end.
    arms: [[f32; 2]; 2],
}

impl<'a> Measured<'a> {
    fn of(picture: &Picture, three: Three<'a>) -> Self {
        let arms = [three.right, three.below].map(|other| {
            let way = between(three.corner, other);
            [module(picture, three.corner, way), module(picture, other, way)]
        });
        Self { three, arms }
    }

    /// The versions that its distances speak of, the likeliest first.
    fn versions(&self) -> Vec<Version> {
        let modules = |other: &Finder, [here, there]: [f32; 2]| {
            let way = between(self.three.corner, other);
            // Seen in perspective, the modules of a line count as those of the geometric mean.
            way[0].hypot(way[1]) / (here * there).sqrt().max(0.5)
        };
        let count = f32::midpoint(modules(self.three.right, self.arms[0]), modules(self.three.below, self.arms[1]));
        let nearest = (count + 7.0 - 17.0) / 4.0;
        let reach = 1.0 + 0.08 * nearest.max(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
        let (low, high) = ((nearest - reach).round() as i32, (nearest + reach).round() as i32);
        (low..=high).filter_map(Version::of).collect()
    }

    /// Grids through the three middles: without perspective, and in the one of which the modules' sizes speak.
    fn grids(&self, version: Version) -> [Grid; 2] {
        // Along a line in perspective, lengths shrink with the square of the distance.
        let away = self.arms.map(|[here, there]| (here / there).sqrt().clamp(0.6, 1.6));
        [[1.0; 2], away].map(|away| self.three.grid(version, away))
    }
}

impl Three<'_> {
    /// A grid through the three middles; `away` tells how much further away than the corner the two others are.
    fn grid(&self, version: Version, [right, below]: [f32; 2]) -> Grid {
        let n = dim(version.side());
        let corner = |x: f32, y: f32| {
            let (s, t) = ((x - 3.5) / (n - 7.0), (y - 3.5) / (n - 7.0));
            let depth = (1.0 + s * (right - 1.0) + t * (below - 1.0)).max(0.1);
            [0, 1].map(|axis| {
                let from = self.corner.middle[axis];
                let across = right * self.right.middle[axis] - from;
                let down = below * self.below.middle[axis] - from;
                (from + s * across + t * down) / depth
            })
        };
        Grid::flat([corner(0.0, 0.0), corner(n, 0.0), corner(n, n), corner(0.0, n)])
    }
}

/// How clearly the timing patterns alternate with the period of the version (−1 … 1).
fn timing(picture: &Picture, grid: &Grid, version: Version) -> f32 {
    let (map, n) = (grid.map(), dim(version.side()));
    let one = |across: bool| {
        let (mut product, mut squares, mut last) = (0.0, 1.0_f32, None::<f32>);
        for at in 7..version.side() - 7 {
            let (along, beside) = ((dim(at) + 0.5) / n, 6.5 / n);
            let [x, y] = if across { map.point(along, beside) } else { map.point(beside, along) };
            let value = picture.value(x, y);
            if let Some(before) = last {
                let change = value - before;
                squares += change * change;
                // Even modules are dark.
                product += if at % 2 == 0 { -change } else { change };
            }
            last = Some(value);
        }
        product / ((dim(version.side()) - 15.0) * squares).sqrt()
    };
    f32::midpoint(one(true), one(false))
}

/// The grid as it is, and moved so that its last alignment pattern lies where one is seen.
fn aligned(picture: &Picture, fit: Fit) -> Vec<Grid> {
    let mut out = vec![fit.grid];
    let n = dim(fit.version.side());
    let Some(last) = fit.version.alignments().last().map(|at| dim(*at) + 0.5) else { return out };
    let map = fit.grid.map();
    let ring = |i: i8, j: i8| if i.abs().max(j.abs()) == 1 { 1.0 } else { -1.0 };
    let score = |x: f32, y: f32| {
        let (mut sy, mut yy, mut sx, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for i in -2_i8..=2 {
            for j in -2_i8..=2 {
                let [px, py] = map.point((x + f32::from(i)) / n, (y + f32::from(j)) / n);
                let (value, sign) = (picture.value(px, py), ring(i, j));
                sx += value;
                xx += value * value;
                sy += sign;
                yy += 1.0;
                xy += value * sign;
            }
        }
        let count: f32 = yy;
        let spread = (xx - sx * sx / count).max(1.0) * (yy - sy * sy / count);
        (xy - sx * sy / count) / spread.sqrt()
    };
    let reach = 3.0 + 0.08 * n;
    #[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
    let steps = (2.0 * reach) as i16;
    let mut places: Vec<(f32, f32, f32)> = (-steps..=steps)
        .flat_map(|i| (-steps..=steps).map(move |j| (0.5 * f32::from(i), 0.5 * f32::from(j))))
        .map(|(dx, dy)| (score(last + dx, last + dy) - 0.01 * dx.hypot(dy), dx, dy))
        .collect();
    heaviest_first(&mut places, |one| one.0);
    for (agreement, dx, dy) in places.into_iter().take(2) {
        if agreement > 0.45 {
            let seen = map.point((last + dx) / n, (last + dy) / n);
            out.push(through(&fit.grid, n, last, seen));
        }
    }
    out
}

/// A grid whose finder patterns stay, and whose alignment pattern moves to a point: each corner follows its pattern until
/// all of them lie right.
fn through(grid: &Grid, n: f32, last: f32, seen: [f32; 2]) -> Grid {
    let places = [(3.5, 3.5), (n - 3.5, 3.5), (last, last), (3.5, n - 3.5)];
    let before = grid.map();
    let mut targets = places.map(|(x, y)| before.point(x / n, y / n));
    targets[2] = seen;
    let mut moved = *grid;
    for _ in 0..8 {
        let map = moved.map();
        for ((corner, target), (x, y)) in moved.corners.iter_mut().zip(&targets).zip(places) {
            let at = map.point(x / n, y / n);
            *corner = [corner[0] + target[0] - at[0], corner[1] + target[1] - at[1]];
        }
    }
    if moved.is_sound() { moved } else { *grid }
}
