//! Who did what to which record, written in the same transaction as the change itself.
//!
//! Rows are append-only. A job ([`chain`]) links them into a hash chain afterwards, so that no request waits for a lock.
//! A row names the acting user and the record; what it tells of a patient is the internal id, never the identity.

pub mod api;
pub mod chain;
pub mod pages;
pub mod words;

use diesel::prelude::*;
use serde::Serialize;

use crate::access::Actor;
use crate::error::Problem;
use crate::on_engine;
use crate::store::columns::Moment;
use crate::store::read::period::Period;
use crate::store::schema::audit_entries;
use crate::store::{AnyConnection, Transaction};

crate::record_id! {
    /// One audit row.
    AuditId
}

/// What was done, to which record.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// The verb, such as `recall-confirmed`.
    pub action: &'static str,
    /// The kind of record, such as `recall`.
    pub subject_kind: &'static str,
    /// The record's identifier.
    pub subject: String,
    /// More, such as the reason given; no identities.
    pub detail: &'a dyn erased::Detail,
}

/// A detail that can be written as JSON.
pub mod erased {
    /// Anything that serialises.
    pub trait Detail: std::fmt::Debug {
        /// The JSON text.
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize + std::fmt::Debug> Detail for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap_or_else(|error| format!("\"unwritable: {error}\""))
        }
    }
}

/// One row as read back.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, utoipa::ToSchema)]
#[diesel(table_name = audit_entries)]
pub struct AuditEntry {
    /// Its identifier, ordered by time.
    pub id: AuditId,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub recorded_at: Moment,
    /// The user's identifier; none for the system itself.
    pub user_id: Option<crate::access::UserId>,
    /// The user's name as it was then, or `system`.
    pub actor: String,
    /// The verb.
    pub action: String,
    /// The kind of record.
    pub subject_kind: String,
    /// The record.
    pub subject: String,
    /// JSON.
    pub detail: String,
}

/// Writes one row beside the change that it tells of.
///
/// # Errors
/// Those of the database; the whole transaction then fails.
pub fn record(transaction: &mut Transaction<'_>, actor: &Actor, act: &Act<'_>) -> Result<(), Problem> {
    let entry = AuditEntry {
        id: AuditId::new(),
        recorded_at: Moment::now(),
        user_id: actor.user_id(),
        actor: actor.name().to_owned(),
        action: act.action.to_owned(),
        subject_kind: act.subject_kind.to_owned(),
        subject: act.subject.clone(),
        detail: act.detail.json(),
    };
    on_engine!(&mut **transaction, c => diesel::insert_into(audit_entries::table).values(&entry).execute(c))?;
    Ok(())
}

/// Which rows to show.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only rows about this record.
    pub subject: Option<String>,
    /// Only this verb.
    pub action: Option<String>,
    /// Only what this user did, by user name.
    pub actor: Option<String>,
    /// Only on these days.
    pub period: Period,
    /// Only rows older than this one.
    pub before: Option<AuditId>,
    /// At the most this many.
    pub limit: i64,
}

/// The latest rows, newest first.
///
/// # Errors
/// Those of the database.
pub fn latest(connection: &mut AnyConnection, filter: &AuditFilter) -> Result<Vec<AuditEntry>, Problem> {
    let mut query = audit_entries::table.select(AuditEntry::as_select()).into_boxed();
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_entries::subject.eq(subject.clone()));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_entries::action.eq(action.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_entries::actor.eq(actor.clone()));
    }
    if let Some(start) = filter.period.start() {
        query = query.filter(audit_entries::recorded_at.ge(start));
    }
    if let Some(end) = filter.period.end() {
        query = query.filter(audit_entries::recorded_at.lt(end));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit_entries::id.lt(before));
    }
    Ok(query.order(audit_entries::id.desc()).limit(filter.limit).load(connection)?)
}
