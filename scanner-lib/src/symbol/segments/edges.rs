//! Edge pixels: where the grey changes most along its own direction of change.

use std::f32::consts::TAU;

use super::super::frame::Picture;
use super::TURNS;

/// An edge pixel: place, direction towards light.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) turn: u8,
}

/// Pixels where the grey changes most along its own direction of change.
pub(super) fn edges(picture: &Picture) -> Vec<Edge> {
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
            edges.push(Edge { x, y, turn: u8::try_from(turn).unwrap_or(0) });
        }
    }
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
    width: usize,
}

impl Changes {
    fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let none = || vec![0_i16; width * height];
        let mut out = Self { across: none(), down: none(), strength: none(), width };
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
        // Every second row tells.
        for strength in self.strength.chunks(self.width).step_by(2).flatten() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_told_to_a_hundredth() {
        for degrees in 0..360_u16 {
            let wanted = f32::from(degrees).to_radians();
            let told = angle(20.0 * wanted.cos(), 20.0 * wanted.sin());
            let apart = (told - wanted).abs();
            assert!(apart.min(TAU - apart) < 0.01, "{degrees}: {told}");
        }
    }
}
