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
    /// The days with a revision by themselves: day, how many, and how many had left before.
    pub revisions: Vec<(u16, u16, u32)>,
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
                line.revisions.push((day[0].0, revised, before));
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

    /// At risk on a day of events, as of the cut-off.
    #[inline]
    pub fn at_risk(&self, day: u16, before: u32, until: u16) -> u32 {
        self.left - before + if day <= until { self.active.until(until - day) } else { 0 }
    }

    /// What it takes up in memory.
    pub fn bytes(&self) -> usize {
        (2 * 3 + 4) * self.day.len() + 8 * self.revisions.len() + self.active.bytes()
    }
}

/// How many of some days are not after any one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Starts {
    /// Few: the days in order.
    Few(Vec<u16>),
    /// Many: how many there are until each day from the first to the last, counted anew from every 256th on.
    ByDay { first: u16, all: u32, bases: Vec<u32>, more: Vec<u16> },
}

impl Default for Starts {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Starts {
    fn of(mut days: Vec<u16>) -> Option<Self> {
        let all = u32::try_from(days.len()).ok()?;
        let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Some(Self::default()) };
        if days.len() <= usize::from(last - first) {
            days.shrink_to_fit();
            return Some(Self::Few(days));
        }
        let (mut bases, mut more) = (Vec::new(), Vec::new());
        let (mut seen, mut base) = (0_usize, 0_usize);
        for day in first..=last {
            if (day - first).is_multiple_of(256) {
                base = seen;
                bases.push(u32::try_from(base).ok()?);
            }
            seen += days[seen..].iter().take_while(|&&start| start == day).count();
            more.push(u16::try_from(seen - base).ok()?);
        }
        Some(Self::ByDay { first, all, bases, more })
    }

    /// How many of them are not after `day`.
    #[inline]
    fn until(&self, day: u16) -> u32 {
        match self {
            Self::Few(days) => u32::try_from(days.partition_point(|&start| start <= day)).unwrap_or(u32::MAX),
            Self::ByDay { first, all, bases, more } => {
                let Some(at) = day.checked_sub(*first).map(usize::from) else { return 0 };
                match (bases.get(at >> 8), more.get(at)) {
                    (Some(&base), Some(&more)) => base + u32::from(more),
                    _ => *all,
                }
            }
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Few(days) => 2 * days.len(),
            Self::ByDay { bases, more, .. } => 4 * bases.len() + 2 * more.len(),
        }
    }
}
