//! Grey pixels: a borrowed view of a picture, and the few owned changes of it that readers need.

mod samples;

use super::outline::{Outline, dim};

/// A grey picture: one byte a pixel, row by row, 0 black.
///
/// # Example
/// ```
/// use tessera_scanner::symbol::Frame;
///
/// let pixels = vec![255; 640 * 480];
/// assert!(Frame::new(&pixels, 640, 480).is_some());
/// assert!(Frame::new(&pixels, 640, 481).is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    luma: &'a [u8],
    width: u32,
    height: u32,
}

impl<'a> Frame<'a> {
    /// A view of `width` × `height` pixels.
    ///
    /// Returns `None` where `luma` does not hold exactly that many bytes or a side is zero.
    pub fn new(luma: &'a [u8], width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0 && u64::from(width) * u64::from(height) == luma.len() as u64).then_some(Self {
            luma,
            width,
            height,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// An owned copy.
    pub(crate) fn to_picture(self) -> Picture {
        Picture { luma: self.luma.to_vec(), width: self.width as usize, height: self.height as usize }
    }
}

/// An upright rectangle of pixels inside a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Area {
    /// Whether it is longer than what holds a square symbol that is not tilted much: by two parts in five.
    pub(crate) fn is_long(self) -> bool {
        5 * self.width.max(self.height) > 7 * self.width.min(self.height)
    }
}

/// Pixels that a reader owns and may change.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    luma: Vec<u8>,
    width: usize,
    height: usize,
}

impl Picture {
    /// So many rows of equal length.
    #[cfg(feature = "rxing")]
    pub(crate) fn of_rows(luma: Vec<u8>, rows: usize) -> Self {
        let width = luma.len() / rows.max(1);
        Self { luma, width, height: rows }
    }

    /// As large, in other greys.
    pub(super) fn redrawn(&self, luma: Vec<u8>) -> Self {
        debug_assert_eq!(luma.len(), self.luma.len());
        Self { luma, ..*self }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    pub(crate) fn luma(&self) -> &[u8] {
        &self.luma
    }

    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.luma[y * self.width..][..self.width]
    }

    pub(crate) fn pixel(&self, x: usize, y: usize) -> u8 {
        self.luma[y * self.width + x]
    }

    /// A copy of one area, which must lie inside.
    pub(crate) fn crop(&self, area: Area) -> Self {
        let mut luma = Vec::with_capacity(area.width * area.height);
        for row in area.top..area.top + area.height {
            let start = row * self.width + area.left;
            luma.extend_from_slice(&self.luma[start..start + area.width]);
        }
        Self { luma, width: area.width, height: area.height }
    }

    /// Twice as large in both directions, bilinear.
    pub(crate) fn doubled(&self) -> Self {
        let (width, height) = (self.width * 2, self.height * 2);
        let mut luma = vec![0; width * height];
        // The column outside of either border is the border's own again.
        let mut blend = vec![0_u16; self.width + 2];
        for (y, out) in luma.chunks_exact_mut(width).enumerate() {
            let near = y / 2;
            let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(self.height - 1) };
            for ((blend, near), far) in blend[1..].iter_mut().zip(self.row(near)).zip(self.row(far)) {
                *blend = 3 * u16::from(*near) + u16::from(*far);
            }
            blend[0] = blend[1];
            blend[self.width + 1] = blend[self.width];
            let sides = blend.iter().zip(&blend[1..]).zip(&blend[2..]);
            for (out, ((left, own), right)) in out.chunks_exact_mut(2).zip(sides) {
                #[expect(clippy::cast_possible_truncation, reason = "means of bytes")]
                let pair = [((3 * own + left + 8) / 16) as u8, ((3 * own + right + 8) / 16) as u8];
                out.copy_from_slice(&pair);
            }
        }
        Self { luma, width, height }
    }

    /// Half as large in both directions, each pixel the mean of four.
    pub(crate) fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let mut luma = vec![0; width * height];
        for (y, out) in luma.chunks_exact_mut(width).enumerate() {
            let upper = self.row(2 * y);
            let lower = self.row((2 * y + 1).min(self.height - 1));
            if self.width < 2 {
                out[0] = upper[0].midpoint(lower[0]);
                continue;
            }
            // Two pixels as one number: what a compiler makes wide instructions of.
            let pair = |two: &[u8; 2]| {
                let both = u16::from_le_bytes(*two);
                (both & 255) + (both >> 8)
            };
            let pairs = upper.as_chunks().0.iter().zip(lower.as_chunks().0);
            for (out, (a, b)) in out.iter_mut().zip(pairs) {
                #[expect(clippy::cast_possible_truncation, reason = "a mean of four bytes")]
                let mean = ((pair(a) + pair(b) + 2) / 4) as u8;
                *out = mean;
            }
        }
        Self { luma, width, height }
    }

    /// Three by three binomial smoothing: takes the edge off sensor noise.
    pub(crate) fn smoothed(&self) -> Self {
        let mut luma = self.luma.clone();
        if self.width < 3 {
            return Self { luma, ..*self };
        }
        let mut sums = vec![0_u16; self.width];
        for y in 1..self.height.saturating_sub(1) {
            let (above, own, below) = (self.row(y - 1), self.row(y), self.row(y + 1));
            for (((sum, a), b), c) in sums.iter_mut().zip(above).zip(own).zip(below) {
                *sum = u16::from(*a) + 2 * u16::from(*b) + u16::from(*c);
            }
            let out = &mut luma[y * self.width + 1..(y + 1) * self.width - 1];
            for (((out, a), b), c) in out.iter_mut().zip(&sums).zip(&sums[1..]).zip(&sums[2..]) {
                #[expect(clippy::cast_possible_truncation, reason = "a mean of bytes")]
                let mean = ((a + 2 * b + c + 8) / 16) as u8;
                *out = mean;
            }
        }
        Self { luma, ..*self }
    }

    /// Each pixel the lightest of its neighbours: ink that has spread draws back. Or the darkest: ink that was lost.
    pub(crate) fn spread(&self, lighter: bool) -> Self {
        let better = |a: u8, b: u8| if lighter { a.max(b) } else { a.min(b) };
        let mut luma = vec![0; self.luma.len()];
        let mut rows = vec![0; self.width];
        for (y, out) in luma.chunks_exact_mut(self.width).enumerate() {
            let (above, below) = (self.row(y.saturating_sub(1)), self.row((y + 1).min(self.height - 1)));
            for (((sum, a), b), c) in rows.iter_mut().zip(above).zip(self.row(y)).zip(below) {
                *sum = better(better(*a, *b), *c);
            }
            out.copy_from_slice(&rows);
            for (out, beside) in out.iter_mut().zip(rows.iter().skip(1)) {
                *out = better(*out, *beside);
            }
            for (out, beside) in out.iter_mut().skip(1).zip(&rows) {
                *out = better(*out, *beside);
            }
        }
        Self { luma, ..*self }
    }

    /// Paints a quadrilateral, grown by `margin` pixels, in the grey of what surrounds it: a symbol that was read is out
    /// of the way.
    pub(crate) fn erase(&mut self, corners: &[[f32; 2]; 4], margin: f32) {
        let area = self.around(corners, margin + 2.0);
        let outline = Outline::of(corners);
        let (mut sum, mut count) = (0_u32, 0_u32);
        let mut inside = Vec::with_capacity(area.height);
        for y in area.top..area.top + area.height {
            let row = |margin: f32| outline.row(dim(y), margin, area.left..area.left + area.width);
            let (own, wider) = (row(margin), row(margin + 2.0));
            for x in (wider.start..own.start.min(wider.end)).chain(own.end.max(wider.start)..wider.end) {
                sum += u32::from(self.luma[y * self.width + x]);
                count += 1;
            }
            inside.push(y * self.width + own.start..y * self.width + own.end);
        }
        let grey = u8::try_from(sum.checked_div(count).unwrap_or(255)).unwrap_or(u8::MAX);
        for row in inside {
            self.luma[row].fill(grey);
        }
    }

    /// The part of the picture around a quadrilateral, with a margin.
    pub(crate) fn around(&self, corners: &[[f32; 2]; 4], margin: f32) -> Area {
        let range = |axis: usize, limit: usize| {
            let low = corners.iter().map(|corner| corner[axis]).fold(f32::INFINITY, f32::min) - margin;
            let high = corners.iter().map(|corner| corner[axis]).fold(f32::NEG_INFINITY, f32::max) + margin;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, then limited")]
            let (low, high) = (low.max(0.0) as usize, high.max(0.0).ceil() as usize);
            let low = low.min(limit - 1);
            (low, high.clamp(low + 1, limit) - low)
        };
        let ((left, width), (top, height)) = (range(0, self.width), range(1, self.height));
        Area { left, top, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_and_halving_keep_the_grey() {
        let picture = Frame::new(&[10, 20, 30, 40, 50, 60], 3, 2).unwrap().to_picture();
        let large = picture.doubled();
        assert_eq!((large.width(), large.height()), (6, 4));
        assert_eq!(large.pixel(0, 0), 10);
        assert_eq!(large.pixel(5, 3), 60);
        let small = Frame::new(&[0, 100, 100, 200], 2, 2).unwrap().to_picture().halved();
        assert_eq!((small.width(), small.height(), small.pixel(0, 0)), (1, 1, 100));
    }

    #[test]
    fn erasing_stays_inside_the_picture_and_takes_the_surroundings_grey() {
        let mut luma = [200; 100];
        luma[44] = 10;
        let mut picture = Frame::new(&luma, 10, 10).unwrap().to_picture();
        picture.erase(&[[3.0, 3.0], [5.0, 3.0], [5.0, 5.0], [3.0, 5.0]], 1.0);
        assert!(picture.luma().iter().all(|value| *value == 200));
        picture.erase(&[[-50.0, -50.0], [50.0, -50.0], [50.0, 50.0], [-50.0, 50.0]], 3.0);
        picture.erase(&[[f32::NAN; 2]; 4], 3.0);
    }
}
