//! Watching outcomes as they come: when is a run of failures more than chance?
//!
//! Reach for [`RiskAdjusted`] where each operation has its own risk and its outcome is known after a fixed time (30-day mortality):
//! Steiner et al. 2000 (Biostatistics 1:441). Reach for [`continuous`] where failures may come at any time after the operation and
//! waiting for a fixed time would lose months. A chart says "look", and how often it says so without cause is
//! measured by simulation, not assumed: [`RiskAdjusted::threshold`], [`continuous::Watched::heights_by_chance`].

use serde::Serialize;

use super::life_table::float;

pub mod continuous;

/// A chart that looks for an odds ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskAdjusted {
    /// The odds ratio to detect: 2 for twice as bad, ½ for twice as good.
    pub odds_ratio: f64,
    /// The height that is a signal; after one the chart starts again from zero. None draws on without.
    pub limit: Option<f64>,
}

/// A chart, one value per operation in the order of their dates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Chart {
    /// What each outcome says for or against the odds ratio: the logarithm of a likelihood ratio.
    pub w: Vec<f64>,
    /// The sum, never below zero.
    pub cusum: Vec<f64>,
    /// At which operations (from 0) the limit was reached.
    pub signals: Vec<usize>,
}

impl RiskAdjusted {
    /// What one outcome says, its risk being `p`.
    pub fn weight(&self, failed: bool, p: f64) -> f64 {
        let unlikely = -(1.0 - p + self.odds_ratio * p).ln();
        if failed { self.odds_ratio.ln() + unlikely } else { unlikely }
    }

    /// The chart of outcomes, each with its risk.
    pub fn chart(&self, outcomes: impl IntoIterator<Item = (bool, f64)>) -> Chart {
        let mut chart = Chart::default();
        let mut sum = 0.0_f64;
        for (i, (failed, p)) in outcomes.into_iter().enumerate() {
            let w = self.weight(failed, p);
            sum = (sum + w).max(0.0);
            chart.w.push(w);
            chart.cusum.push(sum);
            if self.limit.is_some_and(|limit| sum >= limit) {
                chart.signals.push(i);
                sum = 0.0;
            }
        }
        chart
    }

    /// How high the chart climbs in each of `runs` series in which nothing is wrong, in ascending order. The same seed gives the same.
    pub fn heights_by_chance(&self, risks: &[f64], runs: u32, seed: u64) -> Vec<f64> {
        let mut random = Random(seed);
        // Both weights of each operation once, and not its logarithms again in each series.
        let steps: Vec<(f64, [f64; 2])> =
            risks.iter().map(|&p| (p, [self.weight(false, p), self.weight(true, p)])).collect();
        let mut heights: Vec<f64> = (0..runs)
            .map(|_| {
                let (mut sum, mut most) = (0.0_f64, 0.0_f64);
                for (p, weights) in &steps {
                    sum = (sum + weights[usize::from(random.uniform() < *p)]).max(0.0);
                    most = most.max(sum);
                }
                most
            })
            .collect();
        heights.sort_by(f64::total_cmp);
        heights
    }

    /// The limit that at most a share `false_alarms` of such series reaches by chance.
    pub fn threshold(&self, risks: &[f64], false_alarms: f64, runs: u32, seed: u64) -> f64 {
        limit_of(&self.heights_by_chance(risks, runs, seed), false_alarms)
    }
}

/// The limit that at most a share of series reaches, by the heights that they came to, in order.
pub fn limit_of(heights: &[f64], false_alarms: f64) -> f64 {
    // The chart takes few values where risks are alike, so a limit between two of them is what tells them apart.
    heights.iter().find(|height| reached(heights, **height) <= false_alarms).copied().unwrap_or_else(|| {
        let highest = heights.last().copied().unwrap_or(0.0);
        highest + highest.abs().max(1.0) * 1e-9
    })
}

/// The share of series that reach a limit, by the heights that they came to, in order.
pub fn reached(heights: &[f64], limit: f64) -> f64 {
    let below = heights.partition_point(|&height| height < limit);
    float((heights.len() - below) as u64) / float(heights.len().max(1) as u64)
}

/// `SplitMix64` (Steele, Lea & Flood 2014): good enough to toss coins, and the same on every machine.
struct Random(u64);

impl Random {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let twice = RiskAdjusted { odds_ratio: 2.0, limit: Some(1.0) };
        let chart = twice.chart([(true, 0.5), (true, 0.5), (false, 0.5), (true, 0.25), (true, 0.25), (true, 0.25)]);
        let (failed, fine, rare) = ((4.0_f64 / 3.0).ln(), (2.0_f64 / 3.0).ln(), 1.6_f64.ln());
        let want = [failed, 2.0 * failed, 2.0 * failed + fine, 2.0 * failed + fine + rare];
        for (got, want) in chart.cusum.iter().zip(want) {
            assert!((got - want).abs() < 1e-15);
        }
        assert_eq!(chart.signals, [4], "0.6399 at the fourth, 1.1099 at the fifth, and from zero again");
        let starts_again = twice.chart([(true, 0.1); 5]);
        assert_eq!(starts_again.signals, [1, 3]);
        assert!((starts_again.cusum[4] - starts_again.w[4]).abs() < 1e-15);
    }

    #[test]
    fn the_limit_keeps_its_rate_of_false_alarms() {
        let risks: Vec<f64> = (0..300).map(|i| 0.02 + 0.001 * f64::from(i % 40)).collect();
        let twice = RiskAdjusted { odds_ratio: 2.0, limit: None };
        let limit = twice.threshold(&risks, 0.05, 4_000, 1);
        let heights = twice.heights_by_chance(&risks, 4_000, 2);
        let alarms = heights.iter().filter(|&&height| height >= limit).count();
        assert!((140..=260).contains(&alarms), "{alarms} of 4,000 where 200 are due, limit {limit}");
    }

    #[test]
    fn twice_the_risk_is_found_sooner_than_by_chance() {
        let risks = vec![0.03; 400];
        let twice = RiskAdjusted { odds_ratio: 2.0, limit: None };
        let limit = twice.threshold(&risks, 0.05, 2_000, 3);
        // Outcomes at the odds that the chart looks for.
        let bad = 2.0 * 0.03 / (1.0 + 0.03);
        let mut random = Random(9);
        let found = (0..500)
            .filter(|_| {
                let outcomes: Vec<_> = risks.iter().map(|&p| (random.uniform() < bad, p)).collect();
                !RiskAdjusted { limit: Some(limit), ..twice }.chart(outcomes).signals.is_empty()
            })
            .count();
        assert!(found > 300, "found {found} of 500");
    }
}
