//! How modules of bars leak into their neighbours: guessed, or learned from what was decoded.

use super::layout::float;
use super::solve::solve;

/// Modules to either side that leak into one.
pub(super) const REACH: usize = 2;

/// How much of each module nearby a module shows.
pub(super) type Kernel = [f32; 2 * REACH + 1];

/// Blur of a bar's edge, in modules, that is tried first.
pub(super) const BLURS: [f32; 3] = [0.4, 0.75, 1.1];

/// How a blurred edge spreads a module over its neighbours: by area under a normal curve.
pub(super) fn gaussian(blur: f32) -> Kernel {
    let weights: Kernel = std::array::from_fn(|i| {
        let at = float(i) - float(REACH);
        // The module's own width adds to the blur.
        let spread = blur.hypot(0.29);
        (-(at / spread).powi(2) / 2.0).exp()
    });
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// 1 for a space, −1 for a bar, module by module, from the widths of bars and spaces in turn.
pub(super) fn colours(widths: &[u8], bar_first: bool) -> Vec<f32> {
    let mut out = Vec::with_capacity(16);
    for (i, width) in widths.iter().enumerate() {
        out.extend((0..*width).map(|_| if (i % 2 == 0) == bar_first { -1.0 } else { 1.0 }));
    }
    out
}

/// The colours of a row whose bars have spread by a part of a module on either side (or shrunk, if negative).
///
/// What spreads darkens spaces beside it and leaves bars as they are: no kernel does that.
pub(super) fn spread(row: &[f32], growth: f32) -> Vec<f32> {
    (0..row.len())
        .map(|i| {
            let own = row[i];
            let beside = [i.checked_sub(1).and_then(|before| row.get(before)), row.get(i + 1)];
            own + beside.into_iter().flatten().map(|other| taken(own, *other, growth)).sum::<f32>()
        })
        .collect()
}

/// What a module takes from one beside it, of another colour, that spreads into it.
pub(super) fn taken(own: f32, other: f32, growth: f32) -> f32 {
    let is_spread_into = own > 0.0 && other < 0.0 && growth > 0.0;
    let is_shrunk_from = own < 0.0 && other > 0.0 && growth < 0.0;
    if is_spread_into || is_shrunk_from { -2.0 * growth } else { 0.0 }
}

/// The kernel and offset that explain greys best (least squares), given the colours of their modules with [`REACH`] more
/// at either end.
pub(super) fn learned(greys: &[f32], row: &[f32]) -> Option<(Kernel, f32)> {
    learned_from(greys, row, &vec![1.0; greys.len()])
}

/// The same where greys are to be trusted so far each (0 … 1).
pub(super) fn learned_from(greys: &[f32], row: &[f32], trust: &[f32]) -> Option<(Kernel, f32)> {
    const N: usize = 2 * REACH + 2;
    let mut normal = [[0.0_f32; N]; N];
    let mut right = [0.0_f32; N];
    for (i, (grey, trust)) in greys.iter().zip(trust).enumerate() {
        let mut f = [1.0; N];
        f[..N - 1].copy_from_slice(row.get(i..i + N - 1)?);
        for a in 0..N {
            right[a] += trust * f[a] * grey;
            for b in 0..N {
                normal[a][b] += trust * f[a] * f[b];
            }
        }
    }
    for (i, line) in normal.iter_mut().enumerate() {
        line[i] += 0.5;
    }
    let solved = solve(normal, right)?;
    let mut kernel = [0.0; N - 1];
    kernel.copy_from_slice(&solved[..N - 1]);
    (kernel[REACH] > 0.0).then_some((kernel, solved[N - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_that_spread_darken_what_lies_beside_them_alone() {
        let row = [1.0, 1.0, -1.0, 1.0, -1.0, -1.0];
        let near = |a: Vec<f32>, b: [f32; 6]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(spread(&row, 0.2), [1.0, 0.6, -1.0, 0.2, -1.0, -1.0]));
        assert!(near(spread(&row, -0.2), [1.0, 1.0, -0.2, 1.0, -0.6, -1.0]));
    }
}
