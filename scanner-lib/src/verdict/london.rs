//! The date in London.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

/// The date in Europe/London at a moment: a device may be used until the end of its last day there.
///
/// Clocks are an hour ahead of UTC from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October
/// (Directive 2000/84/EC, kept by the Summer Time Order 2002). Written out here so that it needs no time zone data
/// in the browser; for dates since 1996.
///
/// # Example
/// ```
/// use chrono::{TimeZone, Utc};
/// use tessera_scanner::verdict::london_date;
/// let late = Utc.with_ymd_and_hms(2026, 6, 30, 23, 30, 0).unwrap();
/// assert_eq!(london_date(late).to_string(), "2026-07-01");
/// ```
pub fn london_date(moment: DateTime<Utc>) -> NaiveDate {
    let year = moment.year();
    let change = |month| last_sunday(year, month).and_then(|day| day.and_hms_opt(1, 0, 0)).map(|time| time.and_utc());
    let summer = change(3).is_some_and(|start| moment >= start) && change(10).is_some_and(|end| moment < end);
    let shifted = if summer { moment.checked_add_signed(Duration::hours(1)) } else { None };
    shifted.unwrap_or(moment).date_naive()
}

fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    // March and October both have 31 days.
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_signed(Duration::days(last.weekday().days_since(Weekday::Sun).into()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> String {
        london_date(text.parse().unwrap()).to_string()
    }

    #[test]
    fn summer_time_begins_and_ends_at_one() {
        assert_eq!(on("2026-03-28T23:30:00Z"), "2026-03-28");
        assert_eq!(on("2026-03-29T23:30:00Z"), "2026-03-30");
        assert_eq!(on("2026-10-24T23:00:00Z"), "2026-10-25");
        assert_eq!(on("2026-10-25T23:30:00Z"), "2026-10-25");
        assert_eq!(on("2026-12-31T23:59:59Z"), "2026-12-31");
    }

    proptest! {
        #[test]
        fn the_same_as_the_time_zone_database(seconds in 820_454_400_i64..4_102_444_800) {
            let moment = Utc.timestamp_opt(seconds, 0).unwrap();
            prop_assert_eq!(london_date(moment), moment.with_timezone(&chrono_tz::Europe::London).date_naive());
        }

        #[test]
        fn no_moment_panics(seconds in any::<i64>()) {
            if let Some(moment) = DateTime::from_timestamp(seconds, 0) {
                london_date(moment);
            }
        }
    }
}
