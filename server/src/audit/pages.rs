//! The audit page.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;

use super::chain::{Verified, verify_latest};
use super::{AuditEntry, AuditFilter, AuditId, latest, words};
use crate::access::{Permit, ReadAudit, User, UserId};
use crate::config::Config;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::store::Store;
use crate::store::read::people::users_of;
use crate::store::read::period::Period;
use crate::web::audit::{AuditPage, AuditRow};
use crate::web::page_problem::{PageProblem, show};
use crate::web::words::{exact_moment, grouped};
use crate::web::{Choice, Page, SignedIn};

/// Rows of one page.
const ROWS: i64 = 100;
/// Seals that are checked whenever somebody looks.
const SEALS: i64 = 5000;

/// What the page's form sends.
#[derive(Debug, Default, Deserialize)]
pub struct AuditQuery {
    #[serde(default)]
    who: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    on: String,
    before: Option<AuditId>,
}

impl AuditQuery {
    fn filter(&self) -> Result<AuditFilter, Problem> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day: Option<NaiveDate> = given(&self.on)
            .map(|day| day.parse().map_err(|_| Problem::invalid(format!("\"{day}\" is not a day: YYYY-MM-DD."))))
            .transpose()?;
        Ok(AuditFilter {
            subject: None,
            action: given(&self.act),
            actor: given(&self.who),
            period: Period { from: day, to: day },
            before: self.before,
            limit: ROWS,
        })
    }

    fn older(&self, entries: &[AuditEntry]) -> String {
        let Some(last) = entries.last().filter(|_| i64::try_from(entries.len()) == Ok(ROWS)) else {
            return String::new();
        };
        // User names are plain; a name that is not finds nothing, and then there is no next page.
        format!("/audit?who={}&act={}&on={}&before={}", self.who.trim(), self.act, self.on, last.id)
    }
}

/// `GET /audit`
#[get("/audit")]
pub async fn show_audit(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAudit>,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, PageProblem> {
    let query = query.into_inner();
    let filter = query.filter()?;
    let (entries, users, verified) = store
        .read(move |connection| {
            let entries = latest(connection, &filter)?;
            let ids: Vec<_> = entries.iter().filter_map(|entry| entry.user_id).collect();
            Ok((entries, users_of(connection, &ids)?, verify_latest(connection, SEALS)?))
        })
        .await?;
    let (chain_whole, chain) = in_words(&verified);
    show(&AuditPage {
        page: Page::of(&permit, &config, "Audit", "/audit"),
        chain_whole,
        chain,
        acts: Choice::with_all(Choice::list(words::ACTS, &query.act), &query.act),
        older: query.older(&entries),
        rows: entries.iter().map(|entry| row(entry, &users)).collect(),
        who: query.who,
        on: query.on,
    })
}

fn in_words(verified: &Verified) -> (bool, String) {
    match verified {
        Verified::Whole { sealed, waiting } => {
            let waiting = match waiting {
                0 => String::new(),
                1 => " 1 newer row waits for its seal.".to_owned(),
                waiting => format!(" {} newer rows wait for their seal.", grouped(*waiting)),
            };
            let checked = if i64::try_from(*sealed).unwrap_or(i64::MAX) <= SEALS {
                format!("All {} sealed rows were checked just now, and none was changed.", grouped(*sealed))
            } else {
                format!(
                    "The latest {SEALS} of {} sealed rows were checked just now, and none was changed. To check all of \
                     them, an administrator runs “tessera verify-audit”.",
                    grouped(*sealed)
                )
            };
            (true, format!("{checked}{waiting}"))
        }
        Verified::Broken { position } => (
            false,
            format!("The chain is broken at row {position}: run “tessera verify-audit” and tell the administrator."),
        ),
    }
}

fn row(entry: &AuditEntry, users: &HashMap<UserId, User>) -> AuditRow {
    let user = entry.user_id.and_then(|id| users.get(&id));
    let role = user.map(|user| SignedIn { name: user.display_name.clone(), role: user.role.to_string() });
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    AuditRow {
        at: exact_moment(entry.recorded_at),
        who: role.map_or_else(|| entry.actor.clone(), |role| format!("{} ({})", entry.actor, role.role_text())),
        code: entry.action.clone(),
        act: words::of(&entry.action),
        subject: subject(entry, &detail),
        reason: detail["reason"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The record as people know it: a patient by pseudonym, a recall by its reference, else kind and identifier.
fn subject(entry: &AuditEntry, detail: &serde_json::Value) -> String {
    let name = match entry.subject_kind.as_str() {
        "patient" => entry.subject.parse::<PatientId>().ok().map(PatientId::pseudonym),
        "recall" => detail["reference"].as_str().map(str::to_owned),
        _ => None,
    };
    format!("{} {}", entry.subject_kind, name.unwrap_or_else(|| entry.subject.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_much_of_the_chain_was_checked() {
        let said = |sealed, waiting| in_words(&Verified::Whole { sealed, waiting }).1;
        assert_eq!(said(12, 0), "All 12 sealed rows were checked just now, and none was changed.");
        assert_eq!(
            said(61_204, 1),
            "The latest 5000 of 61,204 sealed rows were checked just now, and none was changed. To check all of them, an \
             administrator runs “tessera verify-audit”. 1 newer row waits for its seal."
        );
        let (whole, text) = in_words(&Verified::Broken { position: 7 });
        assert!(!whole && text.contains("row 7"), "{text}");
    }
}
