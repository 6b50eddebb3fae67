//! What light and lens do to a picture: reflection and shadow, defocus, and motion while it was taken.

use crate::dice::Dice;
use crate::scene::{Conditions, Placed};

pub fn light(picture: &mut [f32], first: Option<&Placed>, c: &Conditions, dice: &mut Dice) {
    let size =
        first.map_or([60.0, 60.0], |s| [s.modules.width as f32 * c.module_px, s.modules.height as f32 * c.module_px]);
    let focus = first.map_or([0.0, 0.0], |s| {
        let off = if c.rotation.abs() > 15.0 || c.tilt > 1.0 { 0.0 } else { 0.7 * c.module_px };
        [s.middle[0] * off, s.middle[1] * off]
    });
    let middle = [c.width as f32 / 2.0 + focus[0], c.height as f32 / 2.0 + focus[1]];
    if c.glare > 0.0 {
        let radius = (c.glare * size[0] * size[1] / std::f32::consts::PI).sqrt();
        let stretch = (size[0] / size[1]).sqrt().clamp(1.0, 2.0);
        let reach = 0.3;
        let at = [middle[0] + dice.between(-reach, reach) * size[0], middle[1] + dice.between(-reach, reach) * size[1]];
        for (y, row) in picture.chunks_exact_mut(c.width).enumerate() {
            let y = (y as f32 - at[1]) * stretch;
            for (x, value) in row.iter_mut().enumerate() {
                let x = (x as f32 - at[0]) / stretch;
                let r = (x * x + y * y).sqrt() / radius;
                // Further out it is less than a hundredth of a grey level.
                if r < 2.2 {
                    *value += 420.0 / (1.0 + ((r - 1.0) * 9.0).exp());
                }
            }
        }
    }
    if c.shadow > 1.0 {
        let (sin, cos) = dice.between(0.0, std::f32::consts::TAU).sin_cos();
        let off = dice.between(-0.25, 0.25) * size[0].min(size[1]);
        for (y, row) in picture.chunks_exact_mut(c.width).enumerate() {
            let y = (y as f32 - middle[1]) * sin - off;
            for (x, value) in row.iter_mut().enumerate() {
                let depth = (x as f32 - middle[0]) * cos + y;
                // A soft edge, a few pixels wide.
                let part = match depth {
                    ..-24.0 => 0.0,
                    24.0.. => 1.0,
                    _ => 1.0 / (1.0 + (-depth / 2.0).exp()),
                };
                *value *= 1.0 - (1.0 - 1.0 / c.shadow) * part;
            }
        }
    }
}

/// A lens out of focus: a Gaussian of that σ.
pub fn defocus(picture: &mut [f32], w: usize, h: usize, sigma: f32) {
    let reach = (3.0 * sigma).ceil() as usize;
    let mut weights: Vec<f32> =
        (0..=2 * reach).map(|i| (-((i as f32 - reach as f32) / sigma).powi(2) / 2.0).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    let mut rows = vec![0.0; w * h];
    let mut padded = vec![0.0; w + 2 * reach];
    for (row, out) in picture.chunks_exact(w).zip(rows.chunks_exact_mut(w)) {
        padded[..reach].fill(row[0]);
        padded[reach..reach + w].copy_from_slice(row);
        padded[reach + w..].fill(row[w - 1]);
        for (k, weight) in weights.iter().enumerate() {
            add(out, &padded[k..k + w], *weight);
        }
    }
    for (y, out) in picture.chunks_exact_mut(w).enumerate() {
        out.fill(0.0);
        for (k, weight) in weights.iter().enumerate() {
            let from = (y + k).saturating_sub(reach).min(h - 1);
            add(out, &rows[from * w..(from + 1) * w], *weight);
        }
    }
}

/// The pack moved by that length while the picture was taken.
pub fn smear(picture: &[f32], w: usize, h: usize, length: f32, angle: f32) -> Vec<f32> {
    let steps = (2.0 * length).ceil() as usize + 1;
    let reach = length.ceil() as usize + 1;
    let mut out = vec![0.0; w * h];
    let mut padded = vec![0.0; w + 2 * reach];
    let mut steps_of = Vec::with_capacity(steps);
    for i in 0..steps {
        let part = (i as f32 / (steps - 1) as f32 - 0.5) * length;
        let (dx, dy) = (part * angle.cos(), part * angle.sin());
        let (ix, iy) = (dx.floor(), dy.floor());
        steps_of.push((ix as isize, iy as isize, dx - ix, dy - iy));
    }
    for (y, out) in out.chunks_exact_mut(w).enumerate() {
        for (ix, iy, fx, fy) in &steps_of {
            for (down, part) in [(0, 1.0 - fy), (1, *fy)] {
                let from = (y as isize + iy + down).clamp(0, h as isize - 1) as usize;
                let row = &picture[from * w..(from + 1) * w];
                padded[..reach].fill(row[0]);
                padded[reach..reach + w].copy_from_slice(row);
                padded[reach + w..].fill(row[w - 1]);
                let at = (reach as isize + ix) as usize;
                let weight = part / steps as f32;
                add(out, &padded[at..at + w], weight * (1.0 - fx));
                add(out, &padded[at + 1..at + 1 + w], weight * fx);
            }
        }
    }
    out
}

fn add(out: &mut [f32], row: &[f32], weight: f32) {
    for (out, value) in out.iter_mut().zip(row) {
        *out += weight * value;
    }
}
