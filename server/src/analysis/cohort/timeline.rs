//! One device's ends in order of their day, ready for curves at the snapshot's own date.
//!
//! A curve needs, on each day of an event, how many were still at risk. Whoever has left is counted by rank (kept here), whoever is still
//! in place by the day of the implantation: at risk on day t are those implanted at least t days before the cut-off. So the cut-off
//! may move on from day to day without anything being counted again.

use super::row::IN_PLACE;

/// Ends and starts, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Timeline {
    /// Days since the implantation on which anyone was revised or died.
    pub day: Vec<u16>,
    pub revised: Vec<u16>,
    pub died: Vec<u16>,
    /// How many had left before that day, for whatever reason.
    pub before: Vec<u32>,
    /// Which of these days had a revision.
    pub revisions: Vec<u32>,
    /// How many have left at all.
    pub left: u32,
    /// Start days of those still in place.
    active: Starts,
    /// The last day of which anything is known.
    pub latest: u16,
}

impl Timeline {
    /// From rows of (start, lasted, why) in order of their start; None where a day's count does not fit.
    pub fn of(rows: impl Iterator<Item = (u16, u16, u8)>) -> Option<Self> {
        let mut line = Self::default();
        let mut ends: Vec<(u16, u8)> = Vec::new();
        let mut active = Vec::new();
        for (start, lasted, why) in rows {
            line.latest = line.latest.max(start);
            if lasted == IN_PLACE {
                active.push(start);
            } else {
                line.latest = line.latest.max(start.saturating_add(lasted));
                ends.push((lasted, why));
            }
        }
        ends.sort_unstable();
        line.left = u32::try_from(ends.len()).ok()?;
        let mut before = 0_u32;
        for day in ends.chunk_by(|a, b| a.0 == b.0) {
            let count = |why: u8| u16::try_from(day.iter().filter(|end| end.1 == why).count()).ok();
            let (revised, died) = (count(1)?, count(2)?);
            if revised > 0 {
                line.revisions.push(u32::try_from(line.day.len()).ok()?);
            }
            if revised > 0 || died > 0 {
                line.day.push(day[0].0);
                line.revised.push(revised);
                line.died.push(died);
                line.before.push(before);
            }
            before += u32::try_from(day.len()).ok()?;
        }
        line.active = Starts::of(active)?;
        for column in [&mut line.day, &mut line.revised, &mut line.died] {
            column.shrink_to_fit();
        }
        line.before.shrink_to_fit();
        line.revisions.shrink_to_fit();
        Some(line)
    }

    /// At risk on the event day at `step`, as of the cut-off.
    #[inline]
    pub fn at_risk(&self, step: usize, until: u16) -> u32 {
        self.left - self.before[step] + self.active.until(until.saturating_sub(self.day[step]), self.day[step] <= until)
    }

    /// What it takes up in memory.
    pub fn bytes(&self) -> usize {
        2 * 3 * self.day.len() + 4 * (self.before.len() + self.revisions.len()) + self.active.bytes()
    }
}

/// Days in order, and where to look for one: a block for about every eight of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Starts {
    days: Vec<u16>,
    blocks: Vec<u32>,
    shift: u32,
}

impl Starts {
    fn of(days: Vec<u16>) -> Option<Self> {
        let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Some(Self::default()) };
        let span = usize::from(last - first) + 1;
        let mut shift = 0;
        while (span >> shift) > days.len() / 8 + 1 {
            shift += 1;
        }
        let blocks = (0..=(span >> shift) + 1)
            .map(|block| {
                let begins = usize::from(first) + (block << shift);
                u32::try_from(days.partition_point(|&day| usize::from(day) < begins)).ok()
            })
            .collect::<Option<_>>()?;
        let mut days = days;
        days.shrink_to_fit();
        Some(Self { days, blocks, shift })
    }

    fn len(&self) -> u32 {
        u32::try_from(self.days.len()).unwrap_or(u32::MAX)
    }

    /// How many of them are not after `day`; none where there is no such day.
    #[inline]
    fn until(&self, day: u16, exists: bool) -> u32 {
        let Some(&first) = self.days.first() else { return 0 };
        if !exists || day < first {
            return 0;
        }
        let block = usize::from(day - first) >> self.shift;
        let (Some(&from), Some(&to)) = (self.blocks.get(block), self.blocks.get(block + 1)) else { return self.len() };
        let within = self.days[from as usize..to as usize].iter().map(|&start| u32::from(start <= day)).sum::<u32>();
        from + within
    }

    fn bytes(&self) -> usize {
        2 * self.days.len() + 4 * self.blocks.len()
    }
}
