//! A Cox model over millions of implants: summed by covariate pattern and day, then fitted as if row by row.
//!
//! Reach for it where covariates are categories: six of them make a few dozen patterns, and a registry of ten million implants
//! becomes some thousand days times these. The likelihood is that of the rows, to the last digit: nothing is approximated.

use super::step::{Moments, RiskSets, Step};
use crate::analysis::life_table::float;
use crate::analysis::matrix::dot;

/// Implants of one stratum by pattern and day.
#[derive(Clone, Debug)]
pub struct Counts {
    /// How many patterns.
    patterns: usize,
    /// Whose observation ended, with an event or without: day after day, pattern after pattern.
    leaving: Vec<u32>,
    /// Those with an event, laid out alike: few, so that the other table stays near the processor.
    events: Vec<u32>,
}

impl Counts {
    /// Of nobody, with room for days 0 to `last_day`.
    pub fn new(patterns: usize, last_day: u16) -> Self {
        let cells = patterns * (usize::from(last_day) + 1);
        Self { patterns, leaving: vec![0; cells], events: vec![0; cells] }
    }

    /// Counts one implant.
    #[inline]
    pub fn add(&mut self, pattern: usize, day: u16, event: bool) {
        let cell = usize::from(day) * self.patterns + pattern;
        self.leaving[cell] += 1;
        if event {
            self.events[cell] += 1;
        }
    }

    /// Each day's implants, and those of them with an event, by pattern.
    fn days(&self) -> impl DoubleEndedIterator<Item = (&[u32], &[u32])> + ExactSizeIterator {
        self.leaving.chunks_exact(self.patterns).zip(self.events.chunks_exact(self.patterns))
    }
}

/// A model over counts; days are the time.
#[derive(Clone, Debug)]
pub struct Grouped {
    /// What the covariates are called.
    pub names: Vec<String>,
    /// Covariates of each pattern, less what is most common, so that sums of squares do not cancel.
    patterns: Vec<Vec<f64>>,
    strata: Vec<Counts>,
}

impl Grouped {
    /// From the covariates of each pattern, and the counts of each stratum.
    pub fn new(names: Vec<String>, mut patterns: Vec<Vec<f64>>, strata: Vec<Counts>) -> Self {
        let mut held = vec![0.0; patterns.len()];
        for (leaving, _) in strata.iter().flat_map(Counts::days) {
            for (held, &n) in held.iter_mut().zip(leaving) {
                *held += f64::from(n);
            }
        }
        let all: f64 = held.iter().sum();
        for k in 0..names.len() {
            let mean = patterns.iter().zip(&held).map(|(x, n)| x[k] * n).sum::<f64>() / all;
            for x in &mut patterns {
                x[k] -= mean;
            }
        }
        Self { names, patterns, strata }
    }

    /// How many implants.
    pub fn len(&self) -> u64 {
        self.strata.iter().flat_map(|counts| &counts.leaving).map(|&n| u64::from(n)).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events.
    pub fn events(&self) -> u64 {
        self.strata.iter().flat_map(|counts| &counts.events).map(|&n| u64::from(n)).sum()
    }
}

impl RiskSets for Grouped {
    fn parameters(&self) -> usize {
        self.names.len()
    }

    fn walk(&self, beta: &[f64], visit: &mut dyn FnMut(&Step)) {
        let eta: Vec<f64> = self.patterns.iter().map(|x| dot(x, beta)).collect();
        let weighted: Vec<Moments> = (self.patterns.iter().zip(&eta))
            .map(|(x, eta)| {
                let mut moments = Moments::zeros(beta.len());
                moments.add(eta.exp(), x);
                moments
            })
            .collect();
        let (mut risk, mut dead) = (Moments::zeros(beta.len()), Moments::zeros(beta.len()));
        let mut dead_x = vec![0.0; beta.len()];
        for (stratum, counts) in self.strata.iter().enumerate() {
            let mut at_risk = vec![0_u32; counts.patterns];
            for (day, (leaving, events)) in counts.days().enumerate().rev() {
                for (sum, n) in at_risk.iter_mut().zip(leaving) {
                    *sum += n;
                }
                let deaths: u32 = events.iter().sum();
                if deaths == 0 {
                    continue;
                }
                risk.clear();
                dead.clear();
                dead_x.fill(0.0);
                let mut dead_eta = 0.0;
                for (pattern, weighted) in weighted.iter().enumerate() {
                    risk.add_all(f64::from(at_risk[pattern]), weighted);
                    if events[pattern] > 0 {
                        let d = f64::from(events[pattern]);
                        dead.add_all(d, weighted);
                        dead_eta += d * eta[pattern];
                        dead_x.iter_mut().zip(&self.patterns[pattern]).for_each(|(sum, x)| *sum += d * x);
                    }
                }
                visit(&Step {
                    stratum,
                    time: float(day as u64),
                    deaths: u64::from(deaths),
                    dead_eta,
                    dead_x: &dead_x,
                    risk: &risk,
                    dead: &dead,
                    members: &[],
                });
            }
        }
    }
}
