//! The solid L of a finder pattern: pairs of straight edges that meet and enclose a dark (or light) angle.

use super::super::ranking::heaviest_first;
use super::super::segments::Segment;

/// Most pairs that are tried in one region: a frame around a symbol has four within and four without, and its sides meet
/// those of the symbol.
const MOST: usize = 24;

/// How promising a pair must be, as part of the most promising one.
const LEAST_WEIGHT: f32 = 0.3;

/// How promising a frame is, as part of what it were as an L.
const CLOSED: f32 = 0.35;

/// Pixels from the end of an arm to where the next side of a frame begins, at most: a frame around an L is further away.
const AT_THE_END: f32 = 3.0;

/// Two arms that meet. As the symbol stands, `right` lies at the end of its lower side and `top` of its left side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corner {
    pub(super) meet: [f32; 2],
    pub(super) right: [f32; 2],
    pub(super) top: [f32; 2],
    /// Light on dark.
    pub(super) inverted: bool,
    /// Whether the sides opposite to its arms are as solid: that of a frame.
    pub(super) is_closed: bool,
    /// How promising.
    pub(super) weight: f32,
}

impl Corner {
    /// Its arms closed to a parallelogram.
    pub(super) fn closed(&self) -> [[f32; 2]; 4] {
        let far = [0, 1].map(|axis| self.right[axis] + self.top[axis] - self.meet[axis]);
        [self.top, far, self.right, self.meet]
    }

    /// The same with its shorter arm as long as the other, where it is shorter by far: only a piece of a bent side is straight.
    pub(super) fn squared(&self) -> Option<Self> {
        let arm = |end: [f32; 2]| [end[0] - self.meet[0], end[1] - self.meet[1]];
        let (right, top) = (arm(self.right), arm(self.top));
        let ratio = right[0].hypot(right[1]) / top[0].hypot(top[1]).max(1e-3);
        let stretched = |arm: [f32; 2], by: f32| [0, 1].map(|axis| self.meet[axis] + arm[axis] * by);
        if ratio > LONGER {
            Some(Self { top: stretched(top, ratio), ..*self })
        } else if ratio < 1.0 / LONGER {
            Some(Self { right: stretched(right, 1.0 / ratio), ..*self })
        } else {
            None
        }
    }
}

/// How much longer one arm is than the other that may be cut short.
const LONGER: f32 = 1.12;

/// The pairs that may be an L, most promising first.
pub(super) fn corners(segments: &[Segment], shortest: f32) -> Vec<Corner> {
    let mut found: Vec<Corner> = Vec::new();
    for (i, first) in segments.iter().enumerate() {
        for second in &segments[i + 1..] {
            if let Some(corner) = corner(first, second, shortest) {
                found.push(corner);
            }
        }
    }
    for corner in &mut found {
        if is_closed(corner, segments) {
            (corner.is_closed, corner.weight) = (true, corner.weight * CLOSED);
        }
    }
    heaviest_first(&mut found, |one| one.weight);
    found.truncate(MOST);
    let least = LEAST_WEIGHT * found.first().map_or(0.0, |corner| corner.weight);
    found.retain(|corner| corner.weight > least);
    found
}

/// Whether both sides opposite to the arms are as solid as the arms: a frame, drawn around a symbol, or around nothing.
///
/// Only ink that spreads far makes the borders of a symbol look so.
fn is_closed(corner: &Corner, segments: &[Segment]) -> bool {
    let faces = if corner.inverted { -1.0 } else { 1.0 };
    let opposite = |start: [f32; 2], along: [f32; 2]| {
        let (out, arm) = (
            [start[0] - corner.meet[0], start[1] - corner.meet[1]],
            [along[0] - corner.meet[0], along[1] - corner.meet[1]],
        );
        let (depth, length) = (out[0].hypot(out[1]), arm[0].hypot(arm[1]));
        segments.iter().any(|side| {
            let facing = faces * (side.lighter[0] * out[0] + side.lighter[1] * out[1]) / depth;
            let away = |end: [f32; 2]| (end[0] - start[0]).hypot(end[1] - start[1]);
            let (near, far) = (away(side.from).min(away(side.to)), away(side.from).max(away(side.to)));
            facing > 0.8 && side.coverage > 0.85 && near < AT_THE_END + 0.01 * depth && far > 0.7 * length
        })
    };
    opposite(corner.top, corner.right) && opposite(corner.right, corner.top)
}

fn corner(first: &Segment, second: &Segment, shortest: f32) -> Option<Corner> {
    let meet = meeting(first, second)?;
    let (a, b) = (Arm::of(first, meet)?, Arm::of(second, meet)?);
    if a.length < shortest || b.length < shortest {
        return None;
    }
    let cosine = a.direction[0] * b.direction[0] + a.direction[1] * b.direction[1];
    let ratio = a.length.max(b.length) / a.length.min(b.length);
    if cosine.abs() > 0.82 || ratio > 6.0 {
        return None;
    }
    // Which way the lighter side of each arm lies, seen from within the angle.
    let outward =
        |of: &Segment, other: &Arm| of.lighter[0] * other.direction[0] + of.lighter[1] * other.direction[1] < 0.0;
    let inverted = match (outward(first, &b), outward(second, &a)) {
        (true, true) => false,
        (false, false) => true,
        _ => return None,
    };
    // On the screen, where y grows downward, an unmirrored symbol turns this way from its lower to its left side.
    let turn = a.direction[0] * b.direction[1] - a.direction[1] * b.direction[0];
    let (right, top) = if turn < 0.0 { (a.end, b.end) } else { (b.end, a.end) };
    let solid = (first.coverage * second.coverage).powi(2);
    let even = 1.0 / (1.0 + 0.15 * (ratio - 1.0));
    let touching = 1.0 - (a.gap + b.gap).min(0.8);
    let weight = (a.length * b.length).sqrt() * solid * even * touching;
    Some(Corner { meet, right, top, inverted, is_closed: false, weight })
}

struct Arm {
    end: [f32; 2],
    direction: [f32; 2],
    length: f32,
    /// How far its near end is from the meeting point, as part of its length.
    gap: f32,
}

impl Arm {
    fn of(segment: &Segment, meet: [f32; 2]) -> Option<Self> {
        let away = |point: [f32; 2]| (point[0] - meet[0]).hypot(point[1] - meet[1]);
        let (near, far) =
            if away(segment.from) < away(segment.to) { (segment.from, segment.to) } else { (segment.to, segment.from) };
        let (length, gap) = (away(far), away(near));
        if gap > 0.3 * length + 2.0 {
            return None;
        }
        let direction = [(far[0] - meet[0]) / length, (far[1] - meet[1]) / length];
        // An edge that runs on beyond the meeting point is no corner there.
        let beyond = -((near[0] - meet[0]) * direction[0] + (near[1] - meet[1]) * direction[1]);
        (beyond < 0.15 * length + 2.0).then_some(Self { end: far, direction, length, gap: gap / length })
    }
}

#[expect(clippy::many_single_char_names, reason = "a line's own coefficients")]
fn meeting(first: &Segment, second: &Segment) -> Option<[f32; 2]> {
    let ([a, b], [c, d]) = (first.lighter, second.lighter);
    let determinant = a * d - b * c;
    if determinant.abs() < 0.3 {
        return None;
    }
    let p = first.from[0] * a + first.from[1] * b;
    let q = second.from[0] * c + second.from[1] * d;
    Some([(p * d - b * q) / determinant, (a * q - c * p) / determinant])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_arms_that_enclose_dark_are_a_corner() {
        let left = Segment { from: [10.0, 10.0], to: [10.0, 48.0], lighter: [-1.0, 0.0], coverage: 1.0 };
        let below = Segment { from: [12.0, 50.0], to: [50.0, 50.0], lighter: [0.0, 1.0], coverage: 1.0 };
        let found = corners(&[left, below], 10.0);
        assert_eq!(found.len(), 1);
        let corner = found[0];
        assert!(!corner.inverted);
        assert_eq!((corner.meet, corner.right, corner.top), ([10.0, 50.0], [50.0, 50.0], [10.0, 10.0]));
        let above = Segment { lighter: [0.0, -1.0], ..below };
        assert!(corners(&[left, above], 10.0).is_empty());
    }

    #[test]
    fn a_frame_comes_after_what_it_encloses_however_near_it_lies() {
        let square = |left: f32, right: f32| {
            let (middle, ends) = (f32::midpoint(left, right), (left + 2.0, right - 2.0));
            [[-1.0, 0.0], [0.0, -1.0], [1.0, 0.0], [0.0, 1.0]].map(|[x, y]| {
                let at = |along: f32| {
                    let out = (right - left) / 2.0;
                    if x == 0.0 { [along, middle + y * out] } else { [middle + x * out, along] }
                };
                Segment { from: at(ends.0), to: at(ends.1), lighter: [x, y], coverage: 1.0 }
            })
        };
        for gap in [4.0, 8.0, 14.0] {
            let symbol = square(50.0, 130.0);
            let mut segments = square(50.0 - gap, 130.0 + gap).to_vec();
            // Its left and its lower side.
            segments.extend([symbol[0], symbol[3]]);
            let found = corners(&segments, 10.0);
            let at = |x: f32, y: f32| move |corner: &&Corner| (corner.meet[0] - x).hypot(corner.meet[1] - y) < 0.1;
            let own = found.iter().find(at(50.0, 130.0)).expect("its own corner");
            let frame = found.iter().find(at(50.0 - gap, 130.0 + gap)).expect("that of the frame");
            assert!(frame.is_closed && !own.is_closed && own.weight > frame.weight, "{gap}: {found:?}");
        }
    }
}
