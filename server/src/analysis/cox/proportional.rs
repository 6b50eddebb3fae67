//! Is the hazard ratio the same early and late? The score test of Grambsch & Therneau, as R's `cox.zph`.
//!
//! Reach for it after every fit: where a small p stands beside a covariate, one ratio does not tell its story. The test asks whether
//! x·g(t) adds to the model, g being a function of time, at the coefficients that were fitted without it.

use super::step::RiskSets as _;
use super::{Design, Fit, Ties};
use crate::analysis::chance::ChiSquareTest;
use crate::analysis::life_table::{LifeTable, Observation, float};
use crate::analysis::matrix::Symmetric;
use crate::analysis::survival::{Scale, kaplan_meier};

/// The function of time that is tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Transform {
    /// One minus Kaplan–Meier just before the time: late outliers weigh little; R's choice when not told.
    #[default]
    Km,
    /// The time itself.
    Identity,
    /// Its logarithm.
    Log,
}

/// The test of each covariate, and of all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Proportionality {
    /// Per covariate; degrees of freedom 0 where it was left out of the model.
    pub each: Vec<ChiSquareTest>,
    /// Of all.
    pub global: ChiSquareTest,
}

/// Tests a fitted model.
pub fn test(design: &Design, fit: &Fit, ties: Ties, transform: Transform) -> Proportionality {
    let beta = fit.beta();
    let width = beta.len();
    let of_time = transformed(design, transform);
    let g = |time: f64| of_time[of_time.partition_point(|&(t, _, _)| t < time)].1;
    let (mut sum, mut count) = (0.0, 0.0);
    for &(_, value, deaths) in &of_time {
        sum += value * deaths;
        count += deaths;
    }
    let mean = sum / count;

    // Covariates first, then covariates times g.
    let mut score = vec![0.0; 2 * width];
    let mut information = Symmetric::zeros(2 * width);
    design.walk(&beta, &mut |step| {
        let sums = step.ties(ties);
        let at = g(step.time) - mean;
        step.score(&sums, &mut score[width..], at);
        step.information(&sums, |i, j, value| {
            information.add(i, j, value);
            information.add(width + i, width + j, at * at * value);
            information.add(width + i, j, at * value);
            if i != j {
                information.add(width + j, i, at * value);
            }
        });
    });
    let kept: Vec<usize> = (0..width).filter(|&k| !fit.coef[k].is_nan()).collect();
    let tested = |which: &[usize]| {
        let columns: Vec<usize> = kept.iter().copied().chain(which.iter().map(|k| width + k)).collect();
        let part: Vec<f64> = columns.iter().map(|&c| if c < width { 0.0 } else { score[c] }).collect();
        let chisq = information.part(&columns).factor().quadratic_form(&part);
        ChiSquareTest::new(chisq, u32::try_from(which.len()).expect("a handful of covariates"))
    };
    Proportionality {
        each: (0..width).map(|k| tested(if kept.contains(&k) { std::slice::from_ref(&k) } else { &[] })).collect(),
        global: tested(&kept),
    }
}

/// Each event time with its g and its events, over all strata together.
fn transformed(design: &Design, transform: Transform) -> Vec<(f64, f64, f64)> {
    let observations: Vec<Observation> = design
        .subjects()
        .iter()
        .map(|s| Observation { entry: s.entry, time: s.time, cause: usize::from(s.event) })
        .collect();
    let curve = kaplan_meier(&LifeTable::from_observations(&observations, 1), 1, Scale::Plain.into());
    let mut before = 1.0;
    let mut out = Vec::new();
    for row in 0..curve.time.len() {
        if curve.n_event[row] == 0 {
            continue;
        }
        let time = curve.time[row];
        let value = match transform {
            Transform::Km => 1.0 - before,
            Transform::Identity => time,
            Transform::Log => time.ln(),
        };
        out.push((time, value, float(curve.n_event[row])));
        before = curve.surv[row];
    }
    out
}
