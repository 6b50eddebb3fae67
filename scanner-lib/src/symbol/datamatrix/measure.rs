//! How well a symbol was printed and seen, and the same modules seen in a mirror.

use super::super::Quality;
use super::super::frame::Picture;
use super::super::modules::{Modules, Soft};
use super::super::plan::dim;
use super::super::quality::Alternation;
use super::fit::Fit;

/// Contrast and modulation, from the finder pattern (after ISO/IEC 15415, 7.8.3 and 7.8.4), and the module's size; of what lies on no
/// flat grid, no print growth.
pub(super) fn quality(modules: &Modules, soft: &Soft, fit: &Fit) -> Quality {
    let columns = fit.size.columns;
    // Solid sides keep their darkness under blur; alternating ones lose it.
    let solid = modules.mean(&|at| at % columns == 0);
    let border = |dark: bool| modules.mean(&|at| at < columns && modules.known(at) == Some(dark));
    let light = modules.mean(&|at| soft[at] > 0.5);
    let contrast = (light - solid).max(0.0);
    let (across, down) = fit.grid.sides();
    Quality {
        contrast: Some(contrast / 255.0),
        modulation: Some(((border(false) - border(true)) / contrast.max(1.0)).clamp(0.0, 1.0)),
        print_growth: None,
        unused_correction: None,
        module_pixels: Some((across / dim(columns)).min(down / dim(fit.size.rows))),
    }
}

/// The same with print growth, along the alternating borders as they lie in the picture (7.8.5).
pub(super) fn quality_on(picture: &Picture, modules: &Modules, soft: &Soft, fit: &Fit) -> Quality {
    let (rows, columns) = (fit.size.rows, fit.size.columns);
    let between = modules.mean(&|at| soft[at] < -0.5).midpoint(modules.mean(&|at| soft[at] > 0.5));
    let threshold = if fit.inverted { 255.0 - between } else { between };
    let map = fit.grid.map();
    let alternation = |count: usize| Alternation { dark: count / 2, threshold, inverted: fit.inverted };
    // Both begin with a dark module, at the L; half a module before it is paper.
    let top = alternation(columns).growth(picture, |along| map.point((along - 0.5) / dim(columns), 0.5 / dim(rows)));
    let right =
        alternation(rows).growth(picture, |along| map.point(1.0 - 0.5 / dim(columns), 1.0 - (along - 0.5) / dim(rows)));
    Quality { print_growth: Some(top.midpoint(right)), ..quality(modules, soft, fit) }
}

/// Growth of ink beyond which it is undone, and loss of it; and what its borders show at least where it is not blur that
/// lightens them, as part of the contrast.
const GROWN: f32 = 0.15;
const LEAST_MODULATION: f32 = 0.4;

/// Whether ink has spread (`Some(true)`) or was lost (`Some(false)`), by how much more the light modules of the alternating
/// borders are darkened than the dark ones are lightened (after ISO/IEC 15415, 7.8.5: print growth).
pub(super) fn growth(modules: &Modules) -> Option<bool> {
    let (rows, columns) = (modules.plan.rows, modules.plan.columns);
    let border = |wanted: bool| {
        let places = (0..columns).chain((0..rows).map(|row| row * columns + columns - 1));
        let greys: Vec<f32> =
            places.filter(|at| modules.known(*at) == Some(wanted)).map(|at| modules.grey[at]).collect();
        greys.iter().sum::<f32>() / dim(greys.len().max(1))
    };
    let mut sorted = modules.grey.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let (darkest, lightest) = (sorted[sorted.len() / 20], sorted[sorted.len() * 19 / 20]);
    let (contrast, light, dark) = ((lightest - darkest).max(1.0), border(false), border(true));
    let growth = ((lightest - light) - (dark - darkest)) / contrast;
    // Beside the quiet zone blur lightens both.
    let is_lost = growth < -GROWN && light - dark > LEAST_MODULATION * contrast;
    if growth > GROWN { Some(true) } else { is_lost.then_some(false) }
}

/// Rows for columns: the modules of a mirrored square.
pub(super) fn mirrored(modules: &Modules) -> Option<Modules> {
    let n = modules.plan.rows;
    if n != modules.plan.columns {
        return None;
    }
    // The L stays left and below: reflect at the diagonal that runs through its corner.
    let across = |of: &[f32]| (0..n * n).map(|at| of[(n - 1 - at % n) * n + (n - 1 - at / n)]).collect();
    Some(Modules { plan: modules.plan.clone(), grey: across(&modules.grey), seen: across(&modules.seen) })
}
