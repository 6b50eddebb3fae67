//! The pattern that measured widths show, however the pitch changes along them.
//!
//! On crumpled foil a character is not only wider or narrower than its neighbours: it is wider at one end than at the other.
//! But pitch changes little from one element to the next, and a wrong pattern makes it jump.

/// Variance of the logarithm of pitch from one element to the next, and of a module's own: what an edge is measured wrong by.
const CHANGE: f32 = 0.02;
const NOISE: f32 = 0.012;

/// How much wider (or narrower) bars may be than printed, in modules, and how much is likely.
const GROWTHS: [f32; 3] = [0.0, 0.16, -0.16];
const LIKELY_GROWTH: f32 = 0.16;

/// How unlikely a pattern may be (a sum of squares in standard deviations), for each element, and how much less likely the
/// next one is.
const TOLERANCE: f32 = 1.3;
const NEXT: f32 = 7.0;

/// An element beside those that are told: as wide as that, of so many modules.
pub(super) type Beside = Option<(f32, u8)>;

/// The likeliest of numbered patterns for widths in modules; `None` where none is likely, or two are.
pub(super) fn likeliest<'a, const N: usize>(
    widths: &[f32; N],
    before: Beside,
    bar_first: bool,
    patterns: &(impl Iterator<Item = &'a [u8; N]> + Clone),
) -> Option<usize> {
    let (mut best, mut second) = ((0, f32::INFINITY), f32::INFINITY);
    for growth in GROWTHS {
        let grown = |is_bar: bool, width: f32| (width - if is_bar { growth } else { -growth }).max(0.1).ln();
        let logs: [f32; N] = std::array::from_fn(|i| grown((i % 2 == 0) == bar_first, widths[i]));
        let before = before.map(|(width, modules)| (grown(!bar_first, width), modules));
        let prior = (growth / LIKELY_GROWTH).powi(2);
        for (value, pattern) in patterns.clone().enumerate() {
            let most = if value == best.0 { best.1 } else { second };
            let mut unlikely = prior;
            let mut last = before;
            for (log, modules) in logs.iter().zip(pattern) {
                let own = (*log, *modules);
                unlikely += last.map_or(0.0, |last| jump(last, own));
                last = Some(own);
                if unlikely >= most {
                    break;
                }
            }
            if unlikely >= most {
                continue;
            }
            if value == best.0 {
                best.1 = unlikely;
            } else if unlikely < best.1 {
                second = best.1;
                best = (value, unlikely);
            } else {
                second = unlikely;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few elements")]
    let tolerated = TOLERANCE * N as f32;
    (best.1 < tolerated && best.1 + NEXT < second).then_some(best.0)
}

/// The logarithms of one to twelve modules.
const LOGS: [f32; 13] = [0.0, 0.0, 0.693, 1.099, 1.386, 1.609, 1.792, 1.946, 2.079, 2.197, 2.303, 2.398, 2.485];

/// And what a module measured wrong is of so many.
const PARTS: [f32; 13] = [1.0, 1.0, 0.25, 0.111, 0.0625, 0.04, 0.028, 0.02, 0.016, 0.012, 0.01, 0.008, 0.007];

/// How unlikely pitch changes so from one element to the next: logarithms of widths, modules.
fn jump((a, of_a): (f32, u8), (b, of_b): (f32, u8)) -> f32 {
    let (of_a, of_b) = (usize::from(of_a).min(12), usize::from(of_b).min(12));
    let off = a - LOGS[of_a] - b + LOGS[of_b];
    off * off / (CHANGE + NOISE * (PARTS[of_a] + PARTS[of_b]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_however_pitch_changes() {
        const PATTERNS: [[u8; 6]; 4] = [[2, 1, 3, 1, 2, 2], [2, 1, 2, 2, 2, 2], [3, 1, 2, 1, 2, 2], [2, 2, 3, 1, 1, 2]];
        for bend in [0.0_f32, 0.03, -0.03] {
            let place = |at: f32| at + bend * at * (11.0 - at);
            let mut from = 0.0;
            let widths = PATTERNS[0].map(|modules| {
                let to = from + f32::from(modules);
                let width = place(to) - place(from);
                from = to;
                width
            });
            assert_eq!(likeliest(&widths, None, true, &PATTERNS.iter()), Some(0), "{bend}");
        }
        // Half way between two of them.
        let between = [2.0, 1.5, 3.0, 1.0, 1.5, 2.0];
        assert_eq!(likeliest(&between, None, true, &PATTERNS.iter()), None);
    }
}
