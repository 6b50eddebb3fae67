//! The curves of all devices in one go.

use uuid::Uuid;

use super::Cohort;
use super::bins::Bins;
use super::device::Device;
use super::row::{Selection, Wanted};
use crate::analysis::competing::{IncidenceSteps, Variance};
use crate::analysis::survival::{Confidence, Steps};

impl Cohort {
    /// Calls `visit` with each device's Kaplan–Meier curve of revision: its steps with numbers at risk, errors and intervals.
    ///
    /// The columns are used again for the next device: whoever wants to keep a curve copies it.
    pub fn each_curve(&self, selection: &Selection, confidence: Confidence, mut visit: impl FnMut(Uuid, &Steps)) {
        let Some(wanted) = Wanted::among(selection, self.names()) else { return };
        let (mut steps, mut bins) = (Steps::default(), Bins::default());
        for (product, device) in &self.devices {
            steps.clear();
            device.revisions(&wanted, &mut bins, &mut steps);
            steps.estimate(confidence);
            visit(*product, &steps);
        }
    }

    /// Calls `visit` with each device's cumulative incidence of revision, death competing: its steps with errors and intervals.
    pub fn each_incidence(
        &self,
        selection: &Selection,
        variance: Variance,
        confidence: Confidence,
        mut visit: impl FnMut(Uuid, &IncidenceSteps),
    ) {
        let Some(wanted) = Wanted::among(selection, self.names()) else { return };
        let (mut steps, mut bins) = (IncidenceSteps::default(), Bins::default());
        for (product, device) in &self.devices {
            steps.clear();
            device.events(&wanted, &mut bins, |day, at_risk, revised, died| steps.push(day, at_risk, revised, died));
            steps.estimate(variance, confidence);
            visit(*product, &steps);
        }
    }

    /// What columns and timelines take up in memory, all together.
    pub fn bytes(&self) -> usize {
        self.devices.values().map(|device| device.bytes()).sum()
    }
}

impl Device {
    /// Each day with a revision: the day, who is at risk, who is revised.
    fn revisions(&self, wanted: &Wanted, bins: &mut Bins, steps: &mut Steps) {
        if let Some(line) = self.timeline(wanted) {
            let rows = line.revisions.iter();
            steps.fill(
                rows.clone().map(|row| row.0),
                rows.clone().map(|row| line.at_risk(row.0, row.2, wanted.until)),
                rows.map(|row| u32::from(row.1)),
            );
        } else {
            self.bin(wanted, bins);
            bins.each_day(false, |day, at_risk, revised, _| steps.push(day, at_risk, revised));
        }
    }

    /// Each day with a revision or a death.
    fn events(&self, wanted: &Wanted, bins: &mut Bins, mut each: impl FnMut(u16, u32, u32, u32)) {
        if let Some(line) = self.timeline(wanted) {
            let ends = line.revised.iter().zip(&line.died);
            for ((&day, &before), (&revised, &died)) in line.day.iter().zip(&line.before).zip(ends) {
                each(day, line.at_risk(day, before, wanted.until), u32::from(revised), u32::from(died));
            }
        } else {
            self.bin(wanted, bins);
            bins.each_day(true, each);
        }
    }
}
