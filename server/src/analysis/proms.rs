//! What patients say: the change of a score from before the operation to after it.
//!
//! Reach for it with pairs of one questionnaire (Oxford Hip or Knee Score, EQ-5D index). The mean change has Student's interval; how
//! many changed by at least what matters to patients has an exact binomial one; the effect size and the standardised response mean
//! allow questionnaires to be compared (Cohen 1988; Liang et al. 1990, Med Care 28:632).

use serde::Serialize;
use statrs::distribution::{Continuous as _, ContinuousCDF as _, StudentsT};

use super::life_table::float;
use super::rates::binomial_interval;

/// A share with its exact interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of all pairs.
    pub share: f64,
    /// Lower 95 % limit.
    pub lower: f64,
    /// Upper 95 % limit.
    pub upper: f64,
}

/// The change of a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Pairs.
    pub n: u64,
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// Mean change.
    pub change: f64,
    /// Standard deviation of the change; NaN for fewer than two pairs.
    pub sd: f64,
    /// Standard error of the mean change.
    pub se: f64,
    /// Lower 95 % limit of the mean change.
    pub lower: f64,
    /// Upper 95 % limit of the mean change.
    pub upper: f64,
    /// Mean change over the standard deviation before.
    pub effect_size: f64,
    /// Mean change over the standard deviation of the change.
    pub response_mean: f64,
    /// Better by at least the smallest change that matters.
    pub better: Share,
    /// Worse by at least as much.
    pub worse: Share,
}

/// Of pairs (before, after), higher being better; `matters` is the smallest change that patients notice.
pub fn change(pairs: &[(f64, f64)], matters: f64) -> Change {
    let n = pairs.len() as u64;
    let changes: Vec<f64> = pairs.iter().map(|(before, after)| after - before).collect();
    let (before, sd_before) = mean_and_deviation(pairs.iter().map(|pair| pair.0));
    let (after, _) = mean_and_deviation(pairs.iter().map(|pair| pair.1));
    let (mean, sd) = mean_and_deviation(changes.iter().copied());
    let se = sd / float(n).sqrt();
    let half = if n > 1 { student_quantile(0.975, float(n - 1)) * se } else { f64::NAN };
    let share = |counts: &dyn Fn(f64) -> bool| {
        let count = changes.iter().filter(|&&change| counts(change)).count() as u64;
        let (lower, upper) = binomial_interval(count, n, 0.95);
        Share { count, share: float(count) / float(n), lower, upper }
    };
    Change {
        n,
        before,
        after,
        change: mean,
        sd,
        se,
        lower: mean - half,
        upper: mean + half,
        effect_size: mean / sd_before,
        response_mean: mean / sd,
        better: share(&|change| change >= matters),
        worse: share(&|change| change <= -matters),
    }
}

/// Mean first, then the squares about it: no cancellation however large the scores.
fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = float(values.clone().count() as u64);
    let mean = values.clone().sum::<f64>() / n;
    let square: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    (mean, if n > 1.0 { (square / (n - 1.0)).sqrt() } else { f64::NAN })
}

/// The value below which Student's t falls with probability `p`; two Newton steps bring statrs' answer to the last digits.
pub fn student_quantile(p: f64, df: f64) -> f64 {
    let Ok(student) = StudentsT::new(0.0, 1.0, df) else { return f64::NAN };
    let mut t = student.inverse_cdf(p);
    for _ in 0..2 {
        t -= (student.cdf(t) - p) / student.pdf(t);
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_r() {
        // qt of R 4.2.2
        for (p, df, want) in [
            (0.975, 1.0, 12.706_204_736_174_7),
            (0.975, 9.0, 2.262_157_162_798_2),
            (0.975, 200.0, 1.971_896_223_639_1),
            (0.9, 3.0, 1.637_744_353_696_2),
        ] {
            let got = student_quantile(p, df);
            assert!((got - want).abs() < 1e-9 * want, "{p}, {df}: {got}");
        }
    }

    #[test]
    fn by_hand() {
        let change = change(&[(10.0, 20.0), (12.0, 18.0), (14.0, 13.0), (16.0, 33.0)], 5.0);
        // Changes 10, 6, −1, 17: mean 8, squares 4 + 4 + 81 + 81 = 170.
        assert!((change.change - 8.0).abs() < 1e-14 && (change.sd - (170.0_f64 / 3.0).sqrt()).abs() < 1e-14);
        assert!((change.upper - change.change - 3.182_446_305_284_26 * change.se).abs() < 1e-9);
        assert_eq!((change.n, change.better.count, change.worse.count), (4, 3, 0));
        assert!((change.better.share - 0.75).abs() < 1e-15 && change.better.lower < 0.2);
        assert!((change.effect_size - 8.0 / (20.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn one_pair_has_no_interval() {
        let one = change(&[(10.0, 20.0)], 5.0);
        assert!((one.change - 10.0).abs() < 1e-14 && one.lower.is_nan() && one.sd.is_nan());
    }
}
