//! What a role may see of small numbers: the one rule, for pages, answers and extracts.
//!
//! Primary: a count of people from 1 to below a limit is not told ([`Sight::told`]). Secondary: nothing is told from which such a
//! count follows by subtraction. What may be asked in many ways is judged as one table ([`crossing`]); of a list that stands by itself
//! either no count is kept back or so many that their sum may be told and no single one of them follows ([`Sight::withheld`],
//! [`Sight::parts`], [`Sight::chain`]). Numbers at risk fall from step to step by one
//! person or two, so they are rounded down to a multiple of the limit ([`Sight::at_risk`]).

pub mod crossing;

use crate::access::Role;
use crate::analysis::survival::Curve;
use crate::config::Config;

/// What a role may see of small numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    /// Counts from 1 to below this are not told; 0 tells all.
    pub least: u64,
}

impl Sight {
    /// Sees everything.
    pub const ALL: Self = Self { least: 0 };

    /// What a role sees: safety officers and administrators, who may open a record anyway, see all.
    pub fn of(role: Role, config: &Config) -> Self {
        match role {
            Role::Safety | Role::Admin => Self::ALL,
            _ => Self { least: u64::from(config.small_numbers_below) },
        }
    }

    /// Whether everything is told.
    pub fn is_all(self) -> bool {
        self.least <= 1
    }

    /// Whether a count may be told.
    pub fn tells(self, count: u64) -> bool {
        count == 0 || count >= self.least
    }

    /// The count, where it may be told.
    pub fn told(self, count: u64) -> Option<u64> {
        Some(count).filter(|&count| self.tells(count))
    }

    /// Whether a count beside another that is larger by what is not shown may be told: neither it nor the difference is small.
    pub fn tells_beside(self, count: u64, whole: u64) -> bool {
        self.tells(count) && self.tells(whole.abs_diff(count))
    }

    /// A number at risk as it may be told: itself, or rounded down to a multiple of the limit.
    pub fn at_risk(self, count: u64) -> u64 {
        if self.is_all() { count } else { count - count % self.least }
    }

    /// Which of counts are kept back whose sum is known: the small ones, and of the others the smallest until those kept back are
    /// two or more and their sum may be told.
    pub fn withheld(self, counts: &[u64]) -> Vec<bool> {
        self.withheld_beside(counts.iter().map(|&count| !self.tells(count)).collect(), counts, &[])
    }

    /// The same where some are kept back for a reason of their own.
    pub fn withheld_with(self, counts: &[u64], too: &[bool]) -> Vec<bool> {
        let small = counts.iter().zip(too).map(|(&count, &too)| too || !self.tells(count)).collect();
        self.withheld_beside(small, counts, &[])
    }

    /// The parts of a whole that may be told, the whole being told. What is left of the whole is not shown, but follows from the parts.
    pub fn parts(self, whole: u64, parts: &[u64]) -> Vec<Option<u64>> {
        if !self.tells(whole) {
            return parts.iter().map(|&part| Some(part).filter(|&part| part == 0)).collect();
        }
        let rest = whole.saturating_sub(parts.iter().sum());
        let small = parts.iter().map(|&part| !self.tells(part)).collect();
        let withheld = self.withheld_beside(small, parts, &[rest]);
        parts.iter().zip(withheld).map(|(&part, withheld)| (!withheld).then_some(part)).collect()
    }

    /// `unshown` are further counts of the same sum, which are shown nowhere.
    fn withheld_beside(self, mut withheld: Vec<bool>, counts: &[u64], unshown: &[u64]) -> Vec<bool> {
        let small = withheld.contains(&true) || unshown.iter().any(|&count| !self.tells(count));
        if !small {
            return withheld;
        }
        loop {
            let kept = counts.iter().zip(&withheld).filter(|(_, withheld)| **withheld).map(|(count, _)| *count);
            let kept: Vec<u64> = kept.chain(unshown.iter().copied()).filter(|&count| count > 0).collect();
            if kept.len() > 1 && kept.iter().sum::<u64>() >= self.least {
                return withheld;
            }
            let next = (0..counts.len()).filter(|&at| !withheld[at] && counts[at] > 0).min_by_key(|&at| counts[at]);
            match next {
                Some(next) => withheld[next] = true,
                None => return withheld,
            }
        }
    }

    /// A curve as it may be seen, and which of some days (in order) it may be told at. Its numbers are told already: at risk and revised.
    pub fn curve(self, curve: Curve, days: &[f64]) -> (Curve, Vec<bool>) {
        if self.is_all() {
            return (curve, vec![true; days.len()]);
        }
        let tells = self.chain(&curve.events_until(days), curve.n_event.iter().sum());
        let exact: Vec<usize> =
            days.iter().zip(&tells).filter(|(_, tells)| **tells).filter_map(|(&day, _)| curve.row_at(day)).collect();
        (curve.coarsened(self.least, &exact), tells)
    }

    /// Which of counts may be told that lie one within the next: each a part of the one after it, the last a part of `whole`, which is
    /// told. No two that are told differ by a small number.
    pub fn chain(self, counts: &[u64], whole: u64) -> Vec<bool> {
        let mut outer = whole;
        let mut tells = vec![false; counts.len()];
        for (place, &count) in counts.iter().enumerate().rev() {
            tells[place] = self.tells_beside(count, outer);
            if tells[place] {
                outer = count;
            }
        }
        tells
    }
}

/// A count in words: itself, or that it is not told.
pub fn in_words(count: Option<u64>, sight: Sight) -> String {
    match count {
        Some(count) => crate::outcomes::pages::thousands(count),
        None => format!("fewer than {} or withheld", sight.least),
    }
}

/// A count in a cell of a table: itself, or a star that the sentence under the table explains.
pub fn in_cell(count: Option<u64>) -> String {
    count.map_or_else(|| "*".to_owned(), crate::outcomes::pages::thousands)
}

/// The sentence that says so under a table; empty where everything is told.
pub fn note(sight: Sight) -> String {
    if sight.is_all() {
        return String::new();
    }
    let last = sight.least - 1;
    format!(
        "Counts from 1 to {last}, and those from which they follow, are not shown to your role (in tables: *); numbers at risk are rounded down to a \
         multiple of {}.",
        sight.least
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIVE: Sight = Sight { least: 5 };

    #[test]
    fn what_is_small_and_what_gives_it_away_is_kept_back() {
        assert_eq!(FIVE.withheld(&[100, 40, 0, 12]), [false; 4], "nothing is small");
        assert_eq!(FIVE.withheld(&[100, 3, 0, 12]), [false, true, false, true], "3 would follow from the sum");
        assert_eq!(FIVE.withheld(&[100, 2, 2]), [true, true, true], "4 would follow");
        assert_eq!(FIVE.withheld(&[100, 3, 2]), [false, true, true]);
        assert_eq!(Sight::ALL.withheld(&[100, 3, 1]), [false; 3]);
        assert_eq!(FIVE.parts(100, &[20, 2]), [Some(20), None], "two died, 78 are in place: neither follows");
        assert_eq!(FIVE.parts(22, &[20, 2]), [None, None], "22 less 20");
        assert_eq!(FIVE.parts(100, &[97]), [None], "three are left");
        assert_eq!(FIVE.parts(3, &[0, 1]), [Some(0), None]);
        assert_eq!(FIVE.chain(&[3, 7, 9, 30], 31), [false, false, true, false]);
        assert_eq!([0, 4, 5, 251].map(|count| FIVE.at_risk(count)), [0, 0, 5, 250]);
    }

    proptest! {
        /// Whoever knows the sum and what is told learns of no single small count.
        #[test]
        fn no_small_count_follows(counts in proptest::collection::vec(0_u64..30, 1..9), least in 2_u64..8) {
            let sight = Sight { least };
            let withheld = sight.withheld(&counts);
            let told = |at: usize| !withheld[at];
            prop_assert!((0..counts.len()).all(|at| !told(at) || sight.tells(counts[at])));
            let kept: Vec<u64> = (0..counts.len()).filter(|&at| !told(at)).map(|at| counts[at]).collect();
            let nobody_left = (0..counts.len()).all(|at| !told(at) || counts[at] == 0);
            prop_assert!(kept.is_empty() || nobody_left || (kept.len() > 1 && kept.iter().sum::<u64>() >= least));
        }

        /// Neither a told count of a chain nor the difference of two is small.
        #[test]
        fn no_difference_of_a_chain_is_small(mut counts in proptest::collection::vec(0_u64..60, 1..9), more in 0_u64..20) {
            counts.sort_unstable();
            let whole = counts.last().unwrap() + more;
            let mut seen: Vec<u64> = FIVE.chain(&counts, whole).iter().zip(&counts).filter(|(told, _)| **told).map(|(_, n)| *n).collect();
            seen.push(whole);
            prop_assert!(seen.windows(2).all(|pair| FIVE.tells(pair[1] - pair[0]) ));
            prop_assert!(seen[..seen.len() - 1].iter().all(|&count| FIVE.tells(count)));
        }
    }
}
