//! Logarithm and exponential without branches, so that a loop over thousands of values runs several at a time.
//!
//! Reach for them in inner loops only; everywhere else the standard library's are as good. The logarithm is right to two units in the last
//! place, the exponential to three. After fdlibm (Sun Microsystems 1993) for the logarithm, Cody & Waite 1980 for the reduction.

const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 · 2⁵²: adding it leaves the nearest integer in the low bits.
const TO_INTEGER: f64 = 6_755_399_441_055_744.0;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const EXPONENT: u64 = 0xfff0_0000_0000_0000;

/// ln x of a positive, normal x.
#[inline]
pub fn ln(x: f64) -> f64 {
    // The bits of √½: mantissas below it count to the power of two before.
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const EVEN: [f64; 3] = [0.399_999_999_994_094_2, 0.222_221_984_321_497_84, 0.153_138_376_992_093_73];
    const ODD: [f64; 4] =
        [0.666_666_666_666_673_5, 0.285_714_287_436_623_9, 0.181_835_721_616_180_5, 0.147_981_986_051_165_86];
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let power = f64::from_bits((moved >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let above = f64::from_bits(x.to_bits().wrapping_sub(moved & EXPONENT).wrapping_add(ONE)) - 1.0;
    let s = above / (2.0 + above);
    let z = s * s;
    let w = z * z;
    let even = w * (EVEN[0] + w * (EVEN[1] + w * EVEN[2]));
    let odd = z * (ODD[0] + w * (ODD[1] + w * (ODD[2] + w * ODD[3])));
    let half = 0.5 * above * above;
    power * LN2_HIGH - ((half - (s * (half + even + odd) + power * LN2_LOW)) - above)
}

/// e^x of an x up to 709, right to three units in the last place; what is too small for a normal number is about 10⁻³⁰⁸.
#[inline]
pub fn exp(x: f64) -> f64 {
    // Of |r| ≤ ½·ln 2, by Remez' exchange for the relative error, which is below 3·10⁻¹⁶; the first two terms are Taylor's.
    const EVEN: [f64; 6] = [
        1.0,
        0.499_999_999_999_983_24,
        0.041_666_666_668_136_47,
        0.001_388_888_851_621_576_2,
        2.480_193_173_590_849e-5,
        2.747_679_011_286_812_7e-7,
    ];
    const ODD: [f64; 5] = [
        1.0,
        0.166_666_666_666_115_57,
        0.008_333_333_370_868_787,
        0.000_198_411_852_379_057_5,
        2.763_499_012_474_290_7e-6,
    ];
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + TO_INTEGER;
    let power = shifted - TO_INTEGER;
    let r = (x - power * LN2_HIGH) - power * LN2_LOW;
    // Even and odd powers apart: two chains of five steps and not one of ten.
    let z = r * r;
    let even = EVEN[0] + z * (EVEN[1] + z * (EVEN[2] + z * (EVEN[3] + z * (EVEN[4] + z * EVEN[5]))));
    let odd = ODD[0] + z * (ODD[1] + z * (ODD[2] + z * (ODD[3] + z * ODD[4])));
    (even + r * odd) * f64::from_bits((shifted.to_bits() << 52).wrapping_add(ONE))
}

/// ln(1 − x) of an x up to 1 ⁄ 100, right to 10⁻¹⁴: the first seven terms of its series.
#[inline]
pub fn ln_one_minus(x: f64) -> f64 {
    -x * (1.0
        + x * (1.0 / 2.0 + x * (1.0 / 3.0 + x * (1.0 / 4.0 + x * (1.0 / 5.0 + x * (1.0 / 6.0 + x * (1.0 / 7.0)))))))
}

/// One over each value, by one division for two of them: the divider is what such loops wait for. None of them may be zero or infinite, nor the
/// product of two.
pub fn invert(values: &mut [f64]) {
    let (first, second) = values.split_at_mut(values.len() / 2);
    let (middle, second) = second.split_at_mut(second.len() - first.len());
    for (a, b) in first.iter_mut().zip(second) {
        let both = 1.0 / (*a * *b);
        (*a, *b) = (*b * both, *a * both);
    }
    for value in middle {
        *value = 1.0 / *value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn at_the_edges() {
        assert_eq!((ln(1.0), exp(0.0)), (0.0, 1.0));
        let nearly = 1.0 - 1e-9_f64;
        assert!((ln(nearly) / nearly.ln() - 1.0).abs() < 1e-15);
        assert!(exp(-1e4) < 1e-300);
    }

    proptest! {
        #[test]
        fn one_over_each(values in proptest::collection::vec(prop_oneof![1e-9..1.0_f64, -1e14..-1.0_f64], 0..40)) {
            let mut inverted = values.clone();
            invert(&mut inverted);
            for (inverse, value) in inverted.iter().zip(&values) {
                prop_assert!((inverse * value - 1.0).abs() < 1e-15);
            }
        }

        #[test]
        fn as_the_standard_library_has_it(power in -300.0..300.0_f64, x in -700.0..700.0_f64) {
            let value = 10_f64.powf(power);
            prop_assert!((ln(value) - value.ln()).abs() <= 4.0 * f64::EPSILON * value.ln().abs());
            prop_assert!((exp(x) - x.exp()).abs() <= 4.0 * f64::EPSILON * x.exp());
            let share = (x.abs() / 70_000.0).min(0.01);
            prop_assert!((ln_one_minus(share) - (-share).ln_1p()).abs() <= 2e-14 * share);
        }
    }
}
