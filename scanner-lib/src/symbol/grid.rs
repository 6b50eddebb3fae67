//! A module grid laid over a picture: four corners seen in perspective, and a smooth bend for packs that are not flat.

/// From the unit square (u to the right, v down as the symbol stands) into the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// Top left, top right, bottom right, bottom left.
    pub(super) corners: [[f32; 2]; 4],
    /// Pixels of displacement for each of [`BENDS`] shapes, none of which moves the corners.
    pub(super) bend: [[f32; 2]; BENDS],
}

/// Shapes of bending: along each axis of second and third order, alike or tilting across.
pub(super) const BENDS: usize = 8;

/// The projective map of a grid, made once for many points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    h: [f32; 8],
    bend: Option<[[f32; 2]; BENDS]>,
}

impl Grid {
    pub(super) fn flat(corners: [[f32; 2]; 4]) -> Self {
        Self { corners, bend: [[0.0; 2]; BENDS] }
    }

    /// The homography through the four corners (Heckbert 1989, 2.2.3).
    pub(super) fn map(&self) -> Map {
        let [p0, p1, p2, p3] = self.corners;
        let sum = [p0[0] - p1[0] + p2[0] - p3[0], p0[1] - p1[1] + p2[1] - p3[1]];
        let (d1, d2) = ([p1[0] - p2[0], p1[1] - p2[1]], [p3[0] - p2[0], p3[1] - p2[1]]);
        let determinant = d1[0] * d2[1] - d2[0] * d1[1];
        let safe = if determinant.abs() < 1e-6 { 1e-6 } else { determinant };
        let g = (sum[0] * d2[1] - d2[0] * sum[1]) / safe;
        let h = (d1[0] * sum[1] - sum[0] * d1[1]) / safe;
        let h = [
            p1[0] - p0[0] + g * p1[0],
            p3[0] - p0[0] + h * p3[0],
            p0[0],
            p1[1] - p0[1] + g * p1[1],
            p3[1] - p0[1] + h * p3[1],
            p0[1],
            g,
            h,
        ];
        let bent = self.bend.iter().flatten().any(|value| *value != 0.0);
        Map { h, bend: bent.then_some(self.bend) }
    }

    /// Mean side lengths: across and down.
    pub(super) fn sides(&self) -> (f32, f32) {
        let [a, b, c, d] = self.corners;
        let length = |p: [f32; 2], q: [f32; 2]| (p[0] - q[0]).hypot(p[1] - q[1]);
        (length(a, b).midpoint(length(d, c)), length(a, d).midpoint(length(b, c)))
    }

    /// Whether the corners are those of a convex shape that a symbol can have, seen at all sensibly.
    pub(super) fn is_sound(&self) -> bool {
        let turns: [f32; 4] = std::array::from_fn(|i| {
            let (a, b, c) = (self.corners[i], self.corners[(i + 1) % 4], self.corners[(i + 2) % 4]);
            (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        });
        let all_finite = self.corners.iter().flatten().all(|value| value.is_finite());
        all_finite && (turns.iter().all(|turn| *turn > 4.0) || turns.iter().all(|turn| *turn < -4.0))
    }

    /// The same grid read with rows for columns: what a mirrored symbol needs.
    pub(super) fn transposed(&self) -> Self {
        let [a, b, c, d] = self.corners;
        // u and v change places, so that the L stays left and below: reflect at the other diagonal.
        let mut bend = self.bend;
        for (at, [x, y]) in self.bend.into_iter().enumerate() {
            let other = at ^ 1;
            let odd = at / 2 == 1 || at / 2 == 2;
            bend[other] = if odd { [-x, -y] } else { [x, y] };
        }
        Self { corners: [c, b, a, d], bend }
    }
}

impl Map {
    /// Many of [`point`](Self::point), by their u and v; gives their x and y.
    pub(super) fn points<const N: usize>(&self, u: &[f32; N], v: &[f32; N]) -> [[f32; N]; 2] {
        let mut at = [[0.0; N]; 2];
        let [x, y] = &mut at;
        for (((x, y), u), v) in x.iter_mut().zip(y).zip(u).zip(v) {
            [*x, *y] = self.point(*u, *v);
        }
        at
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a call it cannot be made wide instructions of in `points`")]
    #[expect(clippy::many_single_char_names, reason = "the eight coefficients of a homography")]
    pub(super) fn point(&self, u: f32, v: f32) -> [f32; 2] {
        let [a, b, c, d, e, f, g, h] = self.h;
        let w = 1.0 / (g * u + h * v + 1.0).max(0.05);
        let mut at = [(a * u + b * v + c) * w, (d * u + e * v + f) * w];
        if let Some(bend) = &self.bend {
            for (shape, [x, y]) in shapes(u, v).into_iter().zip(bend) {
                at[0] += shape * x;
                at[1] += shape * y;
            }
        }
        at
    }
}

/// Bumps that vanish at the corners; even places bend with u, odd ones with v.
#[expect(clippy::many_single_char_names, reason = "coordinates on the symbol")]
fn shapes(u: f32, v: f32) -> [f32; BENDS] {
    let (u, v) = (u.clamp(-0.1, 1.1), v.clamp(-0.1, 1.1));
    let (s, t) = (4.0 * u * (1.0 - u), 4.0 * v * (1.0 - v));
    let (p, q) = (1.0 - 2.0 * u, 1.0 - 2.0 * v);
    [s, t, s * p, t * q, s * q, t * p, s * p * q, t * q * p]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_map_to_themselves_in_perspective_and_bent() {
        let corners = [[10.0, 12.0], [90.0, 5.0], [100.0, 80.0], [20.0, 60.0]];
        let mut grid = Grid::flat(corners);
        for bend in [0.0, 3.0] {
            grid.bend[0] = [bend, bend];
            let map = grid.map();
            for ((u, v), corner) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].into_iter().zip(corners) {
                let [x, y] = map.point(u, v);
                assert!((x - corner[0]).abs() < 1e-3 && (y - corner[1]).abs() < 1e-3, "{u} {v}: {x} {y}");
            }
        }
        let [x, y] = grid.map().point(0.5, 0.0);
        let [fx, fy] = Grid::flat(corners).map().point(0.5, 0.0);
        assert!((x - fx - 3.0).abs() < 1e-3 && (y - fy - 3.0).abs() < 1e-3);
        assert!(grid.is_sound());
    }
}
