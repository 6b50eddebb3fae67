//! Each row's influence on the coefficients, and errors that hold where rows of a cluster are not independent.
//!
//! Lin & Wei 1989. The score residual of a row is what it would add to the score; times the inverse information it is how far the
//! coefficients would move without it (R's `residuals(fit, "dfbeta")`). Efron's treatment of ties is carried through, so that the
//! residuals sum to zero.

use std::collections::BTreeMap;

use super::newton::Maximum;
use super::step::{RiskSets as _, TieSums};
use super::{Design, Ties};
use crate::analysis::matrix::Symmetric;

/// What an event time leaves to those who are at risk at it.
struct Passed {
    stratum: usize,
    time: f64,
    /// Rise of the baseline hazard, and of hazard times mean covariates, up to and with this time (within the stratum).
    hazard: f64,
    mean: Vec<f64>,
}

/// The score residuals at the maximum, row by row.
pub fn score_residuals(design: &Design, beta: &[f64], ties: Ties) -> Vec<Vec<f64>> {
    let width = beta.len();
    let eta = design.eta(beta);
    let mut residuals = vec![vec![0.0; width]; eta.len()];
    let mut passed: Vec<Passed> = Vec::new();
    design.walk(beta, &mut |step| {
        let sums = step.ties(ties);
        let d = crate::analysis::life_table::float(step.deaths);
        let mean: Vec<f64> = (0..width).map(|k| step.risk.s1[k] * sums.aa - step.dead.s1[k] * sums.ab).collect();
        // The event itself: x less the mean over the tied draws of the risk set's mean.
        let own: Vec<f64> = (0..width).map(|k| (step.risk.s1[k] * sums.a - step.dead.s1[k] * sums.b) / d).collect();
        for &row in step.members {
            let weight = eta[row].exp();
            for (k, x) in design.x(row).iter().enumerate() {
                // Of the hazard of its own time a row with the event takes the share that Efron leaves it.
                let kept_back = x * sums.b - (step.risk.s1[k] * sums.ab - step.dead.s1[k] * sums.bb);
                residuals[row][k] += x - own[k] + weight * kept_back;
            }
        }
        passed.push(Passed { stratum: step.stratum, time: step.time, hazard: sums.a, mean });
    });
    accumulate(&mut passed);
    for (row, subject) in design.subjects().iter().enumerate() {
        let weight = eta[row].exp();
        let until = |time: f64| {
            let end = passed.partition_point(|p| (p.stratum, p.time) <= (subject.stratum, time));
            passed[..end].last().filter(|p| p.stratum == subject.stratum)
        };
        for (place, sign) in [(until(subject.time), -1.0), (until(subject.entry), 1.0)] {
            let Some(place) = place else { continue };
            for (k, x) in design.x(row).iter().enumerate() {
                residuals[row][k] += sign * weight * (x * place.hazard - place.mean[k]);
            }
        }
    }
    residuals
}

/// Puts event times in order and sums them up within their stratum.
fn accumulate(passed: &mut [Passed]) {
    passed.sort_by(|a, b| a.stratum.cmp(&b.stratum).then(a.time.total_cmp(&b.time)));
    for i in 1..passed.len() {
        let (before, here) = passed.split_at_mut(i);
        let (before, here) = (&before[i - 1], &mut here[0]);
        if before.stratum == here.stratum {
            here.hazard += before.hazard;
            here.mean.iter_mut().zip(&before.mean).for_each(|(sum, value)| *sum += value);
        }
    }
}

/// The robust covariance: the sum over clusters of the squared influence.
pub fn variance(design: &Design, maximum: &Maximum, ties: Ties) -> Symmetric {
    let mut clusters: BTreeMap<(bool, usize), Vec<f64>> = BTreeMap::new();
    let residuals = score_residuals(design, &maximum.beta, ties);
    for (row, (residual, subject)) in residuals.into_iter().zip(design.subjects()).enumerate() {
        // A row without a cluster is one of its own.
        let key = subject.cluster.map_or((false, row), |cluster| (true, cluster));
        match clusters.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(residual);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                place.get_mut().iter_mut().zip(residual).for_each(|(sum, value)| *sum += value);
            }
        }
    }
    sandwich(&maximum.var, clusters.into_values())
}

/// V·(Σ u·uᵀ)·V.
pub fn sandwich(var: &Symmetric, influences: impl Iterator<Item = Vec<f64>>) -> Symmetric {
    let mut robust = Symmetric::zeros(var.size());
    for influence in influences {
        let moved = var.times(&influence);
        for i in 0..moved.len() {
            for j in 0..=i {
                robust.add(i, j, moved[i] * moved[j]);
            }
        }
    }
    robust
}

/// The rise of the baseline hazard at each event time, in order of stratum and time, at covariates of zero after centring.
pub(super) fn hazard_steps(design: &Design, beta: &[f64], ties: Ties) -> Vec<(usize, f64, f64)> {
    let mut steps = Vec::new();
    design.walk(beta, &mut |step| {
        let sums: TieSums = step.ties(ties);
        steps.push((step.stratum, step.time, sums.a));
    });
    steps.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    steps
}
