//! Funnel plots: which sites, surgeons or devices stand out from the rest by more than their size explains?
//!
//! Reach for it to compare many units at once. The expected count of a unit is what it would have had at the reference's rates
//! (indirect standardisation); its ratio observed ⁄ expected has an exact Poisson interval; the limits are exact and interpolated
//! (Spiegelhalter 2005, Stat Med 24:1185, appendix A.1). Where all units vary by more than chance (§5 there), the limits widen: by a
//! factor ([`Overdispersion::phi`]) or by a variance between units ([`Overdispersion::tau_squared`]), after the most extreme tenth on either side
//! was pulled in, so that outliers do not hide themselves.

use serde::Serialize;

use super::life_table::float;
use super::rates::{funnel_ratio, poisson_at_least, poisson_at_most, poisson_interval};
use super::survival::normal_quantile;

/// What a unit had and what it would have had.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Unit {
    /// Events observed.
    pub observed: u64,
    /// Events expected at the reference's rates.
    pub expected: f64,
}

/// The expected count of a unit: over the strata it shares with the reference, time observed × the reference's rate.
///
/// Each stratum is (the unit's time, the reference's events, the reference's time).
pub fn expected(strata: impl IntoIterator<Item = (f64, u64, f64)>) -> f64 {
    strata.into_iter().filter(|s| s.0 > 0.0 && s.2 > 0.0).map(|(time, events, all)| time * float(events) / all).sum()
}

/// A ratio observed ⁄ expected with its exact interval (a standardised revision ratio, an SMR).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Events observed.
    pub observed: u64,
    /// Events expected.
    pub expected: f64,
    /// Their ratio; NaN where none were expected.
    pub ratio: f64,
    /// Lower 95 % limit.
    pub lower: f64,
    /// Upper 95 % limit.
    pub upper: f64,
    /// How often chance alone brings a count as far off: twice the smaller tail, at most 1.
    pub p: f64,
}

/// The limits of the funnel where a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Lower 95 % limit.
    pub lower95: f64,
    /// Upper 95 % limit.
    pub upper95: f64,
    /// Lower 99.8 % limit.
    pub lower998: f64,
    /// Upper 99.8 % limit.
    pub upper998: f64,
}

/// How much more the units vary than chance explains.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overdispersion {
    /// Mean squared standardised difference, the extremes pulled in; 1 is chance alone.
    pub phi: f64,
    /// Whether it is more than chance brings: over 1 + 2·√(2⁄units).
    pub present: bool,
    /// The variance between units of the ratio (`DerSimonian` & Laird 1986), 0 where chance explains all.
    pub tau_squared: f64,
}

impl Unit {
    /// The ratio with its interval.
    pub fn ratio(self) -> Ratio {
        let (lower, upper) = poisson_interval(self.observed, 0.95);
        let per = |count: f64| if self.expected > 0.0 { count / self.expected } else { f64::NAN };
        let tail = poisson_at_least(self.observed, self.expected).min(poisson_at_most(self.observed, self.expected));
        Ratio {
            observed: self.observed,
            expected: self.expected,
            ratio: per(float(self.observed)),
            lower: per(lower),
            upper: per(upper),
            p: (2.0 * tail).min(1.0),
        }
    }

    /// The difference from what was expected, in standard errors of chance.
    fn standardised(self) -> f64 {
        (float(self.observed) - self.expected) / self.expected.sqrt()
    }
}

impl Limits {
    /// Exact limits of chance alone at an expected count.
    pub fn exact(expected: f64) -> Self {
        let at = |p| if expected > 0.0 { funnel_ratio(expected, p) } else { f64::NAN };
        Self { lower95: at(0.025), upper95: at(0.975), lower998: at(0.001), upper998: at(0.999) }
    }

    /// Limits that allow for a factor φ on the variance.
    pub fn multiplicative(expected: f64, phi: f64) -> Self {
        Self::normal((phi.max(1.0) / expected).sqrt())
    }

    /// Limits that allow for a variance between units.
    pub fn additive(expected: f64, tau_squared: f64) -> Self {
        Self::normal((1.0 / expected + tau_squared).sqrt())
    }

    fn normal(se: f64) -> Self {
        let at = |p| (1.0 + normal_quantile(p) * se).max(0.0);
        Self { lower95: at(0.025), upper95: at(0.975), lower998: at(0.001), upper998: at(0.999) }
    }
}

impl Overdispersion {
    /// Of units that should be alike; a tenth on either side is pulled in to where the next ones are.
    pub fn among(units: &[Unit]) -> Self {
        let units: Vec<Unit> = units.iter().copied().filter(|unit| unit.expected > 0.0).collect();
        let mut scores: Vec<f64> = units.iter().map(|unit| unit.standardised()).collect();
        scores.sort_by(f64::total_cmp);
        let count = float(scores.len() as u64);
        if scores.is_empty() {
            return Self { phi: f64::NAN, present: false, tau_squared: 0.0 };
        }
        let (low, high) = (scores[scores.len() / 10], scores[scores.len() - 1 - scores.len() / 10]);
        let phi = scores.iter().map(|z| z.clamp(low, high).powi(2)).sum::<f64>() / count;
        let weights: f64 = units.iter().map(|unit| unit.expected).sum();
        let squares: f64 = units.iter().map(|unit| unit.expected * unit.expected).sum();
        let spread = weights - squares / weights;
        let excess = count * phi - (count - 1.0);
        let tau_squared = if spread > 0.0 { (excess / spread).max(0.0) } else { 0.0 };
        Self { phi, present: phi > 1.0 + 2.0 * (2.0 / count).sqrt(), tau_squared }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_by_hand() {
        // 100 years where the reference has 2 per 100, 50 where it has 6 per 100.
        assert!((expected([(100.0, 20, 1_000.0), (50.0, 30, 500.0), (9.0, 0, 0.0)]) - 5.0).abs() < 1e-14);
        let ratio = Unit { observed: 10, expected: 5.0 }.ratio();
        assert!((ratio.ratio - 2.0).abs() < 1e-15);
        // Poisson 10: 4.795389 to 18.39036
        assert!((ratio.lower - 0.959_077_8).abs() < 1e-6 && (ratio.upper - 3.678_072).abs() < 1e-6);
        assert!((Unit { observed: 5, expected: 5.0 }.ratio().p - 1.0).abs() < 1e-15);
    }

    #[test]
    fn chance_alone_is_not_overdispersed_and_one_outlier_does_not_make_it_so() {
        let mut units: Vec<Unit> = (0..40).map(|i| Unit { observed: 90 + (i * 7) % 21, expected: 100.0 }).collect();
        let alike = Overdispersion::among(&units);
        assert!(!alike.present && alike.tau_squared == 0.0, "{alike:?}");
        units[0].observed = 400;
        assert!(!Overdispersion::among(&units).present);
        let apart: Vec<Unit> = (0..40).map(|i| Unit { observed: 60 + (i * 7) % 81, expected: 100.0 }).collect();
        let wide = Overdispersion::among(&apart);
        assert!(wide.present && wide.phi > 3.0);
        let (exact, wider) = (Limits::exact(100.0), Limits::multiplicative(100.0, wide.phi));
        assert!(wider.upper998 > exact.upper998 && wider.lower95 < exact.lower95);
        assert!(Limits::additive(100.0, wide.tau_squared).upper95 > exact.upper95);
    }
}
