//! The exact partial likelihood of tied events at discrete times.
//!
//! Reach for it where time is coarse (visits by year) and the data are small: of the n at risk, which d would have had the event?
//! The sum over all choices is built by the recursion of Gail, Lubin & Rubinstein 1981, with its first and second derivatives; its
//! cost is n·d·p² at each time.

use super::step::{Evaluation, Moments, RiskSets, Step};
use super::{Design, Ties};
use crate::analysis::life_table::float;

/// A design under the exact likelihood.
#[derive(Debug)]
pub struct Exact<'a> {
    design: &'a Design,
}

impl<'a> Exact<'a> {
    /// Of the same rows.
    pub fn of(design: &'a Design) -> Self {
        Self { design }
    }

    /// The rows at risk at a time of a stratum.
    fn at_risk(&self, stratum: usize, time: f64) -> impl Iterator<Item = usize> + '_ {
        let subjects = self.design.subjects().iter().enumerate();
        subjects.filter(move |(_, s)| s.stratum == stratum && s.entry < time && s.time >= time).map(|(row, _)| row)
    }
}

impl RiskSets for Exact<'_> {
    fn parameters(&self) -> usize {
        self.design.parameters()
    }

    fn walk(&self, beta: &[f64], visit: &mut dyn FnMut(&Step)) {
        self.design.walk(beta, visit);
    }

    fn evaluate(&self, beta: &[f64], _: Ties) -> Evaluation {
        let mut sum = Evaluation::zeros(beta.len());
        let eta = self.design.eta(beta);
        self.design.walk(beta, &mut |step| {
            let d = usize::try_from(step.deaths).expect("a count of rows in memory");
            let rows: Vec<usize> = self.at_risk(step.stratum, step.time).collect();
            // Scaled so that the sum over all choices stays near one: there are about (e·n⁄d)^d of them.
            let deaths = float(step.deaths);
            let scale = step.risk.s0 * std::f64::consts::E / deaths;
            let choices = choices(&rows, d, |row| (eta[row].exp() / scale, self.design.x(row)));
            sum.loglik += step.dead_eta - choices.s0.ln() - scale.ln() * deaths;
            let mut cell = 0;
            for i in 0..beta.len() {
                sum.score[i] += step.dead_x[i] - choices.s1[i] / choices.s0;
                for j in 0..=i {
                    let mean = choices.s1[i] * choices.s1[j] / (choices.s0 * choices.s0);
                    sum.information.add(i, j, choices.s2[cell] / choices.s0 - mean);
                    cell += 1;
                }
            }
        });
        sum
    }
}

/// The sum over all ways to choose `d` rows of the product of their weights, with Σx and Σx·xᵀ of the chosen.
fn choices<'a>(rows: &[usize], d: usize, of: impl Fn(usize) -> (f64, &'a [f64])) -> Moments {
    let width = rows.first().map_or(0, |&row| of(row).1.len());
    let mut of_size = vec![Moments::zeros(width); d + 1];
    of_size[0].s0 = 1.0;
    for (seen, &row) in rows.iter().enumerate() {
        let (weight, x) = of(row);
        for size in (1..=d.min(seen + 1)).rev() {
            let (smaller, larger) = of_size.split_at_mut(size);
            extend(&mut larger[0], &smaller[size - 1], weight, x);
        }
    }
    of_size.pop().unwrap_or_default()
}

/// Adds to the choices of one size those that have one row more than the choices of the size below.
fn extend(to: &mut Moments, from: &Moments, weight: f64, x: &[f64]) {
    to.s0 += weight * from.s0;
    let mut cell = 0;
    for i in 0..x.len() {
        to.s1[i] += weight * (from.s1[i] + from.s0 * x[i]);
        for j in 0..=i {
            to.s2[cell] += weight * (from.s2[cell] + from.s1[i] * x[j] + x[i] * from.s1[j] + from.s0 * x[i] * x[j]);
            cell += 1;
        }
    }
}
