//! The page of a recall's progress: what is open, the sites, the signature, how it went.

use actix_web::{HttpResponse, get, post, web};
use chrono::{NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use tessera_scanner::verdict::london_date;

use super::opening::open;
use super::picture::Picture;
use super::report::report;
use super::site::{SiteAsked, Standing, may_speak_for};
use super::stage::Stage;
use super::{chase, sign_off};
use crate::access::{
    AcknowledgeRecall, ConfirmRecall, Permit, ReadAffected, SignOffRecall, SignedForm, SignedIn, User, UserId,
};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::recalls::model::RecallId;
use crate::recalls::pages::may;
use crate::store::Store;
use crate::store::read::people::users_of;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall_work::{ProgressPage, RecallFrame, SiteRow};
use crate::web::words::{count, day, grouped, moment};
use crate::web::{Figure, Page};

/// Days that the form offers for an answer.
const DAYS_OFFERED: i64 = 7;

/// `GET /recalls/{id}/progress`
#[get("/recalls/{id}/progress")]
pub async fn show_progress(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<HttpResponse, PageProblem> {
    show(&progress_page(&store, &config, &permit, id.into_inner(), String::new()).await?)
}

/// The frame of a page of one recall's work.
pub(super) fn frame(picture: &Picture, here: &'static str, error: String) -> RecallFrame {
    let notice = &picture.recall.notice;
    RecallFrame {
        id: notice.id.to_string(),
        reference: notice.reference.clone(),
        title: notice.title.clone(),
        here,
        error,
    }
}

async fn progress_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    id: RecallId,
    error: String,
) -> Result<ProgressPage, Problem> {
    let (picture, users) = store
        .read(move |connection| {
            let picture = Picture::of(connection, id)?;
            let ids: Vec<UserId> = picture.stages.iter().filter_map(|step| step.entered_by).collect();
            let users = users_of(connection, &ids)?;
            Ok((picture, users))
        })
        .await?;
    let today = london_date(Utc::now());
    let name = |id: Option<UserId>| {
        id.and_then(|id| users.get(&id)).map_or_else(|| "Tessera".to_owned(), |user| user.display_name.clone())
    };
    let asked = matches!(picture.stage, Stage::Confirmed | Stage::UnderWay | Stage::SignedOff);
    Ok(ProgressPage {
        page: Page::of(who, config, "Progress", "/recalls"),
        frame: frame(&picture, "progress", error),
        stage: picture.stage.in_words().to_owned(),
        tag: stage_tag(picture.stage),
        status: report(&picture, today).status.to_owned(),
        figures: figures(&picture),
        open: open(&picture, today).into_iter().map(|one| (one.text, one.overdue)).collect(),
        sites: picture.sites.iter().map(|site| site_row(&picture, site, who.user(), today)).collect(),
        history: picture
            .stages
            .iter()
            .map(|step| {
                let dot = if step.note.is_empty() { "" } else { ": " };
                (moment(step.entered_at), name(step.entered_by), format!("{}{dot}{}", step.stage.in_words(), step.note))
            })
            .collect(),
        may_ask: asked && may::<ConfirmRecall>(who.user()),
        due_on: (today + TimeDelta::days(DAYS_OFFERED)).to_string(),
        may_sign: picture.stage == Stage::UnderWay && may::<SignOffRecall>(who.user()),
    })
}

fn stage_tag(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "nhsuk-tag--yellow",
        Stage::Confirmed => "nhsuk-tag--red",
        Stage::UnderWay => "nhsuk-tag--orange",
        Stage::SignedOff => "nhsuk-tag--green",
        Stage::Closed => "nhsuk-tag--grey",
    }
}

fn figures(picture: &Picture) -> Vec<Figure> {
    let (people, waiting) = (picture.people().len(), picture.waiting().len());
    let answered = picture.sites.iter().filter(|site| site.acknowledged_at.is_some()).count();
    let packs: i32 = picture.shelves.iter().map(super::finding::ShelfLine::open).sum();
    vec![
        Figure::new(format!("{answered} of {}", picture.sites.len()), "sites acknowledged"),
        Figure::new(grouped(usize::try_from(packs).unwrap_or_default()), "packs to be found"),
        Figure::new(format!("{} of {}", grouped(people - waiting), grouped(people)), "patients reached"),
    ]
}

fn site_row(picture: &Picture, site: &SiteAsked, user: &User, today: NaiveDate) -> SiteRow {
    let (standing, tag) = match site.standing(today) {
        Standing::Acknowledged => ("Acknowledged".to_owned(), "nhsuk-tag--green"),
        Standing::Waiting(0) => ("Due today".to_owned(), "nhsuk-tag--yellow"),
        Standing::Waiting(days) => (format!("{} left", days_in_words(days)), "nhsuk-tag--yellow"),
        Standing::Overdue(days) => (format!("{} late", days_in_words(days)), "nhsuk-tag--red"),
    };
    let told = |what: &str, on: Option<NaiveDate>| on.map(|on| format!(", {what} {}", day(on))).unwrap_or_default();
    SiteRow {
        code: site.site_code.clone(),
        name: picture.site(&site.site_code).to_owned(),
        due: format!(
            "{}{}{}",
            day(site.due_on),
            told("reminded", site.reminded_on),
            told("escalated", site.escalated_on)
        ),
        standing,
        tag,
        note: site.note.clone(),
        may_acknowledge: site.acknowledged_at.is_none()
            && may::<AcknowledgeRecall>(user)
            && may_speak_for(user, &site.site_code).is_ok(),
    }
}

fn days_in_words(days: i64) -> String {
    count(usize::try_from(days).unwrap_or_default(), "day", "days")
}

/// Back to the page, or the page again with what is wrong.
async fn answer(
    done: Result<(), Problem>,
    store: &Store,
    config: &Config,
    who: &SignedIn,
    id: RecallId,
) -> Result<HttpResponse, PageProblem> {
    match done {
        Ok(()) => Ok(see_other(&format!("/recalls/{id}/progress"))),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::SecondPerson) => {
            let mut answer = show(&progress_page(store, config, who, id, problem.detail().to_owned()).await?)?;
            *answer.status_mut() = problem.code().status();
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// By when sites answer.
#[derive(Debug, Deserialize)]
pub struct AskForm {
    #[serde(default)]
    due_on: String,
}

/// `POST /recalls/{id}/sites`
#[post("/recalls/{id}/sites")]
pub async fn post_sites(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<AskForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let done = match form.0.due_on.trim().parse() {
        Ok(due_on) => store.write(move |tx| chase::ask_sites(tx, &user, id, due_on)).await.map(|_| ()),
        Err(_) => Err(Problem::invalid("Say by which day sites are to answer.")),
    };
    answer(done, &store, &config, &permit, id).await
}

/// What a site says.
#[derive(Debug, Deserialize)]
pub struct AcknowledgeForm {
    #[serde(default)]
    note: String,
}

/// `POST /recalls/{id}/sites/{site}`
#[post("/recalls/{id}/sites/{site}")]
pub async fn post_acknowledgement(
    store: web::Data<Store>,
    permit: Permit<AcknowledgeRecall>,
    path: web::Path<(RecallId, String)>,
    form: SignedForm<AcknowledgeForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, (id, site), note) = (permit.user().clone(), path.into_inner(), form.0.note);
    store.write(move |tx| chase::acknowledge(tx, &user, id, &site, &note)).await?;
    Ok(see_other(&format!("/recalls/{id}/progress")))
}

/// What somebody signs for.
#[derive(Debug, Deserialize)]
pub struct SignForm {
    #[serde(default)]
    statement: String,
}

/// `POST /recalls/{id}/sign-off`
#[post("/recalls/{id}/sign-off")]
pub async fn post_sign_off(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<SignOffRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<SignForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, statement) = (permit.user().clone(), id.into_inner(), form.0.statement);
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    let done = store.write(move |tx| sign_off::sign_off(tx, &user, &picture, &statement)).await;
    answer(done, &store, &config, &permit, id).await
}
