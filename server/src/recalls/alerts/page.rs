//! The page of alerts that nobody has taken, and of second persons in theatre who have not confirmed.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};

use super::model::{AlertId, Take};
use super::store as alerts;
use crate::access::{ConfirmRecall, Permit, ReadAffected, SignedForm};
use crate::config::Config;
use crate::recalls::model::RecallId;
use crate::recalls::pages::may;
use crate::recalls::store as recalls;
use crate::store::Store;
use crate::theatre::override_follow_ups::{self, NotVerified};
use crate::web::Page;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall_work::{AlertRow, AlertsPage, NotVerifiedRow};
use crate::web::words::moment;

/// `GET /recall-alerts`
#[get("/recall-alerts")]
pub async fn show_alerts(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAffected>,
) -> Result<HttpResponse, PageProblem> {
    let (open, notices, not_verified) = store
        .read(|connection| {
            Ok((alerts::open(connection, None)?, recalls::list(connection)?, override_follow_ups::open(connection)?))
        })
        .await?;
    let named: HashMap<RecallId, String> = notices.into_iter().map(|notice| (notice.id, notice.reference)).collect();
    let rows = open.into_iter().map(|alert| AlertRow {
        id: alert.id.to_string(),
        href: format!("/recalls/{}/progress", alert.recall_id),
        reference: named.get(&alert.recall_id).cloned().unwrap_or_default(),
        kind: alert.kind.in_words(),
        text: alert.text,
        raised: moment(alert.raised_at),
    });
    show(&AlertsPage {
        page: Page::of(&permit, &config, "Safety alerts", "/recalls"),
        rows: rows.collect(),
        not_verified: not_verified.into_iter().map(not_verified_row).collect(),
        may_take: may::<ConfirmRecall>(permit.user()),
    })
}

fn not_verified_row(one: NotVerified) -> NotVerifiedRow {
    NotVerifiedRow {
        id: one.device_use.to_string(),
        href: format!("/theatre/{}/summary", one.procedure),
        device: one.device,
        reason: one.reason,
        people: format!("Badge …{} was named by {}.", one.badge_end, one.recorded_by),
        since: moment(one.claimed_at),
    }
}

/// `POST /recall-alerts/{id}`
#[post("/recall-alerts/{id}")]
pub async fn post_taken(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<AlertId>,
    form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let note = Take { note: form.0.get("note").cloned().unwrap_or_default() }.checked()?;
    store.write(move |tx| alerts::take(tx, &user, id, &note)).await?;
    Ok(see_other("/recall-alerts"))
}
