//! The fall of light across many lines that cross the same few rays: of the places where a far side may run nearly all are wrong.

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::fit::Side;

/// Rays, evenly along the side.
const RAYS: u8 = 16;

/// Pixels between the places along a ray, and places from a line to where it is lighter or darker.
const PITCH: f32 = 0.65;
const AWAY: usize = 2;

/// For every place along every ray, how much lighter it is beyond the place than before it.
pub(super) struct Rays {
    /// Ray by ray; with whether a reflection hides it.
    falls: Vec<(f32, f32)>,
    /// Places along one ray, half of them, and those in one length of the arm.
    count: usize,
    middle: f32,
    places: f32,
}

impl Rays {
    /// The rays that run along an arm, so many parts of it to either side of a side.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred places"
    )]
    pub(super) fn across(picture: &Picture, [from, to]: &Side, arm: [f32; 2], reach: f32, glare: Glare) -> Self {
        let places = arm[0].hypot(arm[1]).max(1.0) / PITCH;
        let half = (reach * places).ceil() as usize + 1;
        let count = 2 * half + 1;
        let step = arm.map(|axis| axis / places);
        let mut falls = Vec::with_capacity(count * usize::from(RAYS));
        let mut greys = Vec::with_capacity(count + 2 * AWAY);
        for ray in 0..RAYS {
            let part = (f32::from(ray) + 0.5) / f32::from(RAYS);
            let middle = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
            greys.clear();
            greys.extend((0..count + 2 * AWAY).map(|at| {
                let away = at as f32 - (half + AWAY) as f32;
                picture.nearest(middle[0] + step[0] * away, middle[1] + step[1] * away)
            }));
            let beyond = greys.iter().skip(2 * AWAY);
            falls.extend(greys.iter().zip(beyond).map(|(a, b)| (b - a, f32::from(u8::from(glare.hides(*b))))));
        }
        Self { falls, count, middle: half as f32, places }
    }

    /// The mean fall across the line that lies so many parts of the arm beyond the side at its ends, of what no reflection hides.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places along a ray, and not negative")]
    pub(super) fn fall(&self, near: f32, far: f32) -> f32 {
        let step = (far - near) * self.places / f32::from(RAYS);
        let mut at = near * self.places + self.middle + 0.5 * step + 0.5;
        let (mut sum, mut hidden) = (0.0, 0.0);
        for ray in self.falls.chunks_exact(self.count) {
            // By way of 32 bits, which processors convert fastest.
            let (fall, is_hidden) = ray[(at as i32 as usize).min(self.count - 1)];
            sum += fall;
            hidden += is_hidden;
            at += step;
        }
        sum / f32::max(f32::from(RAYS) - hidden, 0.35 * f32::from(RAYS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn the_fall_is_greatest_across_the_edge() {
        // Dark below a line that rises by one in eight.
        let luma: Vec<u8> = (0..100_u32 * 100).map(|i| if 8 * (i / 100) + i % 100 < 400 { 200 } else { 40 }).collect();
        let picture = Frame::new(&luma, 100, 100).expect("the size fits").to_picture();
        let rays = Rays::across(&picture, &[[10.0, 40.0], [90.0, 40.0]], [0.0, -80.0], 0.3, Glare::NONE);
        let across = rays.fall(-8.75 / 80.0, 1.25 / 80.0);
        assert!(across > 150.0, "{across}");
        assert!(rays.fall(0.0, 0.0) < 60.0 && rays.fall(0.2, 0.2).abs() < 1.0);
        assert!(rays.fall(-0.3, 0.3).is_finite());
    }
}
