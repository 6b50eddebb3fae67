//! A span of days in Europe/London, as questions about the record take it.

use chrono::{Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Europe::London;

use crate::store::columns::Moment;

/// Days from the first to the last, both included; open where one is not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// The moment at which the first day begins.
    pub fn start(self) -> Option<Moment> {
        self.from.and_then(midnight)
    }

    /// The moment at which the last day is over.
    pub fn end(self) -> Option<Moment> {
        self.to.and_then(|day| midnight(day.checked_add_days(Days::new(1))?))
    }
}

/// Clocks in London change at one o'clock at the earliest, so midnight is always there and only once.
fn midnight(day: NaiveDate) -> Option<Moment> {
    let local = London.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest()?;
    Some(Moment::from(local.with_timezone(&Utc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_and_end_at_midnight_in_london() {
        let day = |text: &str| Some(text.parse().unwrap());
        let winter = Period { from: day("2026-01-01"), to: day("2026-01-01") };
        assert_eq!(winter.start().unwrap().utc().to_rfc3339(), "2026-01-01T00:00:00+00:00");
        assert_eq!(winter.end().unwrap().utc().to_rfc3339(), "2026-01-02T00:00:00+00:00");
        let summer = Period { from: day("2026-07-01"), to: day("2026-10-25") };
        assert_eq!(summer.start().unwrap().utc().to_rfc3339(), "2026-06-30T23:00:00+00:00");
        assert_eq!(summer.end().unwrap().utc().to_rfc3339(), "2026-10-26T00:00:00+00:00");
        assert_eq!(Period::default().start(), None);
    }
}
