//! Grey values between pixels: one, many at a time, and along a line.

use super::Picture;

impl Picture {
    /// The grey value between pixels, by bilinear interpolation; `None` outside.
    pub(crate) fn sample(&self, x: f32, y: f32) -> Option<f32> {
        if !(x >= 0.0 && y >= 0.0) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; checked below")]
        let (i, j) = (x as usize, y as usize);
        if i + 1 >= self.width || j + 1 >= self.height {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
        let (across, down) = (x - i as f32, y - j as f32);
        let at = j * self.width + i;
        let upper = mix(self.luma[at], self.luma[at + 1], across);
        let lower = mix(self.luma[at + self.width], self.luma[at + self.width + 1], across);
        Some(upper + (lower - upper) * down)
    }

    /// The grey value between pixels, by bilinear interpolation; the border's outside.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the picture, whose sides are far below 2^23"
    )]
    pub(crate) fn value(&self, x: f32, y: f32) -> f32 {
        if self.width < 2 || self.height < 2 {
            return f32::from(self.luma.first().copied().unwrap_or(0));
        }
        let x = x.max(0.0).min((self.width - 1) as f32);
        let y = y.max(0.0).min((self.height - 1) as f32);
        // By way of 32 bits, which processors convert fastest.
        let (i, j) = ((x as i32 as usize).min(self.width - 2), (y as i32 as usize).min(self.height - 2));
        let (across, down) = (x - i as f32, y - j as f32);
        let at = j * self.width + i;
        let upper = mix(self.luma[at], self.luma[at + 1], across);
        let lower = mix(self.luma[at + self.width], self.luma[at + self.width + 1], across);
        upper + (lower - upper) * down
    }

    /// Many of [`value`](Self::value), step by step for all of them: what a compiler makes wide instructions of.
    #[expect(clippy::cast_precision_loss, reason = "pictures, whose sides are far below 2^23")]
    pub(crate) fn values<const N: usize>(&self, x: &[f32; N], y: &[f32; N]) -> [f32; N] {
        /// From here to twice as much, numbers are whole and lie in the last bits as such.
        const WHOLE: f32 = 8_388_608.0;
        const BITS: u32 = 0x007F_FFFF;
        if self.width < 2 || self.height < 2 {
            return [f32::from(self.luma.first().copied().unwrap_or(0)); N];
        }
        let (mut places, mut parts, mut corners) = ([[0; N]; 2], [[0.0; N]; 2], [[0; 4]; N]);
        for (axis, (at, side)) in [(x, self.width), (y, self.height)].into_iter().enumerate() {
            let (most, last) = ((side - 1) as f32, (side - 2) as f32);
            for ((at, place), part) in at.iter().zip(&mut places[axis]).zip(&mut parts[axis]) {
                let at = if *at > 0.0 { *at } else { 0.0 };
                let at = if at < most { at } else { most };
                let near = at + WHOLE - WHOLE;
                let below = if near > at { near - 1.0 } else { near };
                let below = if below < last { below } else { last };
                *part = at - below;
                *place = (below + WHOLE).to_bits() & BITS;
            }
        }
        let (upper, lower) = (&self.luma[..self.luma.len() - self.width], &self.luma[self.width..]);
        for ((corners, column), row) in corners.iter_mut().zip(places[0]).zip(places[1]) {
            let at = row as usize * self.width + column as usize;
            let pair = |pixels: &[u8]| pixels.get(at..).and_then(|from| from.first_chunk().copied()).unwrap_or([0; 2]);
            let ([left, right], [lower_left, lower_right]) = (pair(upper), pair(lower));
            *corners = [left, right, lower_left, lower_right];
        }
        let mut out = [0.0; N];
        for (((out, corners), across), down) in out.iter_mut().zip(corners).zip(parts[0]).zip(parts[1]) {
            let (upper, lower) = (mix(corners[0], corners[1], across), mix(corners[2], corners[3], across));
            *out = upper + (lower - upper) * down;
        }
        out
    }

    /// What [`add_along`](Self::add_along) adds for each grey level.
    pub(crate) const UNIT: f32 = 65536.0;

    /// Adds the grey values along a line that lies inside, interpolated as [`value`](Self::value) does, in whole numbers: each
    /// is [`UNIT`](Self::UNIT) times as large. A line has at most as many samples as `u16` tells.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        reason = "positions inside a picture, and not negative"
    )]
    pub(crate) fn add_along(&self, sums: &mut [u32], start: [f32; 2], step: [f32; 2]) {
        /// Positions are in parts of a pixel: fine enough that steps do not drift by a hundredth of one.
        const PARTS: f32 = 1_048_576.0;
        let whole = |value: f32| (f64::from(value) * f64::from(PARTS)) as i64;
        let (step, last) = (step.map(whole), sums.len().saturating_sub(1) as i64);
        // The last bits of a step, added up, must not lead outside.
        let within = |axis: usize, side: usize| {
            let (far, most) = (step[axis] * last, ((side.saturating_sub(1) as i64) << 20) - 1);
            whole(start[axis]).min(most - far.max(0)).max(-far.min(0))
        };
        let (mut x, mut y) = (within(0, self.width), within(1, self.height));
        let (Some(upper), Some(lower)) = (self.luma.get(..self.luma.len() - self.width), self.luma.get(self.width..))
        else {
            return;
        };
        for sum in sums {
            let parts = (((x >> 12) & 255) as u32, ((y >> 12) & 255) as u32);
            let at = (y >> 20) as usize * self.width + (x >> 20) as usize;
            let Some(mixed) = mixed(upper, lower, at, parts) else { return };
            *sum += mixed;
            (x, y) = (x + step[0], y + step[1]);
        }
    }

    /// The grey value of the nearest pixel; the border's outside.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        reason = "limited to the picture, whose sides are far below 2^31"
    )]
    pub(crate) fn nearest(&self, x: f32, y: f32) -> f32 {
        let limit = |at: f32, side: usize| ((at + 0.5) as i32).clamp(0, side as i32 - 1) as usize;
        f32::from(self.luma[limit(y, self.height) * self.width + limit(x, self.width)])
    }
}

/// Two pixels beside each other and the two beneath them, mixed by parts of 256 across and down: each grey level is
/// [`UNIT`](Picture::UNIT).
fn mixed(upper: &[u8], lower: &[u8], at: usize, (across, down): (u32, u32)) -> Option<u32> {
    // Both pixels of a pair in one number, sixteen bits each: what is borrowed between them is given back.
    let pair = |pixels: &[u8]| {
        let both = u32::from(u16::from_le_bytes(*pixels.get(at..)?.first_chunk()?));
        Some((both | both << 8) & 0x00FF_00FF)
    };
    let (upper, lower) = (pair(upper)?, pair(lower)?);
    let both = (upper << 8).wrapping_add(lower.wrapping_sub(upper).wrapping_mul(down));
    let (left, right) = (both & 0xFFFF, both >> 16);
    Some((left << 8).wrapping_add(right.wrapping_sub(left).wrapping_mul(across)))
}

fn mix(a: u8, b: u8, part: f32) -> f32 {
    f32::from(a) + (f32::from(b) - f32::from(a)) * part
}

#[cfg(test)]
mod tests {
    use crate::symbol::Frame;

    #[test]
    fn many_values_are_each_what_one_is_and_a_line_adds_them_up() {
        let luma: Vec<u8> = (0..12 * 9_u8).map(|i| i.wrapping_mul(97)).collect();
        let picture = Frame::new(&luma, 12, 9).unwrap().to_picture();
        let x = [-3.0, 0.0, 0.25, 4.999, 5.0, 10.5, 11.0, f32::NAN];
        let y = [2.0, -0.5, 7.75, 8.0, 99.0, 3.5, 1.0, 0.5];
        let values = picture.values(&x, &y);
        for (value, (x, y)) in values.into_iter().zip(x.into_iter().zip(y)) {
            assert!((value - picture.value(x, y)).abs() < 1e-3, "{x} {y}: {value}");
        }
        // From corner to corner, and back.
        for (start, step) in [([0.0, 0.0], [1.37, 0.93]), ([10.99, 7.99], [-1.373, -0.998])] {
            let mut sums = [0; 9];
            picture.add_along(&mut sums, start, step);
            for (sum, i) in sums.into_iter().zip(0_u8..) {
                let [x, y] = [0, 1].map(|axis: usize| start[axis] + f32::from(i) * step[axis]);
                #[expect(clippy::cast_precision_loss, reason = "below 2^24")]
                let told = sum as f32 / super::Picture::UNIT;
                assert!((told - picture.value(x, y)).abs() < 2.0, "{x} {y}: {told}");
            }
        }
    }
}
