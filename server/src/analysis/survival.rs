//! Kaplan–Meier: the share of devices still in place, and one minus it, the cumulative percent revision.
//!
//! Reach for it where death is treated as the end of observation (the registries' convention); where death must count as what
//! prevents a revision, use [`super::competing`]. Estimates, standard errors and intervals follow R's `survfit`: Greenwood's
//! variance, and an interval that is not defined where R says NA (a NaN here, `null` in JSON).

use serde::Serialize;
use statrs::distribution::{Continuous as _, ContinuousCDF as _, Normal};

use super::life_table::{LifeTable, float};

mod batch;
mod coarse;
mod summary;
pub use batch::Steps;
pub use summary::{Hazard, Quantiles, nelson_aalen};

/// A mean time until a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RMean {
    /// The horizon.
    pub until: f64,
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
}

/// On which scale the interval is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Scale {
    /// log(−log S): stays within 0 and 1, the best near the edges; the registries' choice.
    #[default]
    LogLog,
    /// log S, which is what R takes when not told.
    Log,
    /// S itself, cut at 0 and 1.
    Plain,
}

/// How sure the interval is, and on which scale it is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// The scale.
    pub scale: Scale,
    /// The share of such intervals that hold the truth, such as 0.95.
    pub level: f64,
}

impl Default for Confidence {
    fn default() -> Self {
        Self { scale: Scale::LogLog, level: 0.95 }
    }
}

impl From<Scale> for Confidence {
    fn from(scale: Scale) -> Self {
        Self { scale, ..Self::default() }
    }
}

impl Confidence {
    /// How many standard errors the interval reaches to either side on its scale.
    pub fn reach(self) -> f64 {
        normal_quantile(0.5 + self.level / 2.0)
    }

    /// The interval about a probability `p` whose logarithm has standard error `se_log`.
    pub fn interval(self, p: f64, se_log: f64) -> (f64, f64) {
        self.interval_of(p, self.reach() * se_log)
    }

    /// The same where it is known how far it reaches about the logarithm.
    fn interval_of(self, p: f64, half: f64) -> (f64, f64) {
        match self.scale {
            Scale::Plain if (half * p).is_nan() => (f64::NAN, f64::NAN),
            Scale::Plain => ((p - half * p).max(0.0), (p + half * p).min(1.0)),
            Scale::Log | Scale::LogLog if p == 0.0 => (f64::NAN, f64::NAN),
            Scale::Log => ((p.ln() - half).exp(), (p.ln() + half).exp().min(1.0)),
            Scale::LogLog if p >= 1.0 => (f64::NAN, f64::NAN),
            Scale::LogLog => {
                let (centre, half) = ((-p.ln()).ln(), half / p.ln());
                ((-(centre - half).exp()).exp(), (-(centre + half).exp()).exp())
            }
        }
    }
}

/// The value below which a standard normal variable falls with probability `p`.
///
/// statrs is right to eleven digits here; a Newton step on libm's `erfc` brings the rest, on whichever tail is small.
pub fn normal_quantile(p: f64) -> f64 {
    let normal = Normal::standard();
    let rough = normal.inverse_cdf(p);
    if !rough.is_finite() {
        return rough;
    }
    let tail = |x: f64| libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
    if p > 0.5 {
        rough + (tail(rough) - (1.0 - p)) / normal.pdf(rough)
    } else {
        rough - (tail(-rough) - p) / normal.pdf(rough)
    }
}

/// A survival curve: one entry per distinct time, or per time asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Curve {
    /// The time.
    pub time: Vec<f64>,
    /// At risk just before it.
    pub n_risk: Vec<u64>,
    /// Events at it (in [`Curve::at`]: since the time before).
    pub n_event: Vec<u64>,
    /// Lost at it (in [`Curve::at`]: since the time before).
    pub n_censor: Vec<u64>,
    /// The estimate.
    pub surv: Vec<f64>,
    /// Its standard error, of the estimate itself and not of its logarithm.
    pub se: Vec<f64>,
    /// Lower limit.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
}

/// The Kaplan–Meier estimate for one cause; events of other causes end observation, as losses do.
pub fn kaplan_meier(table: &LifeTable, cause: usize, confidence: Confidence) -> Curve {
    let rows = table.time.len();
    let mut curve = Curve { time: table.time.clone(), n_risk: table.n_risk.clone(), ..Curve::default() };
    let (mut surv, mut greenwood) = (1.0, 0.0);
    let reach = confidence.reach();
    let mut limits = confidence.interval_of(1.0, 0.0);
    for row in 0..rows {
        let (events, at_risk) = (table.events_at(row, cause), table.n_risk[row]);
        if events > 0 {
            let (d, n) = (float(events), float(at_risk));
            surv *= (n - d) / n;
            greenwood += d / (n * (n - d));
            limits = confidence.interval_of(surv, reach * greenwood.sqrt());
        }
        curve.n_event.push(events);
        curve.n_censor.push(table.n_censor[row] + table.all_events_at(row) - events);
        curve.surv.push(surv);
        curve.se.push(surv * greenwood.sqrt());
        curve.lower.push(limits.0);
        curve.upper.push(limits.1);
    }
    curve
}

impl Curve {
    /// The curve at chosen times, in ascending order, as R's `summary(fit, times =, extend = TRUE)`: before the first event all
    /// are still there for certain; after the last time nobody is at risk and the estimate stays.
    #[must_use]
    pub fn at(&self, times: &[f64]) -> Self {
        let mut out = Self::default();
        let mut from = 0;
        for &time in times {
            let until = self.time.partition_point(|&t| t <= time);
            out.time.push(time);
            out.n_risk.push(self.n_risk.get(self.time.partition_point(|&t| t < time)).copied().unwrap_or(0));
            out.n_event.push(self.n_event[from.min(until)..until].iter().sum());
            out.n_censor.push(self.n_censor[from.min(until)..until].iter().sum());
            let estimate = until
                .checked_sub(1)
                .map_or((1.0, 0.0, 1.0, 1.0), |row| (self.surv[row], self.se[row], self.lower[row], self.upper[row]));
            out.surv.push(estimate.0);
            out.se.push(estimate.1);
            out.lower.push(estimate.2);
            out.upper.push(estimate.3);
            from = until;
        }
        out
    }

    /// Cumulative percent revised at chosen times: 100 × (1 − KM) with its interval.
    pub fn percent_revised(&self, times: &[f64]) -> Vec<PercentRevised> {
        let at = self.at(times);
        (0..times.len())
            .map(|i| PercentRevised {
                time: at.time[i],
                at_risk: at.n_risk[i],
                percent: 100.0 * (1.0 - at.surv[i]),
                lower: 100.0 * (1.0 - at.upper[i]),
                upper: 100.0 * (1.0 - at.lower[i]),
            })
            .collect()
    }
}

/// One line of the table under the plot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PercentRevised {
    /// Time since the implantation, in the unit of the curve.
    pub time: f64,
    /// Still under observation at that time.
    pub at_risk: u64,
    /// Percent revised by then.
    pub percent: f64,
    /// Lower limit; NaN where no interval is defined.
    pub lower: f64,
    /// Upper limit; NaN where no interval is defined.
    pub upper: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::life_table::Observation;

    #[test]
    fn the_normal_quantile_is_exact() {
        // qnorm of R, to the last digit
        for (p, z) in [
            (0.975, 1.959_963_984_540_054),
            (0.5, 0.0),
            (0.999, 3.090_232_306_167_813),
            (0.001, -3.090_232_306_167_813),
        ] {
            let got = normal_quantile(p);
            assert!((got - z).abs() <= 4e-16 * z.abs().max(1.0), "{p}: {got} is not {z}");
        }
    }

    #[test]
    fn gehan_6_mp() {
        // The 6-mercaptopurine arm of Gehan's trial; values in the literature and from R.
        let months = [
            (6, 1),
            (6, 1),
            (6, 1),
            (6, 0),
            (7, 1),
            (9, 0),
            (10, 1),
            (10, 0),
            (11, 0),
            (13, 1),
            (16, 1),
            (17, 0),
            (19, 0),
        ];
        let rest = [(20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)];
        let observations: Vec<_> =
            months.iter().chain(&rest).map(|&(t, c)| Observation::new(f64::from(t), c)).collect();
        let curve = kaplan_meier(&LifeTable::from_observations(&observations, 1), 1, Confidence::default());
        let at = curve.at(&[6.0, 23.0]);
        for (got, want) in [
            (at.surv[0], 0.857_143),
            (at.lower[0], 0.619_718),
            (at.upper[0], 0.951_552),
            (at.surv[1], 0.448_179),
            (at.lower[1], 0.188_052),
            (at.upper[1], 0.680_143),
        ] {
            assert!((got - want).abs() < 5e-7, "{got} is not {want}");
        }
    }

    #[test]
    fn percent_revised_turns_the_interval_round() {
        let observations =
            [Observation::new(1.0, 1), Observation::new(2.0, 0), Observation::new(3.0, 1), Observation::new(4.0, 0)];
        let curve = kaplan_meier(&LifeTable::from_observations(&observations, 1), 1, Confidence::default());
        let lines = curve.percent_revised(&[0.5, 3.0]);
        assert_eq!((lines[0].percent, lines[0].lower, lines[0].upper, lines[0].at_risk), (0.0, 0.0, 0.0, 4));
        assert!(lines[1].lower < lines[1].percent && lines[1].percent < lines[1].upper);
    }
}
