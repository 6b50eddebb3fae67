//! Many cumulative incidences at once, into columns that are used again: one entry per day on which the cause itself happens.
//!
//! Reach for it through a cohort's `each_incidence`. The numbers are those of [`super::aalen_johansen`] on those days; on the days between,
//! when only others leave, the incidence stays and the jackknife's error moves in the sixth digit.

use super::{Aalen, Step, Variance};
use crate::analysis::survival::{Confidence, Scale, normal_quantile};
use crate::analysis::vector::{exp, ln};

/// A cumulative incidence as its steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidenceSteps {
    events: Vec<Events>,
    /// Days since the start.
    pub day: Vec<u16>,
    /// At risk just before.
    pub n_risk: Vec<u32>,
    /// Events of the cause that day.
    pub n_event: Vec<u32>,
    /// The share to whom the cause has happened.
    pub est: Vec<f64>,
    /// Its standard error.
    pub se: Vec<f64>,
    /// Lower limit.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Events {
    on: u16,
    n_risk: u32,
    ours: u32,
    others: u32,
}

impl IncidenceSteps {
    /// Of nobody, keeping the room.
    pub fn clear(&mut self) {
        self.events.clear();
    }

    /// A day with events of the cause or of others.
    #[inline]
    pub fn push(&mut self, day: u16, n_risk: u32, ours: u32, others: u32) {
        self.events.push(Events { on: day, n_risk, ours, others });
    }

    /// How many steps.
    pub fn len(&self) -> usize {
        self.day.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.day.is_empty()
    }

    /// The estimate with its error and interval, from the counts.
    pub fn estimate(&mut self, variance: Variance, confidence: Confidence) {
        self.day.clear();
        self.n_risk.clear();
        self.n_event.clear();
        self.est.clear();
        self.se.clear();
        match variance {
            Variance::Ij => self.jackknife(),
            Variance::Aalen => self.aalen(),
        }
        self.limits(confidence);
    }

    fn record(&mut self, event: &Events, est: f64, square: f64) {
        self.day.push(event.on);
        self.n_risk.push(event.n_risk);
        self.n_event.push(event.ours);
        self.est.push(est);
        self.se.push(if square < 0.0 { 0.0 } else { square.sqrt() });
    }

    /// As `super::jackknife::Shared`, those who are lost between two days being let go at once: their influence is the same.
    fn jackknife(&mut self) {
        let events = std::mem::take(&mut self.events);
        let (mut free, mut est) = (1.0, 0.0);
        let mut only_ours = true;
        let (mut u, mut c) = (0.0, 0.0);
        let (mut uu, mut uc, mut cc) = (0.0, 0.0, 0.0);
        let mut staying = events.first().map_or(0.0, |first| f64::from(first.n_risk));
        for event in &events {
            let n = f64::from(event.n_risk);
            let others = f64::from(event.others);
            let lost = staying - n;
            uu += lost * u * u;
            uc += lost * u * c;
            cc += lost * c * c;
            let inverse = 1.0 / n;
            let failed = c - inverse;
            let ours = f64::from(event.ours);
            if event.ours > 0 {
                let unit = free * inverse;
                let rise = unit * ours;
                uu += rise * (2.0 * uc + rise * cc);
                uc += rise * cc;
                u += c * rise - rise * inverse;
                let revised = u + unit;
                uu += ours * revised * revised;
                uc += ours * revised * failed;
                cc += ours * failed * failed;
                est += rise;
            }
            uu += others * u * u;
            uc += others * u * failed;
            cc += others * failed * failed;
            staying = n - (ours + others);
            if staying > 0.0 {
                c += (ours + others) / (n * staying);
            }
            free *= staying * inverse;
            only_ours &= event.others == 0;
            if event.ours > 0 {
                let certain = only_ours && free <= 0.0;
                let (est, square) = if certain { (1.0, 0.0) } else { (est, uu + staying * u * u) };
                self.record(event, est, square);
            }
        }
        self.events = events;
    }

    fn aalen(&mut self) {
        let events = std::mem::take(&mut self.events);
        let (mut free, mut est) = (1.0, 0.0);
        let mut aalen = Aalen::default();
        let mut only_ours = true;
        for event in &events {
            let now = Step {
                free,
                at_risk: f64::from(event.n_risk),
                ours: f64::from(event.ours),
                all: f64::from(event.ours + event.others),
            };
            est += free * now.ours / now.at_risk;
            free *= (now.at_risk - now.all) / now.at_risk;
            only_ours &= event.others == 0;
            if only_ours && free <= 0.0 {
                est = 1.0;
            }
            let square = aalen.step(&now, est, free);
            if event.ours > 0 {
                self.record(event, est, square);
            }
        }
        self.events = events;
    }

    fn limits(&mut self, confidence: Confidence) {
        for column in [&mut self.lower, &mut self.upper] {
            column.resize(self.est.len(), 0.0);
        }
        let z = normal_quantile(0.5 + confidence.level / 2.0);
        let rows = self.est.iter().zip(&self.se).zip(self.lower.iter_mut().zip(&mut self.upper));
        if confidence.scale == Scale::LogLog {
            // One after the other: in a loop with all of them each would wait for the one before.
            for ((&est, &se), (wide, log)) in rows {
                *log = ln(est);
                *wide = z * se / (est * *log);
            }
            self.lower.iter_mut().for_each(|wide| *wide = exp(*wide));
            for (lower, upper) in self.lower.iter_mut().zip(&mut self.upper) {
                let (wide, log) = (*lower, *upper);
                (*lower, *upper) = (exp(log / wide), exp(log * wide));
            }
            // At one the scale has no width.
            for row in (0..self.est.len()).rev().take_while(|&row| self.est[row] >= 1.0) {
                (self.lower[row], self.upper[row]) = (f64::NAN, f64::NAN);
            }
        } else {
            for ((&est, &se), (lower, upper)) in rows {
                (*lower, *upper) = confidence.interval(est, se / est);
            }
        }
    }
}
