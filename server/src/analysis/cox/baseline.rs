//! The cumulative baseline hazard: Breslow's or Efron's estimator, as R's `basehaz(fit, centered = FALSE)`.

use super::design::shift;
use super::{Design, Fit, Ties, robust};
use crate::analysis::matrix::dot;

/// The cumulative hazard of someone whose covariates are all zero, in one stratum.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Baseline {
    /// Which stratum.
    pub stratum: usize,
    /// Each distinct time at which anyone's observation ended.
    pub time: Vec<f64>,
    /// The cumulative hazard then.
    pub hazard: Vec<f64>,
}

/// The baseline of each stratum.
pub fn baseline(design: &Design, fit: &Fit, ties: Ties) -> Vec<Baseline> {
    let beta = fit.beta();
    let eta: Vec<f64> = (0..design.subjects().len()).map(|row| dot(design.x(row), &beta)).collect();
    // From the means of the covariates to zero, and back by what kept the exponentials in range.
    let scale = (-dot(&design.centre, &beta) - shift(&eta)).exp();
    let steps = robust::hazard_steps(design, &beta, ties);
    let mut times: Vec<(usize, f64)> = design.subjects().iter().map(|s| (s.stratum, s.time)).collect();
    times.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    times.dedup();
    let mut steps = steps.into_iter().peekable();
    let mut out: Vec<Baseline> = Vec::new();
    let mut sum = 0.0;
    for (stratum, time) in times {
        if out.last().is_none_or(|last| last.stratum != stratum) {
            out.push(Baseline { stratum, ..Baseline::default() });
            sum = 0.0;
        }
        while let Some((_, _, rise)) = steps.next_if(|step| (step.0, step.1) <= (stratum, time)) {
            sum += rise;
        }
        let Some(last) = out.last_mut() else { continue };
        last.time.push(time);
        last.hazard.push(sum * scale);
    }
    out
}
