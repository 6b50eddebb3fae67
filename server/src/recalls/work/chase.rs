//! Sites are asked, they acknowledge, and those that do not are reminded and escalated by a job of the server.

use std::time::Duration;

use chrono::{NaiveDate, Utc};
use serde::Serialize;
use tessera_scanner::verdict::london_date;

use super::site::{Chase, SiteAsked, deadline, may_speak_for};
use super::stage::Stage;
use super::store as work;
use crate::access::{Actor, User};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::notifications::{EventKind, Happening, tell};
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::store as recalls;
use crate::store::columns::Moment;
use crate::store::{Store, Transaction};
use crate::web::words::day;

#[derive(Debug, Serialize)]
struct Asked {
    sites: usize,
    due_on: NaiveDate,
}

#[derive(Debug, Serialize)]
struct OfSite<'a> {
    site: &'a str,
    due_on: NaiveDate,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

fn record(tx: &mut Transaction<'_>, actor: &Actor, action: &'static str, site: &SiteAsked) -> Result<(), Problem> {
    let detail = OfSite { site: &site.site_code, due_on: site.due_on, note: &site.note };
    let act = Act { action, subject_kind: "recall", subject: site.recall_id.to_string(), detail: &detail };
    audit::record(tx, actor, &act)
}

/// Asks every site of the registry to acknowledge the recall by this day. Sites that did so already are left in peace; the others
/// have the new deadline.
///
/// # Errors
/// [`Code::WrongState`] before the recall is confirmed or after it is closed, [`Code::InvalidInput`] for a day that cannot be a deadline.
pub fn ask_sites(
    tx: &mut Transaction<'_>,
    user: &User,
    recall: RecallId,
    due_on: NaiveDate,
) -> Result<Vec<SiteAsked>, Problem> {
    let due_on = deadline(due_on, london_date(Utc::now()))?;
    let notice = recalls::notice(tx, recall)?;
    if notice.state != RecallState::Active {
        return Err(Problem::new(
            Code::WrongState,
            format!("{} is {}: sites are asked of an active recall.", notice.reference, notice.state),
        ));
    }
    let sites = work::ask_every_site(tx, user, recall, due_on)?;
    if work::stage(tx, recall, notice.state)? != Stage::UnderWay {
        work::advance(tx, &user.into(), (recall, notice.state), Stage::UnderWay, "Sites were asked.")?;
    }
    let detail = Asked { sites, due_on };
    let act =
        Act { action: "recall-sites-asked", subject_kind: "recall", subject: recall.to_string(), detail: &detail };
    audit::record(tx, &user.into(), &act)?;
    work::asked(tx, recall)
}

/// A site says that it knows of the recall and has acted. Saying so again changes nothing.
///
/// # Errors
/// [`Code::NotFound`] where that site was not asked, [`Code::NotPermitted`] for somebody of another site.
pub fn acknowledge(
    tx: &mut Transaction<'_>,
    user: &User,
    recall: RecallId,
    site: &str,
    note: &str,
) -> Result<SiteAsked, Problem> {
    may_speak_for(user, site)?;
    let note = note.trim();
    if note.chars().count() > 1000 {
        return Err(Problem::invalid("The note has up to 1,000 characters."));
    }
    let asked = work::asked(tx, recall)?.into_iter().find(|asked| asked.site_code == site);
    let mut asked = asked.ok_or_else(|| Problem::not_found(format!("question to site {site} about this recall")))?;
    if asked.acknowledged_at.is_some() {
        return Ok(asked);
    }
    (asked.acknowledged_at, asked.acknowledged_by) = (Some(Moment::now()), Some(user.id));
    note.clone_into(&mut asked.note);
    work::update_asked(tx, &asked)?;
    record(tx, &user.into(), "recall-acknowledged", &asked)?;
    Ok(asked)
}

/// What one round of the job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chased {
    /// Sites reminded.
    pub reminded: usize,
    /// Sites escalated.
    pub escalated: usize,
}

/// Reminds sites and escalates those that are late, as is due on this day. The same day again changes nothing.
///
/// # Errors
/// Those of the database.
pub fn chase(tx: &mut Transaction<'_>, today: NaiveDate) -> Result<Chased, Problem> {
    let mut chased = Chased::default();
    for mut site in work::silent(tx)? {
        while let Some(chase) = site.chase(today) {
            let due = day(site.due_on);
            let (action, kind, text) = match chase {
                Chase::Remind => {
                    site.reminded_on = Some(today);
                    chased.reminded += 1;
                    let text = format!("A site has not acknowledged a recall: it is due by {due}.");
                    ("recall-site-reminded", EventKind::DeadlineNear, text)
                }
                Chase::Escalate => {
                    site.escalated_on = Some(today);
                    chased.escalated += 1;
                    let text = format!("A site has not acknowledged a recall: it was due by {due}.");
                    ("recall-site-escalated", EventKind::Escalated, text)
                }
            };
            work::update_asked(tx, &site)?;
            record(tx, &Actor::System, action, &site)?;
            let notice = recalls::notice(tx, site.recall_id)?;
            tell(tx, &Happening::of(kind, &notice, text).at(&site.site_code))?;
        }
    }
    Ok(chased)
}

/// Chases silent sites every hour, for as long as the server runs.
pub async fn chase_every_hour(store: Store) {
    let mut clock = tokio::time::interval(Duration::from_secs(3600));
    loop {
        clock.tick().await;
        match store.write(|tx| chase(tx, london_date(Utc::now()))).await {
            Ok(chased) if chased != Chased::default() => {
                tracing::info!(reminded = chased.reminded, escalated = chased.escalated, "sites chased");
            }
            Ok(_) => {}
            Err(problem) => problem.log(),
        }
    }
}
