//! Implants of one device by the day on which their observation ended, and by why: the table from which any filtered curve is read.

use super::row::End;

/// One row of days for each reason; the room is used again for the next device.
#[derive(Debug, Default)]
pub(super) struct Bins {
    days: usize,
    /// Without an event, revised, died: each a row of days.
    cells: Vec<u32>,
}

impl Bins {
    /// Of nobody, for days 0 to `longest`.
    pub fn clear(&mut self, longest: u16) {
        self.days = usize::from(longest) + 1;
        self.cells.clear();
        self.cells.resize(3 * self.days, 0);
    }

    /// Adds an implant, or nothing where `keep` is 0: cheaper than to ask.
    #[inline]
    pub fn add(&mut self, day: u16, why: u8, keep: u8) {
        self.cells[usize::from(why) * self.days + usize::from(day)] += u32::from(keep);
    }

    fn row(&self, why: usize) -> &[u32] {
        &self.cells[why * self.days..(why + 1) * self.days]
    }

    /// Calls `event(day, at risk, revised, died)` for each day with an event, in order.
    pub fn each_day(&self, died_too: bool, mut event: impl FnMut(u16, u32, u32, u32)) {
        // Most days have no event, and eight of them are judged as fast as one.
        const RUN: usize = 8;
        let (none, revised, died) =
            (self.row(End::Censored as usize), self.row(End::Revised as usize), self.row(End::Died as usize));
        let mut at_risk = self.total();
        let runs = none.chunks(RUN).zip(revised.chunks(RUN)).zip(died.chunks(RUN));
        for (first, ((none, revised), died)) in (0..=u16::MAX).step_by(RUN).zip(runs) {
            let sum = |cells: &[u32]| cells.iter().sum::<u32>();
            let events = sum(revised) + if died_too { sum(died) } else { 0 };
            if events == 0 {
                at_risk -= sum(none) + sum(revised) + sum(died);
                continue;
            }
            for (day, ((&none, &revised), &died)) in (first..=u16::MAX).zip(none.iter().zip(revised).zip(died)) {
                if revised > 0 || died_too && died > 0 {
                    event(day, at_risk, revised, died);
                }
                at_risk -= none + revised + died;
            }
        }
    }

    fn total(&self) -> u32 {
        self.cells.iter().sum()
    }
}
