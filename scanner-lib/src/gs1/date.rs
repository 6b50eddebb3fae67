//! GS1 dates.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A date as GS1 prints it: YYMMDD, where day 00 means the last day of the month (GS1 General Specifications, 3.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GsDate {
    last_day: NaiveDate,
    day_given: bool,
}
impl GsDate {
    /// The day meant; the last of the month where only the month is given.
    pub fn last_day(&self) -> NaiveDate {
        self.last_day
    }
    /// Whether the label gave a day.
    pub fn day_given(&self) -> bool {
        self.day_given
    }
}
