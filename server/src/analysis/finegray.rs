//! Fine & Gray's model: how covariates move the cumulative incidence of a cause where other causes compete.
//!
//! Reach for it where a Cox model of the cause would answer "if nobody died". Fine & Gray 1999 (JASA 94:496): whoever had another
//! cause stays at risk with a weight G(t−)⁄G(T−), G being the Kaplan–Meier curve of censoring. Two conventions are in use, and named:
//! [`Convention::Crr`] (`cmprsk::crr`: Breslow's ties, errors that know that G was estimated) and [`Convention::Finegray`]
//! (`survival::finegray` with `coxph`: Efron's ties, a censoring counts after the events of its time, robust errors).

use super::cox::newton::{Maximum, maximise};
use super::cox::robust::sandwich;
use super::cox::step::{Moments, RiskSets, Step};
use super::cox::{Design, Fit, Subject, Ties};
use super::life_table::float;

/// Whose numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// `cmprsk::crr`.
    #[default]
    Crr,
    /// `survival::finegray` and `coxph`.
    Finegray,
}

/// When someone's observation ended, and why: 0 censored, otherwise the cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// When.
    pub time: f64,
    /// Why.
    pub cause: usize,
}

/// Fits the model of one cause; `x` holds the covariates row after row.
pub fn fit(names: Vec<String>, outcomes: &[Outcome], x: Vec<f64>, cause: usize, convention: Convention) -> Fit {
    let sets = Weighted::new(names, outcomes, x, cause, convention);
    let maximum = maximise(&sets, sets.ties());
    let mut fit = Fit::from_maximum(sets.design.names.clone(), &maximum, sets.design.len(), sets.design.events());
    fit.set_variance(sandwich(&maximum.var, sets.influences(&maximum).into_iter()));
    fit
}

/// Rows whose competing events keep them at risk with a falling weight.
struct Weighted {
    design: Design,
    convention: Convention,
    /// Rows in order of time, the first first.
    order: Vec<usize>,
    /// Whether the row ended with another cause.
    competing: Vec<bool>,
    censored: Vec<bool>,
    /// G just before the row's time.
    before: Vec<f64>,
}

impl Weighted {
    fn new(names: Vec<String>, outcomes: &[Outcome], x: Vec<f64>, cause: usize, convention: Convention) -> Self {
        let subjects = outcomes.iter().map(|o| Subject::new(o.time, o.cause == cause)).collect();
        let design = Design::new(names, subjects, x);
        let mut order: Vec<usize> = (0..outcomes.len()).collect();
        order.sort_by(|&a, &b| design.subjects()[a].time.total_cmp(&design.subjects()[b].time));
        let competing = outcomes.iter().map(|o| o.cause != cause && o.cause != 0).collect();
        let censored = outcomes.iter().map(|o| o.cause == 0).collect();
        let before = vec![1.0; outcomes.len()];
        let mut sets = Self { design, convention, order, competing, censored, before };
        let mut g = 1.0;
        for moment in sets.censoring() {
            for &row in &sets.order[moment.rows.clone()] {
                sets.before[row] = g;
            }
            g *= 1.0 - moment.censored / moment.at_risk.max(1.0);
        }
        sets
    }

    fn ties(&self) -> Ties {
        match self.convention {
            Convention::Crr => Ties::Breslow,
            Convention::Finegray => Ties::Efron,
        }
    }

    /// Each distinct time with its rows, those at risk of being censored then, and those censored.
    fn censoring(&self) -> Vec<Censoring> {
        let time = |row: usize| self.design.subjects()[row].time;
        let mut from = 0;
        let mut out = Vec::new();
        for rows in self.order.chunk_by(|&a, &b| time(a).total_cmp(&time(b)).is_eq()) {
            let censored = float(rows.iter().filter(|&&row| self.censored[row]).count() as u64);
            let mut at_risk = float((self.order.len() - from) as u64);
            if self.convention == Convention::Finegray {
                at_risk -= float(rows.len() as u64) - censored;
            }
            out.push(Censoring { time: time(rows[0]), rows: from..from + rows.len(), at_risk, censored });
            from += rows.len();
        }
        out
    }

    /// What the competing rows whose time came before weigh, without the factor G(t−): at each distinct time of an event.
    fn kept(&self, risk: &[f64]) -> Vec<(f64, Moments)> {
        let mut sum = Moments::zeros(self.design.names.len());
        let mut out = Vec::new();
        let time = |row: usize| self.design.subjects()[row].time;
        for rows in self.order.chunk_by(|&a, &b| time(a).total_cmp(&time(b)).is_eq()) {
            if rows.iter().any(|&row| self.design.subjects()[row].event) {
                out.push((self.before[rows[0]], sum.clone()));
            }
            for &row in rows.iter().filter(|&&row| self.competing[row] && self.before[row] > 0.0) {
                sum.add(risk[row] / self.before[row], self.design.x(row));
            }
        }
        out
    }

    /// Each row's influence on the score: that of its own follow-up, and that of its share in G.
    fn influences(&self, maximum: &Maximum) -> Vec<Vec<f64>> {
        let beta = &maximum.beta;
        let width = beta.len();
        let risk: Vec<f64> = self.design.eta(beta).iter().map(|eta| eta.exp()).collect();
        let mut out = vec![vec![0.0; width]; risk.len()];
        // Per event time, the last first: time, G(t−), rise of the hazard, and hazard times the mean covariates.
        let mut steps: Vec<(f64, f64, f64, Vec<f64>)> = Vec::new();
        self.walk(beta, &mut |step| {
            let sums = step.ties(self.ties());
            let d = float(step.deaths);
            let mean = (0..width).map(|k| step.risk.s1[k] * sums.aa - step.dead.s1[k] * sums.ab).collect();
            for &row in step.members {
                for (k, x) in self.design.x(row).iter().enumerate() {
                    let own = (step.risk.s1[k] * sums.a - step.dead.s1[k] * sums.b) / d;
                    let kept_back = x * sums.b - (step.risk.s1[k] * sums.ab - step.dead.s1[k] * sums.bb);
                    out[row][k] += x - own + risk[row] * kept_back;
                }
            }
            steps.push((step.time, self.before[step.members[0]], sums.a, mean));
        });
        let past = Passed::until(steps.iter().rev().map(|(t, _, rise, mean)| (*t, 1.0, *rise, mean)), width);
        let weighted = Passed::until(steps.iter().rev().map(|(t, g, rise, mean)| (*t, *g, *rise, mean)), width);
        for (row, subject) in self.design.subjects().iter().enumerate() {
            let seen = past.at(subject.time);
            let later = weighted.after(subject.time);
            for (k, x) in self.design.x(row).iter().enumerate() {
                out[row][k] -= risk[row] * (x * seen.0 - seen.1[k]);
                if self.competing[row] && self.before[row] > 0.0 {
                    out[row][k] -= risk[row] / self.before[row] * (x * later.0 - later.1[k]);
                }
            }
        }
        if self.convention == Convention::Crr {
            self.add_share_in_g(&risk, &weighted, &mut out);
        }
        out
    }

    /// ψ of Fine & Gray: had one more been censored at u, G would be lower from then on, and with it the weights.
    fn add_share_in_g(&self, risk: &[f64], weighted: &Passed, out: &mut [Vec<f64>]) {
        let width = self.design.names.len();
        let (mut s0, mut s1) = (0.0, vec![0.0; width]);
        let mut sum = vec![0.0; width];
        for moment in self.censoring() {
            let rows = &self.order[moment.rows.clone()];
            let later = weighted.from(moment.time);
            let q: Vec<f64> = (0..width).map(|k| (s1[k] * later.0 - s0 * later.1[k]) / moment.at_risk).collect();
            for &row in rows.iter().filter(|&&row| self.competing[row] && self.before[row] > 0.0) {
                let weight = risk[row] / self.before[row];
                s0 += weight;
                s1.iter_mut().zip(self.design.x(row)).for_each(|(sum, x)| *sum += weight * x);
            }
            if moment.censored > 0.0 {
                for k in 0..width {
                    sum[k] += q[k] * moment.censored / moment.at_risk;
                }
            }
            for &row in rows {
                for k in 0..width {
                    out[row][k] += if self.censored[row] { q[k] } else { 0.0 } - sum[k];
                }
            }
        }
    }
}

impl RiskSets for Weighted {
    fn parameters(&self) -> usize {
        self.design.parameters()
    }

    fn walk(&self, beta: &[f64], visit: &mut dyn FnMut(&Step)) {
        let risk: Vec<f64> = self.design.eta(beta).iter().map(|eta| eta.exp()).collect();
        let kept = self.kept(&risk);
        let mut kept = kept.iter().rev();
        let mut all = Moments::zeros(beta.len());
        self.design.walk(beta, &mut |step| {
            all.clear();
            all.add_all(1.0, step.risk);
            if let Some((before, competing)) = kept.next() {
                all.add_all(*before, competing);
            }
            visit(&Step { risk: &all, ..*step });
        });
    }
}

/// A distinct time, as censoring sees it.
struct Censoring {
    time: f64,
    rows: std::ops::Range<usize>,
    at_risk: f64,
    censored: f64,
}

/// Running sums of hazard and of hazard times mean covariates.
struct Passed {
    time: Vec<f64>,
    sums: Vec<(f64, Vec<f64>)>,
}

impl Passed {
    fn until<'a>(steps: impl Iterator<Item = (f64, f64, f64, &'a Vec<f64>)>, width: usize) -> Self {
        let mut out = Self { time: Vec::new(), sums: vec![(0.0, vec![0.0; width])] };
        let mut sum = (0.0, vec![0.0; width]);
        for (time, weight, rise, mean) in steps {
            sum.0 += weight * rise;
            sum.1.iter_mut().zip(mean).for_each(|(sum, value)| *sum += weight * value);
            out.time.push(time);
            out.sums.push(sum.clone());
        }
        out
    }

    /// Up to and with a time.
    fn at(&self, time: f64) -> &(f64, Vec<f64>) {
        &self.sums[self.time.partition_point(|&t| t <= time)]
    }

    /// After a time, to the end.
    fn after(&self, time: f64) -> (f64, Vec<f64>) {
        self.rest(self.at(time))
    }

    /// With a time and after it, to the end.
    fn from(&self, time: f64) -> (f64, Vec<f64>) {
        self.rest(&self.sums[self.time.partition_point(|&t| t < time)])
    }

    fn rest(&self, before: &(f64, Vec<f64>)) -> (f64, Vec<f64>) {
        let end = &self.sums[self.sums.len() - 1];
        (end.0 - before.0, end.1.iter().zip(&before.1).map(|(end, before)| end - before).collect())
    }
}
