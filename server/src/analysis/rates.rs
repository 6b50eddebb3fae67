//! Revisions per 100 component-years, proportions, and the limits of a funnel plot: all exact, none by normal approximation.
//!
//! Reach for a rate where follow-up is short or uneven and a curve says too little, and for comparing a device with its group.

use serde::Serialize;
use statrs::distribution::{Beta, Binomial, ContinuousCDF as _, Discrete as _, DiscreteCDF as _, Gamma, Poisson};

use super::life_table::float;

/// Events over time observed, per 100 units of time (component-years for a device), with an exact Poisson interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Events.
    pub events: u64,
    /// Time observed, all together.
    pub time: f64,
    /// Events per 100 of it; NaN where no time was observed.
    pub rate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Rate {
    /// The rate with its interval; `level` such as 0.95.
    pub fn per_hundred(events: u64, time: f64, level: f64) -> Self {
        let per = |count: f64| if time > 0.0 { 100.0 * count / time } else { f64::NAN };
        let (lower, upper) = poisson_interval(events, level);
        Self { events, time, rate: per(float(events)), lower: per(lower), upper: per(upper) }
    }
}

/// The exact (Garwood) interval for the mean of a Poisson count.
pub fn poisson_interval(events: u64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let lower = if events == 0 { 0.0 } else { gamma_quantile(float(events), tail) };
    (lower, gamma_quantile(float(events) + 1.0, 1.0 - tail))
}

/// The exact (Clopper–Pearson) interval for a proportion.
pub fn binomial_interval(events: u64, n: u64, level: f64) -> (f64, f64) {
    if n == 0 || events > n {
        return (f64::NAN, f64::NAN);
    }
    let (tail, x, rest) = ((1.0 - level) / 2.0, float(events), float(n - events));
    let quantile = |a, b, p| Beta::new(a, b).map_or(f64::NAN, |beta| beta.inverse_cdf(p));
    let lower = if events == 0 { 0.0 } else { quantile(x, rest + 1.0, tail) };
    let upper = if events == n { 1.0 } else { quantile(x + 1.0, rest, 1.0 - tail) };
    (lower, upper)
}

/// How often at least `observed` events happen by chance where `expected` are due.
pub fn poisson_at_least(observed: u64, expected: f64) -> f64 {
    match observed.checked_sub(1) {
        None => 1.0,
        Some(_) if expected <= 0.0 => 0.0,
        Some(fewer) => Poisson::new(expected).map_or(f64::NAN, |poisson| poisson.sf(fewer)),
    }
}

/// How often at most `observed` events happen by chance where `expected` are due.
pub fn poisson_at_most(observed: u64, expected: f64) -> f64 {
    if expected <= 0.0 {
        return 1.0;
    }
    Poisson::new(expected).map_or(f64::NAN, |poisson| poisson.cdf(observed))
}

/// A limit of a funnel of ratios observed ⁄ expected: the interpolated exact limit (Spiegelhalter 2005) at probability `p`.
pub fn funnel_ratio(expected: f64, p: f64) -> f64 {
    Poisson::new(expected)
        .map_or(f64::NAN, |poisson| interpolated(p, |r| poisson.cdf(r), |r| poisson.pmf(r)) / expected)
}

/// A limit of a funnel of proportions about the target `theta` at `n` cases and probability `p`.
pub fn funnel_proportion(n: u64, theta: f64, p: f64) -> f64 {
    Binomial::new(theta, n)
        .map_or(f64::NAN, |binomial| interpolated(p, |r| binomial.cdf(r), |r| binomial.pmf(r)) / float(n))
}

/// The count at which a discrete distribution reaches `p`, read between two integers; not below zero.
fn interpolated(p: f64, cdf: impl Fn(u64) -> f64, pmf: impl Fn(u64) -> f64) -> f64 {
    let mut high = 1;
    while cdf(high) < p {
        high *= 2;
    }
    let mut low = 0;
    while low < high {
        let middle = u64::midpoint(low, high);
        if cdf(middle) < p { low = middle + 1 } else { high = middle }
    }
    (float(low) - (cdf(low) - p) / pmf(low)).max(0.0)
}

fn gamma_quantile(shape: f64, p: f64) -> f64 {
    Gamma::new(shape, 1.0).map_or(f64::NAN, |gamma| gamma.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ptir_of_twelve_in_850() {
        let rate = Rate::per_hundred(12, 850.0, 0.95);
        for (got, want) in [(rate.rate, 1.411_765), (rate.lower, 0.729_479_4), (rate.upper, 2.466_069)] {
            assert!((got - want).abs() < 5e-7, "{got} is not {want}");
        }
    }

    #[test]
    fn nine_where_two_and_a_half_are_due() {
        assert!((poisson_at_least(9, 2.1 * 1.2) - 0.001_203_76).abs() < 5e-9);
        assert!((poisson_at_least(0, 2.0) - 1.0).abs() < f64::EPSILON);
        assert!(poisson_at_least(1, 0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn no_time_gives_no_rate() {
        assert!(Rate::per_hundred(0, 0.0, 0.95).rate.is_nan());
    }
}
