//! Gray's test: is the cumulative incidence of a cause the same in two or more groups, where other causes compete?
//!
//! Reach for it beside curves of [`super::competing`]; the log-rank test compares hazards, this compares what people live to see.
//! Gray 1988 (Ann Stat 16:1141), ρ = 0 by default; the variance carries the ties as `cmprsk::cuminc` does. Where a group has run out of
//! people at risk it leaves the comparison.

use serde::Serialize;

use super::chance::chi_squared_tail;
use super::matrix::Symmetric;

/// One observation: when it ended, and 0 (censored) or its cause from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// When observation ended.
    pub time: f64,
    /// 0 for censored.
    pub cause: usize,
    /// Which group, from 0.
    pub group: usize,
    /// Groups are compared within strata.
    pub stratum: usize,
}

/// What the test found for one cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gray {
    /// The statistic.
    pub chisq: f64,
    /// Degrees of freedom: groups less one.
    pub df: u32,
    /// How often chance alone brings a statistic as large.
    pub p: f64,
    /// The weighted differences of all groups but the last.
    pub score: Vec<f64>,
    /// Their covariance.
    #[serde(skip)]
    pub var: Symmetric,
}

/// Compares the incidence of `cause` in `groups` groups; `rho` weighs early (positive) or late (negative) differences.
pub fn gray_test(outcomes: &[Outcome], groups: usize, cause: usize, rho: f64) -> Gray {
    let kept = groups.saturating_sub(1);
    let (mut score, mut var) = (vec![0.0; kept], Symmetric::zeros(kept));
    let mut sorted = outcomes.to_vec();
    sorted.sort_by(|a, b| a.stratum.cmp(&b.stratum).then(a.time.total_cmp(&b.time)));
    for stratum in sorted.chunk_by(|a, b| a.stratum == b.stratum) {
        let part = Comparison::of(stratum, groups, cause, rho);
        for (i, score) in score.iter_mut().enumerate() {
            *score += part.score[i];
            for j in 0..=i {
                var.add(i, j, part.covariance(i, j));
            }
        }
    }
    let df = u32::try_from(kept).expect("a handful of groups");
    let chisq = var.factor().quadratic_form(&score);
    Gray { chisq, df, p: chi_squared_tail(chisq, df), score, var }
}

/// One group, just before a time.
#[derive(Clone, Copy)]
struct State {
    at_risk: f64,
    /// Free of every event, before and with the events of this time.
    free_before: f64,
    free: f64,
    /// Incidence of the cause.
    incidence: f64,
    /// Events of the cause and of others at this time.
    ours: f64,
    others: f64,
}

impl State {
    /// How many would be at risk if nobody were censored, per head of those at the start.
    fn restored(&self) -> f64 {
        self.at_risk / self.free_before
    }

    fn present(&self) -> bool {
        self.at_risk > 0.0
    }
}

/// The sums of one stratum. In Gray's terms: `a` are the weights K, `c` their integrals against the subdistribution's hazard, and the
/// variance is Σₖ Σₜ (a − t·c)² over events, put together at the end as in his equation (3.6).
struct Comparison {
    groups: usize,
    pooled: f64,
    score: Vec<f64>,
    a: Vec<Vec<f64>>,
    c: Vec<Vec<f64>>,
    square: Vec<f64>,
    mixed: Vec<Vec<f64>>,
    direct: Vec<Vec<f64>>,
}

impl Comparison {
    fn of(rows: &[Outcome], groups: usize, cause: usize, rho: f64) -> Self {
        let square = || vec![vec![0.0; groups]; groups];
        let mut sums = Self {
            groups,
            pooled: 0.0,
            score: vec![0.0; groups],
            a: square(),
            c: square(),
            square: vec![0.0; groups],
            mixed: square(),
            direct: square(),
        };
        let start = State { at_risk: 0.0, free_before: 1.0, free: 1.0, incidence: 0.0, ours: 0.0, others: 0.0 };
        let mut states = vec![start; groups];
        for row in rows {
            states[row.group].at_risk += 1.0;
        }
        for tied in rows.chunk_by(|a, b| a.time.total_cmp(&b.time).is_eq()) {
            for row in tied.iter().filter(|row| row.cause > 0) {
                let state = &mut states[row.group];
                if row.cause == cause { state.ours += 1.0 } else { state.others += 1.0 }
            }
            if tied.iter().any(|row| row.cause > 0) {
                sums.step(&mut states, rho);
            }
            for row in tied {
                states[row.group].at_risk -= 1.0;
            }
        }
        sums
    }

    fn step(&mut self, states: &mut [State], rho: f64) {
        let ours: f64 = states.iter().map(|s| s.ours).sum();
        let mut all_restored = 0.0;
        let mut all_unharmed = 0.0;
        for state in states.iter_mut().filter(|s| s.present()) {
            let events = state.ours + state.others;
            state.free = state.free_before * (state.at_risk - events) / state.at_risk;
            all_restored += state.restored();
            all_unharmed += state.restored() * (1.0 - state.incidence);
        }
        let pooled = self.pooled + ours / all_restored;
        let weight = (1.0 - self.pooled).powf(rho);
        self.weigh(states, weight, all_restored, ours / (all_restored * (1.0 - self.pooled)));
        for (i, state) in states.iter().enumerate().filter(|(_, s)| s.present()) {
            self.score[i] += weight * (state.ours - ours * state.restored() * (1.0 - state.incidence) / all_unharmed);
        }
        self.spread(states, ours, all_restored, 1.0 - pooled);
        self.pooled = pooled;
        for state in states.iter_mut().filter(|s| s.present()) {
            state.incidence += state.free_before * state.ours / state.at_risk;
            state.free_before = state.free;
            (state.ours, state.others) = (0.0, 0.0);
        }
    }

    fn weigh(&mut self, states: &[State], weight: f64, all: f64, hazard: f64) {
        for i in 0..self.groups {
            for j in 0..self.groups {
                let both = states[i].present() && states[j].present();
                let same = f64::from(u8::from(i == j));
                self.a[i][j] =
                    if both { weight * states[i].restored() * (same - states[j].restored() / all) } else { 0.0 };
                self.c[i][j] += self.a[i][j] * hazard;
            }
        }
    }

    /// Adds what the events of this time bring to the variance.
    fn spread(&mut self, states: &[State], ours: f64, all: f64, unharmed: f64) {
        for (k, state) in states.iter().enumerate().filter(|(_, s)| s.present()) {
            if ours > 0.0 {
                let t = 1.0 - if state.free > 0.0 { unharmed / state.free } else { 0.0 };
                let ties = if ours > 1.0 { 1.0 - (ours - 1.0) / (all * state.free_before - 1.0) } else { 1.0 };
                let share = ties * state.free_before * ours / (all * state.at_risk);
                self.add(k, t, share, |sums, i| sums.a[i][k]);
            }
            if state.others > 0.0 && state.free > 0.0 {
                let t = unharmed / state.free;
                let d = state.others;
                let ties = if d > 1.0 { 1.0 - (d - 1.0) / (state.at_risk - 1.0) } else { 1.0 };
                let share = ties * state.free_before * state.free_before * d / (state.at_risk * state.at_risk);
                // Events of other causes move the incidence in the opposite direction.
                self.add(k, -t, share, |_, _| 0.0);
            }
        }
    }

    fn add(&mut self, k: usize, t: f64, share: f64, own: impl Fn(&Self, usize) -> f64) {
        self.square[k] += t * t * share;
        let moved: Vec<f64> = (0..self.groups).map(|i| own(self, i) - t * self.c[i][k]).collect();
        for i in 0..self.groups {
            self.mixed[i][k] += moved[i] * t * share;
            for j in 0..=i {
                self.direct[i][j] += moved[i] * moved[j] * share;
            }
        }
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        let late: f64 = (0..self.groups)
            .map(|k| {
                self.c[i][k] * self.c[j][k] * self.square[k]
                    + self.c[i][k] * self.mixed[j][k]
                    + self.c[j][k] * self.mixed[i][k]
            })
            .sum();
        self.direct[i][j] + late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(time: u32, cause: usize, group: usize) -> Outcome {
        Outcome { time: f64::from(time), cause, group, stratum: 0 }
    }

    #[test]
    fn equal_groups_do_not_differ() {
        let rows: Vec<_> = (0..40).map(|i| outcome(i / 4 + 1, (i as usize / 2) % 3, (i % 2) as usize)).collect();
        assert!(gray_test(&rows, 2, 1, 0.0).chisq < 1e-20);
    }

    #[test]
    fn the_order_of_groups_makes_no_difference() {
        let rows: Vec<_> = (0..60).map(|i| outcome(i * 7 % 23, (i as usize * 5) % 3, (i * i % 3) as usize)).collect();
        let turned: Vec<_> = rows.iter().map(|row| Outcome { group: (row.group + 1) % 3, ..*row }).collect();
        let (one, other) = (gray_test(&rows, 3, 1, 0.0), gray_test(&turned, 3, 1, 0.0));
        assert!((one.chisq - other.chisq).abs() < 1e-10 * one.chisq && one.chisq > 0.0);
    }
}
