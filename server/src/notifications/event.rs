//! One thing that happened, as it is told.

use diesel::prelude::*;
use serde::Serialize;

use crate::error::{Code, Problem};
use crate::recalls::model::Notice;
use crate::store::columns::Moment;
use crate::store::schema::notification_events;

crate::record_id! {
    /// One event. A receiver that sees it twice drops the second.
    EventId
}

crate::word_list! {
    /// What happened.
    EventKind {
        /// A notice was entered: a second person has to confirm it.
        Received = "recall.received",
        /// A recall was confirmed: theatres stop on it.
        Confirmed = "recall.confirmed",
        /// Its stock was set apart.
        StockSetApart = "recall.stock-set-apart",
        /// A device in a patient is meant by an active recall, or no longer.
        PatientMatched = "recall.patient-matched",
        /// Packs that an active recall names came in.
        PacksReceived = "recall.packs-received",
        /// A confirmed amendment took the place of what it covered.
        Amended = "recall.amended",
        /// A site has not acknowledged, and its deadline is near.
        DeadlineNear = "recall.deadline-near",
        /// A site has not acknowledged, and its deadline has passed.
        Escalated = "recall.escalated",
        /// An executive signed it off.
        SignedOff = "recall.signed-off",
        /// It was closed: theatres no longer stop on it.
        Closed = "recall.closed",
        /// Somebody tries a webhook out.
        Test = "test",
    }
}

impl EventKind {
    /// As people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Received => "Recall received",
            Self::Confirmed => "Recall confirmed",
            Self::StockSetApart => "Stock set apart",
            Self::PatientMatched => "Patient matched",
            Self::PacksReceived => "Recalled packs came in",
            Self::Amended => "Recall amended",
            Self::DeadlineNear => "Deadline near",
            Self::Escalated => "Deadline passed",
            Self::SignedOff => "Recall signed off",
            Self::Closed => "Recall closed",
            Self::Test => "Test",
        }
    }

    /// Whether safety staff hear of it by e-mail.
    pub fn is_mailed(self) -> bool {
        matches!(self, Self::Received | Self::Confirmed | Self::Amended | Self::DeadlineNear | Self::Escalated)
    }
}

/// What happened, for those who tell it.
#[derive(Clone, Debug)]
pub struct Happening<'a> {
    /// What.
    pub kind: EventKind,
    /// Which recall; none for a test.
    pub notice: Option<&'a Notice>,
    /// At which site (ODS code), where it concerns one.
    pub site: Option<&'a str>,
    /// In one sentence. Of a patient nothing.
    pub text: String,
    /// How many packs or stock items, where that is counted.
    pub count: Option<i64>,
}

impl<'a> Happening<'a> {
    /// Something about a recall.
    pub fn of(kind: EventKind, notice: &'a Notice, text: impl Into<String>) -> Self {
        Self { kind, notice: Some(notice), site: None, text: text.into(), count: None }
    }

    /// At a site.
    #[must_use]
    pub fn at(self, site: &'a str) -> Self {
        Self { site: Some(site), ..self }
    }

    /// So many.
    #[must_use]
    pub fn counting(self, count: i64) -> Self {
        Self { count: Some(count), ..self }
    }

    /// As it is kept.
    ///
    /// # Errors
    /// [`Code::Internal`] where it cannot be written.
    pub fn event(&self) -> Result<Event, Problem> {
        let (id, occurred_at) = (EventId::new(), Moment::now());
        let told = Told {
            kind: self.kind,
            timestamp: occurred_at,
            data: Data {
                id,
                recall: self.notice.map(|notice| notice.id),
                reference: self.notice.map(|notice| notice.reference.as_str()),
                title: self.notice.map(|notice| notice.title.as_str()),
                site: self.site,
                text: &self.text,
                count: self.count,
                path: self.notice.map(|notice| format!("/recalls/{}", notice.id)),
            },
        };
        let body = serde_json::to_string(&told)
            .map_err(|error| Problem::new(Code::Internal, "An event could not be written.").because(error))?;
        let reference = self.notice.map_or("Tessera", |notice| notice.reference.as_str());
        let subject = format!("{reference}: {}", self.kind.in_words().to_lowercase());
        Ok(Event {
            id,
            kind: self.kind,
            site_code: self.site.map(str::to_owned),
            subject,
            body,
            occurred_at,
            spread_at: None,
        })
    }
}

/// What is sent, after the pattern of Standard Webhooks: type, timestamp, data.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(rename = "type")]
    kind: EventKind,
    timestamp: Moment,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    id: EventId,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<crate::recalls::model::RecallId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// One event, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = notification_events)]
pub struct Event {
    /// Identifier.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// At which site, where it concerns one.
    pub site_code: Option<String>,
    /// In a few words: an e-mail's subject.
    pub subject: String,
    /// JSON, exactly as it is sent each time.
    pub body: String,
    /// When.
    pub occurred_at: Moment,
    /// When it was spread to those who want it.
    pub spread_at: Option<Moment>,
}
