//! Dates as packs carry them: a day, or a month whose last day is meant.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::{self, Write as _};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod calendar;

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

/// An hour, and where the label tells it the minute, of the last day of use (AI 7003, HIBC dates with an hour).
///
/// # Example
/// ```
/// use tessera_scanner::gs1::date::GsTime;
///
/// assert_eq!(GsTime::new(20, Some(30)).unwrap().to_string(), "20:30");
/// assert!(GsTime::new(24, None).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GsTime {
    hour: u8,
    minute: Option<u8>,
}

impl GsTime {
    /// A time of the day; `None` where there is no such time.
    pub fn new(hour: u8, minute: Option<u8>) -> Option<Self> {
        (hour < 24 && minute.is_none_or(|minute| minute < 60)).then_some(Self { hour, minute })
    }

    /// 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// 0 to 59, where it is told.
    pub fn minute(self) -> Option<u8> {
        self.minute
    }
}

impl fmt::Display for GsTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        self.minute.map_or(Ok(()), |minute| write!(f, ":{minute:02}"))
    }
}

/// A date as GS1 prints it: YYMMDD, where day 00 means the last day of the month (GS1 General Specifications, 3.4.2),
/// with the time where the label tells one.
///
/// Displays and serialises as `2031-03-01`, as `2031-03` where the pack gave no day, as `2031-03-01T20` or
/// `2031-03-01T20:30` where it gave the time. Orders by what it means: a month is its last day.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GsDate {
    year: u16,
    month: u8,
    /// 0 where the label gives none.
    day: u8,
    time: Option<GsTime>,
}

impl PartialOrd for GsDate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GsDate {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |date: &Self| (date.year, date.month, date.effective_day(), date.day_given(), date.time);
        key(self).cmp(&key(other))
    }
}

impl GsDate {
    /// The year, with its century.
    pub fn year(&self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month_of_year(&self) -> u8 {
        self.month
    }

    /// The day of the month, where the label gave one.
    pub fn day(&self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The time, where the label gave one.
    pub fn time(&self) -> Option<GsTime> {
        self.time
    }

    /// Whether the label gave a day.
    pub fn day_given(&self) -> bool {
        self.day > 0
    }

    /// The day meant, 1 to 31: the last of the month where only the month is given.
    fn effective_day(self) -> u8 {
        if self.day > 0 { self.day } else { days_in(self.year.into(), self.month.into()) }
    }

    /// The same day, at this time.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::date::{GsDate, GsTime};
    ///
    /// let expiry = GsDate::from_yymmdd("280229", 2026)?.at(GsTime::new(16, None).unwrap());
    /// assert_eq!(expiry.to_string(), "2028-02-29T16");
    /// # Ok::<(), tessera_scanner::gs1::date::DateError>(())
    /// ```
    #[must_use]
    pub fn at(self, time: GsTime) -> Self {
        Self { time: Some(time), ..self }
    }

    /// A month of which no day is given: its last day is meant. `None` where there is no such month.
    pub fn month(year: i32, month: u32) -> Option<Self> {
        Self::of(year, month, 0)
    }

    /// A day of the calendar, of the years 0 to 9999; `None` where there is no such day.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::date::GsDate;
    ///
    /// assert_eq!(GsDate::ymd(2028, 2, 29).unwrap().to_string(), "2028-02-29");
    /// assert!(GsDate::ymd(2027, 2, 29).is_none());
    /// ```
    pub fn ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        Self::of(year, month, day).filter(Self::day_given)
    }

    /// A day by its number in the year, 1 to 366; `None` where the year has no such day.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::date::GsDate;
    ///
    /// assert_eq!(GsDate::yj(2005, 271).unwrap().to_string(), "2005-09-28");
    /// assert!(GsDate::yj(2005, 366).is_none());
    /// ```
    pub fn yj(year: i32, day_of_year: u32) -> Option<Self> {
        let printed = u32::try_from(year).ok()?;
        let mut left = day_of_year;
        for month in 1..=12 {
            let length = days_in_month(printed, month);
            if left <= length {
                return Self::ymd(year, month, left);
            }
            left -= length;
        }
        None
    }

    /// A day, or with `day` 0 the month.
    pub(crate) fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        let printed = u16::try_from(year).ok().filter(|year| *year <= 9999)?;
        let small = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        let day = u8::try_from(day).ok().filter(|day| *day <= days_in(printed.into(), month))?;
        Some(Self { year: printed, month: small, day, time: None })
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

    /// Reads the ten digits of AI 7003: a day with hour and minute.
    ///
    /// # Errors
    /// As [`Self::from_yymmdd`], and [`DateError::NoSuchDay`] where there is no such time.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::gs1::date::GsDate;
    ///
    /// assert_eq!(GsDate::from_yymmddhhmm("2802292030", 2026)?.to_string(), "2028-02-29T20:30");
    /// # Ok::<(), tessera_scanner::gs1::date::DateError>(())
    /// ```
    pub fn from_yymmddhhmm(text: &str, current_year: i32) -> Result<Self, DateError> {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DateError::Form(text.to_owned()));
        }
        let day = Self::from_yymmdd(&text[..6], current_year)?;
        let part = |at: usize| text[at..at + 2].parse().unwrap_or(u8::MAX);
        let time = GsTime::new(part(6), Some(part(8))).ok_or_else(|| DateError::NoSuchDay(text.to_owned()))?;
        Ok(day.at(time))
    }

    /// The six digits as they stand on a pack, day 00 where none was given.
    pub fn to_yymmdd(self) -> String {
        format!("{:02}{:02}{:02}", self.year % 100, self.month, self.day)
    }
}

/// How many days a month has, for months 1 to 12.
pub(crate) const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn days_in(year: u32, month: u32) -> u8 {
    u8::try_from(days_in_month(year, month)).unwrap_or(31)
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
        let mut text = format!("{:04}-{:02}", self.year, self.month);
        if self.day > 0 {
            let _ = write!(text, "-{:02}", self.day);
        }
        if let Some(time) = self.time {
            let _ = write!(text, "T{time}");
        }
        f.pad(&text)
    }
}

impl FromStr for GsDate {
    type Err = DateError;

    /// Reads `YYYY-MM-DD`, `YYYY-MM`, `YYYY-MM-DDTHH` or `YYYY-MM-DDTHH:MM`.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form(text.to_owned());
        let number = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())
                .flatten()
        };
        let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
        let mut parts = date.split('-');
        let year = parts.next().and_then(|p| number(p, 4)).ok_or_else(form)?;
        let month = parts.next().and_then(|p| number(p, 2)).ok_or_else(form)?;
        let day = match parts.next() {
            None if time.is_some() => return Err(form()),
            None => 0,
            Some(part) => number(part, 2).filter(|day| *day > 0).ok_or_else(form)?,
        };
        if parts.next().is_some() {
            return Err(form());
        }
        let year = i32::try_from(year).map_err(|_| form())?;
        let no_such = || DateError::NoSuchDay(text.to_owned());
        let date = Self::of(year, month, day).ok_or_else(no_such)?;
        let Some(time) = time else { return Ok(date) };
        let (hour, minute) = time.split_once(':').map_or((time, None), |(hour, minute)| (hour, Some(minute)));
        let small = |part: &str| number(part, 2).and_then(|n| u8::try_from(n).ok()).ok_or_else(form);
        let minute = minute.map(small).transpose()?;
        Ok(date.at(GsTime::new(small(hour)?, minute).ok_or_else(no_such)?))
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
    use chrono::{Datelike as _, NaiveDate};
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
    fn a_month_comes_with_its_last_day() {
        let date = |text: &str| text.parse::<GsDate>().unwrap();
        assert!(date("2031-02-27") < date("2031-02") && date("2031-02") < date("2031-02-28"));
        assert!(date("2031-02-28") < date("2031-02-28T01") && date("2031-02-28T23:59") < date("2031-03-01"));
    }

    #[test]
    fn json_keeps_whether_a_day_was_given() {
        for text in ["\"2031-02\"", "\"2031-02-28\"", "\"2031-02-28T20\"", "\"2031-02-28T20:05\""] {
            let date: GsDate = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&date).unwrap(), text);
        }
        for text in [
            "\"2031-02-30\"",
            "\"2031-02-00\"",
            "\"2031\"",
            "\"2031-02-28-1\"",
            "\"31-02\"",
            "\"2031-02T20\"",
            "\"2031-02-28T24\"",
        ] {
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
            prop_assert_eq!(GsDate::ymd(day.year(), day.month(), day.day()), Some(date));
            prop_assert_eq!(GsDate::yj(day.year(), day.ordinal()), Some(date));
            prop_assert_eq!(date.last_day(), day);
        }
    }
}
