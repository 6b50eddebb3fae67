//! Newton's iterations on a partial likelihood, from no effect to the maximum.

use super::Ties;
use super::step::{Evaluation, RiskSets};
use crate::analysis::matrix::{Symmetric, dot};

const MOST_ITERATIONS: u32 = 40;
/// The squared length of a step in standard errors below which one more step is the last: steps shrink by their square, so the
/// error that is left after it is far below what a double can tell.
const LAST_STEP: f64 = 1e-13;

/// Where the partial likelihood is largest.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// The coefficients; zero for those left out.
    pub beta: Vec<f64>,
    /// Inverse of the information there.
    pub var: Symmetric,
    /// At no effect, and at the maximum.
    pub loglik: [f64; 2],
    /// The score test of no effect.
    pub score_test: f64,
    /// How many coefficients could be had.
    pub rank: usize,
    /// Which could not, for their covariates say nothing new.
    pub left_out: Vec<bool>,
    /// Whether the steps became small.
    pub converged: bool,
}

/// Climbs to the maximum.
pub fn maximise(sets: &impl RiskSets, ties: Ties) -> Maximum {
    let mut beta = vec![0.0; sets.parameters()];
    let mut here = sets.evaluate(&beta, ties);
    let null = here.loglik;
    let first = here.information.factor();
    let score_test = first.quadratic_form(&here.score);
    let mut converged = false;
    let mut before = f64::INFINITY;
    for _ in 0..MOST_ITERATIONS {
        let factor = here.information.factor();
        let step = factor.solve(&here.score);
        let length = dot(&step, &here.score);
        // Steps that shrink by the same share each time lead to infinity.
        converged = length.abs() < LAST_STEP && length.abs() <= 0.05 * before;
        let last = converged || length.abs() < LAST_STEP;
        before = length.abs();
        if length == 0.0 || !length.is_finite() {
            break;
        }
        let Some((there, at)) = climb(sets, ties, &beta, &step, here.loglik) else { break };
        (beta, here) = (at, there);
        if last {
            break;
        }
    }
    let last = here.information.factor();
    Maximum {
        var: last.inverse(),
        loglik: [null, here.loglik],
        score_test,
        rank: last.rank(),
        left_out: (0..beta.len()).map(|i| last.left_out(i)).collect(),
        beta,
        converged,
    }
}

/// One step, halved until it leads higher; rounding may make it look a hair lower.
fn climb(sets: &impl RiskSets, ties: Ties, from: &[f64], step: &[f64], loglik: f64) -> Option<(Evaluation, Vec<f64>)> {
    let mut share = 1.0;
    for _ in 0..20 {
        let at: Vec<f64> = from.iter().zip(step).map(|(b, s)| b + share * s).collect();
        let there = sets.evaluate(&at, ties);
        if there.loglik.is_finite() && there.loglik >= loglik - 1e-12 * loglik.abs() {
            return Some((there, at));
        }
        share /= 2.0;
    }
    None
}
