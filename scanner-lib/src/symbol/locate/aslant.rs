//! Bars that a tilt shears: straight across them, lines leave the symbol at its ends.

use super::super::outline::dim;
use super::{Bars, Grid};

/// Tangents between which a stretch lies aslant: more is no stretch.
const LEAST_SLANT: f32 = 0.1;
const MOST_SLANT: f32 = 2.0;

impl Bars {
    /// The same stretch, taken to lie along a direction that is turned by so many radians.
    pub(in crate::symbol) fn turned(&self, turn: f32) -> Self {
        let ([dx, dy], (sin, cos)) = (self.direction, turn.sin_cos());
        Self { direction: [dx * cos - dy * sin, dx * sin + dy * cos], ..*self }
    }

    /// The same bars with lines that run as the stretch itself does, if that is not straight across: a tilt shears bars.
    pub(in crate::symbol) fn aslant(&self) -> Option<Self> {
        (LEAST_SLANT..MOST_SLANT).contains(&self.slant.abs()).then(|| {
            let turned = self.turned(self.slant.atan());
            Self { length: self.length * self.slant.hypot(1.0), height: self.slanted_height, slant: 0.0, ..turned }
        })
    }
}

impl Grid {
    /// How far a group moves aside with every pixel along a direction, and what height that leaves.
    pub(super) fn slant(&self, group: &[usize], [dx, dy]: [f32; 2]) -> (f32, f32) {
        let places: Vec<(f32, f32)> = group
            .iter()
            .map(|at| {
                let [x, y] = self.centre(*at);
                (x * dx + y * dy, y * dx - x * dy)
            })
            .collect();
        let count = dim(places.len());
        let (a, b) = places.iter().fold((0.0, 0.0), |(a, b), place| (a + place.0 / count, b + place.1 / count));
        let (mut both, mut own) = (0.0, 1.0);
        for place in &places {
            both += (place.0 - a) * (place.1 - b);
            own += (place.0 - a).powi(2);
        }
        let slant = both / own;
        let rest = places.iter().map(|place| place.1 - b - slant * (place.0 - a));
        let (low, high) = rest.fold((0.0_f32, 0.0_f32), |(low, high), rest| (low.min(rest), high.max(rest)));
        (slant, (high - low) / slant.hypot(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Frame;
    use super::super::survey;

    #[test]
    fn lines_follow_bars_that_are_sheared() {
        for shear in [-0.4_f32, 0.0, 0.4] {
            let luma: Vec<u8> = (0_u16..400)
                .flat_map(|y| (0_u16..500).map(move |x| (f32::from(x) - 250.0, f32::from(y) - 200.0)))
                .map(|(x, y)| {
                    let away = y - shear * x;
                    if x.abs() < 150.0 && away.abs() < 50.0 && (x * 0.6).sin() > 0.0 { 20 } else { 220 }
                })
                .collect();
            let places = survey(&Frame::new(&luma, 500, 400).expect("the size fits").to_picture());
            let aslant = places.bars.first().expect("bars").aslant();
            let told = aslant.map_or(0.0, |bars| bars.direction[1] / bars.direction[0]);
            assert!((told - shear).abs() < 0.06, "{shear}: {told}");
            assert!(aslant.is_none_or(|bars| (70.0..130.0).contains(&bars.height)), "{shear}: {aslant:?}");
        }
    }
}
