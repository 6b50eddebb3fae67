//! A symbol that was found and not decoded, kept so that the next frames can add to it.

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::super::grid::Grid;
use super::super::modules::{Modules, Soft, trust};
use super::super::pattern::{Pattern, refined};
use super::super::plan::dim;
use super::super::{Quality, Symbol};
use super::fit::Fit;
use super::size::Size;
use super::{decode, least_agreement, measure, symbol};

/// Modules that a symbol may have moved since the frame before, and steps in which it is looked for.
const FARTHEST: f32 = 6.0;
const STEPS: i8 = 12;

/// Trust that a module must have earned in all looks together: what every look hides remains in doubt.
const SEEN: f32 = 0.3;

/// Soft modules of one look.
#[derive(Clone, Debug)]
pub(in crate::symbol) struct Partial {
    size: Size,
    corners: [[f32; 2]; 4],
    inverted: bool,
    glare: Glare,
    soft: Soft,
    trust: Vec<f32>,
    quality: Quality,
}

impl Partial {
    pub(super) fn of(modules: &Modules, fit: Fit) -> Self {
        let soft = modules.soft();
        let trust = trust(fit.size.columns, &soft);
        let quality = measure::quality(modules, &soft, &fit);
        let Fit { size, inverted, glare, .. } = fit;
        Self { size, corners: fit.grid.corners, inverted, glare, soft, trust, quality }
    }

    pub(in crate::symbol) fn corners(&self) -> [[f32; 2]; 4] {
        self.corners
    }

    pub(in crate::symbol) fn quality(&self) -> &Quality {
        &self.quality
    }

    /// Whether a reflection hides a part of it that other frames may show.
    pub(in crate::symbol) fn is_hidden_in_part(&self) -> bool {
        let hidden = self.soft.iter().filter(|soft| soft.abs() < 0.05).count();
        self.glare != Glare::NONE && 12 * hidden > self.soft.len()
    }

    /// In the pixels of the whole picture.
    pub(in crate::symbol) fn placed(mut self, factor: f32, [left, top]: [f32; 2]) -> Self {
        self.corners = self.corners.map(|[x, y]| [x * factor + left, y * factor + top]);
        self.quality.module_pixels = self.quality.module_pixels.map(|pixels| pixels * factor);
        self
    }

    /// The same symbol about where it was, in a picture in which its finder pattern was not found: a reflection may hide
    /// too much of it.
    pub(in crate::symbol) fn again(&self, picture: &Picture) -> Option<Self> {
        let grid = Grid::flat(self.corners);
        let (across, down) = grid.sides();
        let module = (across / dim(self.size.columns)).min(down / dim(self.size.rows));
        let area = picture.around(&self.corners, FARTHEST * module + 4.0);
        let part = picture.crop(area);
        #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
        let (left, top) = (area.left as f32, area.top as f32);
        let moved = |dx: f32, dy: f32| Grid::flat(self.corners.map(|[x, y]| [x + dx - left, y + dy - top]));
        let pattern = Pattern::finder(&self.size.plan()).beside(self.glare);
        let sign = if self.inverted { -1.0 } else { 1.0 };
        let places = (-STEPS..=STEPS).flat_map(|i| (-STEPS..=STEPS).map(move |j| (i, j)));
        let (grid, _) = places
            .map(|(i, j)| {
                let step = FARTHEST * module / f32::from(STEPS);
                let grid = moved(f32::from(i) * step, f32::from(j) * step);
                (grid, sign * pattern.score(&part, &grid.map()))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let (grid, score) = refined(&part, grid, &pattern, sign, &[0.5, 0.25, 0.12, 0.06]);
        if score < least_agreement(&self.size) {
            return None;
        }
        let Self { size, inverted, glare, .. } = *self;
        let fit = Fit { grid, size, score, alternation: 0.0, inverted, glare };
        let modules = Modules::sample(&part, &grid, size.plan(), inverted, glare);
        Some(Self::of(&modules, fit).placed(1.0, [left, top]))
    }

    /// Whether both may be looks at one symbol.
    pub(in crate::symbol) fn is_like(&self, other: &Self) -> bool {
        self.size == other.size
    }

    /// What all looks together give; or all but one, which may lie wrong.
    pub(in crate::symbol) fn fused(looks: &[Self]) -> Option<Symbol> {
        let last = looks.last()?;
        let size = &last.size;
        let told = |decoded| symbol(decoded, last.corners, last.quality);
        let soft = Self::together(looks, last, None);
        let grey = soft.iter().map(|soft| 127.5 + 100.0 * soft).collect();
        let modules = Modules { plan: size.plan(), grey, seen: vec![1.0; soft.len()] };
        let all = decode::decode(size, &soft).or_else(|| super::read_modules(size, &modules).0);
        if let Some(decoded) = all {
            return Some(told(decoded));
        }
        let but_one = if looks.len() > 2 { 0..looks.len() } else { 0..0 };
        but_one
            .into_iter()
            .find_map(|without| decode::decode(size, &Self::together(looks, last, Some(without))))
            .map(told)
    }

    /// Each module's softness, weighed by how far it could be trusted in each look.
    fn together(looks: &[Self], last: &Self, without: Option<usize>) -> Soft {
        let mut sums = vec![(0.0_f32, 0.0_f32); last.soft.len()];
        for (_, look) in looks.iter().enumerate().filter(|(at, look)| Some(*at) != without && look.is_like(last)) {
            for ((sum, soft), trust) in sums.iter_mut().zip(&look.soft).zip(&look.trust) {
                // A softness beyond 1 is glare or dirt, no better evidence.
                let weight = trust.max(0.002);
                *sum = (sum.0 + weight * soft.clamp(-1.2, 1.2), sum.1 + weight);
            }
        }
        sums.into_iter().map(|(sum, weight)| sum / weight.max(SEEN)).collect()
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
                Partial {
                    size: SIZES[3],
                    corners: [[0.0; 2]; 4],
                    inverted: false,
                    glare: Glare::NONE,
                    soft,
                    trust,
                    quality: Quality::default(),
                }
            })
            .collect();
        assert!(looks.iter().all(|look| decode::decode(&look.size, &look.soft).is_none()), "a look is too easy");
        let symbol = Partial::fused(&looks).expect("a symbol");
        assert_eq!(symbol.text(), testing::TEXT);
    }
}
