//! A date as people type it: day, month and year apart, which is quicker than a calendar and works with any keyboard.

use chrono::NaiveDate;

/// Three fields `NAME-day`, `NAME-month`, `NAME-year`; drawn by `parts/date_input.html`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateField {
    /// As typed.
    pub day: String,
    /// As typed.
    pub month: String,
    /// As typed.
    pub year: String,
}

impl DateField {
    /// Takes a posted field, if it is one of the three; `part` is what stands behind `NAME-`.
    pub fn take(&mut self, part: &str, value: &str) {
        let value = value.trim().to_owned();
        match part {
            "day" => self.day = value,
            "month" => self.month = value,
            "year" => self.year = value,
            _ => {}
        }
    }

    /// The date, or what is wrong with it; `what` such as `the day of the revision`.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub fn date(&self, what: &str) -> Result<NaiveDate, String> {
        if [&self.day, &self.month, &self.year].iter().any(|part| part.is_empty()) {
            return Err(format!("Write {what} with its day, month and year."));
        }
        let number = |text: &str| text.parse::<u32>().ok();
        let month = number(&self.month).or_else(|| month_named(&self.month));
        if self.year.len() != 4 {
            return Err(format!("Write {what} with all four digits of the year, such as 2026."));
        }
        let date = number(&self.day)
            .zip(month)
            .zip(self.year.parse().ok())
            .and_then(|((day, month), year)| NaiveDate::from_ymd_opt(year, month, day));
        date.ok_or_else(|| {
            format!("{} {} {} is no day of the calendar. Write {what}.", self.day, self.month, self.year)
        })
    }
}

/// `Nov` and `november` are month 11.
fn month_named(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = text.to_lowercase().chars().take(3).collect::<String>();
    (1..).zip(MONTHS).find(|(_, name)| *name == start).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(day: &str, month: &str, year: &str) -> Result<NaiveDate, String> {
        let mut field = DateField::default();
        for (part, value) in [("day", day), ("month", month), ("year", year), ("other", "x")] {
            field.take(part, value);
        }
        field.date("the day of the revision")
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
        for (d, m) in [("3", "11"), (" 03 ", "11"), ("3", "Nov"), ("3", "november")] {
            assert_eq!(typed(d, m, "2026"), Ok(day));
        }
        assert!(typed("", "11", "2026").unwrap_err().contains("day, month and year"));
        assert!(typed("3", "11", "26").unwrap_err().contains("four digits"));
        for (d, m) in [("31", "2"), ("0", "1"), ("1", "13"), ("x", "1"), ("1", "Nevember"), ("-1", "1")] {
            assert!(typed(d, m, "2026").unwrap_err().contains("no day of the calendar"), "{d} {m}");
        }
    }
}
