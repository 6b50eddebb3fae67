//! Who was at risk, and what happened, at each distinct time: the one table from which every curve is computed.
//!
//! Reach for it with observations of any kind ([`LifeTable::from_observations`], where times may be fractions) or with counts
//! by whole day ([`LifeTable::from_days`], which is how a cohort of millions becomes a curve in milliseconds).

/// What one implant (or patient) contributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// When it came under observation: at risk after this moment. [`f64::NEG_INFINITY`] where it was there from the start.
    pub entry: f64,
    /// When observation ended.
    pub time: f64,
    /// Why: 0 still in place or lost to follow-up, 1 the first cause (revision), 2 the second (death), …
    pub cause: usize,
}

impl Observation {
    /// Observed from the start until `time`.
    pub fn new(time: f64, cause: usize) -> Self {
        Self { entry: f64::NEG_INFINITY, time, cause }
    }
}

/// Numbers at risk, events by cause and losses at each distinct time, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LifeTable {
    /// How many were observed.
    pub n: u64,
    /// The distinct times at which observation of anyone ended.
    pub time: Vec<f64>,
    /// At risk just before that time.
    pub n_risk: Vec<u64>,
    /// Lost to observation at that time, after its events.
    pub n_censor: Vec<u64>,
    /// Events at that time; `events[0]` belongs to cause 1.
    pub events: Vec<Vec<u64>>,
    /// Whether anyone came under observation late.
    pub delayed_entry: bool,
    /// Where some came late: how many came since the row before.
    pub entered: Vec<u64>,
    /// Where some came late: who left at the row, as (rows passed when they came, cause).
    pub left: Vec<Vec<(usize, usize)>>,
}

impl LifeTable {
    /// Counts observations. Times that differ by rounding only are one time, as R's `aeqSurv` has it; order does not matter.
    ///
    /// `causes` is how many causes the table has columns for; an observation with a higher cause would be lost, so the
    /// largest cause seen counts too.
    pub fn from_observations(observations: &[Observation], causes: usize) -> Self {
        let causes = observations.iter().map(|o| o.cause).max().unwrap_or(0).max(causes);
        let ties = Ties::among(observations.iter().flat_map(|o| [o.entry, o.time]));
        let mut exits: Vec<(f64, usize)> = observations.iter().map(|o| (ties.settle(o.time), o.cause)).collect();
        let mut entries: Vec<f64> = observations.iter().map(|o| ties.settle(o.entry)).collect();
        exits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        entries.sort_unstable_by(f64::total_cmp);

        let mut table = Self { n: count(observations.len()), events: vec![Vec::new(); causes], ..Self::default() };
        table.delayed_entry = entries.last().is_some_and(|&last| last > f64::NEG_INFINITY);
        let (mut entered, mut left) = (0, 0);
        for group in exits.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let time = group[0].0;
            entered += entries[entered..].iter().take_while(|&&entry| entry < time).count();
            table.time.push(time);
            table.n_risk.push(count(entered - left));
            table.n_censor.push(count(group.iter().filter(|(_, cause)| *cause == 0).count()));
            for (column, cause) in table.events.iter_mut().zip(1..) {
                column.push(count(group.iter().filter(|(_, c)| *c == cause).count()));
            }
            left += group.len();
        }
        if table.delayed_entry {
            table.keep_who_came_when(observations, &ties);
        }
        table
    }

    fn keep_who_came_when(&mut self, observations: &[Observation], ties: &Ties) {
        self.entered = vec![0; self.time.len()];
        self.left = vec![Vec::new(); self.time.len()];
        for observation in observations {
            let passed = self.time.partition_point(|&time| time <= ties.settle(observation.entry));
            let at = self.time.partition_point(|&time| time < ties.settle(observation.time));
            // Whoever leaves when they enter was never at risk.
            if passed <= at {
                self.entered[passed] += 1;
                self.left[at].push((passed, observation.cause));
            }
        }
    }

    /// Counts by whole day since the implantation: `days[c][d]` left on day `d` for cause `c`, cause 0 being none.
    ///
    /// All columns have the same length.
    pub fn from_days(days: &[Vec<u32>]) -> Self {
        let length = days.first().map_or(0, Vec::len);
        let leaving = |day: usize| days.iter().map(|column| u64::from(column[day])).sum::<u64>();
        let n = (0..length).map(leaving).sum();
        let mut table = Self { n, events: vec![Vec::new(); days.len().saturating_sub(1)], ..Self::default() };
        let mut at_risk = n;
        for day in 0..length {
            let gone = leaving(day);
            if gone == 0 {
                continue;
            }
            table.time.push(f64::from(u32::try_from(day).expect("a day count of u16 rows fits")));
            table.n_risk.push(at_risk);
            table.n_censor.push(u64::from(days[0][day]));
            for (column, source) in table.events.iter_mut().zip(&days[1..]) {
                column.push(u64::from(source[day]));
            }
            at_risk -= gone;
        }
        table
    }

    /// Events of one cause (from 1) at the row; 0 for a cause that nobody had.
    pub fn events_at(&self, row: usize, cause: usize) -> u64 {
        cause.checked_sub(1).and_then(|column| self.events.get(column)).map_or(0, |column| column[row])
    }

    /// Events of any cause at the row.
    pub fn all_events_at(&self, row: usize) -> u64 {
        self.events.iter().map(|column| column[row]).sum()
    }

    /// The last row whose time is not after `time`: the one whose estimate holds then. None before the first.
    pub fn row_at(&self, time: f64) -> Option<usize> {
        self.time.partition_point(|&t| t <= time).checked_sub(1)
    }

    /// How many were at risk just before `time`; 0 after the last.
    pub fn at_risk(&self, time: f64) -> u64 {
        self.n_risk.get(self.time.partition_point(|&t| t < time)).copied().unwrap_or(0)
    }
}

/// Times that are equal but for rounding (0.1 + 0.2 and 0.3) must tie: the rule of R's `survival::aeqSurv`.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    /// The first of each run of equal times; empty where nothing had to be settled.
    cuts: Vec<f64>,
}

impl Ties {
    /// Among times in any order.
    pub fn among(times: impl Iterator<Item = f64>) -> Self {
        const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8; // the square root of the machine epsilon
        let mut times: Vec<f64> = times.filter(|t| t.is_finite()).collect();
        times.sort_unstable_by(f64::total_cmp);
        times.dedup();
        let mean = times.iter().map(|t| t.abs()).sum::<f64>() / float(count(times.len()));
        let tied = |pair: &[f64]| pair[1] - pair[0] <= TOLERANCE || (pair[1] - pair[0]) / mean <= TOLERANCE;
        if !times.windows(2).any(tied) {
            return Self { cuts: Vec::new() };
        }
        let mut cuts = vec![times[0]];
        cuts.extend(times.windows(2).filter(|pair| !tied(pair)).map(|pair| pair[1]));
        Self { cuts }
    }

    /// The first of the times that are equal to this one.
    pub fn settle(&self, time: f64) -> f64 {
        if !time.is_finite() {
            return time;
        }
        self.cuts.partition_point(|&cut| cut <= time).checked_sub(1).map_or(time, |run| self.cuts[run])
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).expect("a usize fits in u64 on every platform we build for")
}

/// A count as a float; exact up to 2⁵³ implants.
#[expect(clippy::cast_precision_loss, reason = "no registry holds 2^53 implants")]
pub fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_distinct_time_once() {
        let observations = [(3.0, 1), (1.0, 0), (3.0, 2), (3.0, 0), (5.0, 1)].map(|(t, c)| Observation::new(t, c));
        let table = LifeTable::from_observations(&observations, 2);
        assert_eq!(table.time, [1.0, 3.0, 5.0]);
        assert_eq!(table.n_risk, [5, 4, 1]);
        assert_eq!(table.n_censor, [1, 1, 0]);
        assert_eq!(table.events, [vec![0, 1, 1], vec![0, 1, 0]]);
        assert_eq!((table.at_risk(0.0), table.at_risk(3.0), table.at_risk(3.5), table.at_risk(6.0)), (5, 4, 1, 0));
        assert_eq!((table.row_at(0.5), table.row_at(3.0), table.row_at(4.0)), (None, Some(1), Some(1)));
    }

    #[test]
    fn late_entry_is_at_risk_only_after_it() {
        let observations = [
            Observation { entry: 0.0, time: 2.0, cause: 1 },
            Observation { entry: 2.0, time: 4.0, cause: 1 },
            Observation { entry: 1.0, time: 4.0, cause: 0 },
        ];
        let table = LifeTable::from_observations(&observations, 1);
        assert_eq!(table.n_risk, [2, 2]);
        assert!(table.delayed_entry);
    }

    #[test]
    fn rounding_does_not_split_a_time() {
        let observations = [Observation::new(0.1 + 0.2, 1), Observation::new(0.3, 1), Observation::new(0.7, 0)];
        let table = LifeTable::from_observations(&observations, 1);
        assert_eq!(table.time, [0.3, 0.7]);
        assert_eq!(table.events[0], [2, 0]);
    }

    #[test]
    fn days_and_observations_give_one_table() {
        let observations = [(3.0, 1), (1.0, 0), (3.0, 2), (3.0, 0), (5.0, 1)].map(|(t, c)| Observation::new(t, c));
        let mut days = vec![vec![0_u32; 6]; 3];
        for (day, cause) in [(3, 1), (1, 0), (3, 2), (3, 0), (5, 1)] {
            days[cause][day] += 1;
        }
        assert_eq!(LifeTable::from_days(&days), LifeTable::from_observations(&observations, 2));
    }
}
