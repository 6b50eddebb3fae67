//! Rows for a Cox model, sorted once so that every iteration is one pass.

use super::step::{Moments, RiskSets, Step};
use crate::analysis::life_table::Ties as EqualTimes;
use crate::analysis::matrix::dot;

/// One row: an implant, or a stretch of one in which its covariates do not change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    /// At risk after this moment; [`f64::NEG_INFINITY`] where it was there from the start.
    pub entry: f64,
    /// When observation ended.
    pub time: f64,
    /// Whether with an event.
    pub event: bool,
    /// Rows are compared within their stratum only.
    pub stratum: usize,
    /// Rows of one cluster (a patient, a surgeon) are not independent; None asks for no robust errors.
    pub cluster: Option<usize>,
}

impl Subject {
    /// From the start, in the one stratum there is.
    pub fn new(time: f64, event: bool) -> Self {
        Self { entry: f64::NEG_INFINITY, time, event, stratum: 0, cluster: None }
    }
}

/// Rows with their covariates.
#[derive(Clone, Debug)]
pub struct Design {
    /// What the covariates are called.
    pub names: Vec<String>,
    /// What the covariates' values are counted from: their means, which keeps the sums of squares free of cancellation.
    pub centre: Vec<f64>,
    pub(super) subjects: Vec<Subject>,
    /// Row after row, less the centre.
    x: Vec<f64>,
    /// Rows by stratum, the last time first.
    by_time: Vec<usize>,
    /// Rows by stratum, the last entry first.
    by_entry: Vec<usize>,
}

impl Design {
    /// From rows and their covariates, row after row. Times that differ by rounding only are one time.
    pub fn new(names: Vec<String>, mut subjects: Vec<Subject>, mut x: Vec<f64>) -> Self {
        assert_eq!(x.len(), names.len() * subjects.len(), "each row has a value of each covariate");
        let equal = EqualTimes::among(subjects.iter().flat_map(|s| [s.entry, s.time]));
        for subject in &mut subjects {
            subject.entry = equal.settle(subject.entry);
            subject.time = equal.settle(subject.time);
        }
        let width = names.len();
        let rows = crate::analysis::life_table::float(subjects.len() as u64);
        let centre: Vec<f64> = (0..width).map(|k| x.iter().skip(k).step_by(width).sum::<f64>() / rows).collect();
        for row in x.chunks_exact_mut(width.max(1)) {
            for (value, centre) in row.iter_mut().zip(&centre) {
                *value -= centre;
            }
        }
        let sorted = |of: &dyn Fn(&Subject) -> f64| {
            let mut rows: Vec<usize> = (0..subjects.len()).collect();
            rows.sort_by(|&a, &b| {
                let (a, b) = (&subjects[a], &subjects[b]);
                a.stratum.cmp(&b.stratum).then(of(b).total_cmp(&of(a)))
            });
            rows
        };
        let (by_time, by_entry) = (sorted(&|s| s.time), sorted(&|s| s.entry));
        Self { names, centre, subjects, x, by_time, by_entry }
    }

    /// How many rows.
    pub fn len(&self) -> u64 {
        self.subjects.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// How many events.
    pub fn events(&self) -> u64 {
        self.subjects.iter().filter(|s| s.event).count() as u64
    }

    /// Whether any row belongs to a cluster.
    pub fn has_clusters(&self) -> bool {
        self.subjects.iter().any(|s| s.cluster.is_some())
    }

    /// The rows, their times settled.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// The centred covariates of a row.
    pub fn x(&self, row: usize) -> &[f64] {
        &self.x[row * self.names.len()..(row + 1) * self.names.len()]
    }

    /// β·x of each row, x being centred, less the largest, so that no exponential overflows.
    pub fn eta(&self, beta: &[f64]) -> Vec<f64> {
        let mut eta: Vec<f64> = (0..self.subjects.len()).map(|row| dot(self.x(row), beta)).collect();
        let most = shift(&eta);
        for eta in &mut eta {
            *eta -= most;
        }
        eta
    }

    /// Rows of one stratum after the other, the last time first; each with those of the same time.
    pub(super) fn times(&self) -> impl Iterator<Item = &[usize]> {
        self.by_time.chunk_by(|&a, &b| {
            let (a, b) = (&self.subjects[a], &self.subjects[b]);
            a.stratum == b.stratum && a.time.total_cmp(&b.time).is_eq()
        })
    }
}

/// What [`Design::eta`] takes off.
pub(super) fn shift(eta: &[f64]) -> f64 {
    let most = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most > 30.0 { most } else { 0.0 }
}

impl RiskSets for Design {
    fn parameters(&self) -> usize {
        self.names.len()
    }

    fn walk(&self, beta: &[f64], visit: &mut dyn FnMut(&Step)) {
        let eta = self.eta(beta);
        let (mut risk, mut dead) = (Moments::zeros(beta.len()), Moments::zeros(beta.len()));
        let mut dead_x = vec![0.0; beta.len()];
        let mut members = Vec::new();
        let (mut stratum, mut at_risk) = (None, 0_u64);
        let mut entries = self.by_entry.iter().peekable();
        for rows in self.times() {
            let first = self.subjects[rows[0]];
            if stratum != Some(first.stratum) {
                stratum = Some(first.stratum);
                risk.clear();
                at_risk = 0;
                while entries.next_if(|&&row| self.subjects[row].stratum < first.stratum).is_some() {}
            }
            dead.clear();
            dead_x.fill(0.0);
            members.clear();
            let mut dead_eta = 0.0;
            for &row in rows {
                let weight = eta[row].exp();
                risk.add(weight, self.x(row));
                at_risk += 1;
                if self.subjects[row].event {
                    dead.add(weight, self.x(row));
                    dead_x.iter_mut().zip(self.x(row)).for_each(|(sum, x)| *sum += x);
                    dead_eta += eta[row];
                    members.push(row);
                }
            }
            let not_yet = |row: usize| {
                let subject = self.subjects[row];
                subject.stratum == first.stratum && subject.entry >= first.time
            };
            while let Some(&row) = entries.next_if(|&&row| not_yet(row)) {
                risk.add(-eta[row].exp(), self.x(row));
                at_risk -= 1;
                if at_risk == 0 {
                    // What is left is the rounding of those who came and went.
                    risk.clear();
                }
            }
            if !members.is_empty() {
                visit(&Step {
                    stratum: first.stratum,
                    time: first.time,
                    deaths: members.len() as u64,
                    dead_eta,
                    dead_x: &dead_x,
                    risk: &risk,
                    dead: &dead,
                    members: &members,
                });
            }
        }
    }
}
