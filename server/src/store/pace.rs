//! How many rows one change of many writes: few enough that whoever writes next does not wait long.
//!
//! Reach for it where a million rows are written beside theatres that scan: SQLite takes one writer at a time.

use std::time::{Duration, Instant};

/// What one change may take.
const WANTED: Duration = Duration::from_millis(20);
/// Rows of the first change.
const FIRST: usize = 100;
/// However slow the disk is.
const LEAST: usize = 25;
/// However fast it is.
const MOST: usize = 2000;

/// Rows of the next change, by how long the last one took.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: FIRST }
    }
}

impl Pace {
    /// Rows of the next change at the most.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Makes a change, and learns from how long it took.
    pub fn timed<T>(&mut self, change: impl FnOnce() -> T) -> T {
        let clock = Instant::now();
        let done = change();
        self.took(clock.elapsed());
        done
    }

    fn took(&mut self, time: Duration) {
        self.rows = if time > WANTED {
            (self.rows / 2).max(LEAST)
        } else if time * 2 < WANTED {
            (self.rows * 3 / 2).min(MOST)
        } else {
            self.rows
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_changes_become_smaller_and_quick_ones_larger_within_bounds() {
        let mut pace = Pace::default();
        pace.took(Duration::from_millis(15));
        assert_eq!(pace.rows(), FIRST);
        pace.took(Duration::from_millis(21));
        assert_eq!(pace.rows(), FIRST / 2);
        for _ in 0..20 {
            pace.took(Duration::from_secs(1));
        }
        assert_eq!(pace.rows(), LEAST);
        for _ in 0..20 {
            pace.took(Duration::from_millis(1));
        }
        assert_eq!(pace.rows(), MOST);
    }
}
