//! Print growth of a matrix symbol, by its alternating modules (after ISO/IEC 15415, 7.8.5): half of them is dark, and what is more has
//! spread.

use super::super::frame::Picture;
use super::super::plan::dim;

/// Places in a module whose grey is asked.
const PLACES: usize = 12;

/// A row of modules, dark and light in turn, that begins and ends in the middle of light ones or of paper.
pub(in crate::symbol) struct Alternation {
    /// Modules from its beginning to its end: between two of the light ones lies a dark one.
    pub(in crate::symbol) dark: usize,
    /// What is darker than this is dark.
    pub(in crate::symbol) threshold: f32,
    /// Light on dark.
    pub(in crate::symbol) inverted: bool,
}

impl Alternation {
    /// By how many modules the dark ones are wider than they ought to be; `place` says where in the picture so many modules from the
    /// beginning lie.
    pub(in crate::symbol) fn growth(&self, picture: &Picture, place: impl Fn(f32) -> [f32; 2]) -> f32 {
        // One more than whole modules have: each module is asked at places of its own.
        let count = 2 * self.dark * PLACES + 1;
        let dark = (0..count)
            .filter(|at| {
                let [x, y] = place((dim(*at) + 0.5) * dim(2 * self.dark) / dim(count));
                (picture.value(x, y) < self.threshold) != self.inverted
            })
            .count();
        2.0 * dim(dark) / dim(count) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_dark_unless_ink_has_spread() {
        // Bars of five pixels where four ought to be, and spaces of three.
        let luma: Vec<u8> = (0..64).map(|x| if (x + 5) % 8 < 5 { 20 } else { 220 }).collect::<Vec<u8>>().repeat(4);
        let picture = super::super::super::Frame::new(&luma, 64, 4).expect("a frame").to_picture();
        let dark_first = Alternation { dark: 6, threshold: 120.0, inverted: false };
        let growth = dark_first.growth(&picture, |modules| [1.0 + 4.0 * modules, 2.0]);
        assert!((growth - 0.25).abs() < 0.05, "{growth}");
        let inverted = Alternation { inverted: true, ..dark_first };
        let growth = inverted.growth(&picture, |modules| [1.0 + 4.0 * modules, 2.0]);
        assert!((growth + 0.25).abs() < 0.05, "{growth}");
    }
}
