//! What each site was asked because of a recall, by when, and what it answered.

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{User, UserId};
use crate::error::{Code, Problem};
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::schema::recall_sites;

/// One site that has to say that it knows of the recall and has acted.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_sites)]
pub struct SiteAsked {
    /// Because of which recall.
    pub recall_id: RecallId,
    /// The site (ODS code).
    pub site_code: String,
    /// When it was asked.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub asked_at: Moment,
    /// By whom.
    pub asked_by: UserId,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// When it acknowledged.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub acknowledged_at: Option<Moment>,
    /// Who did, for the site.
    pub acknowledged_by: Option<UserId>,
    /// What the site said.
    pub note: String,
    /// The day of the latest reminder.
    pub reminded_on: Option<NaiveDate>,
    /// The day on which it was escalated.
    pub escalated_on: Option<NaiveDate>,
}

/// How a site stands to its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It acknowledged.
    Acknowledged,
    /// So many days are left; 0 is the last one.
    Waiting(i64),
    /// So many days late.
    Overdue(i64),
}

/// What the program does about a site that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chase {
    /// Tells the site again.
    Remind,
    /// Tells those above it.
    Escalate,
}

impl SiteAsked {
    /// How it stands on this day.
    pub fn standing(&self, today: NaiveDate) -> Standing {
        let left = (self.due_on - today).num_days();
        match self.acknowledged_at {
            Some(_) => Standing::Acknowledged,
            None if left < 0 => Standing::Overdue(-left),
            None => Standing::Waiting(left),
        }
    }

    /// Once a day from the day before the deadline a reminder; an escalation once, on the first day after it.
    pub fn chase(&self, today: NaiveDate) -> Option<Chase> {
        if self.acknowledged_at.is_some() {
            return None;
        }
        if today > self.due_on && self.escalated_on.is_none() {
            return Some(Chase::Escalate);
        }
        let close = today + TimeDelta::days(1) >= self.due_on;
        (close && self.reminded_on.is_none_or(|last| last < today)).then_some(Chase::Remind)
    }
}

/// Whether this person may speak for a site: one who works at a single site speaks for that one only.
///
/// # Errors
/// [`Code::NotPermitted`].
pub fn may_speak_for(user: &User, site: &str) -> Result<(), Problem> {
    match user.site_code.as_deref() {
        Some(own) if own != site => {
            Err(Problem::new(Code::NotPermitted, format!("You work at {own} and cannot answer for {site}.")))
        }
        _ => Ok(()),
    }
}

/// The deadline, where it can be one.
///
/// # Errors
/// [`Code::InvalidInput`] for a day that has passed, or one more than a year ahead.
pub fn deadline(due_on: NaiveDate, today: NaiveDate) -> Result<NaiveDate, Problem> {
    if (today..=today + TimeDelta::days(366)).contains(&due_on) {
        return Ok(due_on);
    }
    Err(Problem::invalid(format!("Sites can be asked to answer by today or a day of the next year, not by {due_on}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, day).unwrap()
    }

    fn asked() -> SiteAsked {
        SiteAsked {
            recall_id: RecallId::new(),
            site_code: "RXX01".to_owned(),
            asked_at: Moment::now(),
            asked_by: UserId::new(),
            due_on: day(10),
            acknowledged_at: None,
            acknowledged_by: None,
            note: String::new(),
            reminded_on: None,
            escalated_on: None,
        }
    }

    #[test]
    fn a_silent_site_is_reminded_daily_and_escalated_once() {
        let mut site = asked();
        let mut done = Vec::new();
        for today in (7..=13).map(day) {
            while let Some(chase) = site.chase(today) {
                match chase {
                    Chase::Remind => site.reminded_on = Some(today),
                    Chase::Escalate => site.escalated_on = Some(today),
                }
                done.push(format!("{} {chase:?}", today.format("%-d")));
            }
        }
        assert_eq!(done.join(", "), "9 Remind, 10 Remind, 11 Escalate, 11 Remind, 12 Remind, 13 Remind");
        site.acknowledged_at = Some(Moment::now());
        assert_eq!((site.chase(day(14)), site.standing(day(14))), (None, Standing::Acknowledged));
    }

    #[test]
    fn the_last_day_is_not_late() {
        let site = asked();
        assert_eq!(
            [9, 10, 11].map(|on| site.standing(day(on))),
            [Standing::Waiting(1), Standing::Waiting(0), Standing::Overdue(1)]
        );
        assert!(deadline(day(9), day(10)).is_err() && deadline(day(10), day(10)).is_ok());
    }
}
