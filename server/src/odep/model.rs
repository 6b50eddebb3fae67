//! A rating as ODEP writes it: years of follow-up and a grade, such as `10A*`.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::catalogue::ProductId;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::odep_ratings;

crate::record_id! {
    /// One rating that was entered.
    RatingId
}

/// The years at which ODEP rates.
pub const YEARS: [u32; 6] = [3, 5, 7, 10, 13, 15];
/// The grades, best first.
const GRADES: [&str; 3] = ["A*", "A", "B"];

/// Years and grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// One of [`YEARS`].
    pub years: u32,
    /// `A*`, `A` or `B`.
    pub grade: &'static str,
}

impl FromStr for Rating {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_uppercase();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (years, grade) = text.split_at(digits);
        let years = YEARS.into_iter().find(|one| one.to_string() == years);
        let grade = GRADES.into_iter().find(|one| *one == grade.trim());
        let (Some(years), Some(grade)) = (years, grade) else {
            return Err(format!(
                "\"{text}\" is no ODEP rating: write 3, 5, 7, 10, 13 or 15 and A*, A or B, such as 10A*."
            ));
        };
        Ok(Self { years, grade })
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.years, self.grade)
    }
}

/// A rating to be entered; its `id` is made by the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewRating {
    /// Identifier (UUIDv7), made by the client.
    pub id: RatingId,
    /// As published, such as `10A*`.
    pub rating: String,
    /// The day of which it is.
    pub rated_on: NaiveDate,
    /// Where it was published.
    pub source: String,
}

impl NewRating {
    /// The same with its texts in their one form.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be.
    pub fn checked(self, today: NaiveDate) -> Result<Self, Problem> {
        let rating: Rating = self.rating.parse().map_err(Problem::invalid)?;
        let source = self.source.trim().to_owned();
        if source.is_empty() || source.chars().count() > 300 {
            return Err(Problem::invalid("Write where the rating was published, in 1 to 300 characters."));
        }
        if self.rated_on > today {
            return Err(Problem::invalid(format!("{} is in the future: write the day of the rating.", self.rated_on)));
        }
        Ok(Self { rating: rating.to_string(), source, ..self })
    }
}

/// A rating as it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = odep_ratings)]
pub struct RatingRow {
    /// Identifier.
    pub id: RatingId,
    /// The device.
    pub product_id: ProductId,
    /// As published, such as `10A*`.
    pub rating: String,
    /// The day of which it is.
    pub rated_on: NaiveDate,
    /// Where it was published.
    pub source: String,
    /// When it was entered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub entered_at: Moment,
    /// By whom.
    pub entered_by: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_read_as_they_are_written() {
        for (text, written) in [("10A*", "10A*"), (" 3 b ", "3B"), ("15a", "15A"), ("13A *", "")] {
            let read = text.parse::<Rating>().map(|rating| rating.to_string()).unwrap_or_default();
            assert_eq!(read, written, "{text}");
        }
        for wrong in ["", "A*", "10", "4A*", "10C", "10A**", "100A", "Pre-entry"] {
            assert!(wrong.parse::<Rating>().unwrap_err().contains("is no ODEP rating"), "{wrong}");
        }
    }
}
