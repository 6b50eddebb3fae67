//! Cox's proportional hazards: how many times the rate of one device is that of another, all else being equal.
//!
//! Reach for it to compare devices whose patients differ (age, sex, fixation): [`Design`] holds one row per implant and
//! [`fit`] gives coefficients, errors and tests. For a registry of millions, [`grouped::Grouped`] sums implants by covariate pattern
//! and day first, and the same [`newton::maximise`] does the rest in milliseconds.
//!
//! Sources: Cox 1972 (J R Stat Soc B 34:187); ties after Efron 1977 (JASA 72:557), Breslow 1974 (Biometrics 30:89) and, exactly,
//! Gail, Lubin & Rubinstein 1981 (Biometrika 68:703); robust errors after Lin & Wei 1989 (JASA 84:1074); the test of
//! proportional hazards after Grambsch & Therneau 1994 (Biometrika 81:515), as a score test (Therneau & Grambsch 2000, §6.2).
//! Numbers agree with R's `coxph` with `eps = 1e-14`.

use serde::Serialize;

pub mod baseline;
pub mod concordance;
pub mod design;
pub mod exact;
pub mod grouped;
pub mod newton;
pub mod proportional;
pub mod robust;
pub mod step;

pub use design::{Design, Subject};

use super::chance::{ChiSquareTest, normal_two_sided};
use super::matrix::Symmetric;
use super::survival::normal_quantile;
use newton::Maximum;

/// What is done where several events fall on one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Ties {
    /// Efron's approximation, close to exact and as cheap as Breslow's: the default, as in R.
    #[default]
    Efron,
    /// Breslow's approximation: every tied event sees the whole risk set.
    Breslow,
    /// The exact partial likelihood of events at discrete times; its cost grows with the number tied.
    Exact,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// The covariates.
    pub names: Vec<String>,
    /// Logarithms of the hazard ratios; NaN for a covariate that says nothing the ones before it do not say.
    pub coef: Vec<f64>,
    /// Their standard errors: robust ones where clusters were given.
    pub se: Vec<f64>,
    /// Standard errors from the information alone.
    pub naive_se: Vec<f64>,
    /// Hazard ratios.
    pub hr: Vec<f64>,
    /// Lower 95 % limits of the hazard ratios.
    pub lower: Vec<f64>,
    /// Upper 95 % limits of the hazard ratios.
    pub upper: Vec<f64>,
    /// Two-sided p of each coefficient.
    pub p: Vec<f64>,
    /// Logarithm of the partial likelihood: of no effect at all, and fitted.
    pub loglik: [f64; 2],
    /// Likelihood ratio test of all coefficients.
    pub lrt: ChiSquareTest,
    /// Wald test of all coefficients.
    pub wald: ChiSquareTest,
    /// Score test of all coefficients; without ties and with one factor it is the log-rank test.
    pub score: ChiSquareTest,
    /// Rows.
    pub n: u64,
    /// Events.
    pub nevent: u64,
    /// Whether the iterations settled; where they did not, a coefficient may have no finite value.
    pub converged: bool,
    /// Covariance of the coefficients.
    #[serde(skip)]
    pub var: Symmetric,
    /// Covariance from the information alone.
    #[serde(skip)]
    pub naive_var: Symmetric,
}

/// Fits the model.
pub fn fit(design: &Design, ties: Ties) -> Fit {
    let maximum = match ties {
        Ties::Exact => newton::maximise(&exact::Exact::of(design), ties),
        Ties::Efron | Ties::Breslow => newton::maximise(design, ties),
    };
    let mut fit = Fit::from_maximum(design.names.clone(), &maximum, design.len(), design.events());
    if design.has_clusters() && ties != Ties::Exact {
        fit.set_variance(robust::variance(design, &maximum, ties));
    }
    fit
}

impl Fit {
    /// What is reported of a maximum of the partial likelihood.
    pub fn from_maximum(names: Vec<String>, maximum: &Maximum, n: u64, nevent: u64) -> Self {
        let rank = u32::try_from(maximum.rank).expect("a handful of covariates");
        let lost = |values: Vec<f64>| -> Vec<f64> {
            values.into_iter().enumerate().map(|(i, x)| if maximum.left_out[i] { f64::NAN } else { x }).collect()
        };
        let mut fit = Self {
            names,
            coef: lost(maximum.beta.clone()),
            se: Vec::new(),
            naive_se: lost(maximum.var.diagonal().into_iter().map(f64::sqrt).collect()),
            hr: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
            p: Vec::new(),
            loglik: maximum.loglik,
            lrt: ChiSquareTest::new(2.0 * (maximum.loglik[1] - maximum.loglik[0]), rank),
            wald: ChiSquareTest::new(0.0, rank),
            score: ChiSquareTest::new(maximum.score_test, rank),
            n,
            nevent,
            converged: maximum.converged,
            var: Symmetric::default(),
            naive_var: maximum.var.clone(),
        };
        fit.set_variance(maximum.var.clone());
        fit
    }

    /// Takes another covariance for the errors, intervals and p-values of the coefficients.
    pub fn set_variance(&mut self, var: Symmetric) {
        let z = normal_quantile(0.975);
        self.se = var.diagonal().iter().zip(&self.coef).map(|(v, b)| if b.is_nan() { *b } else { v.sqrt() }).collect();
        let with_se = |of: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            self.coef.iter().zip(&self.se).map(|(&b, &se)| of(b, se)).collect()
        };
        self.hr = with_se(&|b, _| b.exp());
        self.lower = with_se(&|b, se| (b - z * se).exp());
        self.upper = with_se(&|b, se| (b + z * se).exp());
        self.p = with_se(&|b, se| normal_two_sided(b / se));
        let kept: Vec<usize> = (0..self.coef.len()).filter(|&i| !self.coef[i].is_nan()).collect();
        let beta: Vec<f64> = kept.iter().map(|&i| self.coef[i]).collect();
        self.wald = ChiSquareTest::new(var.part(&kept).factor().quadratic_form(&beta), self.wald.df);
        self.var = var;
    }

    /// The coefficients with zero for those that were left out, to compute with.
    pub fn beta(&self) -> Vec<f64> {
        self.coef.iter().map(|b| if b.is_nan() { 0.0 } else { *b }).collect()
    }
}

#[cfg(test)]
mod tests;
