//! Quadrilaterals around symbols: what lies within.

use std::ops::Range;

#[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
pub(super) fn dim(pixels: usize) -> f32 {
    pixels as f32
}

/// Whether a point lies in a convex quadrilateral or within `margin` of one of its sides.
pub(super) fn near(corners: &[[f32; 2]; 4], point: [f32; 2], margin: f32) -> bool {
    Outline::of(corners).0.iter().all(|[a, b, c]| a * point[0] + b * point[1] + c >= -margin)
}

/// The sides of a convex quadrilateral: how far inside of each a point lies is `a x + b y + c`.
pub(super) struct Outline([[f32; 3]; 4]);

impl Outline {
    pub(super) fn of(corners: &[[f32; 2]; 4]) -> Self {
        let turning = area(corners).signum();
        Self(std::array::from_fn(|side| {
            let (from, to) = (corners[side], corners[(side + 1) % 4]);
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let unit = turning / dx.hypot(dy).max(1e-3);
            [-dy * unit, dx * unit, (dy * from[0] - dx * from[1]) * unit]
        }))
    }

    /// The pixels of a row, out of some, that lie inside or within `margin` of a side.
    pub(super) fn row(&self, y: f32, margin: f32, within: Range<usize>) -> Range<usize> {
        let (mut from, mut to) = (dim(within.start), dim(within.end) - 1.0);
        for [a, b, c] in self.0 {
            let rest = b * y + c + margin;
            // Where `a x + rest` is not negative.
            if a > 1e-6 {
                from = from.max(-rest / a);
            } else if a < -1e-6 {
                to = to.min(-rest / a);
            } else if rest.is_nan() || rest < 0.0 {
                return within.start..within.start;
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the row, and not negative")]
        let (from, to) = (from.ceil() as usize, to.floor().max(-1.0) as isize);
        let end = usize::try_from(to + 1).unwrap_or(0).min(within.end);
        let from = from.clamp(within.start, within.end);
        from..end.max(from)
    }
}

/// Signed area: positive where the corners go clockwise on the screen.
pub(super) fn area(corners: &[[f32; 2]; 4]) -> f32 {
    (0..4)
        .map(|side| {
            let (a, b) = (corners[side], corners[(side + 1) % 4]);
            a[0] * b[1] - b[0] * a[1]
        })
        .sum::<f32>()
        / 2.0
}

/// The middle of a quadrilateral.
pub(super) fn middle(corners: &[[f32; 2]; 4]) -> [f32; 2] {
    [0, 1].map(|axis| corners.iter().map(|corner| corner[axis]).sum::<f32>() / 4.0)
}

/// Whether two arrows point roughly the same way (within about 25°).
pub(super) fn facing(a: [f32; 2], b: [f32; 2], c: [f32; 2], d: [f32; 2]) -> bool {
    let (first, second) = ([b[0] - a[0], b[1] - a[1]], [d[0] - c[0], d[1] - c[1]]);
    let lengths = first[0].hypot(first[1]) * second[0].hypot(second[1]);
    first[0] * second[0] + first[1] * second[1] > 0.9 * lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_in_a_quadrilateral_whichever_way_it_turns() {
        let square = [[10.0, 10.0], [20.0, 10.0], [20.0, 20.0], [10.0, 20.0]];
        let mut mirrored = square;
        mirrored.reverse();
        for corners in [square, mirrored] {
            assert!(near(&corners, [15.0, 15.0], 0.0));
            assert!(!near(&corners, [25.0, 15.0], 0.0));
            assert!(near(&corners, [25.0, 15.0], 6.0));
            assert_eq!(Outline::of(&corners).row(15.0, 0.0, 0..40), 10..21);
            assert_eq!(Outline::of(&corners).row(15.0, 2.0, 12..15), 12..15);
            assert!(Outline::of(&corners).row(25.0, 2.0, 0..40).is_empty());
        }
    }

    #[test]
    fn a_row_of_a_turned_quadrilateral_holds_the_points_within() {
        let corners = [[12.0, 3.0], [37.0, 14.0], [28.0, 33.0], [5.0, 21.0]];
        let outline = Outline::of(&corners);
        for y in 0..40 {
            let row = outline.row(dim(y), 1.5, 0..40);
            for x in 0..40 {
                assert_eq!(row.contains(&x), near(&corners, [dim(x), dim(y)], 1.5), "{x} {y}");
            }
        }
    }
}
