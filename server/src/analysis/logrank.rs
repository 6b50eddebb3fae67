//! The log-rank test: are the curves of two or more groups the same?
//!
//! Reach for it to say whether an observed difference may be chance; how large the difference is, the curves say.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use super::life_table::{LifeTable, Observation, float};

/// What the test found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRank {
    /// How many in each group.
    pub n: Vec<u64>,
    /// Events observed in each group.
    pub obs: Vec<f64>,
    /// Events expected if the groups were alike.
    pub exp: Vec<f64>,
    /// The statistic.
    pub chisq: f64,
    /// Degrees of freedom: groups in which an event was expected, less one.
    pub df: u32,
    /// How often chance alone brings a statistic as large; NaN without any event.
    pub p: f64,
}

/// Compares groups of observations; any cause but 0 is an event.
pub fn log_rank(groups: &[Vec<Observation>]) -> LogRank {
    let pooled: Vec<Observation> = groups.concat();
    let all = LifeTable::from_observations(&pooled, 1);
    let each: Vec<LifeTable> = groups.iter().map(|group| LifeTable::from_observations(group, 1)).collect();
    let k = groups.len();
    let (mut obs, mut exp, mut var) = (vec![0.0; k], vec![0.0; k], vec![vec![0.0; k]; k]);
    for (row, &time) in all.time.iter().enumerate() {
        let (events, at_risk) = (float(all.all_events_at(row)), float(all.n_risk[row]));
        if events == 0.0 {
            continue;
        }
        let shares: Vec<f64> = each.iter().map(|table| float(table.at_risk(time)) / at_risk).collect();
        let ties = if at_risk > 1.0 { events * (at_risk - events) / (at_risk - 1.0) } else { 0.0 };
        for i in 0..k {
            obs[i] += each[i]
                .row_at(time)
                .filter(|&r| each[i].time[r].total_cmp(&time).is_eq())
                .map_or(0.0, |r| float(each[i].all_events_at(r)));
            exp[i] += events * shares[i];
            for j in 0..k {
                var[i][j] += ties * shares[i] * (f64::from(u8::from(i == j)) - shares[j]);
            }
        }
    }
    let (chisq, df) = quadratic_form(&obs, &exp, &var);
    let p = ChiSquared::new(f64::from(df)).map_or(f64::NAN, |chi| chi.sf(chisq));
    LogRank { n: each.iter().map(|table| table.n).collect(), obs, exp, chisq, df, p }
}

/// (O − E)ᵀ V⁻ (O − E) over all but one of the groups that expect events, by Gaussian elimination.
fn quadratic_form(obs: &[f64], exp: &[f64], var: &[Vec<f64>]) -> (f64, u32) {
    let mut used: Vec<usize> = (0..exp.len()).filter(|&i| exp[i] > 0.0).collect();
    used.pop();
    let diff: Vec<f64> = used.iter().map(|&i| obs[i] - exp[i]).collect();
    let mut rows: Vec<Vec<f64>> = used.iter().map(|&i| used.iter().map(|&j| var[i][j]).collect()).collect();
    let mut right = diff.clone();
    for pivot in 0..rows.len() {
        for below in pivot + 1..rows.len() {
            let factor = rows[below][pivot] / rows[pivot][pivot];
            let above = rows[pivot].clone();
            for (cell, above) in rows[below].iter_mut().zip(above).skip(pivot) {
                *cell -= factor * above;
            }
            right[below] -= factor * right[pivot];
        }
    }
    for row in (0..rows.len()).rev() {
        let known: f64 = (row + 1..rows.len()).map(|column| rows[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / rows[row][row];
    }
    let chisq = diff.iter().zip(&right).map(|(d, x)| d * x).sum();
    (chisq, u32::try_from(used.len()).expect("a handful of groups"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
