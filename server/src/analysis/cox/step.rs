//! One event time: who is at risk, who has the event, and what ties do to the sums.

use super::Ties;
use crate::analysis::matrix::Symmetric;

/// Weighted sums over a set of rows: Σw, Σw·x and the lower triangle of Σw·x·xᵀ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Σw.
    pub s0: f64,
    /// Σw·x.
    pub s1: Vec<f64>,
    /// Σw·x·xᵀ: rows of the lower triangle one after the other.
    pub s2: Vec<f64>,
}

impl Moments {
    /// Of nobody.
    pub fn zeros(parameters: usize) -> Self {
        Self { s0: 0.0, s1: vec![0.0; parameters], s2: vec![0.0; parameters * (parameters + 1) / 2] }
    }

    /// Of nobody again.
    pub fn clear(&mut self) {
        self.s0 = 0.0;
        self.s1.fill(0.0);
        self.s2.fill(0.0);
    }

    /// Takes in a row; a negative weight takes it out.
    pub fn add(&mut self, weight: f64, x: &[f64]) {
        self.s0 += weight;
        let mut cell = self.s2.iter_mut();
        for (i, (sum, xi)) in self.s1.iter_mut().zip(x).enumerate() {
            let weighted = weight * xi;
            *sum += weighted;
            for (cell, xj) in cell.by_ref().take(i + 1).zip(x) {
                *cell += weighted * xj;
            }
        }
    }

    /// Adds another set, `times` over.
    pub fn add_all(&mut self, times: f64, other: &Self) {
        self.s0 += times * other.s0;
        for (sum, value) in self.s1.iter_mut().zip(&other.s1) {
            *sum += times * value;
        }
        for (sum, value) in self.s2.iter_mut().zip(&other.s2) {
            *sum += times * value;
        }
    }
}

/// An event time of one stratum.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Which stratum.
    pub stratum: usize,
    /// The time.
    pub time: f64,
    /// How many events.
    pub deaths: u64,
    /// Σ β·x over the events.
    pub dead_eta: f64,
    /// Σ x over the events.
    pub dead_x: &'a [f64],
    /// Over all at risk, weighted by exp(β·x).
    pub risk: &'a Moments,
    /// Over those with the event, weighted by exp(β·x).
    pub dead: &'a Moments,
    /// The rows with the event, where rows are kept one by one.
    pub members: &'a [usize],
}

/// What the tied events of one time add up to. With D(l) = S₀ − (l⁄d)·E₀ for l = 0 … d−1 (Efron; Breslow has l = 0 throughout):
#[derive(Clone, Copy, Debug, Default)]
pub struct TieSums {
    /// Σ ln D.
    pub log: f64,
    /// Σ 1⁄D: the rise of the baseline hazard.
    pub a: f64,
    /// Σ (l⁄d)⁄D.
    pub b: f64,
    /// Σ 1⁄D².
    pub aa: f64,
    /// Σ (l⁄d)⁄D².
    pub ab: f64,
    /// Σ (l⁄d)²⁄D².
    pub bb: f64,
}

impl TieSums {
    /// For `deaths` events, `at_risk` and `dead` being S₀ and E₀.
    pub fn of(ties: Ties, deaths: u64, at_risk: f64, dead: f64) -> Self {
        let d = crate::analysis::life_table::float(deaths);
        if ties != Ties::Efron || deaths == 1 {
            return Self { log: d * at_risk.ln(), a: d / at_risk, aa: d / (at_risk * at_risk), ..Self::default() };
        }
        let mut sums = Self::default();
        let mut product = 1.0_f64;
        for l in 0..deaths {
            let share = crate::analysis::life_table::float(l) / d;
            let left = at_risk - share * dead;
            let inverse = 1.0 / left;
            // One logarithm for many events: the product stays in range for some of them.
            product *= left;
            if !(1e-200..1e200).contains(&product) {
                sums.log += product.ln();
                product = 1.0;
            }
            sums.a += inverse;
            sums.b += share * inverse;
            let square = inverse * inverse;
            sums.aa += square;
            sums.ab += share * square;
            sums.bb += share * share * square;
        }
        sums.log += product.ln();
        sums
    }
}

impl Step<'_> {
    /// The tie sums of this step.
    pub fn ties(&self, ties: Ties) -> TieSums {
        TieSums::of(ties, self.deaths, self.risk.s0, self.dead.s0)
    }

    /// Σ x − Σ x̄ over the events: what the step adds to the score.
    pub fn score(&self, sums: &TieSums, score: &mut [f64], weight: f64) {
        for (k, score) in score.iter_mut().enumerate() {
            *score += weight * (self.dead_x[k] - (self.risk.s1[k] * sums.a - self.dead.s1[k] * sums.b));
        }
    }

    /// Calls `cell(i, j, value)` with the lower triangle of what the step adds to the information.
    pub fn information(&self, sums: &TieSums, mut cell: impl FnMut(usize, usize, f64)) {
        let (risk, dead) = (self.risk, self.dead);
        let mut at = 0;
        for i in 0..risk.s1.len() {
            for j in 0..=i {
                let second = risk.s2[at] * sums.a - dead.s2[at] * sums.b;
                let mut first = risk.s1[i] * risk.s1[j] * sums.aa;
                if sums.ab != 0.0 {
                    first += dead.s1[i] * dead.s1[j] * sums.bb
                        - (risk.s1[i] * dead.s1[j] + dead.s1[i] * risk.s1[j]) * sums.ab;
                }
                cell(i, j, second - first);
                at += 1;
            }
        }
    }
}

/// Whatever can tell its event times one after the other, at any coefficients.
pub trait RiskSets {
    /// How many coefficients.
    fn parameters(&self) -> usize;

    /// Calls `visit` at each event time of each stratum, the last time first.
    fn walk(&self, beta: &[f64], visit: &mut dyn FnMut(&Step));

    /// Log-likelihood, score and information at `beta`.
    fn evaluate(&self, beta: &[f64], ties: Ties) -> Evaluation {
        let mut sum = Evaluation::zeros(self.parameters());
        self.walk(beta, &mut |step| {
            let sums = step.ties(ties);
            sum.loglik += step.dead_eta - sums.log;
            step.score(&sums, &mut sum.score, 1.0);
            step.information(&sums, |i, j, value| sum.information.add(i, j, value));
        });
        sum
    }
}

/// The partial likelihood at some coefficients.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Its logarithm.
    pub loglik: f64,
    /// First derivatives.
    pub score: Vec<f64>,
    /// Minus the second derivatives.
    pub information: Symmetric,
}

impl Evaluation {
    /// Of no event.
    pub fn zeros(parameters: usize) -> Self {
        Self { loglik: 0.0, score: vec![0.0; parameters], information: Symmetric::zeros(parameters) }
    }
}
