//! The log-rank test: are the curves of two or more groups the same?
//!
//! Reach for it to say whether an observed difference may be chance; how large the difference is, the curves say. Mantel 1966
//! (Cancer Chemother Rep 50:163); stratified, the sums are taken over strata; weighted by the pooled survival to the power ρ it is the
//! family of Harrington & Fleming 1982 (Biometrika 69:553), ρ = 1 being Peto & Peto's; against a trend, after Tarone 1975
//! (Biometrika 62:679).

use serde::Serialize;

use super::chance::{ChiSquareTest, chi_squared_tail};
use super::life_table::{LifeTable, Observation, float};
use super::matrix::{Symmetric, dot};

/// What the test found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRank {
    /// How many in each group.
    pub n: Vec<u64>,
    /// Events observed in each group (weighted, where the test weighs).
    pub obs: Vec<f64>,
    /// Events expected if the groups were alike.
    pub exp: Vec<f64>,
    /// The statistic.
    pub chisq: f64,
    /// Degrees of freedom: groups in which an event was expected, less one.
    pub df: u32,
    /// How often chance alone brings a statistic as large; NaN without any event.
    pub p: f64,
    /// Covariance of observed less expected.
    #[serde(skip)]
    pub var: Symmetric,
}

/// Compares groups of observations; any cause but 0 is an event.
pub fn log_rank(groups: &[Vec<Observation>]) -> LogRank {
    log_rank_in_strata(&[groups.to_vec()], 0.0)
}

/// Compares groups within strata: `strata[s][g]` are the observations of group `g` in stratum `s`. Events at time t weigh S(t−)^`rho`.
pub fn log_rank_in_strata(strata: &[Vec<Vec<Observation>>], rho: f64) -> LogRank {
    let k = strata.first().map_or(0, Vec::len);
    let mut test = LogRank {
        n: (0..k).map(|g| strata.iter().map(|groups| groups[g].len() as u64).sum()).collect(),
        obs: vec![0.0; k],
        exp: vec![0.0; k],
        chisq: 0.0,
        df: 0,
        p: f64::NAN,
        var: Symmetric::zeros(k),
    };
    for groups in strata {
        test.add(groups, rho);
    }
    let mut used: Vec<usize> = (0..k).filter(|&g| test.exp[g] > 0.0).collect();
    // Observed less expected sums to zero, so the first group says nothing that the others do not.
    used = used.split_off(1.min(used.len()));
    let diff: Vec<f64> = used.iter().map(|&g| test.obs[g] - test.exp[g]).collect();
    test.chisq = test.var.part(&used).factor().quadratic_form(&diff);
    test.df = u32::try_from(used.len()).expect("a handful of groups");
    test.p = chi_squared_tail(test.chisq, test.df);
    test
}

impl LogRank {
    fn add(&mut self, groups: &[Vec<Observation>], rho: f64) {
        let all = LifeTable::from_observations(&groups.concat(), 1);
        let each: Vec<LifeTable> = groups.iter().map(|group| LifeTable::from_observations(group, 1)).collect();
        let mut pooled = 1.0_f64;
        for (row, &time) in all.time.iter().enumerate() {
            let (events, at_risk) = (float(all.all_events_at(row)), float(all.n_risk[row]));
            if events == 0.0 {
                continue;
            }
            let weight = if rho == 0.0 { 1.0 } else { pooled.powf(rho) };
            pooled *= (at_risk - events) / at_risk;
            let shares: Vec<f64> = each.iter().map(|table| float(table.at_risk(time)) / at_risk).collect();
            let ties = if at_risk > 1.0 { events * (at_risk - events) / (at_risk - 1.0) } else { 0.0 };
            for i in 0..groups.len() {
                self.obs[i] += weight
                    * each[i]
                        .row_at(time)
                        .filter(|&r| each[i].time[r].total_cmp(&time).is_eq())
                        .map_or(0.0, |r| float(each[i].all_events_at(r)));
                self.exp[i] += weight * events * shares[i];
                for j in 0..=i {
                    let other = f64::from(u8::from(i == j)) - shares[j];
                    self.var.add(i, j, weight * weight * ties * shares[i] * other);
                }
            }
        }
    }

    /// Whether the groups differ in order: the test of a trend over `scores`, such as 1, 2, 3.
    pub fn trend(&self, scores: &[f64]) -> ChiSquareTest {
        let differences = self.obs.iter().zip(&self.exp).map(|(o, e)| o - e);
        let sum: f64 = differences.zip(scores).map(|(d, score)| d * score).sum();
        let variance = dot(scores, &self.var.times(scores));
        ChiSquareTest::new(sum * sum / variance, u32::from(variance > 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(rows: &[(f64, usize)]) -> Vec<Observation> {
        rows.iter().map(|&(time, cause)| Observation::new(time, cause)).collect()
    }

    #[test]
    fn equal_groups_do_not_differ() {
        let group: Vec<_> = (1..9).map(|i| Observation::new(f64::from(i), usize::from(i % 2 == 0))).collect();
        let test = log_rank(&[group.clone(), group]);
        assert!(test.chisq.abs() < 1e-20 && test.df == 1);
        assert!((test.p - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_events_there_is_no_test() {
        let group = vec![Observation::new(1.0, 0)];
        let test = log_rank(&[group.clone(), group]);
        assert_eq!(test.df, 0);
        assert!(test.p.is_nan());
    }

    #[test]
    fn by_hand() {
        // Time 1: one of two at risk in A out of four; time 2: one of two in B out of three; time 3: one of one in A out of two.
        let test = log_rank(&[group(&[(1.0, 1), (3.0, 1)]), group(&[(2.0, 1), (4.0, 0)])]);
        let exp = 0.5 + 1.0 / 3.0 + 0.5;
        let var = 0.25 + 2.0 / 9.0 + 0.25;
        assert!((test.exp[0] - exp).abs() < 1e-15 && (test.var.get(0, 0) - var).abs() < 1e-15);
        assert!((test.chisq - (2.0 - exp) * (2.0 - exp) / var).abs() < 1e-15);
        assert!(
            (test.trend(&[1.0, 2.0]).chisq - test.chisq).abs() < 1e-15,
            "of two groups the trend is the difference"
        );
    }

    #[test]
    fn a_stratum_with_one_group_only_adds_nothing_but_its_counts() {
        let (a, b) = (group(&[(1.0, 1), (3.0, 1)]), group(&[(2.0, 1), (4.0, 0)]));
        let alone = log_rank(&[a.clone(), b.clone()]);
        let more = log_rank_in_strata(&[vec![a.clone(), b], vec![a, vec![]]], 0.0);
        assert!((alone.chisq - more.chisq).abs() < 1e-14);
        assert_eq!((more.n, more.obs), (vec![4, 2], vec![4.0, 1.0]));
    }
}
