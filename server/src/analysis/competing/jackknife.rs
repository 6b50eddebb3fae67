//! The infinitesimal jackknife of a cumulative incidence: how far each observation moves it, squared and summed.

use super::Step;
use crate::analysis::life_table::{LifeTable, float};

/// For one cause, time after time.
pub(super) enum Jackknife<'a> {
    /// All came at the start.
    Shared(Shared),
    /// Some came late.
    Late(Late<'a>),
}

impl<'a> Jackknife<'a> {
    pub fn of(table: &'a LifeTable) -> Self {
        if table.delayed_entry { Self::Late(Late::of(table)) } else { Self::Shared(Shared::default()) }
    }

    /// The variance after a time.
    pub fn step(&mut self, now: &Step, censored: u64, row: usize, cause: usize) -> f64 {
        match self {
            Self::Shared(shared) => shared.step(now, censored),
            Self::Late(late) => late.step(now, row, cause),
        }
    }
}

/// Those who left: Σ u², Σ u·c, Σ c², u being the influence on the incidence and c that on log S.
#[derive(Default)]
struct Gone {
    uu: f64,
    uc: f64,
    cc: f64,
}

impl Gone {
    /// The incidence rises, and whoever moved log S moves it.
    fn follow(&mut self, rise: f64) {
        self.uu += rise * (2.0 * self.uc + rise * self.cc);
        self.uc += rise * self.cc;
    }

    fn leave(&mut self, how_many: f64, u: f64, c: f64) {
        self.uu += how_many * u * u;
        self.uc += how_many * u * c;
        self.cc += how_many * c * c;
    }
}

/// The sum of squared influences, kept as three sums so that the whole curve costs one pass.
///
/// Everyone at risk has the same influence on the incidence (`on_incidence`) and on log S (`on_log_free`). Whoever has left
/// keeps the latter for good, so that the former moves on with the incidence by a known amount.
#[derive(Default)]
pub(super) struct Shared {
    on_incidence: f64,
    on_log_free: f64,
    gone: Gone,
}

impl Shared {
    fn step(&mut self, now: &Step, censored: u64) -> f64 {
        let rise = now.free * now.ours / now.at_risk;
        self.gone.follow(rise);

        let shared = self.on_incidence + self.on_log_free * rise;
        let unit = now.free / now.at_risk;
        let unharmed = shared - unit * now.ours / now.at_risk;
        let revised = shared + unit * (now.at_risk - now.ours) / now.at_risk;
        let failed_log = self.on_log_free - 1.0 / now.at_risk;
        self.gone.leave(now.ours, revised, failed_log);
        self.gone.leave(now.all - now.ours, unharmed, failed_log);
        self.on_incidence = unharmed;
        if now.all < now.at_risk {
            self.on_log_free += now.all / (now.at_risk * (now.at_risk - now.all));
        }
        self.gone.leave(float(censored), self.on_incidence, self.on_log_free);
        let staying = now.at_risk - now.all - float(censored);
        self.gone.uu + staying * self.on_incidence * self.on_incidence
    }
}

/// The same where people come late: those who came after the same time have the same influence while they are at risk, so one pair
/// is kept for each such time. The cost is the number of times squared, at most.
pub(super) struct Late<'a> {
    table: &'a LifeTable,
    /// By how many times had passed when they came: influence on the incidence, on log S, and how many are at risk.
    cohorts: Vec<(f64, f64, u64)>,
    gone: Gone,
}

impl<'a> Late<'a> {
    fn of(table: &'a LifeTable) -> Self {
        Self { table, cohorts: Vec::with_capacity(table.time.len()), gone: Gone::default() }
    }

    fn step(&mut self, now: &Step, row: usize, cause: usize) -> f64 {
        self.cohorts.push((0.0, 0.0, self.table.entered[row]));
        let (unit, rise) = (now.free / now.at_risk, now.free * now.ours / now.at_risk);
        self.gone.follow(rise);
        let lost = unit * now.ours / now.at_risk;
        let more = if now.all < now.at_risk { now.all / (now.at_risk * (now.at_risk - now.all)) } else { 0.0 };
        for &(k, why) in &self.table.left[row] {
            let (u, c, count) = &mut self.cohorts[k];
            *count -= 1;
            let shared = *u + *c * rise - lost;
            match why {
                0 => self.gone.leave(1.0, shared, *c + more),
                why if why == cause => self.gone.leave(1.0, shared + unit, *c - 1.0 / now.at_risk),
                _ => self.gone.leave(1.0, shared, *c - 1.0 / now.at_risk),
            }
        }
        let mut staying = 0.0;
        for (u, c, count) in self.cohorts.iter_mut().filter(|cohort| cohort.2 > 0) {
            *u += *c * rise - lost;
            *c += more;
            staying += float(*count) * *u * *u;
        }
        self.gone.uu + staying
    }
}
