//! Moments and days as people read them, in London's time.

use chrono::NaiveDate;
use chrono_tz::Europe::London;

use crate::store::columns::Moment;

/// Such as `23 November 2026, 10:02`.
pub fn moment(moment: Moment) -> String {
    moment.utc().with_timezone(&London).format("%-d %B %Y, %H:%M").to_string()
}

/// To the second, such as `23 Nov 2026 10:02:17`.
pub fn exact_moment(moment: Moment) -> String {
    moment.utc().with_timezone(&London).format("%-d %b %Y %H:%M:%S").to_string()
}

/// Such as `23 Nov 2026`.
pub fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// `1 pack`, `1,204 packs`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A number with commas between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};

    #[test]
    fn people_read_london_time_and_grouped_numbers() {
        let at = Moment::from(Utc.with_ymd_and_hms(2026, 6, 1, 23, 30, 5).unwrap());
        assert_eq!(moment(at), "2 June 2026, 00:30");
        assert_eq!(exact_moment(at), "2 Jun 2026 00:30:05");
        assert_eq!(
            ["0", "999", "1,000", "93,000", "1,234,567"],
            [0, 999, 1000, 93_000, 1_234_567].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!((count(1, "pack", "packs"), count(2, "pack", "packs")), ("1 pack".into(), "2 packs".into()));
    }
}
