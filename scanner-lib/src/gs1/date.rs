//! Dates as packs carry them: a day, or a month whose last day is meant.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not of the form asked for.
    #[error("{0:?} is not a date: YYMMDD from a pack, or YYYY-MM-DD or YYYY-MM, is wanted")]
    Form(String),
    /// There is no such day in the calendar.
    #[error("{0:?} is not a day of the calendar: read the date on the pack again")]
    NoSuchDay(String),
}

/// A date as GS1 prints it: YYMMDD, where day 00 means the last day of the month (GS1 General Specifications, 3.4.2).
///
/// Displays and serialises as `2031-03-01`, or as `2031-03` where the pack gave no day.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::date::GsDate;
///
/// let expiry = GsDate::from_yymmdd("310200", 2026)?;
/// assert_eq!(expiry.last_day().to_string(), "2031-02-28");
/// assert!(!expiry.day_given());
/// assert_eq!(expiry.to_string(), "2031-02");
/// # Ok::<(), tessera_scanner::gs1::date::DateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// A date of which the day is known.
    pub fn on(day: NaiveDate) -> Self {
        Self { last_day: day, day_given: true }
    }

    /// A month of which no day is given: its last day is meant. `None` where there is no such month.
    pub fn month(year: i32, month: u32) -> Option<Self> {
        let (next_year, next_month) =
            if month == 12 { (year.checked_add(1)?, 1) } else { (year, month.checked_add(1)?) };
        NaiveDate::from_ymd_opt(year, month, 1)?;
        let last_day = NaiveDate::from_ymd_opt(next_year, next_month, 1)?.pred_opt()?;
        Some(Self { last_day, day_given: false })
    }

    /// A day, or with `day` 0 the month.
    pub(crate) fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        if day == 0 { Self::month(year, month) } else { NaiveDate::from_ymd_opt(year, month, day).map(Self::on) }
    }

    /// Reads the six digits of AI 11, 17 and their kin.
    ///
    /// `current_year` decides the century: at most 50 years ahead and 49 back (GS1 General Specifications, 7.12).
    ///
    /// # Errors
    /// [`DateError::Form`] unless there are exactly six digits, [`DateError::NoSuchDay`] where the calendar lacks it.
    pub fn from_yymmdd(text: &str, current_year: i32) -> Result<Self, DateError> {
        let digits = text.as_bytes();
        if digits.len() != 6 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(DateError::Form(text.to_owned()));
        }
        let pair = |at: usize| u32::from(digits[at] - b'0') * 10 + u32::from(digits[at + 1] - b'0');
        Self::of(full_year(pair(0), current_year), pair(2), pair(4))
            .ok_or_else(|| DateError::NoSuchDay(text.to_owned()))
    }

    /// The six digits as they stand on a pack, day 00 where none was given.
    pub fn to_yymmdd(self) -> String {
        let day = if self.day_given { self.last_day.day() } else { 0 };
        format!("{:02}{:02}{day:02}", self.last_day.year().rem_euclid(100), self.last_day.month())
    }
}

/// The year meant by its last two digits (GS1 General Specifications, section 7.12).
pub fn full_year(two_digits: u32, current_year: i32) -> i32 {
    let two_digits = i32::try_from(two_digits % 100).unwrap_or(0);
    let current_year = current_year.clamp(1000, 9000);
    let century = current_year - current_year % 100;
    match two_digits - current_year % 100 {
        ahead if ahead >= 51 => century - 100 + two_digits,
        behind if behind <= -50 => century + 100 + two_digits,
        _ => century + two_digits,
    }
}

impl fmt::Display for GsDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.last_day.format(if self.day_given { "%Y-%m-%d" } else { "%Y-%m" });
        f.pad(&text.to_string())
    }
}

impl FromStr for GsDate {
    type Err = DateError;

    /// Reads `YYYY-MM-DD` or `YYYY-MM`.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form(text.to_owned());
        let number = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())
                .flatten()
        };
        let mut parts = text.split('-');
        let year = parts.next().and_then(|p| number(p, 4)).ok_or_else(form)?;
        let month = parts.next().and_then(|p| number(p, 2)).ok_or_else(form)?;
        let day = match parts.next() {
            None => 0,
            Some(part) => number(part, 2).filter(|day| *day > 0).ok_or_else(form)?,
        };
        if parts.next().is_some() {
            return Err(form());
        }
        let year = i32::try_from(year).map_err(|_| form())?;
        Self::of(year, month, day).ok_or_else(|| DateError::NoSuchDay(text.to_owned()))
    }
}

impl Serialize for GsDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GsDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_century_is_the_one_nearby() {
        for (two, now, wanted) in
            [(31, 2026, 2031), (76, 2026, 2076), (77, 2026, 1977), (99, 2026, 1999), (49, 2099, 2149)]
        {
            assert_eq!(full_year(two, now), wanted, "{two} in {now}");
        }
    }

    #[test]
    fn day_00_is_the_last_of_the_month() {
        for (text, last) in [("280200", "2028-02-29"), ("261200", "2026-12-31"), ("260400", "2026-04-30")] {
            let date = GsDate::from_yymmdd(text, 2026).unwrap();
            assert_eq!((date.last_day().to_string().as_str(), date.day_given()), (last, false));
            assert_eq!(date.to_yymmdd(), text);
        }
    }

    #[test]
    fn days_that_are_not() {
        for text in ["260230", "261301", "260001", "26013", "2601011", "26O101", "", "٢٦٠١"] {
            assert!(GsDate::from_yymmdd(text, 2026).is_err(), "{text}");
        }
    }

    #[test]
    fn json_keeps_whether_a_day_was_given() {
        for text in ["\"2031-02\"", "\"2031-02-28\""] {
            let date: GsDate = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&date).unwrap(), text);
        }
        for text in ["\"2031-02-30\"", "\"2031-02-00\"", "\"2031\"", "\"2031-02-28-1\"", "\"31-02\""] {
            assert!(serde_json::from_str::<GsDate>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_year_panics(text in "\\PC{0,12}", year in any::<i32>()) {
            let _ = GsDate::from_yymmdd(&text, year);
            let _ = text.parse::<GsDate>();
        }

        #[test]
        fn print_and_read_again(days in 0_i64..36_000) {
            let day = NaiveDate::from_ymd_opt(1980, 1, 1).unwrap() + chrono::Duration::days(days);
            let date = GsDate::on(day);
            prop_assert_eq!(date.to_string().parse::<GsDate>().unwrap(), date);
            prop_assert_eq!(GsDate::from_yymmdd(&date.to_yymmdd(), day.year()).unwrap(), date);
        }
    }
}
