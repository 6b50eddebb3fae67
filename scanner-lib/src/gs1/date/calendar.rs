//! To and from the calendar of `chrono`, which the verdicts and the registry reckon with. Nothing else of [`super`] needs
//! more than `core` and `alloc`.

use chrono::{Datelike as _, NaiveDate};

use super::GsDate;

impl GsDate {
    /// The day meant; the last of the month where only the month is given.
    pub fn last_day(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.effective_day().into())
            .expect("a date is only made of a month and a day that the calendar has")
    }

    /// A date of which the day is known.
    pub fn on(day: NaiveDate) -> Self {
        // Years before 0 and after 9999 are on no label; they become the nearest that can be printed.
        let year = u16::try_from(day.year().clamp(0, 9999)).unwrap_or(0);
        let [month, day] = [day.month(), day.day()].map(|part| u8::try_from(part).unwrap_or(1));
        Self { year, month, day, time: None }
    }
}
