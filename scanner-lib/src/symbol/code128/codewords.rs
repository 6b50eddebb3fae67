//! Code 128 codewords: bar patterns in, bytes out (ISO/IEC 15417).

use super::super::ranking::lightest_first;

/// Bars and spaces of each codeword, in modules, bar first (ISO/IEC 15417, table 1). 103–105 start a symbol.
pub(super) const PATTERNS: [[u8; 6]; 106] = [
    [2, 1, 2, 2, 2, 2],
    [2, 2, 2, 1, 2, 2],
    [2, 2, 2, 2, 2, 1],
    [1, 2, 1, 2, 2, 3],
    [1, 2, 1, 3, 2, 2],
    [1, 3, 1, 2, 2, 2],
    [1, 2, 2, 2, 1, 3],
    [1, 2, 2, 3, 1, 2],
    [1, 3, 2, 2, 1, 2],
    [2, 2, 1, 2, 1, 3],
    [2, 2, 1, 3, 1, 2],
    [2, 3, 1, 2, 1, 2],
    [1, 1, 2, 2, 3, 2],
    [1, 2, 2, 1, 3, 2],
    [1, 2, 2, 2, 3, 1],
    [1, 1, 3, 2, 2, 2],
    [1, 2, 3, 1, 2, 2],
    [1, 2, 3, 2, 2, 1],
    [2, 2, 3, 2, 1, 1],
    [2, 2, 1, 1, 3, 2],
    [2, 2, 1, 2, 3, 1],
    [2, 1, 3, 2, 1, 2],
    [2, 2, 3, 1, 1, 2],
    [3, 1, 2, 1, 3, 1],
    [3, 1, 1, 2, 2, 2],
    [3, 2, 1, 1, 2, 2],
    [3, 2, 1, 2, 2, 1],
    [3, 1, 2, 2, 1, 2],
    [3, 2, 2, 1, 1, 2],
    [3, 2, 2, 2, 1, 1],
    [2, 1, 2, 1, 2, 3],
    [2, 1, 2, 3, 2, 1],
    [2, 3, 2, 1, 2, 1],
    [1, 1, 1, 3, 2, 3],
    [1, 3, 1, 1, 2, 3],
    [1, 3, 1, 3, 2, 1],
    [1, 1, 2, 3, 1, 3],
    [1, 3, 2, 1, 1, 3],
    [1, 3, 2, 3, 1, 1],
    [2, 1, 1, 3, 1, 3],
    [2, 3, 1, 1, 1, 3],
    [2, 3, 1, 3, 1, 1],
    [1, 1, 2, 1, 3, 3],
    [1, 1, 2, 3, 3, 1],
    [1, 3, 2, 1, 3, 1],
    [1, 1, 3, 1, 2, 3],
    [1, 1, 3, 3, 2, 1],
    [1, 3, 3, 1, 2, 1],
    [3, 1, 3, 1, 2, 1],
    [2, 1, 1, 3, 3, 1],
    [2, 3, 1, 1, 3, 1],
    [2, 1, 3, 1, 1, 3],
    [2, 1, 3, 3, 1, 1],
    [2, 1, 3, 1, 3, 1],
    [3, 1, 1, 1, 2, 3],
    [3, 1, 1, 3, 2, 1],
    [3, 3, 1, 1, 2, 1],
    [3, 1, 2, 1, 1, 3],
    [3, 1, 2, 3, 1, 1],
    [3, 3, 2, 1, 1, 1],
    [3, 1, 4, 1, 1, 1],
    [2, 2, 1, 4, 1, 1],
    [4, 3, 1, 1, 1, 1],
    [1, 1, 1, 2, 2, 4],
    [1, 1, 1, 4, 2, 2],
    [1, 2, 1, 1, 2, 4],
    [1, 2, 1, 4, 2, 1],
    [1, 4, 1, 1, 2, 2],
    [1, 4, 1, 2, 2, 1],
    [1, 1, 2, 2, 1, 4],
    [1, 1, 2, 4, 1, 2],
    [1, 2, 2, 1, 1, 4],
    [1, 2, 2, 4, 1, 1],
    [1, 4, 2, 1, 1, 2],
    [1, 4, 2, 2, 1, 1],
    [2, 4, 1, 2, 1, 1],
    [2, 2, 1, 1, 1, 4],
    [4, 1, 3, 1, 1, 1],
    [2, 4, 1, 1, 1, 2],
    [1, 3, 4, 1, 1, 1],
    [1, 1, 1, 2, 4, 2],
    [1, 2, 1, 1, 4, 2],
    [1, 2, 1, 2, 4, 1],
    [1, 1, 4, 2, 1, 2],
    [1, 2, 4, 1, 1, 2],
    [1, 2, 4, 2, 1, 1],
    [4, 1, 1, 2, 1, 2],
    [4, 2, 1, 1, 1, 2],
    [4, 2, 1, 2, 1, 1],
    [2, 1, 2, 1, 4, 1],
    [2, 1, 4, 1, 2, 1],
    [4, 1, 2, 1, 2, 1],
    [1, 1, 1, 1, 4, 3],
    [1, 1, 1, 3, 4, 1],
    [1, 3, 1, 1, 4, 1],
    [1, 1, 4, 1, 1, 3],
    [1, 1, 4, 3, 1, 1],
    [4, 1, 1, 1, 1, 3],
    [4, 1, 1, 3, 1, 1],
    [1, 1, 3, 1, 4, 1],
    [1, 1, 4, 1, 3, 1],
    [3, 1, 1, 1, 4, 1],
    [4, 1, 1, 1, 3, 1],
    [2, 1, 1, 4, 1, 2],
    [2, 1, 1, 2, 1, 4],
    [2, 1, 1, 2, 3, 2],
];

/// The stop pattern's first six elements; the seventh is a bar of two modules.
pub(super) const STOP: [u8; 6] = [2, 3, 3, 1, 1, 1];

/// The codeword that ends every symbol.
pub(super) const STOP_CODE: u8 = 106;

const SHIFT: u8 = 98;
const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
const CODE_A: u8 = 101;
const FNC1: u8 = 102;
const FNC3: u8 = 96;
const FNC2: u8 = 97;

/// How far six measured widths may be from their pattern: the sum of squared errors in modules.
const TOLERANCE: f32 = 1.3;

/// How much wider (or narrower) than printed bars may be, in modules.
const MOST_GROWTH: f32 = 0.95;

/// The codeword whose pattern comes nearest to six widths, and how far off it is; `None` where none is near, or two
/// are almost equally near.
///
/// Bar-and-space pairs weigh most: ink that spreads moves both edges of a bar, and leaves the pairs as they are.
pub(super) fn nearest(widths: &[f32; 6]) -> Option<(u8, f32)> {
    let total: f32 = widths.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let modules = widths.map(|width| width * 11.0 / total);
    let (mut best, mut second) = ((0, f32::INFINITY), f32::INFINITY);
    for code in 0..=STOP_CODE {
        let error = distance(&modules, *PATTERNS.get(usize::from(code)).unwrap_or(&STOP));
        if error < best.1 {
            second = best.1;
            best = (code, error);
        } else {
            second = second.min(error);
        }
    }
    (best.1 < TOLERANCE && best.1 * 1.5 < second).then_some(best)
}

/// The start character that six widths are nearest to, however far its bars have spread, and how far that is: in modules,
/// what each bar is wider than printed.
pub(super) fn start(widths: &[f32; 6]) -> Option<(u8, f32)> {
    let total: f32 = widths.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let modules = widths.map(|width| width * 11.0 / total);
    let of = |code: u8| {
        let pattern = PATTERNS[usize::from(code)];
        // Half of what bars are wider and spaces narrower.
        let growth =
            (0..6).map(|i| (modules[i] - f32::from(pattern[i])) * if i % 2 == 0 { 1.0 } else { -1.0 }).sum::<f32>()
                / 6.0;
        (code, growth, distance(&corrected(&modules, growth), pattern))
    };
    let mut all = [103, 104, 105].map(of);
    lightest_first(&mut all, |one| one.2);
    let [(code, growth, error), (_, _, second), _] = all;
    (error < TOLERANCE && error * 1.5 < second && growth.abs() < MOST_GROWTH).then_some((code, growth))
}

/// Widths without what bars are wider, in units of the widths.
pub(super) fn corrected(widths: &[f32; 6], growth: f32) -> [f32; 6] {
    std::array::from_fn(|i| if i % 2 == 0 { widths[i] - growth } else { widths[i] + growth })
}

fn distance(modules: &[f32; 6], pattern: [u8; 6]) -> f32 {
    let error: [f32; 6] = std::array::from_fn(|i| modules[i] - f32::from(pattern[i]));
    let pairs: f32 = error.windows(2).map(|pair| (pair[0] + pair[1]).powi(2)).sum();
    let single: f32 = error.iter().map(|value| value.powi(2)).sum();
    pairs + 0.3 * single
}

/// Whether the check character agrees: start, data …, check, without the stop (ISO/IEC 15417, Annex A).
pub(super) fn checks(codes: &[u8]) -> bool {
    let [start, data @ .., check] = codes else { return false };
    let sum = data.iter().zip(1_u32..).fold(u32::from(*start), |sum, (code, weight)| sum + u32::from(*code) * weight);
    sum % 103 == u32::from(*check)
}

/// What the codewords say: bytes (GS for an FNC1 after the first positions) and the AIM identifier.
///
/// `None` where they break the rules of the symbology, so that they cannot be what was printed.
pub(super) fn interpret(codes: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let [start, data @ .., _check] = codes else { return None };
    let mut set = match start {
        103 => CODE_A,
        104 => CODE_B,
        105 => CODE_C,
        _ => return None,
    };
    let (mut bytes, mut aim) = (Vec::with_capacity(data.len() * 2), "]C0");
    let (mut shifted, mut high_once, mut high) = (false, false, false);
    for (position, code) in data.iter().copied().enumerate() {
        let now = match (shifted, set) {
            (true, CODE_A) => CODE_B,
            (true, CODE_B) => CODE_A,
            _ => set,
        };
        let was_shifted = std::mem::take(&mut shifted);
        match (now, code) {
            (_, 103..) => return None,
            (_, FNC1) if position == 0 => aim = "]C1",
            (_, FNC1) if is_application_indicator(&bytes) && position <= 2 => aim = "]C2",
            (_, FNC1) => bytes.push(0x1D),
            (CODE_C, 0..=99) => bytes.extend([b'0' + code / 10, b'0' + code % 10]),
            (CODE_C, CODE_B | CODE_A) => set = code,
            (_, FNC3) => return None, // programs a scanner; never a label
            (_, FNC2) => aim = if aim == "]C0" { "]C4" } else { aim },
            (_, SHIFT) if was_shifted => return None,
            (_, SHIFT) => shifted = true,
            (_, CODE_C) => set = CODE_C,
            (_, CODE_B | CODE_A) if code == now => {
                // FNC4: once for one character of the upper half, twice to stay there.
                if high_once {
                    high = !high;
                }
                high_once = !high_once;
            }
            (_, CODE_B | CODE_A) => set = code,
            (set_now, _) => {
                let low = if set_now == CODE_A && code >= 64 { code - 64 } else { code + 32 };
                let upper = high != std::mem::take(&mut high_once);
                bytes.push(if upper { low | 0x80 } else { low });
            }
        }
    }
    (!bytes.is_empty() && !shifted).then_some((bytes, aim))
}

/// One letter or two digits before an FNC1 name an application (ISO/IEC 15417, 4.3.4).
fn is_application_indicator(bytes: &[u8]) -> bool {
    matches!(bytes, [letter] if letter.is_ascii_alphabetic())
        || matches!(bytes, [a, b] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// The widths in modules of a whole symbol, for tests.
#[cfg(test)]
pub(super) fn draw(codes: &[u8]) -> Vec<u8> {
    let mut widths: Vec<u8> = codes.iter().flat_map(|code| PATTERNS[usize::from(*code)]).collect();
    widths.extend(STOP);
    widths.push(2);
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_check(data: &[u8]) -> Vec<u8> {
        let sum: u32 = data.iter().zip(0_u32..).map(|(code, weight)| u32::from(*code) * weight.max(1)).sum();
        let mut codes = data.to_vec();
        codes.push(u8::try_from(sum % 103).unwrap());
        codes
    }

    #[test]
    fn every_pattern_has_eleven_modules_and_is_its_own_nearest() {
        for (code, pattern) in PATTERNS.iter().enumerate() {
            assert_eq!(pattern.iter().sum::<u8>(), 11, "{code}");
            let grown = std::array::from_fn(|i| f32::from(pattern[i]) + if i % 2 == 0 { 0.3 } else { -0.3 });
            assert_eq!(nearest(&grown).map(|found| usize::from(found.0)), Some(code));
        }
    }

    #[test]
    fn a_start_tells_how_far_bars_have_spread() {
        for code in 103..=105_u8 {
            for growth in [-0.8_f32, 0.0, 0.4, 0.8] {
                let side = |i: usize| if i.is_multiple_of(2) { growth } else { -growth };
                let widths = std::array::from_fn(|i| 3.0 * (f32::from(PATTERNS[usize::from(code)][i]) + side(i)));
                let (told, spread) = start(&widths).expect("a start");
                assert_eq!(told, code);
                assert!((spread - growth).abs() < 0.01, "{code} {growth}: {spread}");
                let back = corrected(&widths, 3.0 * spread);
                assert!(
                    back.iter().zip(PATTERNS[usize::from(code)]).all(|(a, b)| (a / 3.0 - f32::from(b)).abs() < 0.01)
                );
            }
        }
        assert_eq!(start(&[3.0; 6]), None, "even stripes are no start");
    }

    #[test]
    fn gs1_128_gives_gs_for_later_fnc1_only() {
        // Start C, FNC1, 10, 12, 34, FNC1, 21, code B, A
        let codes = with_check(&[105, FNC1, 10, 12, 34, FNC1, 21, CODE_B, 33]);
        assert!(checks(&codes));
        assert_eq!(interpret(&codes), Some((b"101234\x1d21A".to_vec(), "]C1")));
    }

    #[test]
    fn sets_a_and_b_shift_and_upper_half() {
        // Start B: a, SHIFT, (A) NUL, b, FNC4 + 'i' of the upper half
        let codes = with_check(&[104, 65, SHIFT, 64, 66, CODE_B, 73]);
        assert_eq!(interpret(&codes), Some((vec![b'a', 0, b'b', b'i' | 0x80], "]C0")));
    }

    #[test]
    fn a_wrong_check_character_is_noticed() {
        let mut codes = with_check(&[105, 12, 34, 56]);
        assert!(checks(&codes));
        codes[2] = 35;
        assert!(!checks(&codes));
    }
}
