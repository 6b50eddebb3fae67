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

    /// Adds the grey values along a line that lies inside, in whole numbers: each is [`UNIT`](Self::UNIT) times as large.
    ///
    /// Interpolated where the line crosses columns of pixels (rows, if it is steep), and from there to each sample: of the half
    /// pixels that a scan line's samples lie apart, two need hardly more than one.
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
        let last = sums.len().saturating_sub(1) as i64;
        let is_steep = step[1].abs() > step[0].abs();
        let swapped = |[x, y]: [i64; 2]| if is_steep { [y, x] } else { [x, y] };
        let ([start, across], [step, aside]) = (swapped(start.map(whole)), swapped(step.map(whole)));
        let ([side, depth], [next, beside]) = if is_steep {
            ([self.height, self.width], [self.width, 1])
        } else {
            ([self.width, self.height], [1, self.width])
        };
        if step == 0 || side < 2 || depth < 2 {
            return;
        }
        let [far, inmost] = [side, depth].map(|side| ((side as i64 - 1) << 20) - 1);
        // The last bits of a step, added up, must not lead outside.
        let at = start.min(far - (step * last).max(0)).max(-(step * last).min(0));
        let end = at + step * last;
        let first = at.min(end) >> 20;
        let count = (at.max(end) >> 20) - first + 1;
        let slope = (aside << 20) / step;
        let mut across = (across + ((((first << 20) - at) * slope) >> 20)).clamp(0, inmost);
        let slope = ((across + slope * count).clamp(0, inmost) - across) / count;
        let (mut column, beyond) = (first as usize * next, self.luma.get(beside..).unwrap_or_default());
        let mut crossings = vec![0_u16; count as usize + 1];
        for crossing in &mut crossings {
            let place = column + (across >> 20) as usize * beside;
            let (Some(near), Some(beyond)) = (self.luma.get(place), beyond.get(place)) else { return };
            *crossing = mixed((*near).into(), (*beyond).into(), across >> 12) as u16;
            (column, across) = (column + next, across + slope);
        }
        let (mut at, beyond) = (at - (first << 20), &crossings[1..]);
        for sum in sums {
            let place = (at >> 20) as usize;
            let (Some(near), Some(beyond)) = (crossings.get(place), beyond.get(place)) else { return };
            *sum += mixed((*near).into(), (*beyond).into(), at >> 12);
            at += step;
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

/// Two greys mixed by a part of 256, of which the last bits tell: 256 times as large.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the last eight bits")]
fn mixed(near: u32, beyond: u32, part: i64) -> u32 {
    (near << 8).wrapping_add(beyond.wrapping_sub(near).wrapping_mul(part as u32 & 255))
}

fn mix(a: u8, b: u8, part: f32) -> f32 {
    f32::from(a) + (f32::from(b) - f32::from(a)) * part
}

#[cfg(test)]
mod tests {
    use crate::symbol::Frame;

    #[test]
    fn many_values_are_each_what_one_is() {
        let luma: Vec<u8> = (0..12 * 9_u8).map(|i| i.wrapping_mul(97)).collect();
        let picture = Frame::new(&luma, 12, 9).unwrap().to_picture();
        let x = [-3.0, 0.0, 0.25, 4.999, 5.0, 10.5, 11.0, f32::NAN];
        let y = [2.0, -0.5, 7.75, 8.0, 99.0, 3.5, 1.0, 0.5];
        let values = picture.values(&x, &y);
        for (value, (x, y)) in values.into_iter().zip(x.into_iter().zip(y)) {
            assert!((value - picture.value(x, y)).abs() < 1e-3, "{x} {y}: {value}");
        }
    }

    #[test]
    fn a_line_adds_up_what_lies_along_it() {
        let wild: Vec<u8> = (0..12 * 9_u8).map(|i| i.wrapping_mul(97)).collect();
        let even: Vec<u8> = (0..12 * 9_u8).map(|i| 7 * (i % 12) + 11 * (i / 12)).collect();
        // Along rows and columns whatever the pixels are; aslant, from corner to corner and back, where greys change evenly.
        for (luma, start, step) in [
            (&wild, [0.3, 3.4], [1.3, 0.0]),
            (&wild, [10.7, 7.99], [-1.3, 0.0]),
            (&wild, [4.6, 0.2], [0.0, 0.95]),
            (&even, [0.0, 0.0], [1.37, 0.93]),
            (&even, [10.99, 7.99], [-1.373, -0.998]),
            (&even, [9.9, 0.1], [-0.5, 0.9]),
        ] {
            let picture = Frame::new(luma, 12, 9).unwrap().to_picture();
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
