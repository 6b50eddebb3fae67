//! A symbol that was found and not decoded, kept so that the next frames can add to it.

use super::super::{Quality, Symbol};
use super::fit::Fit;
use super::modules::{Modules, Soft, trust};
use super::size::Size;
use super::{decode, symbol};

/// Soft modules of one look.
#[derive(Clone, Debug)]
pub(in crate::symbol) struct Partial {
    size: Size,
    corners: [[f32; 2]; 4],
    soft: Soft,
    trust: Vec<f32>,
    quality: Quality,
}

impl Partial {
    pub(super) fn of(modules: &Modules, fit: Fit) -> Self {
        let soft = modules.soft();
        let trust = trust(&modules.size, &soft);
        let quality = modules.quality(&soft, &fit);
        Self { size: modules.size, corners: fit.grid.corners, soft, trust, quality }
    }

    pub(in crate::symbol) fn corners(&self) -> [[f32; 2]; 4] {
        self.corners
    }

    pub(in crate::symbol) fn quality(&self) -> &Quality {
        &self.quality
    }

    /// In the pixels of the whole picture.
    pub(in crate::symbol) fn placed(mut self, factor: f32, [left, top]: [f32; 2]) -> Self {
        self.corners = self.corners.map(|[x, y]| [x * factor + left, y * factor + top]);
        self.quality.module_pixels = self.quality.module_pixels.map(|pixels| pixels * factor);
        self
    }

    /// Whether both may be looks at one symbol.
    pub(in crate::symbol) fn is_like(&self, other: &Self) -> bool {
        self.size == other.size
    }

    /// What all looks together give: each module's softness, weighed by how far it could be trusted in each look.
    pub(in crate::symbol) fn fused(looks: &[Self]) -> Option<Symbol> {
        let last = looks.last()?;
        let mut sums = vec![(0.0_f32, 0.0_f32); last.soft.len()];
        for look in looks.iter().filter(|look| look.is_like(last)) {
            for ((sum, soft), trust) in sums.iter_mut().zip(&look.soft).zip(&look.trust) {
                // A softness beyond 1 is glare or dirt, no better evidence.
                let weight = trust.max(0.02);
                *sum = (sum.0 + weight * soft.clamp(-1.2, 1.2), sum.1 + weight);
            }
        }
        let fused: Soft = sums.into_iter().map(|(sum, weight)| sum / weight.max(1e-3)).collect();
        let modules = Modules { size: last.size, grey: fused.iter().map(|soft| 127.5 + 100.0 * soft).collect() };
        let decoded = decode::decode(&last.size, &fused).or_else(|| super::read_modules(&modules).0)?;
        Some(symbol(decoded, last.corners, last.quality))
    }
}

#[cfg(test)]
mod tests {
    use super::super::size::SIZES;
    use super::super::testing;
    use super::*;

    #[test]
    fn what_no_look_gives_alone_comes_out_of_several() {
        let mut state = 5_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            1.8 * (f32::from(u16::try_from(state >> 16).unwrap_or(0)) / 32_768.0 - 1.0)
        };
        let looks: Vec<Partial> = (0..8)
            .map(|_| {
                let soft: Soft =
                    testing::modules().iter().map(|dark| if *dark { -1.0 } else { 1.0 } + noise()).collect();
                let trust = vec![1.0; soft.len()];
                Partial { size: SIZES[3], corners: [[0.0; 2]; 4], soft, trust, quality: Quality::default() }
            })
            .collect();
        assert!(looks.iter().all(|look| decode::decode(&look.size, &look.soft).is_none()), "a look is too easy");
        let symbol = Partial::fused(&looks).expect("a symbol");
        assert_eq!(symbol.text(), testing::TEXT);
    }
}
