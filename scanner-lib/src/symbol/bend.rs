//! Where modules lie along a line whose scale changes smoothly: seen at an angle, around a cylinder, on crumpled foil.

use super::layout::{Profile, float};
use super::solve::solve;

/// Terms of the polynomial (Chebyshev's): place, scale, and four kinds of bending.
const TERMS: usize = 6;

/// How a higher term is held back, in parts of what a known place weighs.
const HELD: [f32; TERMS] = [0.0, 0.0, 0.01, 0.02, 0.1, 0.2];

/// Places of modules along a profile, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bend {
    terms: [f32; TERMS],
    pub(super) modules: usize,
}

fn basis(u: f32) -> [f32; TERMS] {
    let mut out = [1.0, u, 0.0, 0.0, 0.0, 0.0];
    for i in 2..TERMS {
        out[i] = 2.0 * u * out[i - 1] - out[i - 2];
    }
    out
}

impl Bend {
    /// The smoothest curve near known places: (module, pixels along).
    ///
    /// `None` of fewer than three places.
    pub(super) fn through(modules: usize, known: &[(f32, f32)]) -> Option<Self> {
        if known.len() < 3 {
            return None;
        }
        let even = Self { terms: [0.0; TERMS], modules };
        let mut normal = [[0.0; TERMS]; TERMS];
        let mut right = [0.0; TERMS];
        for (module, along) in known {
            accumulate(&mut normal, &mut right, basis(even.across(*module)), *along, 1.0);
        }
        let terms = solve(held(normal, float(known.len())), right)?;
        Some(Self { terms, modules }).filter(Self::runs_forward)
    }

    /// −1 … 1 from the first module to the last.
    fn across(&self, module: f32) -> f32 {
        2.0 * module / float(self.modules) - 1.0
    }

    /// Where a module begins.
    pub(super) fn place(&self, module: f32) -> f32 {
        basis(self.across(module)).iter().zip(&self.terms).map(|(a, b)| a * b).sum()
    }

    pub(super) fn ends(&self) -> (f32, f32) {
        (self.place(0.0), self.place(float(self.modules)))
    }

    /// Bent until the greys of the modules come nearest to what they should be; `trust` (0 … 1) says which tell.
    pub(super) fn settled(&self, profile: &Profile, wanted: &[f32], trust: &[f32]) -> Option<Self> {
        let mut bend = *self;
        for _ in 0..3 {
            let greys = profile.modules_at(bend.modules, |module| bend.place(module));
            let mut normal = [[0.0; TERMS]; TERMS];
            let mut right = [0.0; TERMS];
            let mut weight = 0.0;
            for (i, (grey, wanted)) in greys.iter().zip(wanted).enumerate() {
                let (Some(before), Some(behind)) = (greys.get(i.wrapping_sub(1)), greys.get(i + 1)) else { continue };
                // Change of grey a pixel along.
                let middle = float(i) + 0.5;
                let pitch = bend.place(middle + 1.0) - bend.place(middle - 1.0);
                let steep = (behind - before) / pitch.max(0.5);
                let terms = basis(bend.across(middle)).map(|term| term * steep);
                accumulate(&mut normal, &mut right, terms, wanted - grey, trust[i]);
                weight += trust[i] * steep * steep;
            }
            let step = solve(held(normal, weight), right)?;
            for (term, step) in bend.terms.iter_mut().zip(step) {
                *term += step;
            }
        }
        Some(bend).filter(Self::runs_forward)
    }

    /// Whether places follow each other, and no module is much wider than the mean.
    fn runs_forward(&self) -> bool {
        let (from, to) = self.ends();
        let mean = (to - from) / 32.0;
        mean > 0.0
            && (0..32_u8).all(|i| {
                let at = |i: u8| self.place(f32::from(i) / 32.0 * float(self.modules));
                (0.15 * mean..3.0 * mean).contains(&(at(i + 1) - at(i)))
            })
    }
}

fn accumulate(
    normal: &mut [[f32; TERMS]; TERMS],
    right: &mut [f32; TERMS],
    terms: [f32; TERMS],
    wanted: f32,
    weight: f32,
) {
    for a in 0..TERMS {
        right[a] += weight * terms[a] * wanted;
        for b in 0..TERMS {
            normal[a][b] += weight * terms[a] * terms[b];
        }
    }
}

fn held(mut normal: [[f32; TERMS]; TERMS], weight: f32) -> [[f32; TERMS]; TERMS] {
    for (i, (row, held)) in normal.iter_mut().zip(HELD).enumerate() {
        row[i] += held * weight + 1e-4;
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_of_a_cylinder_and_of_a_tilt_is_followed() {
        for place in [
            |part: f32| 300.0 + 250.0 * (1.2 * (2.0 * part - 1.0)).sin(),
            |part: f32| 50.0 + 500.0 * 2.0 * part / (1.0 + part),
        ] {
            let known: Vec<(f32, f32)> =
                (0..=12_u8).map(|i| (11.0 * f32::from(i), place(f32::from(i) / 12.0))).collect();
            let bend = Bend::through(132, &known).expect("a curve");
            for module in 0..=132_u8 {
                let off = bend.place(f32::from(module)) - place(f32::from(module) / 132.0);
                assert!(off.abs() < 2.0, "{module}: {off}");
            }
        }
    }
}
