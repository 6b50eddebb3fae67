//! How often chance alone brings a statistic as large: tails of the normal and the chi-squared distribution, exact far out.
//!
//! Reach for it to turn a statistic into a p-value. A tail is computed as a tail, never as one minus the rest, so that a p-value of
//! 10⁻³⁰ is as exact as one of 0.3.

use serde::Serialize;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// A test as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChiSquareTest {
    /// The statistic.
    pub chisq: f64,
    /// Degrees of freedom.
    pub df: u32,
    /// How often chance alone brings a statistic as large; NaN without a degree of freedom.
    pub p: f64,
}

impl ChiSquareTest {
    /// The test of a statistic.
    pub fn new(chisq: f64, df: u32) -> Self {
        Self { chisq, df, p: chi_squared_tail(chisq, df) }
    }
}

/// P(χ² > x) with whole degrees of freedom (Abramowitz & Stegun 26.4.4 and 26.4.5); NaN without any.
pub fn chi_squared_tail(x: f64, df: u32) -> f64 {
    if df == 0 || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    let half = x / 2.0;
    // The logarithm keeps a term in range whose power and exponential are not.
    let (mut sum, mut log_term, mut next) = if df.is_multiple_of(2) {
        (0.0, 0.0, 1.0)
    } else {
        (libm::erfc(half.sqrt()), half.sqrt().ln() + (FRAC_2_SQRT_PI).ln(), 1.5)
    };
    for _ in 0..df / 2 {
        sum += (log_term - half).exp();
        log_term += (half / next).ln();
        next += 1.0;
    }
    sum.min(1.0)
}

/// P(|Z| > |z|) of a standard normal variable.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_r() {
        // pchisq(x, df, lower.tail = FALSE) of R 4.2.2
        for (x, df, want) in [
            (3.841_458_820_694_124, 1, 0.05),
            (5.991_464_547_107_979, 2, 0.05),
            (62.103_886_406_670_3, 8, 1.798_941_069_928_16e-10),
            (30.500_668_773_157, 3, 1.082_817_699_198_46e-6),
        ] {
            let got = chi_squared_tail(x, df);
            assert!((got - want).abs() <= 1e-11 * want, "{x}, {df}: {got:e} for {want:e}");
        }
        assert!((normal_two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-15);
        assert!(chi_squared_tail(1.0, 0).is_nan());
    }

    #[test]
    fn each_degree_of_freedom_adds_to_the_tail() {
        for df in 1..40 {
            assert!(chi_squared_tail(11.0, df) < chi_squared_tail(11.0, df + 1));
        }
        assert!((chi_squared_tail(0.0, 3) - 1.0).abs() < f64::EPSILON);
    }
}
