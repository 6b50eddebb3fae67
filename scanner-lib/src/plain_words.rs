//! Values as people say them, for the sentences of [`crate::verdict`] and [`crate::recall_match`].

use chrono::NaiveDate;

/// `30 June 2026`: the month as a word, so that no one can take the day for the month.
pub(crate) fn date_in_words(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// `1 hour`, `3 days`.
pub(crate) fn count_of(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
