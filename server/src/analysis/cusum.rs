//! Watching outcomes as they come: when is a run of failures more than chance?
//!
//! Reach for [`RiskAdjusted`] where each operation has its own risk and its outcome is known after a fixed time (30-day mortality):
//! Steiner et al. 2000 (Biostatistics 1:441). Reach for [`continuous`] where failures may come at any time after the operation and
//! waiting for a fixed time would lose months: the CGR-CUSUM of Gomon, Putter, Nelissen & van der Pas (arXiv:2205.07618),
//! which estimates how much worse it has become and since when. A chart says "look", and how often it says so without cause is
//! measured by simulation, not assumed: [`RiskAdjusted::threshold`].

use serde::Serialize;

use super::life_table::float;

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
        let heights = self.heights_by_chance(risks, runs, seed);
        let share = |height: &f64| {
            float((heights.len() - heights.partition_point(|h| h < height)) as u64) / f64::from(runs) <= false_alarms
        };
        // The chart takes few values where risks are alike, so a limit between two of them is what tells them apart.
        heights.iter().find(|height| share(height)).copied().unwrap_or_else(|| {
            let highest = heights.last().copied().unwrap_or(0.0);
            highest + highest.abs().max(1.0) * 1e-9
        })
    }
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

/// One operation, as the continuous chart sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operated {
    /// Calendar time of the operation.
    pub entry: f64,
    /// Time from the operation to the failure or to the end of observation.
    pub followed: f64,
    /// Whether it failed then.
    pub failed: bool,
    /// Its risk against the average: exp(β·x).
    pub risk: f64,
}

/// The continuous chart: one value per time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Continuous {
    /// Calendar time.
    pub time: Vec<f64>,
    /// The largest generalised log-likelihood ratio of "it became worse for those operated on from some time on".
    pub cgr: Vec<f64>,
    /// How many times the expected failures there were since then; 1 where there is no sign of it.
    pub ratio: Vec<f64>,
    /// Since which operation's time.
    pub since: Vec<f64>,
}

/// The CGR-CUSUM at chosen calendar times. `hazard(t)` is the cumulative hazard of the average operation t after it.
///
/// For each start ν the failures N and the expected failures Λ of those operated on from ν on are compared: with θ = max(0, ln N⁄Λ)
/// the statistic is θ·N − (e^θ − 1)·Λ, and the chart is the largest over ν.
pub fn continuous(operated: &[Operated], hazard: impl Fn(f64) -> f64, times: &[f64]) -> Continuous {
    let mut rows = operated.to_vec();
    rows.sort_by(|a, b| b.entry.total_cmp(&a.entry));
    let mut chart = Continuous::default();
    for &time in times {
        let (mut failures, mut expected) = (0.0, 0.0);
        let mut best = (0.0, 1.0, time);
        let already = rows.partition_point(|row| row.entry > time);
        for same_day in rows[already..].chunk_by(|a, b| a.entry.total_cmp(&b.entry).is_eq()) {
            for row in same_day {
                let known = (time - row.entry).min(row.followed);
                expected += row.risk * hazard(known);
                failures += f64::from(u8::from(row.failed && row.entry + row.followed <= time));
            }
            if failures > expected && expected > 0.0 {
                let theta = f64::ln(failures / expected);
                let height = theta * failures - (failures - expected);
                if height > best.0 {
                    best = (height, failures / expected, same_day[0].entry);
                }
            }
        }
        chart.time.push(time);
        chart.cgr.push(best.0);
        chart.ratio.push(best.1);
        chart.since.push(best.2);
    }
    chart
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

    #[test]
    fn the_continuous_chart_by_hand() {
        let operated = |entry: f64, followed: f64, failed| Operated { entry, followed, failed, risk: 1.0 };
        let rows = [operated(0.0, 10.0, false), operated(4.0, 2.0, true), operated(5.0, 2.0, true)];
        let chart = continuous(&rows, |t| 0.1 * t, &[3.0, 6.0, 8.0]);
        // At 3: nothing failed. At 6, from 4 on: one failure where 0.2 + 0.1 were due; from 5 on none.
        assert!(chart.cgr[0].abs() < f64::EPSILON);
        let at = |n: f64, due: f64| (n / due).ln() * n - (n - due);
        assert!((chart.cgr[1] - at(1.0, 0.3)).abs() < 1e-14 && (chart.since[1] - 4.0).abs() < f64::EPSILON);
        // At 8, from 4 on: two where 0.2 + 0.2 were due.
        assert!((chart.cgr[2] - at(2.0, 0.4)).abs() < 1e-14 && (chart.ratio[2] - 5.0).abs() < 1e-14);
    }
}
