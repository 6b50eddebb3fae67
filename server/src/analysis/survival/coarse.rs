//! A curve in steps of several events, for those who are not to learn of single ones.

use super::Curve;

impl Curve {
    /// The same curve with its steps put together until each stands for `least` events or more; numbers at risk are rounded down to a
    /// multiple of `least`, and losses are not told.
    ///
    /// `exact` are rows after which the curve is to be what it was; their cumulative counts of events differ by 0 or by `least` or more
    /// from each other and from all. A step stands where the last of its events was, so that between two steps the curve lies below what
    /// it was by fewer than `2 × least` events.
    #[must_use]
    pub fn coarsened(&self, least: u64, exact: &[usize]) -> Self {
        let rows = self.time.len();
        let cumulative: Vec<u64> = self
            .n_event
            .iter()
            .scan(0, |sum, &events| {
                *sum += events;
                Some(*sum)
            })
            .collect();
        let all = cumulative.last().copied().unwrap_or(0);
        let mut corners: Vec<u64> = exact.iter().map(|&row| cumulative[row]).chain([all]).filter(|&n| n > 0).collect();
        corners.sort_unstable();
        corners.dedup();
        let mut out = Self { n_censor: vec![0; rows], time: self.time.clone(), ..Self::default() };
        let (mut shown, mut estimate) = (0, (1.0, 0.0, 1.0, 1.0));
        for (row, &seen) in cumulative.iter().enumerate() {
            let corner = corners.iter().copied().find(|&corner| corner >= seen).unwrap_or(all);
            let steps = self.n_event[row] > 0 && (seen == corner || (seen - shown >= least && corner - seen >= least));
            if steps {
                estimate = (self.surv[row], self.se[row], self.lower[row], self.upper[row]);
            }
            out.n_event.push(if steps { seen - shown } else { 0 });
            shown = if steps { seen } else { shown };
            out.n_risk.push(self.n_risk[row] - self.n_risk[row] % least.max(1));
            out.surv.push(estimate.0);
            out.se.push(estimate.1);
            out.lower.push(estimate.2);
            out.upper.push(estimate.3);
        }
        out
    }

    /// How many events were until each of some times.
    pub fn events_until(&self, times: &[f64]) -> Vec<u64> {
        times.iter().map(|&time| self.n_event[..self.time.partition_point(|&t| t <= time)].iter().sum()).collect()
    }

    /// The last row until a time; none before the first.
    pub fn row_at(&self, time: f64) -> Option<usize> {
        self.time.partition_point(|&t| t <= time).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Confidence, kaplan_meier};
    use crate::analysis::life_table::{LifeTable, Observation};

    #[test]
    fn every_step_stands_for_several_and_the_chosen_times_are_exact() {
        let rows: Vec<_> = (1..=203_u32).map(|i| Observation::new(f64::from(i), usize::from(i % 4 == 0))).collect();
        let curve = kaplan_meier(&LifeTable::from_observations(&rows, 1), 1, Confidence::default());
        let row = curve.row_at(100.0).unwrap();
        let coarse = curve.coarsened(5, &[row]);
        let steps: Vec<u64> = coarse.n_event.iter().copied().filter(|&n| n > 0).collect();
        assert_eq!((steps.iter().sum::<u64>(), steps.iter().min()), (50, Some(&5)));
        for time in [100.0, 200.0] {
            let (was, is) = (curve.at(&[time]), coarse.at(&[time]));
            assert_eq!((&was.surv, &was.lower, &was.upper), (&is.surv, &is.lower, &is.upper));
        }
        assert!(coarse.n_risk.iter().all(|n| n % 5 == 0) && coarse.n_censor.iter().all(|&n| n == 0));
        assert_eq!(curve.events_until(&[3.0, 4.0, 100.0]), [0, 1, 25]);
    }
}
